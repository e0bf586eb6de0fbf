"""Making puzzles."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.progress import track
from hrm_probe.sudoku.board import Board
from hrm_probe.sudoku.puzzles import Puzzles
from hrm_probe.sudoku.seeds import generator_of
from hrm_probe.sudoku.solver import all_solutions, natural_preference, rate

KINDS = ("minimal", "easy", "hard")
EASY_CLUES = (0.37, 0.50)  # share of the cells: 30 to 40 clues on a 9x9 board
CLIMB_ROUNDS = {4: 50, 6: 200, 9: 100}  # by side; a 9x9 round takes a hundred times as long as a 6x6 one
MOST_GIVEN_BACK = 4
SMALLEST_BATCH, LARGEST_BATCH = 20, 200
FRUITLESS_BATCHES = 20


def generate(
    n: int,
    kind: str = "minimal",
    shape: Board | str | tuple[int, int] = "9x9",
    seed: int = 0,
    keep: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Puzzles:
    """Make ``n`` distinct puzzles, each with exactly one solution.

    >>> generate(100, "hard", "6x6", seed=1)                # doctest: +SKIP
    Puzzles(100 of 6x6: 100 hard)

    Every puzzle is made from a random complete grid (``complete_grids``). By kind it is

    - "minimal": the grid without all the clues that could be taken away in random order, each only while the
      solution stayed unique;
    - "easy": a minimal puzzle with random clues given back, until 37% to 50% of the cells are clues
      (30-40 on a 9x9 board);
    - "hard": a minimal puzzle improved by hill climbing. 200 times (9x9: 100, 4x4: 50), 1 to 4 clues of the
      solution are given back and the puzzle is made minimal again in a random order; the new puzzle replaces
      the old one unless fewer guesses show that its solution is the only one. (``rating`` counts guesses to
      the first solution; climbing on that count would reward bad luck in the order of digits.)

    Args:
        n: how many.
        kind: "minimal", "easy" or "hard"; it becomes their ``source``.
        shape: a board, its name ("6x6") or the shape of its boxes ("2x3", (2, 3)).
        seed: equal seeds give equal puzzles.
        keep: complete grids int8 [m, cell] -> bool [m], which of them may be used; all if not given.

    Returns:
        Puzzles with ``rating`` = ``rate``.

    Raises:
        InputError: unknown kind or board, a negative seed, or no more new puzzles turn up.

    Known inaccuracy: taking clues away at random does not draw uniformly from all minimal puzzles; those of
    few clues come too often. On 4x4, minimal puzzles need no guess, so that there is nothing to climb on:
    "hard" ones are no harder.
    """
    board = Board.of(shape)
    if kind not in KINDS:
        raise InputError(f'There is no kind of puzzle "{kind}"; choose one of {", ".join(KINDS)}.')
    whole_number(n, "n")
    batch = min(max(n, SMALLEST_BATCH), LARGEST_BATCH)
    new = _new_puzzles(kind, board, batch, generator_of(seed), keep)
    pairs = list(track(islice(new, n), f"{kind} {board} puzzles", total=n))
    if len(pairs) < n:
        raise InputError(
            f"Only {len(pairs):,} distinct {kind} {board} puzzles turned up; ask for fewer than {n:,}."
        )
    grids, solutions = (np.stack(part) for part in zip(*pairs, strict=True))
    return Puzzles.from_grids(grids, solutions, kind, rate(grids))


def _new_puzzles(
    kind: str,
    board: Board,
    batch: int,
    rng: np.random.Generator,
    keep: Callable[[np.ndarray], np.ndarray] | None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Puzzles and their solutions, none twice, until batch after batch brings nothing new."""
    known: set[bytes] = set()
    fruitless = 0
    while fruitless < FRUITLESS_BATCHES:
        solutions = complete_grids(batch, board, rng)
        if keep is not None:
            solutions = solutions[keep(solutions)]
        fruitless += 1
        for grid, solution in zip(carve_puzzles(solutions, kind, rng), solutions, strict=True):
            if grid.tobytes() not in known:
                known.add(grid.tobytes())
                fruitless = 0
                yield grid, solution


def carve_puzzles(solutions: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """One puzzle of that kind from each complete grid: int8 [n, cell] in and out, 0 for a blank."""
    from hrm_probe.sudoku.search import carve_all, climb_all

    n, cells = solutions.shape
    board = Board.of(cells)
    rules = board.units, board.memberships, natural_preference(board)
    grids = solutions.copy()
    carve_all(grids, _orders((n,), cells, rng), *rules)
    if kind == "hard":
        rounds = CLIMB_ROUNDS[board.side]
        given_back = rng.integers(1, MOST_GIVEN_BACK, (n, rounds), endpoint=True)
        climb_all(grids, solutions, _orders((n, rounds), cells, rng), given_back, *rules)
    elif kind == "easy":
        fewest, most = (round(share * cells) for share in EASY_CLUES)
        wanted = rng.integers(fewest, most, (n, 1), endpoint=True)
        # Clues first, then the blanks in random order: the first `wanted` of them are the puzzle.
        rank = np.argsort(np.argsort(np.where(grids > 0, -1.0, rng.random(grids.shape)), axis=1), axis=1)
        grids = np.where((grids > 0) | (rank < wanted), solutions, 0).astype(np.int8)
    return grids


def complete_grids(n: int, board: Board | str, seed: int | np.random.Generator = 0) -> np.ndarray:
    """Random complete grids: int8 [n, cell].

    4x4 and 6x6 grids are drawn uniformly: from the list of all grids whose first row is 1, 2, 3, ..., and then
    renamed at random. 9x9 grids are what the solver makes of an empty board when it tries candidates in an
    order drawn for each cell: every grid can come, but not all with quite the same probability.
    """
    board, rng = Board.of(board), generator_of(seed)
    if board.side < 9:
        listed = grids_in_standard_names(board)
        names = rng.permuted(np.tile(np.arange(1, board.side + 1, dtype=np.int8), (n, 1)), axis=1)
        return np.take_along_axis(
            names, listed[rng.integers(len(listed), size=n)].astype(np.int64) - 1, axis=1
        )

    from hrm_probe.sudoku.search import search

    empty, grids = np.zeros(board.cells, np.int8), np.empty((n, board.cells), np.int8)
    for i in range(n):
        preference = rng.permuted(natural_preference(board), axis=1)
        search(empty, board.units, board.memberships, preference, 1, grids[i : i + 1])
    return grids


def grids_in_standard_names(board: Board | str) -> np.ndarray:
    """All complete grids with the first row 1, 2, 3, ...: int8 [12, cell] for 4x4, [39168, cell] for 6x6.

    Every other grid is one of these with its digits renamed, in side! ways: 288 grids of 4x4 and 28,200,960 of
    6x6 (Lorenz and Woersch, "Sudoku grids"; counted here, not copied).
    """
    board = Board.of(board)
    if board.side >= 9:
        raise InputError(f"There are too many complete {board} grids to list.")
    if board not in _LISTED:
        start = np.zeros(board.cells, np.int8)
        start[: board.side] = np.arange(1, board.side + 1)
        _LISTED[board] = all_solutions(start)
    return _LISTED[board]


_LISTED: dict[Board, np.ndarray] = {}


def _orders(shape: tuple[int, ...], cells: int, rng: np.random.Generator) -> np.ndarray:
    """Random orders of the cells: int64 [*shape, cell]."""
    return rng.permuted(np.tile(np.arange(cells), (*shape, 1)), axis=-1)
