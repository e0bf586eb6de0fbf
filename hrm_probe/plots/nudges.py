"""What nudges are worth: the share solved against the segments that it took."""

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import MaxNLocator

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARGIN = 0.04
LOOKS = {
    "nothing": ("left alone", style.GREY, "s", "--"),
    "noise": ("noise", style.GREY, "v", ":"),
    "start": ("begun again from noise", style.SERIES[1], "D", "--"),
    "copy": ("asked a copy", style.SERIES[1], "o", "-"),
    "clue": ("any cell's own digit told", style.SERIES[5], "o", "-"),
    "other_clue": ("any cell told another", style.SERIES[5], "^", "--"),
    "standoff": ("a clashing cell's own told", style.SERIES[0], "o", "-"),
    "other_standoff": ("a clashing cell told another", style.SERIES[0], "^", "--"),
}
"""Of each kind: its name in the legend, colour, marker and dash."""


def nudge_curves(ax: "Axes", table: pd.DataFrame, *, title: str = "") -> "Axes":
    """Share of puzzles solved by a segment, a line per kind of nudge; the last value with its ends.

    Args:
        ax: where to draw.
        table: that of ``nudges(model, puzzles)``: ``kind``, ``segment`` and ``solved`` with ends.
        title: above the picture.
    """
    kinds = list(dict.fromkeys(table["kind"]))
    for place, kind in enumerate(kinds):
        label, colour, marker, dash = LOOKS[kind]
        rows = table[table["kind"] == kind]
        ax.plot(
            rows["segment"], rows["solved"], color=colour, marker=marker, markersize=2.5, linewidth=1.0,
            linestyle=dash, label=label,
        )  # fmt: skip
        last = rows.tail(1)
        beside = last["segment"] * (1.03 + 0.035 * place)  # intervals stand side by side
        ax.errorbar(
            beside, last["solved"], yerr=style.reach_of(last, "solved"), color=colour, marker=marker, markersize=2.5,
            linestyle="none", elinewidth=0.8,
        )  # fmt: skip
    segments = sorted(set(table["segment"]))
    ax.set_xticks(sorted({segments[0], segments[(len(segments) - 1) // 2], segments[-1]}))
    ax.set_xlabel("segments")
    style.share_axis(ax, "solved")
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.set_ylim(max(0.0, table["solved_low"].min() - MARGIN), 1 + MARGIN / 2)  # what differs is at the top
    ax.set_title(title)
    return ax
