"""What differs between two answers to one question."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKED = {
    "all": ("s", True, "all rows"),
    "each": ("o", False, "each one's own rows"),
    "both": ("o", True, "the same rows"),
}
"""By which rows count: the mark, whether it is filled, and what the legend says."""
SHIFT = 0.18  # of a row, between the two marks of one number


def change_marks(
    ax: "Axes", table: pd.DataFrame, first: str = "the first", second: str = "the second"
) -> "Axes":
    """How much each share differs, a row a number, with its interval; squares: shares of all rows.

    Args:
        ax: where to draw.
        table: that of ``compare_answers``; means, which have units of their own, are left out.
        first, second: the answers' names.
    """
    shares = table[table["percent"] & table["change"].notna()]
    numbers = list(dict.fromkeys(shares["told"]))
    twice = set(shares.loc[shares["among"] == "each", "told"])
    for among, (mark, filled, label) in MARKED.items():
        rows = shares[shares["among"] == among]
        if not len(rows):
            continue
        place = np.array([numbers.index(told) for told in rows["told"]], float)
        place += [(SHIFT if filled else -SHIFT) if told in twice else 0 for told in rows["told"]]
        ax.errorbar(
            100 * rows["change"], place, xerr=100 * style.reach_of(rows, "change"), color=style.SERIES[0],
            marker=mark, markersize=4, linestyle="none", elinewidth=0.9,
            markerfacecolor=style.SERIES[0] if filled else style.PAPER, label=label,
        )  # fmt: skip
    ax.axvline(0, color=style.GREY, linewidth=0.8)
    ax.set_yticks(range(len(numbers)), numbers)
    ax.set_ylim(len(numbers) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(f"{second} minus {first}, points")
    if twice:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    return ax
