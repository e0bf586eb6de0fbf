"""What is still solved after a run has been meddled with."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hrm_probe.dynamics.intervals import Interval

ACROSS = 0.6
"""Of the marks of one segment together, where segments stand 1 apart."""
SITES = ("z_H", "z_L", "both")


def meddled_marks(ax: "Axes", table: pd.DataFrame, plain: "Interval", kind: str = "patch") -> "Axes":
    """Share still solved, by the segment at whose end states were patched or shaken; a mark with ends per condition.

    Args:
        ax: where to draw.
        table: that of ``interventions(model, puzzles)``.
        plain: share solved untouched: a grey line, and a band for its interval.
        kind: "patch", with states of another puzzle's run, or "noise".
    """
    shown = table[(table["kind"] == kind) & (table["detail"] != "itself")]
    segments, details = np.unique(shown["segment"]), list(dict.fromkeys(shown["detail"]))
    sites = [site for site in SITES if site in set(shown["site"])]
    lanes = (
        np.linspace(-ACROSS / 2, ACROSS / 2, len(sites) * len(details))
        if len(sites) * len(details) > 1
        else [0.0]
    )
    _untouched(ax.axhspan, ax.axhline, plain)
    for i, site in enumerate(sites):
        for j, detail in enumerate(details):
            rows = shown[(shown["site"] == site) & (shown["detail"] == detail)]
            place = np.searchsorted(segments, rows["segment"]) + lanes[i * len(details) + j]
            ax.errorbar(
                place, rows["accuracy"], yerr=style.reach(rows["accuracy"], rows["low"], rows["high"]),
                color=style.SERIES[i], marker=style.MARKERS[j % len(style.MARKERS)], markersize=3.5, linestyle="none",
                elinewidth=0.8, label=site if kind == "patch" else f"{site}, noise {detail}",
            )  # fmt: skip
    ax.set_xticks(range(len(segments)), [str(segment) for segment in segments])
    ax.set_xlabel("at the end of segment")
    style.share_axis(ax, "solved")
    ax.set_title({"patch": "states of another puzzle's run", "noise": "noise on a state"}[kind])
    _legend_below(ax)
    return ax


def ablated_marks(ax: "Axes", table: pd.DataFrame, plain: "Interval") -> "Axes":
    """Share still solved without a site's output, a row per site; filled: its mean in its place, open: zero.

    Args:
        ax: where to draw.
        table: that of ``interventions(model, puzzles)``.
        plain: share solved untouched: a grey line, and a band for its interval.
    """
    from matplotlib.ticker import PercentFormatter

    shown = table[table["kind"] == "ablation"]
    sites = list(dict.fromkeys(shown["site"]))
    _untouched(ax.axvspan, ax.axvline, plain)
    for detail, label, beside, fill in (
        ("mean", "its mean", -0.15, style.SERIES[0]),
        ("zero", "zero", 0.15, style.PAPER),
    ):
        rows = shown[shown["detail"] == detail]
        if len(rows):
            ax.errorbar(
                rows["accuracy"], [sites.index(site) + beside for site in rows["site"]],
                xerr=style.reach(rows["accuracy"], rows["low"], rows["high"]), color=style.SERIES[0], marker="o",
                markerfacecolor=fill, markersize=3.5, linestyle="none", elinewidth=0.8, label=label,
            )  # fmt: skip
    ax.set_yticks(range(len(sites)), [site.replace(".hook_", ".").replace("blocks.", "") for site in sites])
    ax.set_ylim(len(sites) - 0.5, -0.5)
    ax.set_xlim(-0.02, 1.02)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("solved")
    ax.set_title("in place of a site's output, always")
    _legend_below(ax)
    return ax


def _legend_below(ax: "Axes") -> None:
    """Where it hides no mark."""
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2)


def _untouched(span: Callable[..., Any], line: Callable[..., Any], plain: "Interval") -> None:
    span(plain.low, plain.high, color=style.PALE, alpha=0.5, linewidth=0)
    line(plain.estimate, color=style.GREY, linewidth=0.9, label="untouched")
