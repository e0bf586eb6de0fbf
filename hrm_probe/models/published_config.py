"""What kind of model a published checkpoint holds: from its config, its shapes, and what both leave open."""

import json
import re
import warnings
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models.config import ModelConfig
from hrm_probe.models.layers import mlp_width

Weights = Mapping[str, Tensor]
Settings = dict[str, Any]

# Modules of the released code whose recursion is HRM's or TRM's; CGAR's differs from TRM's in training only.
KNOWN_MODULES = {"hrm_act_v1": "hrm", "hrm": "hrm", "trm": "trm", "trm_cgar": "trm"}

# The official setting, and ours where it is the same number under another name.
RENAMED = {
    "hidden_size": "d_model",
    "num_heads": "n_heads",
    "H_layers": "H_layers",
    "L_layers": "L_layers",
    "H_cycles": "H_cycles",
    "L_cycles": "L_cycles",
    "expansion": "expansion",
    "rms_norm_eps": "norm_eps",
    "rope_theta": "rope_theta",
    "halt_max_steps": "max_segments",
    "forward_dtype": "forward_dtype",
    "vocab_size": "vocab",
    "seq_len": "cells",
    "num_puzzle_identifiers": "puzzles",
}
TRANSLATED = {
    "name",
    "pos_encodings",
    "mlp_t",
    "puzzle_emb_ndim",
    "puzzle_emb_len",
    "no_ACT_continue",
    "causal",
}
OF_TRAINING = {"loss", "batch_size", "halt_exploration_prob"}

MIXING = "L_level.layers.0.mlp_t.down_proj.weight"
POSITIONS = "embed_pos.embedding_weight"
TRM_PREFIX = 16  # puzzle_emb_len of all published TRM recipes
OTHER_CELLS = 900  # the published mazes and ARC's grids are laid out on 30 x 30 tokens


def read_config(path: str | Path) -> Settings:
    """The dict in an ``all_config.yaml``, or in a .json."""
    import yaml

    file = Path(path)
    try:
        text = file.read_text()
        values = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except FileNotFoundError:
        raise InputError(
            f"There is no config file {file}; name the all_config.yaml of the checkpoint."
        ) from None
    except IsADirectoryError:
        raise InputError(f"{file} is a folder; name the all_config.yaml in it.") from None
    except (UnicodeDecodeError, json.JSONDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{file} is not a config that can be read ({str(error).splitlines()[0]}).") from None
    if not isinstance(values, dict):
        raise InputError(f"{file} holds no settings; the all_config.yaml of the checkpoint is needed.")
    return values


def model_config(weights: Weights, config: Mapping[str, Any] | ModelConfig | None) -> ModelConfig:
    """The config of the model whose published weights these are.

    Shapes tell most of it, ``config`` the rest; what neither tells takes the value of the published recipes, and
    a warning says so.

    Raises:
        InputError: config and shapes contradict each other, or describe a model of another kind.
    """
    if isinstance(config, ModelConfig):
        return config
    told = {} if config is None else settings_of(config)
    cells = None if config is None else cells_of_data(config)
    seen = settings_seen(weights, told, cells)
    for name in seen:
        if name in told and seen[name] != told[name]:
            raise InputError(
                f"The config says {name} {told[name]}, but the weights have {seen[name]}; "
                "are they from the same run?"
            )
    usual = usual_settings(weights, {**seen, **told}, cells)
    assumed = {name: value for name, value in usual.items() if name not in seen and name not in told}
    if assumed:
        listed = ", ".join(f"{name}={value}" for name, value in assumed.items())
        warnings.warn(
            f"Neither config nor shapes tell {listed}: assumed, as the published models have it. "
            "A config that names them settles it.",
            stacklevel=3,
        )
    settings = {**usual, **seen, **told}
    settings.setdefault("expansion", expansion_seen(weights, settings["d_model"]))
    return ModelConfig.from_dict(settings)


def settings_of(config: Mapping[str, Any]) -> Settings:
    """Our settings, from the official ``arch``, the whole official config, or a dict of ours."""
    if not isinstance(config, Mapping) or not isinstance(config.get("arch", {}), Mapping):
        raise InputError(
            f"config must be a dict of settings, as an all_config.yaml holds it, not {str(config)[:40]!r}."
        )
    if {"architecture", "d_model"} & config.keys():
        return {
            name: value
            for name, value in ModelConfig.from_dict(dict(config)).to_dict().items()
            if name in config
        }
    # The data set's numbers may stand beside arch; they are not settings of the training run.
    beside = {
        name: config[name] for name in ("vocab_size", "seq_len", "num_puzzle_identifiers") if name in config
    }
    arch = {**config.get("arch", config), **beside}
    if "hidden_size" not in arch and "H_cycles" not in arch:
        raise InputError(
            "The config holds no HRM or TRM architecture: neither hidden_size nor H_cycles is there."
        )
    arch = {name: _resolved(value, arch) for name, value in arch.items() if value is not None}
    _check_names(arch)
    _check_numbers(arch)
    settings = {ours: arch[official] for official, ours in RENAMED.items() if official in arch}
    if "expansion" in settings:
        settings["expansion"] = float(settings["expansion"])
    if "name" in arch:
        settings["architecture"] = _architecture(str(arch["name"]))
    elif "mlp_t" in arch or "no_ACT_continue" in arch:
        settings["architecture"] = "trm"
    if settings.get("architecture") == "trm":
        settings.pop("H_layers", None)  # TRM ignores it
    if arch.get("causal"):
        raise InputError("The config asks for causal attention; HRM and TRM attend in both directions.")
    if arch.get("mlp_t"):
        settings |= {"mixer": "mlp", "positions": "none"}
    elif "mlp_t" in arch:
        settings["mixer"] = "attention"
    if "pos_encodings" in arch and not (arch.get("mlp_t") and arch["pos_encodings"] == "rope"):
        # Mixing positions with an MLP takes no rotation, whatever is written there.
        settings["positions"] = arch["pos_encodings"]
    if arch.get("puzzle_emb_len"):
        settings["prefix"] = arch["puzzle_emb_len"]
    elif (
        "puzzle_emb_ndim" in arch
        and arch.get("hidden_size")
        and ("puzzle_emb_len" in arch or settings.get("architecture") != "trm")
    ):
        settings["prefix"] = -(-arch["puzzle_emb_ndim"] // arch["hidden_size"])
    if arch.get("no_ACT_continue") is False:
        settings["halting"] = "q_learning"
    return settings


def cells_of_data(config: Mapping[str, Any]) -> int | None:
    """Cells of a grid, where the config names a data set of mazes or of ARC; None where it does not.

    >>> cells_of_data({"data_path": "data/maze-30x30-hard-1k"}), cells_of_data({"data_path": "data/sudoku-extreme"})
    (900, None)
    """
    data = str(config.get("data_path", config.get("data_paths", ""))).lower()
    if "sudoku" in data or not re.search(r"(?<![a-z])(maze|arc\d?)(?![a-z])", data):
        return None
    size = re.search(r"(?<!\d)(\d+)x(\d+)(?!\d)", data)
    return int(size[1]) * int(size[2]) if size else OTHER_CELLS


def settings_seen(weights: Weights, told: Settings, cells: int | None = None) -> Settings:
    """What the shapes of the weights tell; ``cells`` as the name of the data set has it."""
    vocab, d_model = _shape(weights, "embed_tokens.embedding_weight")
    seen: Settings = {
        "architecture": "hrm" if any(name.startswith("H_level.") for name in weights) else "trm",
        "vocab": vocab,
        "d_model": d_model,
        "L_layers": _n_layers(weights, "L_level"),
    }
    if seen["architecture"] == "hrm":
        seen["H_layers"] = _n_layers(weights, "H_level")
    seen["mixer"] = "mlp" if MIXING in weights else "attention"
    if POSITIONS in weights:
        seen["positions"] = "learned"
    if "puzzle_emb.weights" in weights:
        seen["puzzles"], width = _shape(weights, "puzzle_emb.weights")
        if width > d_model:
            raise InputError(
                f"puzzle_emb.weights is {width} wide, more than d_model {d_model}: "
                "puzzle embeddings that fill several positions are not supported."
            )
        if seen["architecture"] == "hrm" and "prefix" not in told:
            seen["prefix"] = 1
    else:
        seen["prefix"] = 0
    pos = _positions(weights)
    if pos is not None:
        seen["cells"] = pos - {"prefix": _usual_prefix(weights, seen, cells), **seen, **told}["prefix"]
    if "forward_dtype" not in told:
        # The initial states are kept in the dtype of the activations.
        dtype = str(weights["H_init"].dtype).removeprefix("torch.") if "H_init" in weights else ""
        if dtype in ("float32", "bfloat16", "float64"):
            seen["forward_dtype"] = dtype
    return seen


def usual_settings(weights: Weights, known: Settings, cells: int | None = None) -> Settings:
    """What the published recipes take where nothing else is said; ``cells`` as the name of the data set has it."""
    usual: Settings = {"prefix": _usual_prefix(weights, known, cells)}
    if known["mixer"] == "attention":
        usual["n_heads"] = max(1, known["d_model"] // 64)
    if "cells" not in known:
        usual["cells"] = cells or _sudoku_cells(known["vocab"]) or 81
    usual["positions"] = "rope" if known["mixer"] == "attention" else "none"
    usual |= (
        {"H_cycles": 2, "L_cycles": 2} if known["architecture"] == "hrm" else {"H_cycles": 3, "L_cycles": 6}
    )
    return usual


def expansion_seen(weights: Weights, d_model: int) -> float:
    """An expansion that makes the inner width there is; 4, as published, where that does."""
    width = _shape(weights, "L_level.layers.0.mlp.down_proj.weight")[1]
    return 4.0 if mlp_width(d_model, 4.0) == width else 1.5 * width / d_model


def _sudoku_cells(vocab: int) -> int | None:
    """Cells of the Sudoku with so many tokens: side + 2; None if there is none."""
    return (vocab - 2) ** 2 if vocab in (6, 8, 11) else None


def _usual_prefix(weights: Weights, known: Settings, cells: int | None) -> int:
    """What is left of the positions beside the cells, else what the published recipes take."""
    pos, cells = _positions(weights), cells or _sudoku_cells(known["vocab"])
    if pos is not None and cells is not None and pos >= cells:
        return pos - cells
    return 1 if known["architecture"] == "hrm" else TRM_PREFIX


def _positions(weights: Weights) -> int | None:
    """Length of the sequence, where a weight has it for an axis."""
    for name in (POSITIONS, MIXING):
        if name in weights:
            return _shape(weights, name)[0]
    return None


def _architecture(name: str) -> str:
    module = name.split("@")[0].rsplit(".", 1)[-1]
    if module not in KNOWN_MODULES:
        raise InputError(
            f"The config names the model {name!r}, whose recursion is not known here; "
            f"known are {', '.join(KNOWN_MODULES)}."
        )
    return KNOWN_MODULES[module]


def _resolved(value: Any, arch: Mapping[str, Any]) -> Any:
    """Follow the one reference that the released configs use: ``${.hidden_size}``."""
    reference = re.fullmatch(r"\$\{\.(\w+)\}", value) if isinstance(value, str) else None
    return arch[reference[1]] if reference and reference[1] in arch else value


def _check_names(arch: Mapping[str, Any]) -> None:
    known = RENAMED.keys() | TRANSLATED | OF_TRAINING
    unknown = sorted(arch.keys() - known)
    if not unknown:
        return
    near = {name: get_close_matches(name, known, n=1) for name in unknown}
    told = ", ".join(f"{name} (near {near[name][0]})" if near[name] else name for name in unknown)
    warnings.warn(
        f"The config has settings that are not known here and change nothing: {told}.", stacklevel=5
    )


def _check_numbers(arch: Mapping[str, Any]) -> None:
    numbers = (RENAMED.keys() - {"forward_dtype"}) | {"puzzle_emb_ndim", "puzzle_emb_len"}
    for name in sorted(numbers & arch.keys()):
        if not isinstance(arch[name], int | float):
            raise InputError(f"The config says {name} {arch[name]!r}; it must be a number.")


def _n_layers(weights: Weights, level: str) -> int:
    numbers = {int(found[1]) for name in weights if (found := re.match(rf"{level}\.layers\.(\d+)\.", name))}
    if not numbers:
        raise InputError(f"The checkpoint has no layers under {level}; it is not an HRM or TRM.")
    return max(numbers) + 1


def _shape(weights: Weights, name: str) -> torch.Size:
    if name not in weights:
        near = get_close_matches(name, weights, n=3)
        raise InputError(
            f"The checkpoint misses {name}"
            + (
                f"; near names in it: {', '.join(near)}."
                if near
                else "; it is no layout of HRM or TRM known here."
            )
        )
    if weights[name].ndim != 2:
        raise InputError(f"{name} has shape {list(weights[name].shape)}; it must have two axes.")
    return weights[name].shape
