"""Boards, and a film strip of one board through the segments."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hrm_probe.given_numbers import whole_numbers
from hrm_probe.plots import style
from hrm_probe.sudoku.puzzles import BLANK

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_board(
    ax: "Axes",
    tokens: np.ndarray,
    answers: np.ndarray,
    predictions: np.ndarray,
    box: tuple[int, int],
    *,
    corner: tuple[float, float] = (0.0, 0.0),
    font_size: float = 6.5,
    frame: str = style.INK,
) -> "Axes":
    """One board in data units of one cell, its top left corner at ``corner`` (the vertical axis points down).

    Givens are bold on grey; right answers are plain on white; wrong ones stand on a tinted cell with a stroke
    through it, so that they are seen without colour.

    Args:
        ax: where to draw.
        tokens: [cell], the puzzle; 1 is blank, v + 1 is digit v.
        answers: [cell], the solution in the same code.
        predictions: [cell], what the model says. A given cell is drawn as given, or as wrong if the model
            overwrites it.
        box: rows and columns of a box.
        corner: x and y of the board's top left corner.
        font_size: for the digits, in points.
        frame: colour of the outer frame.
    """
    from matplotlib.patches import Rectangle

    side = box[0] * box[1]
    left, top = corner
    for cell in range(side * side):
        x, y = left + cell % side, top + cell // side
        given, wrong = tokens[cell] != BLANK, predictions[cell] != answers[cell]
        fill = style.WRONG_FILL if wrong else "#E3E3E3" if given else style.PAPER
        ax.add_patch(Rectangle((x, y), 1, 1, facecolor=fill, edgecolor="#BBBBBB", linewidth=0.4))
        if wrong:
            ax.plot([x + 0.08, x + 0.92], [y + 0.92, y + 0.08], color=style.WRONG, linewidth=0.8)
        ax.text(
            x + 0.5,
            y + 0.53,
            _digit(predictions[cell]),
            ha="center",
            va="center",
            fontsize=font_size,
            fontweight="bold" if given else "normal",
            color=style.INK if given or wrong else style.RIGHT,
        )
    for line in range(side + 1):
        if line % box[0] == 0:
            ax.plot(
                [left, left + side], [top + line] * 2, color=frame, linewidth=1.0, solid_capstyle="projecting"
            )
        if line % box[1] == 0:
            ax.plot(
                [left + line] * 2, [top, top + side], color=frame, linewidth=1.0, solid_capstyle="projecting"
            )
    return ax


def film_strip(
    ax: "Axes",
    tokens: np.ndarray,
    answers: np.ndarray,
    predictions: np.ndarray,
    box: tuple[int, int],
    *,
    segments: Sequence[int] | None = None,
    columns: int = 8,
    font_size: float = 6.5,
    title: str = "",
) -> "Axes":
    """The board after each segment, with the number of wrong cells above it.

    Args:
        ax: where to draw; its axes are hidden and it is given an equal aspect.
        tokens: [cell], the puzzle.
        answers: [cell], its solution.
        predictions: [segment, cell], the model's grid after each segment.
        box: rows and columns of a box.
        segments: which to show, from 1, in this order; all if None.
        columns: boards in a row.
        font_size: for the digits, in points.
        title: above the picture.

    Raises:
        InputError: a segment without a grid.
    """
    side, count = box[0] * box[1], len(predictions)
    shown = whole_numbers(range(1, count + 1) if segments is None else segments, "segments", 1, count)
    step_x, step_y = side + 0.9, side + 1.9
    for i, segment in enumerate(shown):
        corner = ((i % columns) * step_x, (i // columns) * step_y)
        grid = predictions[segment - 1]
        wrong = int((grid != answers).sum())
        draw_board(ax, tokens, answers, grid, box, corner=corner, font_size=font_size)
        ax.text(corner[0], corner[1] - 0.35, f"{segment}", fontsize=7.5, fontweight="bold", va="bottom")
        said = "solved" if wrong == 0 else f"{wrong} wrong"
        ax.text(
            corner[0] + side,
            corner[1] - 0.35,
            said,
            fontsize=7,
            ha="right",
            va="bottom",
            color=style.RIGHT if wrong == 0 else style.INK,
        )
    across, down = min(columns, len(shown)), -(-len(shown) // columns)
    ax.set_xlim(-0.15, across * step_x - 0.75)
    ax.set_ylim(down * step_y - 1.75, -1.5)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_title(title)
    return ax


def _digit(token: int) -> str:
    return str(int(token) - 1) if token > BLANK else ""
