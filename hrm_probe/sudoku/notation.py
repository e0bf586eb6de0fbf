"""Puzzles as text: one character per cell, row by row; ``.`` or ``0`` for a blank."""

from collections.abc import Sequence

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.sudoku.board import Board, is_board

UNKNOWN = 255  # what a character that is neither digit nor blank is read as
FRAME = "|-+=" + " \t\r\n"

_VALUE_OF = np.full(256, UNKNOWN, np.uint8)
_VALUE_OF[[ord("."), ord("0")]] = 0
for _digit in range(1, 10):
    _VALUE_OF[ord(str(_digit))] = _digit


def parse_grids(texts: Sequence[str], what: str = "row", numbers: Sequence[int] | None = None) -> np.ndarray:
    """Read grids of one board, each a string of 16, 36 or 81 characters.

    >>> parse_grids(["1..4" "...." "...." "4..."]).shape
    (1, 16)

    Args:
        texts: the strings; the first one says which board they are of.
        what: what to call a string in an error, before its number.
        numbers: the strings' numbers in such an error; 1, 2, 3, ... if not given.

    Returns:
        int8 [puzzle, cell], 0 for a blank.

    Raises:
        InputError: a wrong length or an unknown character, with the number of the first string at fault.
    """
    numbers = range(1, len(texts) + 1) if numbers is None else numbers
    if len(texts) == 0:
        raise InputError(f"There are no puzzles: no {what} to read.")
    lengths = np.fromiter((len(text) for text in texts), np.int64, len(texts))
    cells = int(lengths[0])
    if not is_board(cells):
        raise InputError(f"In {what} {numbers[0]}: {wrong_length(cells)}.")
    if (lengths != cells).any():
        at = int(np.argmax(lengths != cells))
        raise InputError(f"In {what} {numbers[at]}: {wrong_length(int(lengths[at]), cells)}.")
    codes = np.frombuffer("".join(texts).encode("latin-1", errors="replace"), np.uint8)
    values = _VALUE_OF[codes].reshape(-1, cells)
    strange = values > Board.of(cells).side
    if strange.any():
        at, cell = (int(i) for i in np.argwhere(strange)[0])
        raise InputError(
            f"In {what} {numbers[at]}: {unknown_character(texts[at][cell], cell, Board.of(cells))}."
        )
    return values.astype(np.int8)


def grids_of_rows(lines: Sequence[str]) -> list[str]:
    """Grids that are written row by row, each as one string; lines that are not all rows of a board stay as they are.

    Spaces, and lines between boxes, count for nothing.

    >>> grids_of_rows(["1 . | . 4", ". . | . .", "----+----", ". . | . .", "4 . | . ."])
    ['1..4........4...']
    >>> grids_of_rows(["1..4........4..."])
    ['1..4........4...']
    """
    rows = ["".join(c for c in line if c not in FRAME) for line in lines if set(line) - set(FRAME)]
    side = len(rows[0]) if rows else 0
    if not is_board(side**2) or len(rows) % side or any(len(row) != side for row in rows):
        return list(lines)
    return ["".join(rows[first : first + side]) for first in range(0, len(rows), side)]


def wrong_length(length: int, expected: int | None = None) -> str:
    wanted = f"{expected} as before" if expected else "16 (4x4), 36 (6x6) or 81 (9x9)"
    return f"{length} characters where a grid has {wanted}"


def unknown_character(character: str, cell: int, board: Board) -> str:
    return f"unknown character {character!r} in {board.cell_name(cell)}; use digits 1-{board.side} and . for a blank"


def format_grids(grids: np.ndarray) -> list[str]:
    """The strings of grids: what ``parse_grids`` reads, where no cell holds padding.

    >>> format_grids(parse_grids(["1..4" "...." "...." "4..."]))
    ['1..4........4...']

    Args:
        grids: digits [puzzle, cell], 0 for a blank; one grid [cell] is taken too. A model may answer padding,
            digit -1, which is written ``?``.

    Raises:
        InputError: not grids of a board, or numbers that are not digits of it, such as tokens.
    """
    grids = np.atleast_2d(grids)
    Board.of(grids.shape[-1]).check_digits(grids, least=-1)
    letters = np.frombuffer(b".123456789?", np.uint8)[grids]  # -1 is the last of them
    return [row.tobytes().decode() for row in letters]


def parse_grid(text: str) -> np.ndarray:
    """Read one grid as people draw it, frames, spaces and line breaks included: int8 [cell]."""
    return parse_grids(["".join(c for c in text if c not in FRAME)], "grid")[0]


def draw_grid(grid: np.ndarray) -> str:
    """Draw a grid with lines between the boxes.

    >>> print(draw_grid(parse_grid("1..4...." "....4...")))
    1 . | . 4
    . . | . .
    ----+----
    . . | . .
    4 . | . .

    Args:
        grid: digits [cell], 0 for a blank, -1 for padding.

    Raises:
        InputError: as in :func:`format_grids`.
    """
    board = Board.of(np.size(grid))
    letters = format_grids(grid)[0]
    lines = []
    for row in range(board.side):
        if row and row % board.rows == 0:
            lines.append(
                "+".join(
                    "-" * (2 * board.cols + (stack not in (0, board.rows - 1))) for stack in range(board.rows)
                )
            )
        cells = letters[row * board.side : (row + 1) * board.side]
        boxes = [" ".join(cells[at : at + board.cols]) for at in range(0, board.side, board.cols)]
        lines.append(" | ".join(boxes))
    return "\n".join(lines)
