"""What every question makes sure of before it runs a model."""

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeGuard

from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number, whole_numbers
from hrm_probe.models import RecursiveReasoner, Tasks
from hrm_probe.models.checking import check_board
from hrm_probe.models.tasks import Asked
from hrm_probe.sudoku import Puzzles

if TYPE_CHECKING:
    from hrm_probe.trace import Trace


def is_trace(model: object) -> "TypeGuard[Trace]":
    """Is this a recorded rollout? (A look at the type would load what reads traces for every question.)"""
    return hasattr(model, "model_config") and hasattr(model, "attributes")


def check_asked(
    model: "RecursiveReasoner | Trace", puzzles: Asked, batch_size: int = 1, seed: int = 0
) -> None:
    """Raise an InputError where these puzzles or tasks cannot be put to this model with this batch size and seed."""
    if not hasattr(model, "config"):
        if is_trace(model):
            raise InputError(
                "This question runs the model; give it the one that was recorded. A trace answers dimensions, "
                "evaluate, jumps, modes, probes, residuals and stability."
            )
        raise InputError(
            f"model is of type {type(model).__name__}; questions take a model, as hrm_probe.load() gives it."
        )
    check_puzzles(puzzles)
    if isinstance(puzzles, Tasks):
        puzzles.check_fit(model.config)
    else:
        check_board(puzzles.tokens.shape[1], model.config)
    check_settings(batch_size, seed)


def check_settings(batch_size: int, seed: int) -> None:
    """Raise an InputError where this is no number of puzzles to run at once, or no seed."""
    whole_number(batch_size, "batch_size")
    whole_number(seed, "seed", 0)
    if isinstance(seed, Tensor):
        raise InputError("seed is a tensor; give a plain number, int(seed).")


def check_puzzles(puzzles: Asked) -> None:
    """Raise an InputError where these are neither puzzles nor tasks, or are empty."""
    if not isinstance(puzzles, Asked):
        raise InputError(
            f"puzzles is of type {type(puzzles).__name__}; questions take Puzzles, as load_puzzles() gives them, or "
            "Tasks, as load_tasks() does."
        )
    if not len(puzzles):
        raise InputError("There is no puzzle to ask about; give at least one.")


def tokens_sha256(puzzles: Asked) -> str:
    """By which the same puzzles in the same order are known."""
    return sha256(puzzles.tokens.astype("uint8").tobytes()).hexdigest()


def check_sudoku(
    puzzles: Asked, what: str, instead: str = "give Puzzles, as load_puzzles() gives them"
) -> None:
    """Raise an InputError where what is asked about lacks the rules of Sudoku.

    Args:
        puzzles: as they were given.
        what: needs the rules, and what for, in words.
        instead: what to do about it.
    """
    if not isinstance(puzzles, Puzzles):
        raise InputError(
            f"{what}, by rules of Sudoku, which {type(puzzles).__name__} do not have; {instead}."
        )


def run_length(model: RecursiveReasoner, segments: int | None, least: int = 1) -> int:
    """How many segments to run: the model's ``max_segments`` if None.

    Raises:
        InputError: fewer than ``least``, or not a whole number.
    """
    return whole_number(model.config.max_segments if segments is None else segments, "segments", least)


def segments_to_look_at(at: Any, segments: int) -> list[int]:
    """Segments of a run, from one number or several: ascending, each once.

    Raises:
        InputError: not a whole number, or a segment that the run does not have.
    """
    return sorted(set(whole_numbers(at, "at", 1, segments)))


def names_asked(names: str | Iterable[str]) -> list[str]:
    """One name or several as a list."""
    return [names] if isinstance(names, str) else list(names)
