"""What steering several noisy runs is worth, and who foresees which of them will be right."""

from typing import TYPE_CHECKING

import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS = {
    "nothing": ("left to themselves", style.GREY, "s", "--"),
    "halting": ("steered by the halting value", style.SERIES[0], "o", "-"),
    "rules": ("by broken rules", style.SERIES[1], "^", "-"),
    "chance": ("by chance", style.SERIES[4], "v", ":"),
    "answer": ("by the answer", style.SERIES[3], "D", "-."),
}
"""Of each guide: its name in the legend, colour, marker and dash."""
SIGNS = {"halting": "halting value", "rules": "broken rules", "answer": "right cells"}
ENOUGH = 30
APART = 0.12  # segments between the intervals of two signs


def steering_curves(
    ax: "Axes", table: pd.DataFrame, single: float | None = None, *, title: str = ""
) -> "Axes":
    """Share of puzzles whose surest run is right, against segments, a line for each guide.

    Args:
        ax: where to draw.
        table: that of ``particles(model, puzzles)``: ``guide``, ``segment``, ``solved``.
        single: solved by one run without noise, drawn as a thin line; none if None.
        title: above the picture.
    """
    if single is not None:
        ax.axhline(single, color=style.GREY, linewidth=0.6)
    for guide, rows in table.groupby("guide", sort=False):
        label, colour, marker, dash = LOOKS[str(guide)]
        ax.plot(
            rows["segment"], rows["solved"], color=colour, marker=marker, linestyle=dash, markersize=2.5,
            linewidth=1.0, label=label,
        )  # fmt: skip
    style.segment_axis(ax, int(table["segment"].max()))
    style.share_axis(ax, "solved by the surest")
    ax.set_title(title)
    return ax


def foresight_curves(ax: "Axes", foresight: pd.DataFrame, *, title: str = "", legend: bool = True) -> "Axes":
    """How well each sign tells which runs will be right, of those that have not been yet; dotted: not at all.

    Args:
        ax: where to draw.
        foresight: that of ``particles(model, puzzles)``: ``sign``, ``segment``, ``runs``, ``auc`` with ends. Where
            fewer than ``ENOUGH`` runs are left to compare it is not drawn.
        title: above the picture.
        legend: name the signs.
    """
    ax.axhline(0.5, color=style.GREY, linewidth=0.8, linestyle=":")
    known = (
        foresight[foresight["runs"] >= ENOUGH] if len(foresight) else foresight
    )  # none may have no columns either
    if not len(known):
        ax.text(0.5, 0.6, "no runs to compare", transform=ax.transAxes, ha="center", color=style.GREY)
    for number, (sign, rows) in enumerate(known.groupby("sign", sort=False) if len(known) else ()):
        _, colour, marker, _ = LOOKS[str(sign)]
        ax.errorbar(
            rows["segment"] + (number - 1) * APART, rows["auc"], yerr=style.reach_of(rows, "auc"), color=colour,
            marker=marker, markersize=2.5, linewidth=1.0, elinewidth=0.6, label=SIGNS[str(sign)],
        )  # fmt: skip
    style.segment_axis(ax, int(foresight["segment"].max()) if len(foresight) else 1)
    style.share_axis(ax, "right run stands higher")
    ax.set_title(title)
    if legend and len(known):
        ax.legend(loc="lower right")
    return ax
