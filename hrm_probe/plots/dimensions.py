"""In how many dimensions states lie."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SITES = ("z_H", "z_L")
BELOW = (0.5, -0.2)  # the axes, where curves may run anywhere inside
TIMES = (0.125, 0.25, 0.5, 0.7, 1, 1.5, 2, 3, 4, 8)


def dimensions_by_segment(ax: "Axes", by_segment: pd.DataFrame, *, title: str = "") -> "Axes":
    """Dimensions of a cell's states at the end of each segment, with 95% intervals as bands.

    Dotted: untrained networks, a line each.

    Args:
        ax: where to draw.
        by_segment: that of ``dimensions(model, puzzles)``: ``network``, ``draw``, ``site``, ``segment``,
            ``dimensions``, ``low``, ``high``.
        title: above the picture.
    """
    for i, site in enumerate(SITES):
        of_site, color = by_segment[by_segment["site"] == site], style.SERIES[i]
        for (network, _), rows in of_site.groupby(["network", "draw"], sort=False):
            if network == "trained":
                ax.plot(rows["segment"], rows["dimensions"], "o-", color=color, markersize=2.5, label=site)
                ax.fill_between(
                    rows["segment"], rows["low"], rows["high"], color=color, alpha=0.15, linewidth=0
                )
            else:
                ax.plot(rows["segment"], rows["dimensions"], ":", color=color, linewidth=1)
    style.segment_axis(ax, int(by_segment["segment"].max()))
    ax.set_ylabel("dimensions of a cell's state")
    ax.set_ylim(bottom=0)
    ax.set_title(title)
    ax.legend(loc="upper center", bbox_to_anchor=BELOW, ncols=2)
    return ax


def dimensions_by_tasks(
    ax: "Axes", growth: pd.DataFrame, reading: str = "grids", *, title: str = "", legend: bool = True
) -> "Axes":
    """Dimensions by how many puzzles they are measured on: plain, and from pairs of different puzzles.

    Dashed: the plain participation ratio of all states; solid: without what the number of puzzles brings about by
    itself. Trained network only.

    Args:
        ax: where to draw.
        growth: that of ``dimensions(model, puzzles)``: ``network``, ``reading``, ``site``, ``tasks``, ``dimensions``,
            ``plain``.
        reading: "cells" or "grids".
        title: above the picture.
        legend: name the lines, below the picture.
    """
    trained = growth[(growth["network"] == "trained") & (growth["reading"] == reading)]
    for i, site in enumerate(SITES):
        rows, color = trained[trained["site"] == site], style.SERIES[i]
        ax.plot(
            rows["tasks"], rows["dimensions"], "o-", color=color, markersize=3, label=f"{site}, corrected"
        )
        ax.plot(rows["tasks"], rows["plain"], "o--", color=color, markersize=3, label=f"{site}, plain")
    ax.set_xlabel("puzzles")
    ax.set_ylabel(f"dimensions of {'a grid' if reading == 'grids' else 'a cell'}'s state")
    ax.set_ylim(bottom=0)
    ax.set_title(title)
    if legend:
        ax.legend(loc="upper center", bbox_to_anchor=BELOW, ncols=2, columnspacing=1.0)
    return ax


def dimension_marks(ax: "Axes", ratios: Mapping[str, pd.DataFrame], *, title: str = "") -> "Axes":
    """How many times as many dimensions z_H has as z_L: a row for each label, hollow marks for untrained networks.

    Args:
        ax: where to draw.
        ratios: by label, such as a model's name, rows of the ``ratios`` of ``dimensions(model, puzzles)`` by one
            reading: ``network``, ``times``, ``low``, ``high``. What could not be told is left out.
        title: above the picture.
    """
    for row, table in enumerate(ratios.values()):
        known = table[np.isfinite(table["times"])]
        drawn, own = (known[known["network"] == network] for network in ("untrained", "trained"))
        ax.plot(
            drawn["times"], [row] * len(drawn), "o", color=style.GREY, markerfacecolor=style.PAPER, markersize=4,
            linestyle="none", label="untrained" if row == 0 else None,
        )  # fmt: skip
        ax.errorbar(
            own["times"], [row] * len(own), xerr=[own["times"] - own["low"], own["high"] - own["times"]], fmt="o",
            color=style.RIGHT, markersize=4, elinewidth=0.8, label="trained" if row == 0 else None,
        )  # fmt: skip
    style.ratio_axis(ax, "x", TIMES)
    ax.set_yticks(range(len(ratios)), list(ratios))
    ax.invert_yaxis()
    ax.set_xlabel("z_H over z_L (log scale)")
    ax.set_title(title)
    return ax
