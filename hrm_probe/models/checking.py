"""Does what is given to a model fit it?"""

import math
import warnings
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models.config import ModelConfig
from hrm_probe.models.states import State
from hrm_probe.sudoku.board import is_board

Tokens = Tensor | np.ndarray

WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


def check_tokens(tokens: Tokens, config: ModelConfig) -> Tensor:
    """The tokens as a tensor, where they are integers [batch, cell] of the model's vocabulary."""
    if isinstance(tokens, np.ndarray) and tokens.dtype.kind in "iu":
        tokens = np.ascontiguousarray(tokens, np.int64)  # torch takes no reversed rows, and few unsigned ones
    try:
        tensor = torch.as_tensor(tokens)
    except (TypeError, ValueError, RuntimeError):
        hint = "; take its .tokens" if hasattr(tokens, "tokens") else ""
        raise InputError(
            f"tokens must be an array of integers [batch, cell], not of type {type(tokens).__name__}{hint}."
        ) from None
    if tensor.dtype.is_floating_point or tensor.is_complex() or tensor.dtype == torch.bool:
        raise InputError(f"tokens must be integers, not {tensor.dtype}.")
    tensor = tensor.long()  # torch finds no least of its wider unsigned integers
    if tensor.ndim == 2 and is_board(tensor.shape[1]):
        check_board(tensor.shape[1], config)
    if tensor.ndim != 2 or tensor.shape[1] != config.cells or not len(tensor):
        raise InputError(
            f"tokens have shape {list(tensor.shape)}; this model takes [batch, {config.cells}] "
            "with at least one row."
        )
    if int(tensor.min()) < 0 or int(tensor.max()) >= config.vocab:
        meaning = (
            "0 padding, 1 blank, v+1 for digit v" if _is_of_sudoku(config) else "its tasks are no Sudokus"
        )
        raise InputError(
            f"tokens run from {int(tensor.min())} to {int(tensor.max())}; this model knows "
            f"0 to {config.vocab - 1} ({meaning})."
        )
    if _look_like_grids(tensor, config):
        warnings.warn(
            "These tokens look like grids, with 0 for a blank, which a model reads as padding; give it puzzles.tokens.",
            stacklevel=4,
        )
    return tensor


def check_board(cells: int, config: ModelConfig) -> None:
    """Raise an InputError where puzzles of so many cells are of another board than the model's."""
    if cells != config.cells:
        raise InputError(
            f"These puzzles have {cells} cells, but the model is for {config.cells}; choose a set of as many."
        )


def check_shapes(held: Mapping[str, np.ndarray], tokens: tuple[int, ...]) -> None:
    """Raise an InputError where what is known of puzzles has not a row, or of answers a cell, for all of them.

    Args:
        held: arrays by name; ``answers`` and ``asked`` are of cells, the others of puzzles.
        tokens: the shape of the tokens, (puzzle, cell).
    """
    for name, value in held.items():
        expected = tokens if name in ("tokens", "answers", "asked") else tokens[:1]
        if value.shape != expected:
            raise InputError(
                f"{name} has shape {list(value.shape)}; for these tokens it must be {list(expected)}."
            )


def _look_like_grids(tokens: Tensor, config: ModelConfig) -> bool:
    """Zeros in every row of a square board, and nowhere the token of the largest digit."""
    return (
        _is_of_sudoku(config)
        and bool((tokens == 0).any(dim=1).all())
        and int(tokens.max()) < config.vocab - 1
    )


def _is_of_sudoku(config: ModelConfig) -> bool:
    """Has the model tokens for the digits of a square of its cells, and no others?"""
    return is_board(config.cells) and math.isqrt(config.cells) == config.vocab - 2


def check_state(state: State, rows: int, config: ModelConfig) -> None:
    """Raise an InputError where a state does not fit so many rows of tokens."""
    wanted = (rows, config.pos, config.d_model)
    if not (
        isinstance(state, tuple)
        and len(state) == len(State._fields)
        and all(isinstance(z, Tensor) and z.dtype.is_floating_point for z in state)
    ):
        given = type(state).__name__
        if isinstance(state, tuple):
            given += f" of {' and '.join(type(z).__name__ for z in state)}"
        raise InputError(
            f"state is a {given}; give a State of two floating-point tensors, as model.initial_state() and "
            "rollout.state are."
        )
    shapes = [tuple(z.shape) for z in state]
    if any(shape != wanted for shape in shapes):
        given = " and ".join(str(list(shape)) for shape in shapes)
        raise InputError(f"The state has shapes {given}; for these tokens z_H and z_L are {list(wanted)}.")


def check_rows(
    rows: int, config: ModelConfig, puzzle_ids: Tokens | None, state: State | None
) -> Tensor | None:
    """Raise an InputError where a state or puzzle embeddings do not fit so many rows of tokens.

    Returns:
        The ids as an int64 tensor; None for a model that has no puzzle embeddings.
    """
    if state is not None:
        check_state(state, rows, config)
    if not config.prefix:
        return None
    if puzzle_ids is None:
        if config.puzzles > 1:
            warnings.warn(
                f"This model has {config.puzzles:,} puzzle embeddings, and without puzzle_ids every row runs with "
                "number 0; give puzzle_ids=tasks.puzzle_ids.",
                stacklevel=4,
            )
        return None
    if isinstance(puzzle_ids, np.ndarray) and puzzle_ids.dtype.kind in "iu":
        puzzle_ids = np.ascontiguousarray(puzzle_ids, np.int64)
    try:
        ids = torch.as_tensor(puzzle_ids)
        whole = ids.shape == (rows,) and ids.dtype in WHOLE
        fits = whole and int(ids.min()) >= 0 and int(ids.max()) < config.puzzles
    except (TypeError, ValueError, RuntimeError):  # no numbers at all, or rows of several lengths
        fits = False
    if not fits:
        raise InputError(
            f"puzzle_ids must name a puzzle embedding for each of {rows} rows, from 0 to {config.puzzles - 1}."
        )
    return ids.long()
