"""What is solved, and where attention goes, while heads lean to some edges or away from them."""

from typing import TYPE_CHECKING

import pandas as pd

from hrm_probe.plots import style
from hrm_probe.wording import blanks_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def leak_curves(
    ax: "Axes", table: pd.DataFrame, *, edge: str = "unrelated", title: str = "", legend: bool = True
) -> "Axes":
    """Share of puzzles solved against what is added to scores, a line per number of blanks; dotted: nothing is.

    Args:
        ax: where to draw.
        table: that of ``leaks(model, puzzles)``: ``blanks``, ``bias`` and ``accuracy`` with ends.
        edge: to whom the scores are.
        title: above the picture.
        legend: name the numbers of blanks.
    """
    for number, (label, rows) in enumerate(table.groupby("blanks", sort=False)):
        colour, marker, _ = style.series(number)
        ax.errorbar(
            rows["bias"], rows["accuracy"], yerr=style.reach_of(rows, "accuracy"), color=colour, marker=marker,
            markerfacecolor=_fill(number), markersize=3, linewidth=1.0, elinewidth=0.7,
            label=blanks_in_words(str(label)),
        )  # fmt: skip
    return _against_bias(ax, "solved", edge, title, legend)


def leak_shares(
    ax: "Axes", table: pd.DataFrame, *, edge: str = "unrelated", title: str = "", legend: bool = True
) -> "Axes":
    """Share of attention along the edges against what is added to scores: of blank cells (solid), of clues (dashed).

    Args:
        ax, edge, title: as in :func:`leak_curves`.
        table: the same: ``blanks``, ``bias``, ``from_blanks`` and ``from_clues``.
        legend: name the numbers of blanks, and who looks.
    """
    for number, (label, rows) in enumerate(table.groupby("blanks", sort=False)):
        colour, marker, _ = style.series(number)
        for name, who, dash in (("from_blanks", "blanks look", "-"), ("from_clues", "clues look", "--")):
            if rows[name].notna().any():
                ax.plot(
                    rows["bias"], rows[name], color=colour, marker=marker, markersize=2.5, linewidth=1.0,
                    markerfacecolor=_fill(number), linestyle=dash, label=f"{blanks_in_words(str(label))}, {who}",
                )  # fmt: skip
    return _against_bias(ax, "attention to them", edge, title, legend)


def _fill(number: int) -> str | None:
    """Dashes tell who looks here, so beyond the sixth series hollow marks tell series apart."""
    return None if number < len(style.SERIES) else style.PAPER


def _against_bias(ax: "Axes", what: str, edge: str, title: str, legend: bool) -> "Axes":
    ax.axvline(0, color=style.GREY, linewidth=0.8, linestyle=":")
    ax.set_xlabel(f"added to scores: {edge}")
    style.share_axis(ax, what)
    ax.set_title(title)
    if legend:
        ax.legend(loc="best")
    return ax
