"""Guesses where logic is stuck: what follows from them, and when logic refutes them."""

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.lines import Line2D

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST_PUZZLES = 10  # of a round, below which its mean is not drawn
FEWEST_FORKS = 10
FEWEST_CONCLUSIONS = 20
ROUNDS_IN_TIME = 4  # later ones have few conclusions
LATE = 7  # the round that is counted with all later ones
NEVER = LATE + 1.5  # where those stand that are never refuted
NAMES = {"following": "follow", "others": "others"}


def followed_curves(ax: "Axes", by_round: pd.DataFrame, *, title: str = "", legend: bool = True) -> "Axes":
    """How often conclusions of a guess are shown while it is, and while it is not, against the round they follow in.

    Dashed and pale: others like them, that do not follow.

    Args:
        ax: where to draw.
        by_round: that of ``follow_through(model, puzzles)``: ``round``, ``puzzles``, ``following_wrong``,
            ``following_right``, ``others_wrong``, ``others_right``, with ends.
        title: above the picture.
        legend: name what is drawn.
    """
    # What was saved of no rounds has no columns either.
    rows = by_round[by_round["puzzles"] >= FEWEST_PUZZLES] if len(by_round) else by_round
    for kind, dashes, fill in (("following", "-", True), ("others", "--", False)):
        for at, colour, marker in (("wrong", style.WRONG, "s"), ("right", style.RIGHT, "o")):
            name = f"{kind}_{at}"
            if not len(rows):
                continue
            ax.errorbar(
                rows["round"], rows[name], yerr=style.reach_of(rows, name), color=colour, marker=marker, markersize=3,
                linestyle=dashes, linewidth=1.0, elinewidth=0.6, markerfacecolor=colour if fill else style.PAPER,
                label=f"{NAMES[kind]}, fork {at}",
            )  # fmt: skip
    style.share_axis(ax, "shown")
    ax.set_ylim(-0.03, 1.5)  # room for the legend, also where there is none, so that panels align
    ax.set_xticks(_every(int(rows["round"].max()) if len(rows) else 1))
    ax.set_xlabel("follows in round")
    ax.set_title(title)
    if not len(rows):
        ax.text(0.5, 0.5, "too few to tell", transform=ax.transAxes, ha="center", color=style.GREY)
    if legend and len(rows):
        ax.legend(loc="upper left", fontsize=6)
    return ax


def conclusions_in_time(
    ax: "Axes", in_time: pd.DataFrame, *, until: int | None = None, title: str = "", legend: bool = True
) -> "Axes":
    """How often conclusions are shown, read by read, with the guess put in (solid), and with its rival (dashed).

    Args:
        ax: where to draw.
        in_time: that of ``suppose(model, puzzles)``: ``round``, ``read``, ``conclusions``, ``wrong``, ``right``.
        until: last read drawn; all if None.
        title: above the picture.
        legend: name the rounds, and what is dashed.
    """
    for number in range(1, ROUNDS_IN_TIME + 1):
        colour, marker, _ = style.series(number - 1)
        rows = in_time[(in_time["round"] == number) & (in_time["conclusions"] >= FEWEST_CONCLUSIONS)]
        rows = rows if until is None else rows[rows["read"] <= until]
        if not len(rows):
            continue
        ax.plot(
            rows["read"], rows["wrong"], color=colour, marker=marker, markersize=2.5, linewidth=1.0,
            label=f"round {number}",
        )  # fmt: skip
        ax.plot(rows["read"], rows["right"], color=colour, linewidth=0.9, linestyle="--")
    style.share_axis(ax, "conclusions shown")
    ax.set_xlabel("read")
    ax.set_title(title)
    if legend and ax.lines:
        rival = Line2D([], [], color=style.GREY, linewidth=0.9, linestyle="--")
        style.legend_and(ax, {"with the rival": rival}, loc="best", fontsize=6)
    return ax


def refuted_curves(
    ax: "Axes", by_refutation: pd.DataFrame, *, title: str = "", legend: bool = True
) -> "Axes":
    """For how long wrong digits are shown, against the round in which singles refute them; those never refuted at ∞.

    Args:
        ax: where to draw.
        by_refutation: that of ``follow_through(model, puzzles)``: ``refuted_in``, ``forks``, ``shown``,
            ``forks_unsolved``, ``kept``, with ends.
        title: above the picture.
        legend: name what is drawn.
    """
    for name, forks, colour, marker, label in (
        ("shown", "forks", style.SERIES[2], "o", "in all reads"),
        ("kept", "forks_unsolved", style.SERIES[1], "^", "where failures end"),
    ):
        rows = by_refutation[by_refutation[forks] >= FEWEST_FORKS]
        refuted, never = rows[rows["refuted_in"] > 0], rows[rows["refuted_in"] == 0]
        for part, line in ((refuted, "-"), (never, "none")):
            at = part["refuted_in"].where(part["refuted_in"] > 0, NEVER)
            ax.errorbar(
                at, part[name], yerr=style.reach_of(part, name), color=colour, marker=marker, markersize=3,
                linestyle=line, linewidth=1.0, elinewidth=0.6, label=label if line == "-" else "_",
            )  # fmt: skip
    style.share_axis(ax, "wrong digits shown")
    ax.set_ylim(-0.03, 1.3)
    ax.set_xticks([*range(1, LATE + 1), NEVER], [*map(str, range(1, LATE)), f"{LATE}+", "∞"])
    ax.set_xlim(0.5, NEVER + 0.5)
    ax.set_xlabel("refuted in round")
    ax.set_title(title)
    if legend:
        ax.legend(loc="upper left", fontsize=6)
    return ax


def _every(most: int) -> list[int]:
    return list(range(1, most + 1, 1 if most <= 8 else 2))
