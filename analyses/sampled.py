"""The puzzles that an analysis asks about: a sample of a board's test set, of one source, or of another set."""

import argparse
from pathlib import Path

from hrm_probe import load_puzzles
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.sudoku import Board, Puzzles, deduction_rounds


def sampled_puzzles(
    model: RecursiveReasoner, source: str, n: int, seed: int, beyond_singles: bool = False
) -> Puzzles:
    """``n`` of the test puzzles of the model's board, or all that there are.

    Args:
        model, source, n, seed: as their names say.
        beyond_singles: only those that naked and hidden singles do not solve.

    Raises:
        InputError: the test set has none of that source.
    """
    board = Board.of(model.config.cells)
    puzzles = load_puzzles(f"{board}-test")
    puzzles = puzzles[puzzles.source == source]
    if not len(puzzles):
        raise InputError(f"{board}-test has no puzzles of source {source!r}; give another --source.")
    if beyond_singles:
        puzzles = puzzles[(deduction_rounds(puzzles.grids) < 0).any(1)]
    return puzzles.sample(min(n, len(puzzles)), seed)


def puzzles_asked(given: argparse.Namespace, model: RecursiveReasoner, n: int | None = None) -> Puzzles:
    """Those of ``--puzzles``, or else of ``--source`` of the board's test set: ``--n`` of them, if not ``n``."""
    n = given.n if n is None else n
    if given.puzzles is None:
        return sampled_puzzles(model, given.source, n, given.seed)
    return load_puzzles(given.puzzles, n=n, seed=given.seed)


def where_from(given: argparse.Namespace) -> dict[str, str | None]:
    """Which of the two, for the numbers that are saved; of a command line without ``--puzzles`` the source alone."""
    if not hasattr(given, "puzzles"):
        return {"source": given.source}
    own = given.puzzles is None
    return {"source": given.source if own else None, "puzzles": None if own else Path(given.puzzles).name}
