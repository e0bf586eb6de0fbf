"""Several models of two kinds, measure by measure."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LANE = 0.36  # of a row, for the models of one kind; less where kinds are many


def kinds_compared(ax: "Axes", values: pd.DataFrame, titles: dict[str, str], *, title: str = "") -> "Axes":
    """A row per measure, a mark per model with its interval; kinds differ in colour, mark and lane.

    Args:
        ax: where to draw.
        values: a row per (measure, kind, model): ``measure``, ``kind``, ``estimate``, ``low``, ``high``, between 0
            and 1.
        titles: what to write beside each measure, in order from the top.
        title: above the picture.
    """
    kinds = list(dict.fromkeys(values["kind"]))
    width = min(LANE, 0.88 / max(1, len(kinds)))
    for number, kind in enumerate(kinds):
        rows = values[(values["kind"] == kind) & values["estimate"].notna()]
        order = rows.groupby("measure").cumcount().to_numpy()
        most = max(1, int(order.max()) if len(order) else 1)
        lane = (number - (len(kinds) - 1) / 2) * width
        place = np.array([list(titles).index(name) for name in rows["measure"]], float)
        place += lane + (order - most / 2) / most * 0.6 * width
        middle = rows["estimate"].to_numpy(float)
        low, high = (np.clip(rows[end].to_numpy(float), 0, 1) for end in ("low", "high"))
        ax.errorbar(
            middle,
            place,
            xerr=style.reach(middle, low, high),
            fmt=style.MARKERS[number],
            color=style.SERIES[number],
            elinewidth=0.9,
            markersize=4,
            label=kind,
        )
    for boundary in np.arange(len(titles) - 1) + 0.5:
        ax.axhline(boundary, color=style.PALE, linewidth=0.6)
    ax.set_yticks(np.arange(len(titles)), list(titles.values()))
    ax.set_ylim(len(titles) - 0.5, -0.5)
    ax.set_xlim(-0.02, 1.02)
    ax.grid(False, axis="y")
    ax.set_xlabel("share, or AUC")
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax
