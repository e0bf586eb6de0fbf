"""Ways through mazes, as they grow."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

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
