"""How many answers jump, by the segment that they come at."""

from typing import TYPE_CHECKING

import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hrm_probe.dynamics.intervals import Interval


def jump_shares(
    ax: "Axes",
    by_arrival: pd.DataFrame,
    everyone: "Interval | None" = None,
    *,
    false_alarms: "Interval | None" = None,
    title: str = "",
) -> "Axes":
    """Share of late answers that come in one jump, a mark with its interval per range of segments, and of all of them.

    >>> found = jumps(model, puzzles)                                                          # doctest: +SKIP
    >>> jump_shares(ax, found.by_arrival(), found.share, false_alarms=found.false_alarms)      # doctest: +SKIP

    Args:
        ax: where to draw.
        by_arrival: ``arrives``, ``late`` (how many), ``share`` with ends.
        everyone: the share of all late answers: an open mark on the right.
        false_alarms: of gradual answers made up, the share called jumps: a dotted line that jumps must be above.
        title: above the picture.
    """
    ax.errorbar(
        range(len(by_arrival)), by_arrival["share"], yerr=style.reach_of(by_arrival, "share"), color=style.RIGHT,
        marker="o", markersize=4.5, linestyle="none", elinewidth=0.9,
    )  # fmt: skip
    names = [f"{row.arrives}\n({row.late:,})" for row in by_arrival.itertuples()]
    if everyone is not None:
        ends = style.reach([everyone.estimate], [everyone.low], [everyone.high])
        ax.errorbar(
            [len(names)], [everyone.estimate], yerr=ends, color=style.RIGHT, marker="o", markersize=4.5,
            markerfacecolor=style.PAPER, elinewidth=0.9,
        )  # fmt: skip
        names.append(f"all\n({by_arrival['late'].sum():,})")
    if false_alarms is not None:
        ax.axhline(false_alarms.estimate, color=style.GREY, linestyle=":", linewidth=0.9)
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.grid(visible=False, axis="x")
    ax.set_xlabel("comes at segment (answers)")
    style.share_axis(ax, "late answers that jump")
    ax.set_title(title)
    return ax
