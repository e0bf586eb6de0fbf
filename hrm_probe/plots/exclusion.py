"""What cells make of a digit that another cell holds: the rule, and pairs that break it."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST_DIGITS = 10


def exclusion_curves(ax: "Axes", in_time: pd.DataFrame, *, title: str = "", legend: bool = True) -> "Axes":
    """How often a digit is shown while one cell holds it (solid) and while it does not (dashed), read by read.

    Args:
        ax: where to draw.
        in_time: that of ``exclusion(model, puzzles)``: ``relation``, ``read``, ``held``, ``otherwise``.
        title: above the picture.
        legend: name what is drawn.
    """
    for relation, label, colour, marker in (
        ("peers", "peers", style.SERIES[0], "o"),
        ("unrelated", "no rule", style.SERIES[1], "s"),
    ):
        rows = in_time[in_time["relation"] == relation]
        ax.plot(
            rows["read"], rows["held"], color=colour, marker=marker, markersize=3, linewidth=1.1,
            label=f"{label}: held",
        )  # fmt: skip
        ax.plot(
            rows["read"], rows["otherwise"], color=colour, marker=marker, markersize=3, linewidth=0.9,
            linestyle="--", markerfacecolor=style.PAPER, label=f"{label}: another held",
        )  # fmt: skip
    style.share_axis(ax, "cells that show the digit")
    ax.set_ylim(-0.02, 0.95)  # room for the legend
    whole_updates(ax)
    ax.set_title(title)
    if legend:
        ax.legend(loc="upper left", fontsize=6)
    return ax


def excluded_points(ax: "Axes", by_probability: pd.DataFrame, *, title: str = "") -> "Axes":
    """How much of a digit its peers give up, against how probable the head finds it in the cell that holds it.

    Args:
        ax: where to draw.
        by_probability: that of ``exclusion(model, puzzles)``: ``above``, ``up_to``, ``digits``, and ``excluded`` with
            ends; ranges of few digits are left out.
        title: above the picture.
    """
    rows = by_probability[by_probability["digits"] >= FEWEST_DIGITS]
    ax.errorbar(
        (rows["above"] + rows["up_to"]) / 2, rows["excluded"], xerr=(rows["up_to"] - rows["above"]) / 2,
        yerr=style.reach_of(rows, "excluded"), color=style.SERIES[0], marker="o", markersize=3.5, linestyle="none",
        elinewidth=0.8,
    )  # fmt: skip
    ax.axhline(0, color=style.GREY, linewidth=0.8)
    style.share_axis(ax, "given up by peers")
    ax.set_ylim(-0.35, 1.05)
    ax.set_xlim(-0.02, 1.02)
    ax.set_xticks([0, 0.5, 1])
    ax.set_xlabel("probability of the digit")
    ax.set_title(title)
    return ax


def standoff_curves(ax: "Axes", in_time: pd.DataFrame, *, title: str = "", legend: bool = True) -> "Axes":
    """How many of those that break a rule still show their digit, read by read, by what the other cell is made to hold.

    Args:
        ax: where to draw.
        in_time: that of ``standoffs(model, puzzles)``: ``read``, ``plain``, ``told``, ``other``.
        title: above the picture.
        legend: name what is drawn.
    """
    for run, label, colour, marker, line in (
        ("other", "another digit", style.SERIES[2], "^", "--"),
        ("plain", "nothing", style.GREY, "s", "--"),
        ("told", "the same digit", style.SERIES[0], "o", "-"),
    ):
        ax.plot(
            in_time["read"], in_time[run], color=colour, marker=marker, markersize=3, linewidth=1.1, linestyle=line,
            label=label,
        )  # fmt: skip
    style.share_axis(ax, "second cell keeps it")
    ax.set_ylim(-0.03, 1.75)  # room for the legend
    whole_updates(ax)
    ax.set_title(title)
    if legend:
        ax.legend(loc="upper left", fontsize=6, title="first cell is told", title_fontsize=6)
    return ax


def conviction_points(ax: "Axes", conviction: pd.DataFrame, *, title: str = "") -> "Axes":
    """How probable the head finds the digits that cells of each kind show, with ends.

    Args:
        ax: where to draw.
        conviction: that of ``standoffs(model, puzzles)``: ``kind``, ``probability``, with ends.
        title: above the picture.
    """
    at = np.arange(len(conviction))
    ax.errorbar(
        conviction["probability"], at, xerr=style.reach_of(conviction, "probability"), color=style.SERIES[0],
        marker="o", markersize=4, linestyle="none", elinewidth=0.8,
    )  # fmt: skip
    ax.set_yticks(at, conviction["kind"])
    ax.set_ylim(len(at) - 0.5, -0.5)
    ax.set_xlim(-0.02, 1.02)
    ax.set_xticks([0, 0.5, 1])
    ax.set_xlabel("probability of the digit")
    ax.set_title(title)
    return ax


def whole_updates(ax: "Axes") -> None:
    """Name the axis of reads, with ticks at whole ones."""
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("H-updates since")
