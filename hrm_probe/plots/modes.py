"""The four reasoning modes: their shares, and what curves of each look like."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from plotly.graph_objects import Figure


def mode_shares(ax: "Axes", table: pd.DataFrame, *, title: str = "") -> "Axes":
    """A bar per mode with its confidence interval, its count beside it; failures are hatched.

    Args:
        ax: where to draw.
        table: a row per mode: ``mode``, ``puzzles`` (their count), ``share``, ``low``, ``high``.
        title: above the picture.
    """
    table = _in_order(table)
    place = np.arange(len(table))
    shares = table["share"].to_numpy(float)
    bars = ax.barh(place, shares, height=0.66, color=[style.MODE_COLOURS[m] for m in table["mode"]])
    for bar, mode in zip(bars, table["mode"], strict=True):
        bar.set_hatch(style.MODE_HATCHES[mode])
        bar.set_edgecolor(style.PAPER)
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    ax.errorbar(
        shares,
        place,
        xerr=style.reach(shares, low, high),
        fmt="none",
        ecolor=style.INK,
        elinewidth=0.9,
        capsize=2,
    )
    for y, (end, count, value) in enumerate(zip(high, table["puzzles"], shares, strict=True)):
        ax.text(end + 0.02, y, f"{value:.0%} ({count})", va="center", fontsize=7.5)
    ax.set_yticks(place, [m.replace(" ", "\n") for m in table["mode"]])
    ax.invert_yaxis()
    ax.set_xlim(0, min(1.0, float(np.nanmax(high))) + 0.28)
    ax.set_xticks([t for t in (0, 0.25, 0.5, 0.75, 1.0) if t <= ax.get_xlim()[1]])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set_xlabel("share of puzzles")
    ax.grid(axis="y", visible=False)
    ax.set_title(title)
    return ax


def mode_curves(
    ax: "Axes",
    errors: np.ndarray,
    mode: str,
    *,
    single: int = 8,
    label: bool = True,
    top: float | None = None,
) -> "Axes":
    """Wrong cells against segments for some puzzles of one mode (evenly chosen), and the mode's average.

    Args:
        ax: where to draw.
        errors: [puzzle, segment], of the puzzles of this mode.
        mode: which of the four; sets the colour and the title.
        single: how many single curves.
        label: for the vertical axis.
        top: upper end of the vertical axis.
    """
    colour = style.MODE_COLOURS[mode]
    segments = np.arange(1, errors.shape[1] + 1)
    rows = np.unique(np.linspace(0, len(errors) - 1, min(single, len(errors))).round().astype(int))
    for row in rows if len(errors) else []:
        ax.plot(segments, errors[row], color=style.GREY, linewidth=0.6, alpha=0.8)
    if len(errors):
        # A dark seam keeps the light colours visible on white.
        ax.plot(segments, np.nanmean(errors, 0), color=style.INK, linewidth=2.8)
        ax.plot(segments, np.nanmean(errors, 0), color=colour, linewidth=1.8, label="average")
    else:
        ax.text(0.5, 0.5, "no puzzle", transform=ax.transAxes, ha="center", va="center", color=style.GREY)
    style.segment_axis(ax, errors.shape[1])
    ax.set_ylim(-0.5, top)
    if label:
        ax.set_ylabel("wrong cells")
    ax.set_title(f"{mode} ({len(errors)})", fontsize=8, pad=3)
    return ax


def mode_figure(table: pd.DataFrame) -> "Figure":
    """The shares, interactive."""
    import plotly.graph_objects as go

    table = _in_order(table)
    figure = go.Figure(
        go.Bar(
            x=table["share"],
            y=[m.replace(" ", "<br>") for m in table["mode"]],
            orientation="h",
            marker={
                "color": [style.MODE_COLOURS[m] for m in table["mode"]],
                "pattern": {"shape": ["/" if style.MODE_HATCHES[m] else "" for m in table["mode"]]},
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": table["high"] - table["share"],
                "arrayminus": table["share"] - table["low"],
                "thickness": 1.2,
            },
            customdata=np.stack([table["puzzles"], table["low"], table["high"]], 1),
            hovertemplate="%{x:.1%} [%{customdata[1]:.1%}, %{customdata[2]:.1%}], "
            "%{customdata[0]} puzzles<extra></extra>",
        )
    )
    style.plotly_style(figure, height=300)
    figure.update_xaxes(title_text="share of puzzles", tickformat=".0%", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of the modes; a mode without a row gets one of zeros, so that all four are always named."""
    filled = table.set_index("mode").reindex(style.MODES)
    return (
        filled.assign(
            **{column: filled[column].fillna(0) for column in ("puzzles", "share", "low", "high")},
        )
        .astype({"puzzles": int})
        .reset_index()
    )
