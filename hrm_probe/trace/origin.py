"""What a recording was made of, and whether another would be the same."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.checking import check_rows, check_shapes
from hrm_probe.wording import counted


@dataclass(frozen=True)
class Origin:
    """Everything that decides what a recording holds, apart from the puzzles.

    Attributes:
        model: the model's config.
        weights: SHA-256 of its weights.
        settings: sites, every, segments, dtype, and the hooks that were at work on the model (by name).
    """

    model: dict[str, Any]
    weights: str
    settings: dict[str, Any]

    def differences(self, other: "Origin") -> list[str]:
        """What differs, in words: ``self`` is already there, ``other`` is asked for now."""
        found = [
            f"{name} was {kept.get(name)!r} and is {asked.get(name)!r}"
            for kept, asked in ((self.settings, other.settings), (self.model, other.model))
            for name in [*kept, *(asked.keys() - kept.keys())]
            if kept.get(name) != asked.get(name)
        ]
        if not found and self.weights != other.weights:
            found = ["the model's weights have changed"]
        return found


def weights_sha256(model: RecursiveReasoner) -> str:
    """SHA-256 over names, dtypes, shapes and bytes of a model's parameters and buffers."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)};".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def puzzle_arrays(puzzles: Any, model: RecursiveReasoner, puzzle_ids: Any = None) -> dict[str, np.ndarray]:
    """Tokens, and whatever else is known of the puzzles, as arrays with a row per puzzle.

    Args:
        puzzles: anything with ``tokens`` (``answers``, ``source``, ``rating``, ``group`` and ``puzzle_ids`` are kept if
            there), or tokens [puzzle, cell] alone.
        model: that is recorded.
        puzzle_ids: [puzzle]; those of the puzzles if None.

    Raises:
        InputError: the tokens do not fit the model, or something does not have a row for every puzzle.
    """
    tokens = model.check_tokens(_tokens_of(puzzles)).cpu().numpy()
    narrow = np.uint8 if model.config.vocab <= 256 else np.int32
    arrays = {"tokens": tokens.astype(narrow), **_known_of(puzzles, model.config.vocab, narrow)}
    ids = getattr(puzzles, "puzzle_ids", None) if puzzle_ids is None else puzzle_ids
    if ids is not None:
        arrays["puzzle_ids"] = np.asarray(ids)
        if arrays["puzzle_ids"].dtype.kind not in "iu":
            raise InputError("puzzle_ids must be whole numbers, one for each puzzle.")
    check_shapes(arrays, tokens.shape)
    check_rows(len(tokens), model.config, arrays.get("puzzle_ids"), None)
    return arrays


def _tokens_of(puzzles: Any) -> np.ndarray | torch.Tensor:
    """The tokens of puzzles, or what was given in their place, as an array of whatever it holds."""
    tokens = getattr(puzzles, "tokens", puzzles)
    in_rows = isinstance(tokens, list | tuple)
    if isinstance(tokens, str) or (in_rows and any(isinstance(row, str) for row in tokens)):
        raise InputError(
            "puzzles must have tokens, or be an array of them, not text; hrm_probe.load_puzzles() makes puzzles of the "
            "name of a set, a file or strings."
        )
    if isinstance(tokens, np.ndarray | torch.Tensor):
        return tokens
    if not in_rows:
        raise InputError(
            f"puzzles must have tokens, or be an array of them; this is a {type(puzzles).__name__}."
        )
    try:
        return np.asarray(tokens)
    except ValueError:
        raise InputError("tokens are rows of several lengths; give each the same number of cells.") from None


def _known_of(puzzles: Any, vocab: int, narrow: type[np.integer[Any]]) -> dict[str, np.ndarray]:
    """What else is known of puzzles: answers, and of each its source, rating and group."""
    known = {}
    for name, dtype in (("answers", narrow), ("source", str), ("rating", np.int64), ("group", np.int64)):
        value = getattr(puzzles, name, None)
        if value is None:
            continue
        held = np.asarray(value)
        if held.dtype.kind == "f" and np.any(held % 1):
            raise InputError(f"{name} must be whole numbers.")
        if name == "answers" and held.dtype.kind in "if":
            held = held.clip(0)  # of cells that do not count, -100 in published labels
        if name == "answers" and held.size and held.max() >= vocab:
            raise InputError(
                f"These answers run up to token {held.max()}; this model knows 0 to {vocab - 1}."
            )
        known[name] = held.astype(dtype)
    return known


def puzzle_differences(kept: dict[str, np.ndarray], asked: dict[str, np.ndarray]) -> list[str]:
    """What differs between the puzzles of a trace and those asked for now, in words."""
    if len(kept["tokens"]) != len(asked["tokens"]):
        before = counted(len(kept["tokens"]), "puzzle")
        return [f"there were {before} and are {len(asked['tokens']):,}"]
    cells_before, cells = (array["tokens"].shape[1] for array in (kept, asked))
    if cells_before != cells:
        return [f"puzzles had {cells_before} cells and have {cells}"]
    found = []
    for name in sorted(kept.keys() | asked.keys()):
        if name not in kept or name not in asked:
            found.append(f"{name} {'were' if name in kept else 'were not'} given")
            continue
        unequal = np.asarray(kept[name] != asked[name]).reshape(len(kept[name]), -1).any(1)
        if unequal.any():
            changed = counted(int(unequal.sum()), "puzzle")
            found.append(f"{name} of {changed} changed, first of puzzle {unequal.argmax()}")
    return found
