"""How long solutions are kept."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def survival_curves(ax: "Axes", tables: Mapping[str, pd.DataFrame], *, title: str = "") -> "Axes":
    """Share still solved by the number of segments since it was first found, a line for each name.

    Args:
        ax: where to draw.
        tables: for each name a row per age: ``age`` (segments), ``survival``, ``low``, ``high`` (shares), as
            ``survival_curve`` of :mod:`hrm_probe.reasoning` gives them; one without rows is left out.
        title: above the picture.
    """
    from matplotlib.ticker import MaxNLocator

    for i, (name, table) in enumerate(tables.items()):
        if not len(table):
            continue
        colour = style.SERIES[i % len(style.SERIES)]
        age = table["age"].to_numpy(float)
        ax.step(age, table["survival"], where="post", color=colour, linestyle=style.DASHES[i % 6], label=name)
        ax.fill_between(age, table["low"], table["high"], step="post", color=colour, alpha=0.15, linewidth=0)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("segments since it was solved")
    style.share_axis(ax, "kept without a break")
    ax.set_title(title)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="best")
    else:
        ax.text(0.5, 0.5, "nothing was solved", transform=ax.transAxes, ha="center", color=style.GREY)
    return ax
