"""Boards: how a Sudoku's cells fall into rows, columns and boxes."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hrm_probe.errors import InputError


@dataclass(frozen=True)
class Board:
    """A Sudoku board whose boxes are ``rows`` high and ``cols`` wide.

    >>> board = Board.of("6x6")
    >>> board.rows, board.cols, board.side, board.cells
    (2, 3, 6, 36)

    Cells are numbered row by row from the top left corner; digits run from 1 to ``side``.
    """

    rows: int
    cols: int

    @staticmethod
    def of(board: "Board | str | int | tuple[int, int]") -> "Board":
        """The board of that name (``"4x4"``, ``"6x6"``, ``"9x9"``), shape of boxes or number of cells (16, 36, 81).

        >>> Board.of("6x6") == Board.of((2, 3)) == Board.of("2x3") == Board.of(36)
        True

        Raises:
            InputError: no such board.
        """
        if isinstance(board, Board):
            return board
        board = board.tolist() if isinstance(board, np.ndarray) else board
        for known in BOARDS:
            boxes = (known.rows, known.cols)
            if board in (known.name, known.cells, boxes, list(boxes), f"{known.rows}x{known.cols}"):
                return known
        if not isinstance(board, int | np.integer):
            told = f'"{board}"' if isinstance(board, str) else str(board)
            boards = ", ".join(f"{b.name} (boxes of {b.rows}x{b.cols})" for b in BOARDS)
            raise InputError(f"There is no board {told}; choose one of {boards}.")
        raise InputError(
            f"A grid of {board} cells fits no board; "
            f"use {', '.join(f'{b.cells} ({b.name})' for b in BOARDS[:-1])} or {BOARDS[-1].cells} ({BOARDS[-1].name})."
        )

    @property
    def side(self) -> int:
        """Cells in a row, a column or a box; the largest digit."""
        return self.rows * self.cols

    @property
    def cells(self) -> int:
        return self.side**2

    @property
    def vocab(self) -> int:
        """Number of tokens: 0 padding, 1 blank, v + 1 for digit v."""
        return self.side + 2

    @property
    def name(self) -> str:
        return f"{self.side}x{self.side}"

    @property
    def units(self) -> np.ndarray:
        """Cells of every row, then every column, then every box: int64 [3 side, side]."""
        return _units(self)

    @property
    def memberships(self) -> np.ndarray:
        """Indices into ``units`` of the row, column and box that each cell lies in: int64 [cell, 3]."""
        return _memberships(self)

    @property
    def peers(self) -> np.ndarray:
        """Which other cells share a row, column or box with each cell: bool [cell, cell]."""
        return _peers(self)

    def unit_name(self, unit: int) -> str:
        """What a person calls ``units[unit]``, counting from 1: "row 3", "column 1", "box 6"."""
        return f"{('row', 'column', 'box')[unit // self.side]} {unit % self.side + 1}"

    def cell_name(self, cell: int) -> str:
        """Where a cell stands, counting from 1: "row 3, column 1"."""
        return f"row {cell // self.side + 1}, column {cell % self.side + 1}"

    def check_digits(self, digits: np.ndarray, least: int = 0) -> None:
        """Raise an InputError where an array holds other than this board's digits.

        Args:
            digits: of any shape.
            least: the smallest number allowed: 0, a blank, or -1, which stands for padding.
        """
        if digits.dtype.kind not in "iu":
            raise InputError(f"Digits of a {self} grid must be whole numbers, not {digits.dtype}.")
        if digits.size and (digits.min() < least or digits.max() > self.side):
            hint = " (these look like tokens: subtract 1)" if digits.max() == self.side + 1 else ""
            begin = "0 (blank)" if least == 0 else f"{least} (padding)"
            raise InputError(
                f"Digits of a {self} grid run from {begin} to {self.side}; "
                f"these run from {digits.min()} to {digits.max()}{hint}."
            )

    def __str__(self) -> str:
        return self.name


BOARDS = (Board(2, 2), Board(2, 3), Board(3, 3))


def is_board(cells: int) -> bool:
    """Is there a board of so many cells?

    >>> [cells for cells in (9, 16, 36, 49, 81) if is_board(cells)]
    [16, 36, 81]
    """
    return any(cells == board.cells for board in BOARDS)


@lru_cache
def _units(board: Board) -> np.ndarray:
    cells = np.arange(board.cells).reshape(board.side, board.side)
    bands, stacks = board.cols, board.rows  # a board has as many bands as a box has columns
    boxes = cells.reshape(bands, board.rows, stacks, board.cols).transpose(0, 2, 1, 3)
    units = np.concatenate([cells, cells.T, boxes.reshape(board.side, board.side)])
    units.flags.writeable = False
    return units


@lru_cache
def _peers(board: Board) -> np.ndarray:
    member = (board.units[:, :, None] == np.arange(board.cells)).any(axis=1)  # [unit, cell]
    peers = (member[:, :, None] & member[:, None]).any(axis=0) & ~np.eye(board.cells, dtype=bool)
    peers.flags.writeable = False
    return peers


@lru_cache
def _memberships(board: Board) -> np.ndarray:
    member = (board.units[:, :, None] == np.arange(board.cells)).any(axis=1)
    memberships = np.stack([np.flatnonzero(member[:, cell]) for cell in range(board.cells)])
    memberships.flags.writeable = False
    return memberships
