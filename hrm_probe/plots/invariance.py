"""How much runs of one puzzle succeed together, by what differs between them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMES = {
    "start": "noise at the\nstart",
    "digits": "digits\nrenamed",
    "rows": "rows\nmoved",
    "columns": "columns\nmoved",
    "cells": "rows, columns,\nmirror",
    "all": "all of it",
}
"""Of each kind, below the picture, in this order."""
WIDTH = 0.7
"""Of a kind's marks together, where kinds stand 1 apart."""


def invariance_marks(ax: "Axes", tables: Mapping[str, pd.DataFrame]) -> "Axes":
    """Correlation of the success of two runs of one puzzle: a column of marks per kind, a mark with its ends per model.

    Args:
        ax: where to draw.
        tables: by model, that of ``invariance(model, puzzles)``: ``kind`` and ``alike`` with ends.
    """
    asked = {kind for table in tables.values() for kind in table["kind"]}
    kinds = [kind for kind in NAMES if kind in asked]
    beside = (np.arange(len(tables)) - (len(tables) - 1) / 2) * WIDTH / max(len(tables), 1)
    for i, (model, table) in enumerate(tables.items()):
        at = np.array([kinds.index(kind) for kind in table["kind"]])
        colour = style.SERIES[i % len(style.SERIES)]
        ax.errorbar(
            at + beside[i], table["alike"], yerr=style.reach_of(table, "alike"), color=colour,
            marker=style.MARKERS[i % len(style.MARKERS)], markersize=3.5, linestyle="none", elinewidth=0.8, label=model,
            markerfacecolor=colour if i < len(style.SERIES) else style.PAPER,
        )  # fmt: skip
    ax.axhline(1, color=style.GREY, linewidth=0.6, linestyle="--")
    ax.axhline(0, color=style.GREY, linewidth=0.6)
    ax.set_xticks(range(len(kinds)), [NAMES[kind] for kind in kinds])
    ax.grid(visible=False, axis="x")
    ax.set_ylabel("correlation of two runs'\nsuccess")
    return ax
