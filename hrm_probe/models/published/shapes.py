"""What the shapes of published weights tell of their model, and what the published recipes use for the rest."""

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models.config import Architecture
from hrm_probe.models.layers import mlp_width
from hrm_probe.near_names import with_near

Weights = Mapping[str, Tensor]
Settings = dict[str, Any]

MIXING = "L_level.layers.0.mlp_t.down_proj.weight"
POSITIONS = "embed_pos.embedding_weight"
PUZZLES = "puzzle_emb.weights"

SUDOKU_CELLS = {6: 16, 8: 36, 11: 81}  # by the number of tokens: side + 2
GRID_CELLS = 900  # the published mazes (6 tokens) and ARC's grids (12) are laid out on 30 x 30
CELLS_OF_VOCAB = {6: (16, GRID_CELLS), 8: (36,), 11: (81,), 12: (GRID_CELLS,)}
USUAL_PREFIXES = {"hrm": 1, "trm": 16}  # positions of the puzzle embedding in all published recipes
LONGEST_PREFIX = 64  # a longer one is not a prefix but a wrong number of cells


def architecture_seen(weights: Weights) -> Architecture:
    """HRM has a module for each level, TRM one for both."""
    return "hrm" if any(name.startswith("H_level.") for name in weights) else "trm"


def settings_seen(weights: Weights, told: Settings, cells: int | None, notes: list[str]) -> Settings:
    """What the shapes of the weights tell; ``cells`` as config or data set have it."""
    vocab, d_model = _shape(weights, "embed_tokens.embedding_weight")
    architecture = architecture_seen(weights)
    seen: Settings = {
        "architecture": architecture,
        "vocab": vocab,
        "d_model": d_model,
        "L_layers": _n_layers(weights, "L_level"),
    }
    if architecture == "hrm":
        seen["H_layers"] = _n_layers(weights, "H_level")
    seen["mixer"] = "mlp" if MIXING in weights else "attention"
    if POSITIONS in weights:
        seen["positions"] = "learned"
    pos = _positions(weights)
    if PUZZLES not in weights:
        seen["prefix"] = 0
    else:
        seen["puzzles"], width = _shape(weights, PUZZLES)
        if width > d_model:
            raise InputError(
                f"{PUZZLES} is {width} wide, more than d_model {d_model}: "
                "puzzle embeddings that fill several positions are not supported."
            )
        if "prefix" not in told:
            if pos is not None and cells is not None and 0 < pos - cells <= LONGEST_PREFIX:
                seen["prefix"] = pos - cells
            elif architecture == "hrm":
                seen["prefix"] = 1
    if pos is not None:
        prefix = {**seen, **told}.get("prefix")
        seen["cells"] = pos - (_likely_prefix(weights, seen) if prefix is None else prefix)
    elif cells is not None and "cells" not in told:
        seen["cells"] = cells
    if "forward_dtype" not in told and "H_init" in weights:
        # The initial states are kept in the dtype of the activations.
        dtype = str(weights["H_init"].dtype).removeprefix("torch.")
        if dtype in ("float32", "bfloat16", "float64", "float16"):
            seen["forward_dtype"] = without_float16(dtype, notes)
    return seen


def usual_settings(weights: Weights, known: Settings) -> Settings:
    """What the published recipes use where neither shapes nor config tell."""
    usual: Settings = {}
    if "prefix" not in known:
        usual["prefix"] = (
            _likely_prefix(weights, known) if _positions(weights) else USUAL_PREFIXES[known["architecture"]]
        )
    if known["mixer"] == "attention":
        usual["n_heads"] = max(1, known["d_model"] // 64)
    if "cells" not in known:
        usual["cells"] = _likely_cells(known["vocab"])
    usual["positions"] = "rope" if known["mixer"] == "attention" else "none"
    if known["architecture"] == "hrm":
        return usual | {"H_cycles": 2, "L_cycles": 2}
    on_grids = known["mixer"] == "attention" and {**usual, **known}["cells"] == GRID_CELLS
    return usual | {"H_cycles": 3, "L_cycles": 4 if on_grids else 6}


def expansion_seen(weights: Weights, d_model: int) -> float:
    """An expansion that makes the inner width there is; 4, as published, where that does."""
    width = _shape(weights, "L_level.layers.0.mlp.down_proj.weight")[1]
    return 4.0 if mlp_width(d_model, 4.0) == width else 1.5 * width / d_model


def without_float16(dtype: str, notes: list[str]) -> str:
    """The dtype for activations; float32 in place of float16, in which the model does not run."""
    if dtype not in ("float16", "half", "fp16"):
        return dtype
    notes.append(
        "The checkpoint has its activations in float16, which is not supported: they are in float32."
    )
    return "float32"


def _likely_cells(vocab: int) -> int:
    """Of the published data set with so many tokens, where there is one and only one."""
    likely = CELLS_OF_VOCAB.get(vocab, ())
    if len(likely) == 1:
        return likely[0]
    shared = " (4x4 Sudokus have 16, mazes 900)" if likely else ""
    raise InputError(
        f"Neither config nor shapes tell the number of cells of this model with vocab_size {vocab}{shared}; "
        'give it in the config as seq_len, such as {"seq_len": 900}.'
    )


def _likely_prefix(weights: Weights, known: Settings) -> int:
    """What is left of the positions beside the cells of a published data set, else the published prefix."""
    pos, usual = _positions(weights) or 0, USUAL_PREFIXES[known["architecture"]]
    left = [pos - cells for cells in CELLS_OF_VOCAB.get(known["vocab"], ())]
    fitting = [prefix for prefix in left if 0 < prefix <= LONGEST_PREFIX]  # one at most
    if fitting:
        return fitting[0]
    if pos > usual:
        return usual
    raise InputError(
        f"Neither config nor shapes tell how many of the {pos} positions are cells; "
        "give their number in the config as seq_len."
    )


def _positions(weights: Weights) -> int | None:
    """Length of the sequence, where a weight has it for an axis."""
    for name in (POSITIONS, MIXING):
        if name in weights:
            return _shape(weights, name)[0]
    return None


def _n_layers(weights: Weights, level: str) -> int:
    numbers = {int(found[1]) for name in weights if (found := re.match(rf"{level}\.layers\.(\d+)\.", name))}
    if not numbers:
        raise InputError(f"The checkpoint has no layers under {level}; it is not an HRM or TRM.")
    return max(numbers) + 1


def _shape(weights: Weights, name: str) -> torch.Size:
    if name not in weights:
        raise InputError(
            f"The checkpoint misses {with_near(name, weights)}: "
            "these weights belong to a model other than HRM or TRM."
        )
    if weights[name].ndim != 2:
        raise InputError(f"{name} has shape {list(weights[name].shape)}; it must have two axes.")
    return weights[name].shape
