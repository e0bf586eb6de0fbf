"""The order in which cells come, beside that in which logic deduces them."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST_CELLS = 20  # of a round, below which its mean is not drawn
LEAST_SHARE = 0.4  # where the axis of shares begins, if none is lower
NAMES = {
    "deduction": "earlier round",
    "deduction, candidates equal": "… candidates equal",
    "candidates": "fewer candidates",
    "candidates, rounds equal": "… rounds equal",
    "earlier filled": "forks: filled earlier",
    "earlier filled, farther from both ends": "… farther from both ends",
}


def arrival_by_round(ax: "Axes", by_round: pd.DataFrame, *, title: str = "", legend: bool = True) -> "Axes":
    """When cells arrive, in reads of the run, against the round of singles that deduces them.

    The cells that singles do not reach stand apart, at the right. Dashed: a round a read.

    Args:
        ax: where to draw.
        by_round: that of ``deduction_order(model, puzzles)``: ``round``, ``cells``, ``arrival``, ``low``, ``high``.
        title: above the picture.
        legend: name what is drawn.
    """
    reached, beyond = _reached(by_round, "cells")
    ax.errorbar(
        reached["round"], reached["arrival"], yerr=_reach(reached), color=style.RIGHT, marker="o", markersize=3,
        linewidth=1.0, elinewidth=0.7, label="mean, 95%",
    )  # fmt: skip
    most = int(reached["round"].max()) if len(reached) else 1
    if len(beyond):
        ax.errorbar(
            [most + 1.5], beyond["arrival"], yerr=_reach(beyond), color=style.WRONG, marker="s", markersize=3,
            linestyle="none", elinewidth=0.7, label="beyond singles",
        )  # fmt: skip
    ax.plot([1, most], [1, most], color=style.GREY, linewidth=0.8, linestyle="--", label="a round a read")
    _rounds_axis(ax, most, beyond=bool(len(beyond)))
    ax.set_ylim(0, ax.get_ylim()[1] * (1.5 if legend else 1))  # room for the legend above the curves
    ax.set_ylabel("arrives at read")
    ax.set_title(title)
    if legend:
        ax.legend(loc="upper left")
    return ax


def right_by_round(ax: "Axes", by_round: pd.DataFrame, *, title: str = "") -> "Axes":
    """Of unsolved puzzles, the share of cells that are right at the end, by round.

    Args:
        ax: where to draw.
        by_round: as in :func:`arrival_by_round`: ``round``, ``cells_failed``, ``right_failed``.
        title: above the picture.
    """
    reached, beyond = _reached(by_round, "cells_failed")
    most = int(reached["round"].max()) if len(reached) else 1
    ax.plot(
        reached["round"], reached["right_failed"], color=style.RIGHT, marker="o", markersize=3, linewidth=1.0
    )
    ax.plot([most + 1.5] * len(beyond), beyond["right_failed"], color=style.WRONG, marker="s", markersize=3)
    if not len(reached) and not len(beyond):
        ax.text(
            0.5, 0.5, "too few failures", transform=ax.transAxes, ha="center", va="center", color=style.GREY
        )
    _rounds_axis(ax, most, beyond=bool(len(beyond)))
    style.share_axis(ax, "right, of failures")
    ax.set_title(title)
    return ax


def order_shares(ax: "Axes", orders: pd.DataFrame, *, title: str = "", names: bool = True) -> "Axes":
    """Of two cells that arrive at different reads: how often the one that an order puts first is first.

    Args:
        ax: where to draw.
        orders: that of ``deduction_order(model, puzzles)``, or of ``path_growth(model, mazes)``: ``order``, ``share``,
            ``low``, ``high``.
        title: above the picture.
        names: whether to name the orders.
    """
    places = np.arange(len(orders))[::-1]
    named = [str(order) for order in orders["order"]]
    middle, low, high = (orders[name].to_numpy(float) for name in ("share", "low", "high"))
    ends = np.array([middle - low, high - middle])
    by_deduction = np.array([name.startswith("deduction") for name in named])
    for chosen, colour, marker in ((by_deduction, style.RIGHT, "o"), (~by_deduction, style.SERIES[1], "s")):
        ax.errorbar(
            middle[chosen], places[chosen], xerr=ends[:, chosen], color=colour, marker=marker, markersize=3.5,
            linestyle="none", elinewidth=0.9,
        )  # fmt: skip
    ax.axvline(0.5, color=style.GREY, linewidth=0.8, linestyle=":")
    ax.set_xlim(np.nanmin([LEAST_SHARE, *low]), 1)
    ax.set_ylim(-0.6, len(orders) - 0.4)
    ax.set_yticks(places, [NAMES.get(name, name) if names else "" for name in named])
    ax.set_xlabel("share in order")
    ax.xaxis.set_major_formatter("{x:.0%}")
    ax.set_title(title)
    return ax


def _reached(by_round: pd.DataFrame, cells: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rounds of enough cells, and the cells beyond, if there are enough."""
    enough = by_round[by_round[cells] >= FEWEST_CELLS]
    return enough[enough["round"] > 0], enough[enough["round"] < 0]


def _reach(rows: pd.DataFrame) -> np.ndarray:
    return style.reach(rows["arrival"], rows["low"], rows["high"])


def _rounds_axis(ax: "Axes", most: int, *, beyond: bool) -> None:
    step = 1 if most <= 8 else 3
    ticks: list[float] = [*range(1, most + 1, step)]
    names = [str(tick) for tick in ticks]
    if beyond:
        ticks, names = [*ticks, most + 1.5], [*names, "∞"]
    ax.set_xticks(ticks, names)
    ax.set_xlabel("round of singles")


def delay_points(ax: "Axes", effects: pd.DataFrame, *, title: str = "", legend: bool = True) -> "Axes":
    """How much later cells come while a cell is held back: those that follow from it, and others like them.

    Args:
        ax: where to draw.
        effects: those of ``hold_back(model, puzzles)``: ``held``, and ``following`` and ``others`` with ends.
        title: above the picture.
        legend: name what is drawn, and what is held.
    """
    places = np.arange(len(effects))[::-1].astype(float)
    for name, label, colour, marker, above in (
        ("following", "cells that follow", style.RIGHT, "o", 0.12),
        ("others", "others like them", style.SERIES[1], "s", -0.12),
    ):
        ax.errorbar(
            effects[name], places + above, xerr=style.reach_of(effects, name), color=colour, marker=marker,
            markersize=3.5, linestyle="none", elinewidth=0.9, label=label,
        )  # fmt: skip
    ax.axvline(0, color=style.GREY, linewidth=0.8)
    ax.set_yticks(places, [f"{held} held" if legend else "" for held in effects["held"]])
    ax.set_ylim(-0.6, len(effects) + 0.3)  # room for the legend, also where there is none, so that rows align
    ax.set_xlim(min(0.0, ax.get_xlim()[0]), None)
    ax.set_xlabel("reads later")
    ax.set_title(title)
    if legend:
        ax.legend(loc="upper right")
    return ax
