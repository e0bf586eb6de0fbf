"""Single-blank puzzles: what becomes of them, and whether it depends on the cell."""

from typing import TYPE_CHECKING

import pandas as pd

from hrm_probe.plots import style
from hrm_probe.plots.cells import cell_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hrm_probe.reasoning.easy.single_blank import SingleBlank

OUTCOMES = {
    "at_halt": "solved\nat halt",
    "ever": "solved\nat any",
    "last": "solved\nat last",
    "blank_right": "blank right\nat last",
    "clues_kept": "clues kept\nat last",
}


def single_blank_marks(ax: "Axes", found: "SingleBlank", *, title: str = "") -> "Axes":
    """Shares of single-blank puzzles with their intervals, a column each.

    Solved where the model would halt, at any segment, at the last; and, at the last, the blank itself right and all
    clues repeated. Shares that a saved result lacks are left out.

    Args:
        ax: where to draw.
        found: that of ``single_blank(model, puzzles)``.
        title: above the picture.
    """
    told = {words: share for name, words in OUTCOMES.items() if (share := getattr(found, name)) is not None}
    shares = list(told.values())
    middle = [share.estimate for share in shares]
    ends = style.reach(middle, [share.low for share in shares], [share.high for share in shares])
    ax.errorbar(
        range(len(shares)), middle, yerr=ends, color=style.RIGHT, marker="o", markersize=4.5, linestyle="none"
    )
    ax.set_xticks(range(len(shares)), list(told))
    ax.set_xlim(-0.5, len(shares) - 0.5)
    ax.grid(visible=False, axis="x")
    style.share_axis(ax, "share of single blanks")
    ax.set_title(title)
    return ax


def single_blank_map(ax: "Axes", table: pd.DataFrame, side: int, *, title: str = "") -> "Axes":
    """Share solved at the last segment by the cell that is blank; cells that were never blank are crossed out.

    Args:
        ax: where to draw.
        table: that of ``single_blank(model, puzzles)``: ``cell`` and ``solved_last``.
        side: cells in a row.
        title: above the picture.
    """
    shares = table.groupby("cell")["solved_last"].mean().reindex(range(side * side))
    cell_map(ax, shares.to_numpy(float).reshape(side, side), title=title)
    ax.set_xlabel("% solved at the last (×: never blank)")
    return ax
