"""Jumps: every puzzle's curve as one row, single curves beside their average, and all of them aligned at the jump.

An average of jumps at different segments looks gradual; rows and single curves show what the average hides.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from plotly.graph_objects import Figure


def raster_order(
    values: np.ndarray, jump: np.ndarray, groups: np.ndarray, order: Sequence[str]
) -> np.ndarray:
    """Rows by group, within it by the segment of the jump, within that by the mean of the curve.

    Args:
        values: [puzzle, segment].
        jump: [puzzle], the segment of each jump (from 1); NaN for none, which sorts last.
        groups: [puzzle], a name for each.
        order: the names in the order they are drawn; others are left out.

    Returns:
        Indices of puzzles, from the top row down.
    """
    rank = np.array([order.index(name) if name in order else -1 for name in groups], int)
    ordered = np.lexsort((np.nanmean(values, 1), np.where(np.isnan(jump), np.inf, jump), rank))
    return ordered[rank[ordered] >= 0]


def jump_raster(
    ax: "Axes",
    values: np.ndarray,
    jump: np.ndarray,
    groups: np.ndarray,
    order: Sequence[str] = ("jump", "gradual", "none"),
    *,
    label: str = "loss",
    title: str = "",
) -> "Axes":
    """Puzzles by segments, sorted by jump, dark where the loss is large; a step line marks where each jump falls.

    Args:
        ax: where to draw; its figure gets a colour bar.
        values: [puzzle, segment], what is shown; NaN stays white.
        jump: [puzzle], segment (from 1) from which on the new level holds; NaN for none.
        groups: [puzzle], a name for each puzzle; groups are drawn one under another.
        order: the groups drawn, from the top.
        label: for the colour bar.
        title: above the picture.
    """
    rows = raster_order(values, jump, groups, order)
    segments = values.shape[1]
    shown = values[rows]
    image = ax.imshow(
        shown,
        aspect="auto",
        cmap=style.error_colours(),
        vmin=0,
        vmax=_top(shown),
        interpolation="nearest",
        extent=(0.5, segments + 0.5, len(rows) + 0.5 if len(rows) else 1.5, 0.5),
    )
    ax.grid(False)
    place = np.arange(1, len(rows) + 1)
    has = ~np.isnan(jump[rows])
    if has.any():  # the boundary before the jump's segment, drawn as one stair down the rows
        x = np.repeat(np.where(has, jump[rows] - 0.5, np.nan), 2)
        y = np.stack([place - 0.5, place + 0.5], 1).ravel()
        ax.plot(x, y, color=style.INK, linewidth=1.0, label="jump")
    _mark_groups(ax, groups[rows], order)
    style.segment_axis(ax, segments)
    ax.set_yticks([])
    ax.set_ylabel("")
    ax.figure.colorbar(image, ax=ax, label=label, pad=0.02, aspect=30).outline.set_linewidth(0.4)
    ax.set_title(title)
    return ax


def _top(values: np.ndarray) -> float:
    """Where the colours end: at the height that one puzzle in twenty exceeds."""
    peaks = values[np.isfinite(values).any(axis=1)]
    return max(float(np.percentile(np.nanmax(peaks, axis=1), 95)), 1e-9) if len(peaks) else 1.0


def _mark_groups(ax: "Axes", groups: np.ndarray, order: Sequence[str]) -> None:
    kept = [(name, np.flatnonzero(groups == name)) for name in order if (groups == name).any()]
    for _, rows in kept[:-1]:
        ax.axhline(rows[-1] + 1.5, color=style.INK, linewidth=0.6, linestyle=":")
    heights = apart([1 - (rows.mean() + 0.5) / len(groups) for _, rows in kept], 0.13)
    for (name, rows), height in zip(kept, heights, strict=True):
        ax.annotate(
            f"{name}\n({len(rows)})",
            (0, height),
            xycoords="axes fraction",
            xytext=(-4, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=7,
        )


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """Falling heights in [0, 1], moved as little as one pass down and one up need to stand ``gap`` apart."""
    moved = list(heights)
    for i in range(1, len(moved)):
        moved[i] = min(moved[i], moved[i - 1] - gap)
    if moved:
        moved[-1] = max(moved[-1], gap / 2)
    for i in range(len(moved) - 2, -1, -1):
        moved[i] = max(moved[i], moved[i + 1] + gap)
    return moved


def curves_and_average(
    ax: "Axes", values: np.ndarray, jump: np.ndarray, *, single: int = 6, label: str = "loss", title: str = ""
) -> "Axes":
    """A few single curves, chosen evenly over the segments where they fall, and the average of all.

    Args:
        ax: where to draw.
        values: [puzzle, segment]; give only those puzzles whose average is meant.
        jump: [puzzle], as in :func:`jump_raster`; marked by a dot.
        single: how many single curves.
        label: for the vertical axis.
        title: above the picture.
    """
    segments = np.arange(1, values.shape[1] + 1)
    rows = spread(values, single)
    for i, row in enumerate(rows):
        ax.plot(
            segments, values[row], color=style.GREY, linewidth=0.8, label="single puzzles" if i == 0 else None
        )
        if not np.isnan(jump[row]):
            at = int(jump[row])
            ax.plot(at, values[row, at - 1], "o", color=style.GREY, markersize=2.5)
    if len(values):
        mean = np.nanmean(values, 0)
        ax.plot(segments, mean, color=style.RIGHT, linewidth=2.4, label=f"average of {len(values)}")
        ax.legend(loc="upper right")
    style.segment_axis(ax, values.shape[1])
    ax.set_ylabel(label)
    _room_for_legend(ax)
    ax.set_title(title)
    return ax


def spread(values: np.ndarray, n: int) -> np.ndarray:
    """Indices of up to ``n`` curves, evenly spaced in the order in which they have made half of their fall."""
    if not len(values):
        return np.zeros(0, int)
    half = (values[:, :1] + np.nanmin(values, axis=1, keepdims=True)) / 2
    order = np.argsort((values <= half).argmax(axis=1), kind="stable")
    return order[np.unique(np.linspace(0, len(order) - 1, min(n, len(order))).round().astype(int))]


def aligned_curves(
    ax: "Axes",
    offsets: np.ndarray,
    middle: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    *,
    label: str = "loss",
    title: str = "",
) -> "Axes":
    """Curves counted from their jump: the median and a band, which shows how sharp single jumps are.

    Args:
        ax: where to draw.
        offsets: [offset], segments after the jump; 0 is the first segment at the new level.
        middle, low, high: [offset], for example the median and the quartiles.
        label: for the vertical axis.
        title: above the picture.
    """
    ax.fill_between(offsets, low, high, color=style.EVER, alpha=0.35, linewidth=0, label="middle half")
    _middle(ax, offsets, middle, "median", label, title)
    return _from_jump(ax)


def _from_jump(ax: "Axes") -> "Axes":
    """An axis that counts segments from the jump, which is marked."""
    ax.axvline(-0.5, color=style.INK, linewidth=0.8, linestyle=":")
    ax.set_xlabel("segments from jump")
    return ax


def _middle(ax: "Axes", at: np.ndarray, middle: np.ndarray, name: str, label: str, title: str) -> None:
    """The line that stands for many curves, or a word where there is none."""
    if np.isnan(middle).all():
        ax.text(0.5, 0.5, "no jump", transform=ax.transAxes, ha="center", va="center", color=style.GREY)
    ax.plot(at, middle, color=style.RIGHT, marker="o", markersize=3, label=name)
    ax.set_ylabel(label)
    ax.set_title(title)
    ax.legend(loc="upper right")
    _room_for_legend(ax)


def _room_for_legend(ax: "Axes") -> None:
    """From zero up to well above the highest curve, so that the legend covers none."""
    ax.set_ylim(0, ax.get_ylim()[1] * 1.3)


def align(values: np.ndarray, jump: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Curves shifted so that each one's jump is at offset 0.

    Args:
        values: [puzzle, segment].
        jump: [puzzle], segments from 1; puzzles with NaN are left out.
        reach: how many segments to either side.

    Returns:
        Offsets [2 reach + 1], and values [puzzle, offset] with NaN outside the curve.
    """
    offsets = np.arange(-reach, reach + 1)
    rows = np.flatnonzero(~np.isnan(jump))
    at = jump[rows, None].astype(int) - 1 + offsets
    inside = (at >= 0) & (at < values.shape[1])
    shifted = np.where(inside, values[rows[:, None], at.clip(0, values.shape[1] - 1)], np.nan)
    return offsets, shifted


def jump_figure(
    values: np.ndarray,
    jump: np.ndarray,
    groups: np.ndarray,
    order: Sequence[str] = ("jump", "gradual", "none"),
    *,
    label: str = "loss",
) -> "Figure":
    """The raster, interactive: hover to read which puzzle, when it jumps, and the value."""
    import plotly.graph_objects as go

    rows = raster_order(values, jump, groups, order)
    shown = values[rows]
    when = np.where(np.isnan(jump[rows]), "no jump", np.char.add("jump at ", _whole(jump[rows])))
    about = [f"puzzle {row}, {groups[row]}, {w}" for row, w in zip(rows, when, strict=True)]
    x = list(range(1, values.shape[1] + 1))
    figure = go.Figure(
        go.Heatmap(
            z=shown.astype(float).round(3),
            x=x,
            zmin=0,
            zmax=_top(shown),
            colorscale=style.shades(),
            customdata=np.repeat(np.array(about, dtype=object)[:, None], values.shape[1], 1),
            hovertemplate="%{customdata}<br>segment %{x}: " + label + " %{z:.2f}<extra></extra>",
            colorbar={"title": {"text": label, "side": "right"}, "thickness": 10, "outlinewidth": 0},
        )
    )
    has = ~np.isnan(jump[rows])
    place = np.arange(len(rows))
    figure.add_scatter(
        x=np.repeat(np.where(has, jump[rows] - 0.5, np.nan), 2),
        y=np.stack([place - 0.5, place + 0.5], 1).ravel(),
        mode="lines",
        line={"color": style.INK, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )
    style.plotly_style(figure, height=460)
    figure.update_xaxes(title_text="segment", tickvals=style.segment_ticks(values.shape[1]), showgrid=False)
    ends = [np.flatnonzero(groups[rows] == name) for name in order]
    kept = [(name, at) for name, at in zip(order, ends, strict=True) if len(at)]
    heights = apart([1 - (at.mean() + 0.5) / len(rows) for _, at in kept], 0.1)
    figure.update_yaxes(
        range=[len(rows) - 0.5, -0.5],
        tickvals=[(1 - height) * len(rows) - 0.5 for height in heights],
        ticktext=[f"{name.replace(', ', ',<br>')}<br>({len(at)})" for name, at in kept],
        showgrid=False,
    )
    for _, at in kept[:-1]:
        figure.add_hline(at[-1] + 0.5, line={"color": style.INK, "width": 1, "dash": "dot"})
    return figure


def _whole(values: np.ndarray) -> np.ndarray:
    return np.array(["" if np.isnan(v) else str(int(v)) for v in values], dtype=str)


def mean_curve(ax: "Axes", table: pd.DataFrame, *, label: str = "mean loss", title: str = "") -> "Axes":
    """The mean of many curves: against segments it falls slowly, counted from each curve's jump at once.

    >>> found = jumps(model, puzzles)                                                  # doctest: +SKIP
    >>> mean_curve(left, found.average), mean_curve(right, found.aligned)              # doctest: +SKIP

    Args:
        ax: where to draw.
        table: ``segment`` or ``offset`` (segments after the jump), ``mean``, and where there are any
            ``low_quartile`` and ``high_quartile``.
        label: for the vertical axis.
        title: above the picture.
    """
    along = "offset" if "offset" in table else "segment"
    at, mean = table[along].to_numpy(float), table["mean"].to_numpy(float)
    if "low_quartile" in table:
        ax.fill_between(
            at, table["low_quartile"], table["high_quartile"], color=style.EVER, alpha=0.35, linewidth=0,
            label="middle half",
        )  # fmt: skip
    _middle(ax, at, mean, "mean", label, title)
    if along == "offset":
        return _from_jump(ax)
    style.segment_axis(ax, int(at.max()))
    return ax
