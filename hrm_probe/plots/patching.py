"""What each patch moves, by update, site and set of positions."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELS = {
    "recovered": "logit difference recovered",
    "donor": "disputed cells as the donor's",
    "own": "disputed cells as its own",
    "solved": "solved",
    "changed": "grids changed",
}
FEW = 16  # columns that each have room for their name


def patch_map(
    ax: "Axes",
    table: pd.DataFrame,
    effect: str = "recovered",
    *,
    title: str = "",
    bar: bool = True,
) -> "Axes":
    """The effect of patches as shades: a column per update, a row per site and set of positions.

    >>> patch_map(ax, sweep.table, "donor")                                           # doctest: +SKIP

    Grey: the site does not run at that update, or was not patched there. Shades end at 0 and 1; what was recovered
    beyond is drawn like the end.

    Args:
        ax: where to draw.
        table: a row a condition: ``site``, ``positions``, ``segment``, ``H_cycle``, ``L_cycle``, ``tick`` and the
            effect, as ``PatchSweep.table`` of :mod:`hrm_probe.reasoning` has them.
        effect: which column.
        title: above the picture.
        bar: whether to draw the scale beside it.
    """
    # The H-update, L_cycle 0, ends its cycle.
    last = table["L_cycle"].where((table["L_cycle"] > 0) | (table["H_cycle"] == 0), np.inf)
    ordered = table.assign(last=last).sort_values(["segment", "H_cycle", "last"], kind="stable")
    columns = ordered.drop_duplicates("tick").reset_index(drop=True)
    sets = table["positions"].unique()
    rows = table[["site", "positions"]].drop_duplicates().itertuples(index=False, name=None)
    grid = table.pivot(index=["site", "positions"], columns="tick", values=effect)
    grid = grid.reindex(index=pd.MultiIndex.from_tuples(list(rows)), columns=columns["tick"])
    ax.set_facecolor(style.PALE)
    image = ax.imshow(
        np.ma.masked_invalid(grid.to_numpy(float)),
        cmap=style.share_colours(),
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="nearest",
    )
    names = [site if len(sets) == 1 else f"{site}, {positions}" for site, positions in grid.index]
    ax.set_yticks(range(len(names)), names)
    first = columns.index[columns["segment"].diff().ne(0)]
    if len(columns) <= FEW:
        ax.set_xticks(range(len(columns)), columns["tick"], rotation=90)
        ax.set_xlabel("segment.H-cycle.update of the patch")
    else:
        ends = [*first[1:], len(columns)]
        middles = [(begin + end - 1) / 2 for begin, end in zip(first, ends, strict=True)]
        ax.set_xticks(middles, columns["segment"][first])
        ax.tick_params(axis="x", length=0)
        ax.set_xlabel("segment of the patch")
    for begin in first[1:]:
        ax.axvline(begin - 0.5, color=style.INK, linewidth=0.6)
    ax.grid(False)
    ax.set_title(title)
    if bar:
        scale = ax.figure.colorbar(image, ax=ax, label=LABELS.get(effect, effect), pad=0.02, aspect=15)
        scale.outline.set_linewidth(0.4)
    return ax
