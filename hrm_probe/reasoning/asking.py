"""What every question makes sure of before it runs a model."""

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.checking import check_board
from hrm_probe.sudoku import Puzzles


def check_asked(model: RecursiveReasoner, puzzles: Puzzles, batch_size: int = 1) -> None:
    """Raise an InputError where these puzzles cannot be put to this model, so many at once."""
    if not hasattr(model, "config"):
        raise InputError(
            f"model is of type {type(model).__name__}; questions take a model, as hrm_probe.load() gives it."
        )
    check_puzzles(puzzles)
    check_board(puzzles.tokens.shape[1], model.config)
    if batch_size < 1:
        raise InputError(f"batch_size is {batch_size}; it must be at least 1.")


def check_puzzles(puzzles: Puzzles) -> None:
    """Raise an InputError where these are no puzzles, or none at all."""
    if not isinstance(puzzles, Puzzles):
        raise InputError(
            f"puzzles is of type {type(puzzles).__name__}; questions take Puzzles, as load_puzzles() gives them."
        )
    if not len(puzzles):
        raise InputError("There is no puzzle to ask about; give at least one.")


def run_length(model: RecursiveReasoner, segments: int | None, least: int = 1) -> int:
    """How many segments to run: the model's ``max_segments`` if None.

    Raises:
        InputError: fewer than ``least``.
    """
    segments = model.config.max_segments if segments is None else segments
    if segments < least:
        raise InputError(f"segments is {segments}; it must be at least {least}.")
    return segments
