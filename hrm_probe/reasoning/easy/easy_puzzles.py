"""Very easy puzzles, made from the solutions of others: a few blanks, or one masked row, column or box."""

from typing import Literal

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.sudoku import Puzzles, count_solutions
from hrm_probe.sudoku.puzzles import BLANK
from hrm_probe.wording import counted

Unit = Literal["row", "column", "box"]
Within = Literal["grid", "puzzle"]
UNITS = ("row", "column", "box")


def blanked(puzzles: Puzzles, k: int, seed: int = 0, within: Within = "grid") -> Puzzles:
    """Puzzles with exactly ``k`` blanks and the same answers, each with one solution.

    Cells of the solved grid are blanked one after another in random order, a cell only if the solution stays
    unique. With one seed the blanks of a smaller ``k`` are among those of a larger one.

    >>> blanked(puzzles, 3).blanks.sum(1)                                       # doctest: +SKIP
    array([3, 3, 3, ...])

    Args:
        puzzles: whose answers are used.
        k: blanks, from 0 (the solved grid itself).
        seed: for the order of cells.
        within: "grid" draws from all cells; "puzzle" from those that are blank in the puzzle, so that the puzzle
            is approached as k grows (which is how the analysis paper's hints make easier puzzles, arXiv 2601.10679).

    Raises:
        InputError: a puzzle that cannot have that many blanks; it names the first and how many it can have.

    Known inaccuracy: blanks drawn one after another are not quite uniform among all unique sets of k; for
    few blanks, where hardly a set is ambiguous, nearly so.
    """
    order = blanking_order(puzzles, k, seed, within)
    short = (order < 0).any(1)
    if short.any():
        row = int(np.argmax(short))
        raise InputError(
            f"Puzzle {row + 1} cannot have {counted(k, 'blank')}: after {int((order[row] >= 0).sum())} of them, drawn "
            "in random order, every further one would be ambiguous. Ask for fewer, or leave such puzzles out."
        )
    return with_blanks(puzzles, order)


def blanking_order(puzzles: Puzzles, most: int, seed: int = 0, within: Within = "grid") -> np.ndarray:
    """The first ``most`` cells that are blanked in each grid: int64 [puzzle, most], -1 where no more can be."""
    if within not in ("grid", "puzzle"):
        raise InputError(f'within is {within!r}; it must be "grid" or "puzzle".')
    if not 0 <= whole_number(most, "the number of blanks", least=0) <= puzzles.board.cells:
        raise InputError(f"A {puzzles.board} grid can have 0 to {puzzles.board.cells} blanks, not {most}.")
    n, cells = puzzles.tokens.shape
    order = np.random.default_rng(seed).permuted(np.tile(np.arange(cells), (n, 1)), axis=1)
    allowed = puzzles.blanks if within == "puzzle" else np.ones((n, cells), bool)
    grids, chosen, count = puzzles.solutions.copy(), np.full((n, most), -1), np.zeros(n, int)
    for cell in order.T:
        rows = np.flatnonzero((count < most) & allowed[np.arange(n), cell])
        if not len(rows):
            if (count == most).all():
                break
            continue
        trial = grids[rows]
        trial[np.arange(len(rows)), cell[rows]] = 0
        unique = count_solutions(trial, limit=2) == 1
        rows = rows[unique]
        grids[rows] = trial[unique]
        chosen[rows, count[rows]] = cell[rows]
        count[rows] += 1
    return chosen


def with_blanks(puzzles: Puzzles, cells: np.ndarray) -> Puzzles:
    """The solved grids with these cells blanked: ``cells`` is int [puzzle, k], -1 for none."""
    tokens = puzzles.answers.copy()
    rows, places = np.nonzero(cells >= 0)
    tokens[rows, cells[rows, places]] = BLANK
    count = (tokens == BLANK).sum(1)
    return Puzzles(
        tokens, puzzles.answers, np.array([f"{c} blank{'' if c == 1 else 's'}" for c in count], str)
    )


def single_blanks(
    puzzles: Puzzles, per_puzzle: int | Literal["all"] = 1, seed: int = 0
) -> tuple[Puzzles, np.ndarray, np.ndarray]:
    """Solved grids with one blank, which is always unique: ``per_puzzle`` different cells of each grid, or all.

    Returns:
        The puzzles, those of one grid together; which grid each comes from; which cell is blank.

    Raises:
        InputError: ``per_puzzle`` is neither "all" nor a whole number from 1 to the number of cells.
    """
    n, cells = puzzles.tokens.shape
    each = cells if per_puzzle == "all" else whole_number(per_puzzle, "per_puzzle", 1, cells)
    order = np.tile(np.arange(cells), (n, 1))
    if each < cells:
        order = np.random.default_rng(seed).permuted(order, axis=1)[:, :each]
    origin, cell = np.repeat(np.arange(n), each), order.ravel()
    return with_blanks(puzzles[origin], cell[:, None]), origin, cell


def with_masked(
    puzzles: Puzzles, unit: Unit = "row", index: int | np.ndarray | None = None, seed: int = 0
) -> Puzzles:
    """Solved grids with one whole row, column or box blank; the rest always determines it.

    >>> with_masked(puzzles, "row", 0).grids[0].reshape(6, 6)[0]                # doctest: +SKIP
    array([0, 0, 0, 0, 0, 0])

    Args:
        puzzles: whose answers are used.
        unit: "row", "column" or "box".
        index: which one, from 0; one for all puzzles, or int [puzzle]; drawn for each puzzle if None.
        seed: for that draw.

    Raises:
        InputError: another unit or index; or an answer that is not a complete grid, so that the mask is ambiguous.
    """
    board = puzzles.board
    places = masked_units(puzzles, unit, index, seed)
    masked = with_blanks(puzzles, board.units[UNITS.index(unit) * board.side + places])
    if len(masked) and not (count_solutions(masked.grids, limit=2) == 1).all():
        raise InputError(
            f"A grid with one masked {unit} is ambiguous: its answer breaks the rules. Check the puzzle set."
        )
    source = np.array([f"{unit} {place + 1} masked" for place in places], str)
    return Puzzles(masked.tokens, masked.answers, source)


def masked_units(puzzles: Puzzles, unit: Unit, index: int | np.ndarray | None, seed: int) -> np.ndarray:
    """Which row, column or box is masked in each puzzle, from 0: int [puzzle]."""
    if unit not in UNITS:
        raise InputError(f"unit is {unit!r}; it must be one of {', '.join(UNITS)}.")
    side = puzzles.board.side
    if index is None:
        return np.random.default_rng(seed).integers(side, size=len(puzzles))
    places = np.asarray(index)
    if places.dtype.kind not in "iu" or places.shape not in [(), (len(puzzles),)]:
        raise InputError(
            f"index is {index!r}; give a whole number, or one for each of {len(puzzles)} puzzles."
        )
    if places.size and (places.min() < 0 or places.max() >= side):
        raise InputError(f"A {puzzles.board} grid has {unit}s 0 to {side - 1}; index is {index}.")
    return np.broadcast_to(places, len(puzzles))
