"""The symmetries of Sudoku: moves that turn every grid into a grid.

Digits may be renamed; rows may change places inside a band, bands among each other, likewise columns and
stacks; and a board of square boxes may be mirrored along its diagonal.

| board | cell permutations | with renamings |
| ----- | ----------------- | -------------- |
| 4x4   | 128               | 3,072          |
| 6x6   | 3,456             | 2,488,320      |
| 9x9   | 3,359,232         | 1,218,998,108,160 |
"""

from collections.abc import Collection
from functools import lru_cache
from itertools import permutations, product

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.sudoku.board import Board
from hrm_probe.sudoku.seeds import generator_of

MOST_LISTED = 10_000
MOVES = ("digits", "rows", "columns", "mirror")
"""What a symmetry is made of: names of digits, orders of rows and of columns, a mirror along the diagonal."""


def random_symmetries(
    board: Board | str, n: int, seed: int | np.random.Generator = 0, moves: Collection[str] = MOVES
) -> tuple[np.ndarray, np.ndarray]:
    """Draw symmetries of a board, uniformly and independently.

    >>> cell_permutations, relabellings = random_symmetries("6x6", len(tokens))        # doctest: +SKIP
    >>> copies = apply_symmetries(tokens, cell_permutations, relabellings)             # doctest: +SKIP

    Args:
        board: a board or its name.
        n: how many.
        seed: a seed, or a generator to draw from.
        moves: of which a symmetry is made, among ``MOVES``; what is left out stays as it is. Boards whose boxes are
            not square have no mirror. Whatever is chosen, as much is drawn: equal seeds make equal moves.

    Returns:
        cell_permutations int64 [n, cell] and relabellings int64 [n, vocab], such that
        ``new_tokens[i, c] = relabellings[i, tokens[i, cell_permutations[i, c]]]``. Padding (0) and blank (1)
        are never renamed.

    Raises:
        InputError: an unknown move.
    """
    board, rng = Board.of(board), generator_of(seed)
    unknown = sorted(set(moves) - set(MOVES))
    if isinstance(moves, str) or unknown:
        raise InputError(f"moves is {moves!r}; give a list of any of {', '.join(MOVES)}.")
    rows = _random_arrangements(board.cols, board.rows, n, rng)
    columns = _random_arrangements(board.rows, board.cols, n, rng)
    in_place = np.tile(np.arange(board.side), (n, 1))
    rows, columns = (rows if "rows" in moves else in_place), (columns if "columns" in moves else in_place)
    cells = rows[:, :, None] * board.side + columns[:, None, :]
    if board.rows == board.cols:
        mirrored = (rng.random(n) < 0.5) & ("mirror" in moves)
        cells = np.where(mirrored[:, None, None], cells.transpose(0, 2, 1), cells)
    names = np.tile(np.arange(board.vocab), (n, 1))
    renamed = rng.permuted(names[:, 2:], axis=1)
    if "digits" in moves:
        names[:, 2:] = renamed
    return cells.reshape(n, board.cells), names


def apply_symmetries(
    tokens: np.ndarray, cell_permutations: np.ndarray, relabellings: np.ndarray
) -> np.ndarray:
    """Move cells and rename digits, each row by a symmetry of its own.

    >>> swap = np.array([[0, 1, 3, 2, 5, 4]])                    # digits 1 and 2, 3 and 4 change names
    >>> apply_symmetries(np.array([[2, 3, 4, 5] * 4]), np.arange(16)[None, ::-1], swap)[0, :4]
    array([4, 5, 2, 3])

    Args:
        tokens: [n, cell], puzzles or answers.
        cell_permutations, relabellings: [n, cell] and [n, vocab], as ``random_symmetries`` draws them: cell c of
            row i comes from cell ``cell_permutations[i, c]``, and token t is renamed ``relabellings[i, t]``.

    Returns:
        Tokens [n, cell].

    Raises:
        InputError: not as many symmetries as rows, or those of another board.
    """
    n, cells = np.shape(tokens)
    if np.shape(cell_permutations) != (n, cells) or np.shape(relabellings) != (n, Board.of(cells).vocab):
        raise InputError(
            f"{n} rows of {cells} cells need {n} symmetries of their board; these have shapes "
            f"{list(np.shape(cell_permutations))} and {list(np.shape(relabellings))}."
        )
    moved = np.take_along_axis(tokens, cell_permutations, axis=1)
    return np.take_along_axis(relabellings, moved, axis=1)


def cell_permutations(board: Board | str) -> np.ndarray:
    """Every cell permutation of a small board, the identity first: int64 [128 or 3456, cell].

    Drawing a row uniformly is drawing a symmetry uniformly. For 9x9, where there are 3,359,232, combine
    ``row_arrangements`` and ``column_arrangements`` instead.
    """
    board = Board.of(board)
    rows, columns = row_arrangements(board), column_arrangements(board)
    if len(rows) * len(columns) > MOST_LISTED:
        raise InputError(
            f"The {board} board has too many cell permutations to list; combine a row of row_arrangements with "
            f"one of column_arrangements, or draw from random_symmetries."
        )
    cells = rows[:, None, :, None] * board.side + columns[None, :, None, :]
    cells = cells.reshape(-1, board.side, board.side)
    if board.rows == board.cols:
        cells = np.concatenate([cells, cells.transpose(0, 2, 1)])
    return cells.reshape(len(cells), board.cells)


def row_arrangements(board: Board | str) -> np.ndarray:
    """Every order that the rows may stand in, the identity first: int64 [8, 48 or 1296; side].

    With a row arrangement R and a column arrangement C, cell (i, j) is taken from cell (R[i], C[j]); on boards
    of square boxes it may as well be taken from (R[j], C[i]).
    """
    board = Board.of(board)
    return _arrangements(board.cols, board.rows)


def column_arrangements(board: Board | str) -> np.ndarray:
    """Every order that the columns may stand in, the identity first: int64 [8, 72 or 1296; side]."""
    board = Board.of(board)
    return _arrangements(board.rows, board.cols)


@lru_cache
def _arrangements(groups: int, size: int) -> np.ndarray:
    """Lines in ``groups`` groups of ``size``: every order of the groups, and of the lines inside each."""
    listed = [
        [group * size + line for group, inside in zip(order, insides, strict=True) for line in inside]
        for order in permutations(range(groups))
        for insides in product(permutations(range(size)), repeat=groups)
    ]
    arrangements = np.array(listed)
    arrangements.flags.writeable = False
    return arrangements


def _random_arrangements(groups: int, size: int, n: int, rng: np.random.Generator) -> np.ndarray:
    order = rng.permuted(np.tile(np.arange(groups), (n, 1)), axis=1)
    inside = rng.permuted(np.tile(np.arange(size), (n, groups, 1)), axis=2)
    return (order[:, :, None] * size + inside).reshape(n, groups * size)
