"""Heads of attention: where each looks, and which rules are broken without it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style
from hrm_probe.reasoning.heads.broken_units import UNITS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

DARK = 0.55
"""Shades from here on are printed on in white."""
SMALL = 6
APART = 0.25
"""How far below the mark of all heads those of one level stand, where kinds of edges stand 1 apart."""


def looks_map(ax: "Axes", looks: pd.DataFrame, *, title: str = "") -> "Axes":
    """Percent of its attention that each head gives to each kind of edge; above them, what even attention would give.

    >>> looks_map(ax, attention(model, puzzles).looks)                                 # doctest: +SKIP

    Args:
        ax: where to draw.
        looks: that of ``attention(model, puzzles)``: ``level``, ``block``, ``head``, ``edge``, ``mass``, ``even``.
        title: above the picture.
    """
    edges = list(dict.fromkeys(looks["edge"]))
    even = looks.drop_duplicates("edge")["even"].to_numpy()
    heads = list(dict.fromkeys(_names(looks)))
    grid = np.vstack([even, looks["mass"].to_numpy().reshape(len(heads), len(edges))])
    _shaded(ax, grid, ["even", *heads], edges, style.share_colours())
    ax.set_title(title)
    return ax


def broken_map(ax: "Axes", heads: pd.DataFrame, broken: pd.DataFrame, *, title: str = "") -> "Axes":
    """Percent of the rows, columns and boxes that show a digit twice where a head is left out; above them, untouched.

    >>> found = attention(model, puzzles)                                              # doctest: +SKIP
    >>> broken_map(ax, found.heads, found.broken)                                      # doctest: +SKIP

    Args:
        ax: where to draw.
        heads: that of ``attention(model, puzzles)``: ``level``, ``block``, ``head``, ``rows``, ``columns``, ``boxes``.
        broken: ``unit`` and ``broken``, of the untouched run.
        title: above the picture.
    """
    untouched = broken.set_index("unit")["broken"][list(UNITS)].to_numpy()
    grid = np.vstack([untouched, heads[list(UNITS)].to_numpy()])
    _shaded(ax, grid, ["untouched", *_names(heads)], UNITS, style.error_colours())
    ax.set_title(title)
    return ax


def carried_map(ax: "Axes", rows: pd.DataFrame, *, title: str = "") -> "Axes":
    """Percent of a digit that other cells give up where a head is left out, by what they are to its holder.

    Args:
        ax: where to draw.
        rows: ``head`` (a name), ``relation`` and ``excluded``: the effects of ``exclusion(model, puzzles)``, head by
            head, the untouched ones first.
        title: above the picture.
    """
    heads, relations = (list(dict.fromkeys(rows[name])) for name in ("head", "relation"))
    grid = (
        rows.pivot(index="head", columns="relation", values="excluded").loc[heads, relations].to_numpy(float)
    )
    _shaded(ax, grid, heads, relations, style.share_colours())
    ax.set_title(title)
    return ax


def blocked_bars(ax: "Axes", edges: pd.DataFrame, plain: float, *, title: str = "") -> "Axes":
    """The share of puzzles solved where a kind of edge is blocked, in all heads or a level's; dashed, untouched.

    Args:
        ax: where to draw.
        edges: that of ``attention(model, puzzles)``: ``edge``, ``level`` and ``accuracy`` with ends.
        plain: share solved untouched.
        title: above the picture.
    """
    names = list(dict.fromkeys(edges["edge"]))
    for i, (level, rows) in enumerate(edges.groupby("level", sort=False)):
        at = np.array([len(names) - 1 - names.index(edge) for edge in rows["edge"]])
        whose = "all heads" if level == "all" else f"{level} alone"
        ax.errorbar(
            rows["accuracy"], at - APART * i, xerr=style.reach_of(rows, "accuracy"), fmt=style.MARKERS[i],
            color=style.SERIES[i], markersize=3.5, elinewidth=0.8, label=whose,
        )  # fmt: skip
    ax.axvline(plain, color=style.GREY, linewidth=0.8, linestyle="--")
    ax.set_yticks(range(len(names)), names[::-1], fontsize=SMALL)
    if edges["level"].nunique() > 1:
        ax.legend(fontsize=SMALL, loc="lower center", bbox_to_anchor=(0.3, -0.42))
    ax.set_xlim(-0.03, 1.03)
    ax.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    ax.set_xlabel("solved")
    ax.grid(visible=False, axis="y")
    ax.set_title(title)
    return ax


def _names(rows: pd.DataFrame) -> list[str]:
    return [f"{row.level}{row.block}.{row.head}" for row in rows.itertuples()]


def _shaded(
    ax: "Axes", grid: np.ndarray, rows: Sequence[str], columns: Sequence[str], colours: "Colormap"
) -> None:
    """Shares as shades, with their percents printed on them; the first row stands apart."""
    ax.imshow(grid, cmap=colours, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    for (i, j), share in np.ndenumerate(grid):
        ax.text(
            j, i, f"{100 * share:.0f}", ha="center", va="center", fontsize=SMALL,
            color=style.PAPER if share > DARK else style.INK,
        )  # fmt: skip
    ax.axhline(0.5, color=style.INK, linewidth=0.8)
    ax.set_yticks(range(len(rows)), rows, fontsize=SMALL)
    ax.set_xticks(range(len(columns)), columns, rotation=45, ha="right", fontsize=SMALL)
    ax.grid(False)
