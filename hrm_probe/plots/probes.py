"""What linear probes read from the states, by segment."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELS = {"digit": "blank cells read right", "token": "cells read right", "solved": "AUC"}


def probe_curves(ax: "Axes", table: pd.DataFrame, question: str = "digit", *, title: str = "") -> "Axes":
    """A probe's score by segment, a line with ends per site; dotted, with labels shuffled; grey, what the model shows.

    Args:
        ax: where to draw.
        table: that of ``probes(model, puzzles)``: ``question``, ``site``, ``segment``, ``score``, ``low``, ``high``,
            ``shuffled`` and ``model``.
        question: which of its questions.
        title: above the picture.
    """
    shown = table[table["question"] == question]
    for i, (site, rows) in enumerate(shown.groupby("site", sort=False)):
        colour = style.SERIES[i % len(style.SERIES)]
        ax.errorbar(
            rows["segment"], rows["score"], yerr=style.reach(rows["score"], rows["low"], rows["high"]), color=colour,
            marker=style.MARKERS[i % len(style.MARKERS)], markersize=3.5, linestyle=style.DASHES[i], elinewidth=0.8,
            label=str(site),
        )  # fmt: skip
        if rows["shuffled"].notna().any():
            label = "shuffled labels" if i == 0 else None
            ax.plot(
                rows["segment"], rows["shuffled"], color=colour, linestyle=":", linewidth=0.9, label=label
            )
    own = shown.drop_duplicates("segment")
    if own["model"].notna().any():
        ax.plot(own["segment"], own["model"], color=style.GREY, linewidth=0.9, label="the model itself")
    asked = np.unique(shown["segment"])
    ax.set_xscale("log", base=2)
    ax.set_xticks(asked, [str(segment) for segment in asked])
    ax.minorticks_off()
    ax.set_xlabel("segment (log scale)")
    ax.set_ylim(min(0.0, float(shown["low"].min())) - 0.02, 1.02)
    ax.set_ylabel(LABELS.get(question, "score"))
    ax.set_title(title or question)
    ax.legend(loc="best")
    return ax
