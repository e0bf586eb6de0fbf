"""Mazes, and ways through them as they grow."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.mazes.tokens import GOAL, PATH, START, WALL
from hrm_probe.models.turning import side_of
from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PARTS = {
    "way": ("the way", style.RIGHT, "-"),
    "detours": ("detours", style.WRONG, "--"),
    "dead_ends": ("dead ends", style.GREY, ":"),
}


def way_by_read(ax: "Axes", by_read: pd.DataFrame, *, title: str = "", legend: bool = True) -> "Axes":
    """What is shown as path, read by read: of the way, of detours, and of dead ends, with 95% bands.

    Args:
        ax: where to draw.
        by_read: that of ``path_growth(model, mazes)``: ``read``, ``segment``, and for each part its share with
            ``_low`` and ``_high``.
        title: above the picture.
        legend: name what is drawn.
    """
    reads = int((by_read["segment"] == by_read["segment"].iloc[0]).sum())
    when = by_read["read"].to_numpy(float) / reads  # in segments, each of which has several reads
    for name, (label, colour, dashes) in PARTS.items():
        share, low, high = (by_read[f"{name}{end}"].to_numpy(float) for end in ("", "_low", "_high"))
        if np.isnan(share).all():
            continue
        ax.plot(when, share, color=colour, linestyle=dashes, linewidth=1.1, label=label)
        ax.fill_between(when, low, high, color=colour, alpha=0.2, linewidth=0)
    ax.set_xlim(0, when[-1])
    ax.set_xlabel("segment")
    style.share_axis(ax, "shown as path")
    ax.set_title(title)
    if legend:
        ax.legend(loc="center right")
    return ax


def maze_board(
    ax: "Axes", tokens: np.ndarray, answer: np.ndarray, shown: np.ndarray | None = None, *, title: str = ""
) -> "Axes":
    """One maze: its walls, S and G, and what is shown as path, right (full) and wrong (crossed).

    >>> maze_board(ax, mazes.tokens[0], mazes.answers[0], rollout.predictions[3, 0])        # doctest: +SKIP

    Args:
        ax: where to draw.
        tokens, answer: [cell], of the maze.
        shown: tokens [cell] that a model shows; the answer if None.
        title: above the picture.
    """
    side = side_of(len(tokens))
    shown = answer if shown is None else np.asarray(shown)
    path, way = shown == PATH, answer == PATH
    ax.imshow((tokens == WALL).reshape(side, side), cmap="Greys", vmin=0, vmax=1.6, interpolation="nearest")
    for cells, colour, marker in ((path & way, style.RIGHT, "s"), (path & ~way, style.WRONG, "X")):
        row, column = np.divmod(np.flatnonzero(cells), side)
        ax.scatter(column, row, color=colour, marker=marker, s=1200 / side**1.3, linewidths=0)
    for token, letter in ((START, "S"), (GOAL, "G")):
        for row, column in zip(*np.divmod(np.flatnonzero(tokens == token), side), strict=True):
            ax.text(column, row, letter, ha="center", va="center", weight="bold", color=style.INK)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(title)
    return ax
