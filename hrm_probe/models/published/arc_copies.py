"""ARC's grids among the tokens of a data set, and the copies that the released code makes of its tasks: undone here."""

import math
import re
from dataclasses import dataclass

import numpy as np

from hrm_probe.errors import InputError

FIRST_COLOUR, COLOURS = 2, 10  # tokens: 0 padding, 1 end of a row or column, then the colours
LARGEST = 30  # rows and columns of ARC's grids
TURNS, SYMMETRIES = 4, 8
COPY_NAME = re.compile(r"(?P<task>.+)(?P<by>\|\|\||_)t(?P<symmetry>\d+)(?P=by)(?P<colours>.+)")


@dataclass(frozen=True)
class Copy:
    """One copy of a task: its grids turned or mirrored, its colours permuted.

    >>> copy = Copy.of("007bbfb7|||t1|||0213456789")
    >>> copy.undo(np.array([[0, 2], [0, 1]], np.uint8)).tolist()
    [[0, 0], [2, 1]]

    Attributes:
        task: the name of its task.
        symmetry: 0 to 3: as many quarter turns against the clock; 4: left and right swapped; 5: top and bottom; 6:
            transposed; 7: transposed along the other diagonal.
        colours: the copy's colour for each colour of the task.
    """

    task: str
    symmetry: int = 0
    colours: tuple[int, ...] = tuple(range(COLOURS))

    @classmethod
    def of(cls, name: str) -> "Copy":
        """The copy that a name describes: ``TASK|||t3|||0213456789`` of TRM, ``TASK_t3_0213456789`` of HRM.

        Other names are those of the tasks themselves, unaltered.

        Raises:
            InputError: no such symmetry, or colours that are not a permutation of the ten.
        """
        told = COPY_NAME.fullmatch(name)
        if told is None:
            return cls(name)
        symmetry, colours = int(told["symmetry"]), told["colours"]
        if symmetry >= SYMMETRIES or sorted(colours) != sorted("0123456789"):
            raise InputError(
                f'The copy "{name}" cannot be undone: its name must end in a symmetry, t0 to t7, and a permutation of '
                "the ten colours, as the released code writes it."
            )
        return cls(told["task"], symmetry, tuple(map(int, colours)))

    @property
    def is_original(self) -> bool:
        return self == Copy(self.task)

    def undo(self, grid: np.ndarray) -> np.ndarray:
        """The grid of the task that became this one, uint8 [row, column].

        Args:
            grid: colours [row, column] of the copy.
        """
        return np.argsort(self.colours).astype(np.uint8)[_turned_back(grid, self.symmetry)]


def _turned_back(grid: np.ndarray, symmetry: int) -> np.ndarray:
    if symmetry < TURNS:
        return np.rot90(grid, -symmetry)
    # Mirrors undo themselves.
    return (grid[:, ::-1], grid[::-1], grid.T, grid[::-1, ::-1].T)[symmetry - TURNS]


def cropped(tokens: np.ndarray) -> list[np.ndarray]:
    """The grids that rows of tokens hold, uint8 [row, column] of colours each.

    >>> [grid.tolist() for grid in cropped(np.array([[3, 4, 1, 5, 6, 1, 1, 1, 0]]))]
    [[[1, 2], [3, 4]]]

    A grid is the largest rectangle that begins at the top left and holds nothing but colours; of equal ones that with
    the fewest rows. Where the first token is not a colour it is empty, [0, 0].

    Args:
        tokens: [n, cell], of a square.
    """
    side = math.isqrt(tokens.shape[1])
    squares = tokens.reshape(-1, side, side)
    other = (squares < FIRST_COLOUR) | (squares >= FIRST_COLOUR + COLOURS)
    width = np.where(other.any(2), other.argmax(2), side)  # [n, row], colours before anything else
    width = np.minimum.accumulate(width, axis=1)
    area = width * np.arange(1, side + 1)
    last = area.argmax(1)
    wide = np.take_along_axis(width, last[:, None], axis=1)[:, 0]
    high = np.where(wide > 0, last + 1, 0)
    return [
        (square[:rows, :columns] - FIRST_COLOUR).astype(np.uint8)
        for square, rows, columns in zip(squares, high, wide, strict=True)
    ]


def grid_bytes(grid: np.ndarray) -> bytes:
    """A grid as bytes, equal where grids are: its rows, its columns, and its colours."""
    return bytes(grid.shape) + grid.tobytes()


def grid_of(written: bytes) -> np.ndarray:
    """The grid of :func:`grid_bytes`."""
    return np.frombuffer(written[2:], np.uint8).reshape(written[0], written[1])
