"""What the head reads at every update: over the run, and inside the segment that brings the answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SITES = {"z_H": (style.RIGHT, "-", "o"), "z_L": (style.SERIES[1], "--", "s")}
_OTHERS = (style.SERIES[3], style.SERIES[4], style.SERIES[2], style.SERIES[5])
_LABELS = {"right": "blank cells right", "solved": "solved", "as_end": "as at segment's end"}


def lens_curves(
    ax: "Axes",
    table: pd.DataFrame,
    *,
    column: str = "right",
    segments: int | None = None,
    chance: float | None = None,
    title: str = "",
    legend: bool = True,
) -> "Axes":
    """A share against time, a line per site and a mark per read; filled marks are H-updates that end a segment.

    Args:
        ax: where to draw.
        table: that of ``lens(model, puzzles)``: ``site``, ``segment``, ``H_cycle``, ``L_cycle``, and the column;
            where it has ``solved`` that is drawn with its interval.
        column: which share.
        segments: only this many, from the first.
        chance: share to mark by a dotted line.
        title: above the picture.
        legend: name the sites, and what is filled.

    Returns:
        ``ax``; time runs in segments, a segment's end at its number.
    """
    segments = int(table["segment"].max()) if segments is None else segments
    shown = table[table["segment"] <= segments]
    last_cycle = int(table["H_cycle"].max())
    if chance is not None:
        ax.axhline(chance, color=style.GREY, linewidth=0.8, linestyle=":", label="chance")
    for i, (site, rows) in enumerate(shown.groupby("site", sort=False)):
        colour, dash, marker = _look(str(site), i)
        above = 3 if site == "z_H" else 2  # what answers lies over what is beside it
        time, values = update_times(rows, table), rows[column].to_numpy(float)
        ax.plot(time, values, color=colour, linestyle=dash, linewidth=1.0, zorder=above, label=site)
        ends = ((rows["H_cycle"] == last_cycle) & (rows["L_cycle"] == 0)).to_numpy()
        for chosen, fill in ((ends, colour), (~ends, style.PAPER)):
            ax.plot(
                time[chosen],
                values[chosen],
                marker,
                color=colour,
                markerfacecolor=fill,
                markersize=2.6,
                markeredgewidth=0.7,
                zorder=above,
            )
        if column == "solved":
            ax.fill_between(time, rows["low"], rows["high"], color=colour, alpha=0.15, linewidth=0)
    ax.set_xlim(0, segments + 0.1)
    ax.set_xticks(range(1, segments + 1) if segments <= 8 else style.segment_ticks(segments))
    ax.set_xlabel("segment")
    style.share_axis(ax, _LABELS.get(column, column))
    ax.set_title(title)
    if legend:
        end = Line2D([], [], color=style.GREY, marker="o", markersize=2.6, linestyle="none")
        style.legend_and(ax, {"filled: a segment's end": end}, loc="best")
    return ax


def arrival_curves(
    ax: "Axes",
    within: pd.DataFrame,
    *,
    comes_in: str,
    title: str = "",
    legend: bool = True,
) -> "Axes":
    """The segment that brings the answer, update by update: share of puzzles of which a site reads all of it.

    H-updates are named; the ticks between them are L-updates.

    Args:
        ax: where to draw.
        within: that of ``lens(model, puzzles)``: ``comes_in``, ``site``, ``H_cycle``, ``L_cycle``, ``solved``, ``low``,
            ``high``.
        comes_in: which puzzles, "first segment" or "later".
        title: above the picture.
        legend: name the sites.
    """
    chosen = within[within["comes_in"] == comes_in]
    if not len(chosen):
        ax.text(0.5, 0.5, "no puzzle", transform=ax.transAxes, ha="center", va="center", color=style.GREY)
    ticks = sorted(
        set(zip(chosen["H_cycle"], chosen["L_cycle"], strict=True)),
        key=lambda tick: (tick[0], tick[1] or np.inf),
    )
    for i, (site, rows) in enumerate(chosen.groupby("site", sort=False)):
        colour, dash, marker = _look(str(site), i)
        place = [ticks.index(tick) for tick in zip(rows["H_cycle"], rows["L_cycle"], strict=True)]
        values, low, high = (rows[name].to_numpy(float) for name in ("solved", "low", "high"))
        ax.errorbar(
            place,
            values,
            yerr=style.reach(values, low, high),
            color=colour,
            linestyle=dash,
            linewidth=1.0,
            marker=marker,
            markersize=3,
            elinewidth=0.7,
            label=site,
        )
    of_H = [i for i, (_, L_cycle) in enumerate(ticks) if not L_cycle]
    ax.set_xticks(of_H, [f"H{ticks[i][0]}" for i in of_H])
    ax.set_xticks([i for i in range(len(ticks)) if i not in of_H], minor=True)
    ax.set_xlabel("update of the segment")
    style.share_axis(ax, "whole answer read")
    ax.set_title(title)
    if legend and len(chosen):
        ax.legend(loc="upper left")
    return ax


def update_times(rows: pd.DataFrame, table: pd.DataFrame) -> np.ndarray:
    """When each read happens, in segments: the updates of a segment are spread evenly over it, up to its end.

    Args:
        rows: reads, with ``segment``, ``H_cycle``, ``L_cycle``.
        table: all reads of the run, which tell how many updates a segment has.
    """
    in_cycle = int(table["L_cycle"].max()) + 1
    L_cycle = rows["L_cycle"].to_numpy()
    place = (rows["H_cycle"].to_numpy() - 1) * in_cycle + np.where(L_cycle > 0, L_cycle, in_cycle)
    return rows["segment"].to_numpy() - 1 + place / (int(table["H_cycle"].max()) * in_cycle)


def _look(site: str, number: int) -> tuple[str, str | tuple[int, Sequence[int]], str]:
    if site in _SITES:
        return _SITES[site]
    return _OTHERS[number % len(_OTHERS)], ":", style.MARKERS[number % len(style.MARKERS)]
