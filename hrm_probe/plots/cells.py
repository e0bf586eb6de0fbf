"""One number for every cell of a board."""

from typing import TYPE_CHECKING

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.plots import style
from hrm_probe.sudoku.board import Board
from hrm_probe.sudoku.puzzles import BLANK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DARK = 0.55
"""Of the most attention: shades from here on are printed on in white."""


def cell_map(
    ax: "Axes", values: np.ndarray, *, title: str = "", box: tuple[int, int] | None = None
) -> "Axes":
    """Shares as shades on a board, with the number in each cell; cells without one are crossed out.

    Args:
        ax: where to draw.
        values: [side, side], from 0 to 1; NaN where nothing is known.
        title: above the picture.
        box: rows and columns of a box; that of the board with that many cells a side if None.
    """
    side = len(values)
    box = box or {4: (2, 2), 6: (2, 3), 9: (3, 3)}.get(side, (side, side))
    known = np.isfinite(values)
    ax.imshow(np.where(known, values, 0), cmap=style.share_colours(), vmin=0, vmax=1)
    for (row, column), value in np.ndenumerate(values):
        text = "×" if not known[row, column] else f"{100 * value:.0f}"
        ink = style.PAPER if known[row, column] and value > 0.6 else style.INK
        ax.text(column, row, text, ha="center", va="center", color=ink, fontsize=6.5 if side > 6 else 7.5)
    _as_board(ax, box)
    ax.set_title(title)
    ax.set_xlabel("% right")
    return ax


def gaze_board(
    ax: "Axes",
    attention: np.ndarray,
    tokens: np.ndarray,
    box: Board | str | tuple[int, int],
    *,
    cell: int | None = None,
    most: float | None = None,
    font_size: float = 6.5,
    title: str = "",
) -> "Axes":
    """Shades on the board, the darker the more of one cell's attention goes there; that cell is framed.

    >>> pattern = cache["H.blocks.0.attn.hook_pattern"][3, -1]  # segment 4, its last H-update     # doctest: +SKIP
    >>> looked = model.config.cells_of(pattern, -2, -1)[0, 2]  # puzzle 0, head 2: [cell, cell]    # doctest: +SKIP
    >>> gaze_board(ax, looked[40], tokens[0], (3, 3), cell=40)                                     # doctest: +SKIP

    Args:
        ax: where to draw; its axes are hidden and it is given an equal aspect.
        attention: [cell], how much goes to each; what goes to the prefix is not shown.
        tokens: [cell], what stands there, in the models' code; 1 is blank, v + 1 is digit v.
        box: rows and columns of a box, or the board itself, ``puzzles.board``.
        cell: the one that looks (row by row from 0); none is framed if None.
        most: attention that is darkest, so that boards can be compared; the largest here if None.
        font_size: for the digits, in points.
        title: above the picture; below it stands what the darkest shade means.

    Raises:
        InputError: attention or tokens of another number of cells, attention that is no number from 0, or a cell or
            boxes that no board has.
    """
    from matplotlib.patches import Rectangle

    board = Board.of(box)
    side = board.side
    looked = np.asarray(attention, float)
    if looked.shape != (side * side,) or np.shape(tokens) != (side * side,):
        raise InputError(
            f"attention and tokens must give one number for each of {side * side} cells, not shapes {looked.shape} and "
            f"{np.shape(tokens)}; model.config.cells_of() leaves out the prefix."
        )
    if not (looked >= 0).all():
        raise InputError("attention must be numbers from 0; some here are negative or none.")
    cell = None if cell is None else whole_number(cell, "cell", 0, side * side - 1)
    most = float(looked.max()) if most is None else most
    relative = np.clip(looked / most, 0, 1) if most > 0 else np.zeros_like(looked)
    ax.imshow(relative.reshape(side, side), cmap=style.share_colours(), vmin=0, vmax=1)
    for i, token in enumerate(np.asarray(tokens)):
        if token > BLANK:
            ink = style.PAPER if relative[i] > DARK else style.INK
            row, column = divmod(i, side)
            ax.text(column, row, str(int(token) - 1), ha="center", va="center", color=ink, fontsize=font_size)
    _as_board(ax, (board.rows, board.cols))
    if cell is not None:
        row, column = divmod(cell, side)
        ax.add_patch(
            Rectangle(
                (column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=style.WRONG, linewidth=2, zorder=3
            )
        )
    ax.set_title(title)
    ax.set_xlabel(f"darkest: {most:.0%}")
    return ax


def _as_board(ax: "Axes", box: tuple[int, int]) -> None:
    """Lines between cells and around boxes, in place of axes."""
    for line in range(box[0] * box[1] + 1):
        ax.axhline(line - 0.5, color=style.INK, linewidth=1.2 if line % box[0] == 0 else 0.3)
        ax.axvline(line - 0.5, color=style.INK, linewidth=1.2 if line % box[1] == 0 else 0.3)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(False)
