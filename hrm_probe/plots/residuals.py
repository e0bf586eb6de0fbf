"""How far updates move the states."""

from typing import TYPE_CHECKING

import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVELS = {"H": "z_H, last update", "L": "z_L, last update"}


def residual_curves(ax: "Axes", by_update: pd.DataFrame, *, title: str = "") -> "Axes":
    """How far the last update of each level moves its state, by segment: medians, and quartiles as a band.

    Solid: puzzles that are solved at the last segment; dashed: the others.

    Args:
        ax: where to draw.
        by_update: that of ``residuals(model, puzzles)``: ``segment``, ``H_cycle``, ``L_cycle``, ``level``, ``solved``,
            ``median``, ``lower``, ``upper``.
        title: above the picture.
    """
    last_cycle = by_update["H_cycle"].max()
    at_last = by_update[by_update["H_cycle"] == last_cycle]
    for i, (level, label) in enumerate(LEVELS.items()):
        of_level = at_last[at_last["level"] == level]
        of_level = of_level[of_level["L_cycle"] == of_level["L_cycle"].max()]
        for solved, dash in ((True, "-"), (False, "--")):
            rows = of_level[of_level["solved"] == solved]
            if len(rows):
                told = f"{label}, {'solved' if solved else 'not solved'}"
                ax.plot(
                    rows["segment"],
                    rows["median"],
                    color=style.SERIES[i],
                    linestyle=dash,
                    marker="o",
                    markersize=2.5,
                    label=told,
                )
                ax.fill_between(
                    rows["segment"],
                    rows["lower"],
                    rows["upper"],
                    color=style.SERIES[i],
                    alpha=0.15,
                    linewidth=0,
                )
    ax.set_yscale("log")
    style.segment_axis(ax, int(by_update["segment"].max()))
    ax.set_ylabel("change of the state (root mean square)")
    ax.set_title(title)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return ax
