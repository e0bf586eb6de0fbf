"""Rest or wandering: how much runs still move, and what that owes to the threshold."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MANY = 300
"""More points than this are drawn as pixels, so that a page of them stays small."""


def drift_points(
    ax: "Axes", drift: np.ndarray, solved: np.ndarray, threshold: float, *, title: str = ""
) -> "Axes":
    """Every run's late movement as a point, successes beside failures, on a log scale; a line at the threshold.

    Args:
        ax: where to draw.
        drift: [n], late displacement of each run; zeros are drawn at a tenth of the smallest other.
        solved: bool [n].
        threshold: for settling.
        title: above the picture.
    """
    known = np.isfinite(drift)
    drift, solved = drift[known], np.asarray(solved, bool)[known]
    positive = drift[drift > 0]
    floor = positive.min() / 10 if len(positive) else 1e-6
    jitter = np.random.default_rng(0).uniform(-0.3, 0.3, len(drift))  # of no meaning: it keeps points apart
    for place, (name, among, colour, marker) in enumerate(
        (("right", solved, style.RIGHT, "o"), ("wrong", ~solved, style.WRONG, "x"))
    ):
        ax.plot(
            place + jitter[among],
            np.maximum(drift[among], floor),
            marker,
            color=colour,
            markersize=3,
            markeredgewidth=0.8,
            alpha=0.65,
            linestyle="none",
            rasterized=len(drift) > MANY,
        )
        ax.annotate(
            f"{name}\n({int(among.sum())})", (place, 1.0), xycoords=("data", "axes fraction"),
            xytext=(0, 2), textcoords="offset points", ha="center", fontsize=7,
        )  # fmt: skip
    ax.axhline(threshold, color=style.INK, linewidth=0.8, linestyle="--")
    ax.set_yscale("log")
    ax.set_xlim(-0.6, 1.6)
    ax.set_xticks([])
    ax.set_ylabel("late movement of z_H")
    ax.set_title(title, pad=22)
    return ax


def settled_by_threshold(ax: "Axes", table: pd.DataFrame, threshold: float, *, title: str = "") -> "Axes":
    """Share of failures, and of successes, that count as settled at every threshold.

    Args:
        ax: where to draw.
        table: a row per threshold: ``threshold``, ``failures_share``, ``successes_share``, each with ``_low`` and
            ``_high``, of one horizon.
        threshold: the one in force, a line.
        title: above the picture.
    """
    for name, label, colour, dash in (
        ("successes", "right", style.RIGHT, "-"),
        ("failures", "wrong", style.WRONG, "--"),
    ):
        ax.plot(table["threshold"], table[f"{name}_share"], color=colour, linestyle=dash, label=label)
        ax.fill_between(
            table["threshold"].to_numpy(float),
            table[f"{name}_low"].to_numpy(float),
            table[f"{name}_high"].to_numpy(float),
            color=colour,
            alpha=0.15,
            linewidth=0,
        )
    ax.axvline(threshold, color=style.INK, linewidth=0.8, linestyle=":", label="in force")
    ax.set_xscale("log")
    ax.set_xlabel("threshold")
    style.share_axis(ax, "settled")
    ax.set_title(title)
    ax.legend(loc="best")
    return ax


def score_bars(ax: "Axes", table: pd.DataFrame, *, title: str = "") -> "Axes":
    """How well each score tells failures, with its interval; 0.5 is chance.

    Args:
        ax: where to draw.
        table: a row a score: ``score`` (its name), ``auc``, ``low``, ``high``.
        title: above the picture.
    """
    table = table[table["auc"].notna()].sort_values("auc")
    place, value = np.arange(len(table)), table["auc"].to_numpy(float)
    spread = style.reach(value, table["low"], table["high"])
    ax.errorbar(value, place, xerr=spread, fmt="o", color=style.INK, elinewidth=1, capsize=2)
    ax.axvline(0.5, color=style.GREY, linewidth=0.8, linestyle=":")
    ax.set_yticks(place, [str(name).replace("_", " ") for name in table["score"]])
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.set_xlim(0, 1.05)
    ax.set_xlabel("AUC for failure")
    ax.set_title(title)
    return ax
