"""Guess scaling: accuracy against the number of guesses, a line for each way to vote."""

from typing import TYPE_CHECKING

import pandas as pd

from hrm_probe.plots import style
from hrm_probe.reasoning.guessing.votes import CEILING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = 1.5  # between two labels on the logarithmic axis


def vote_curves(ax: "Axes", table: pd.DataFrame, *, title: str = "", legend: bool = True) -> "Axes":
    """Share solved against guesses, with 95% intervals; the ceiling that needs the answer in grey.

    Args:
        ax: where to draw.
        table: of one source of guesses, a row per (vote, guesses), with columns ``vote``, ``guesses``, ``accuracy``,
            ``low``, ``high``.
        title: above the picture.
        legend: name the lines.
    """
    votes = list(dict.fromkeys(table["vote"]))
    for number, vote in enumerate(votes):
        colour, marker, dash = style.series(number)
        rows = table[table["vote"] == vote].sort_values("guesses")
        values = rows["accuracy"].to_numpy(float)
        ax.errorbar(
            rows["guesses"],
            values,
            yerr=style.reach(values, rows["low"], rows["high"]),
            color=style.GREY if vote == CEILING else colour,
            marker=marker,
            linestyle=dash,
            elinewidth=0.8,
            label=vote,
        )
    counts = _told_apart(sorted(set(table["guesses"])))
    ax.set_xscale("log", base=2)
    ax.set_xticks(counts, [str(count) for count in counts])
    ax.minorticks_off()
    ax.set_xlabel("guesses (log scale)")
    style.share_axis(ax, "solved")
    ax.set_title(title)
    if legend:
        ax.legend(loc="best")
    return ax


def _told_apart(counts: list[int]) -> list[int]:
    """Those of them whose labels do not run into each other; the last always."""
    kept = counts[-1:]
    for count in reversed(counts):
        if kept[0] / count >= ROOM:
            kept.insert(0, count)
    return kept
