"""Attractors: one puzzle's plane under two errors and by basins, and the sizes of many puzzles' basins."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hrm_probe.plots import style
from hrm_probe.plots.plane import spaced_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hrm_probe.reasoning.state_space.state_landscape import StateLandscape

TITLES = ("conflicts", "wrong cells", "where runs end")
RIGHT_FILLS = ("#BFDCEE", "#8CBFDD")  # light enough for the path and the marks on them
WRONG_FILLS = ("#F6C9A8", "#E9A878", "#D98A55")


def landscape_pair(axes: Sequence["Axes"], landscape: "StateLandscape") -> Sequence["Axes"]:
    """Three views of one plane: the heuristic error, the true error, and the basins, each with path and attractors.

    Basins of right attractors are blue, those of wrong ones orange and hatched, wandering is white.
    The axes name the share of the trajectory's variance that lies along them. Attractors are
    round marks, crossed if wrong; those far off the plane are drawn where they project to.

    Args:
        axes: three, of one figure.
        landscape: from :func:`hrm_probe.reasoning.state_landscape`.
    """
    views = (landscape.conflicts, landscape.wrong)
    for ax, values, title in zip(axes, views, TITLES, strict=False):
        _error(ax, landscape, values)
        ax.set_title(title)
    _basins(axes[2], landscape)
    axes[2].set_title(TITLES[2])
    for i, ax in enumerate(axes):
        _path(ax, landscape)
        _marks(ax, landscape.attractors)
        ax.set_xlim(landscape.u[0], landscape.u[-1])
        ax.set_ylim(landscape.v[0], landscape.v[-1])
        ax.grid(False)
        ax.set_xlabel(f"first direction ({landscape.explained[0]:.0%})")
        if i == 0:
            ax.set_ylabel(f"second direction ({landscape.explained[1]:.0%})")
        else:
            ax.set_yticklabels([])
    _flow(axes[1], landscape.arrows)
    return axes


def basin_bars(ax: "Axes", table: pd.DataFrame, points: pd.DataFrame, *, title: str = "") -> "Axes":
    """A bar per puzzle: shares of its disturbed starts that end in right and wrong attractors, or wander to either.

    Puzzles stand in the order of the share that ends in a right attractor; failures of the plain run are marked.

    Args:
        ax: where to draw.
        table: a row per puzzle: ``puzzle``, ``solved``, ``wandering``, ``wandering_right``; ``AttractorSearch.table``.
        points: a row per attractor: ``puzzle``, ``right``, ``basin``; ``AttractorSearch.points``.
        title: above the picture.
    """
    sizes = points.assign(right=points["right"].astype(bool)).groupby(["puzzle", "right"])["basin"]
    largest, total = sizes.max(), sizes.sum()
    rows = pd.DataFrame(
        {
            (name, right): [float(values.get((p, right), 0.0)) for p in table["puzzle"]]
            for name, values in (("largest", largest), ("total", total))
            for right in (True, False)
        }
    )
    wanders, solved = table["wandering"].to_numpy(float), table["solved"].to_numpy(bool)
    wanders_right = table["wandering_right"].to_numpy(float)
    order = np.lexsort((-wanders_right, -rows["total", True].to_numpy()))
    parts = [
        ("right attractors", rows["total", True], style.RIGHT, ""),
        ("wander, right at the end", pd.Series(wanders_right), RIGHT_FILLS[0], ""),
        ("wander, wrong at the end", pd.Series(wanders - wanders_right), style.PALE, "///"),
        ("largest wrong attractor", rows["largest", False], style.WRONG, "///"),
        ("other wrong ones", rows["total", False] - rows["largest", False], style.WRONG_FILL, "///"),
    ]
    place, foot = np.arange(len(order)), np.zeros(len(order))
    for name, values, colour, hatch in parts:
        heights = values.to_numpy(float)[order]
        ax.bar(
            place,
            heights,
            0.8,
            foot,
            color=colour,
            hatch=hatch,
            edgecolor=style.PAPER,
            linewidth=0,
            label=name,
        )
        foot += heights
    for x, row in enumerate(order):
        if not solved[row]:
            ax.text(x, -0.03, "×", ha="center", va="top", fontsize=8, color=style.WRONG)
    style.share_axis(ax, "share of disturbed starts")
    ax.set_xticks([])
    ax.set_xlabel("puzzles (× failed from the usual start)", labelpad=10)
    ax.grid(axis="x", visible=False)
    ax.set_title(title)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)
    return ax


def _error(ax: "Axes", landscape: "StateLandscape", values: np.ndarray) -> None:
    from matplotlib.ticker import MaxNLocator

    mesh = ax.pcolormesh(
        landscape.u,
        landscape.v,
        values,
        cmap=style.error_colours(),
        vmin=0,
        vmax=max(float(values.max(initial=0)), 1.0),
        shading="nearest",
        rasterized=True,
    )
    bar = ax.figure.colorbar(mesh, ax=ax, orientation="horizontal", pad=0.02, aspect=30)
    bar.outline.set_linewidth(0.4)
    bar.locator = MaxNLocator(6, integer=True)


def _basins(ax: "Axes", landscape: "StateLandscape") -> None:
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    right = landscape.attractors["right"].to_numpy(bool)
    colours, seen = [style.PAPER], {True: 0, False: 0}
    for flag in right:
        fills = RIGHT_FILLS if flag else WRONG_FILLS
        colours.append(fills[seen[bool(flag)] % len(fills)])
        seen[bool(flag)] += 1
    ax.pcolormesh(
        landscape.u,
        landscape.v,
        landscape.basins + 1,
        cmap=ListedColormap(colours),
        vmin=-0.5,
        vmax=len(colours) - 0.5,
        shading="nearest",
        rasterized=True,
    )
    wrong = np.isin(landscape.basins, np.flatnonzero(~right)).astype(float)
    if wrong.any():
        ax.contourf(landscape.u, landscape.v, wrong, levels=[0.5, 1.5], colors="none", hatches=["////"])
    handles = [
        Patch(facecolor=RIGHT_FILLS[0], edgecolor=style.GREY, label="a right attractor"),
        Patch(facecolor=WRONG_FILLS[0], edgecolor=style.INK, hatch="////", label="a wrong one"),
        Patch(facecolor=style.PAPER, edgecolor=style.GREY, label="none: wanders"),
    ]
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.2))


def _path(ax: "Axes", landscape: "StateLandscape") -> None:
    path = landscape.path
    ax.plot(*path.T, color=style.PAPER, linewidth=3.2, zorder=4)
    ax.plot(*path.T, color=style.INK, linewidth=1.2, zorder=5)
    solved = np.append(False, landscape.path_wrong == 0)
    for flag, face in ((True, style.RIGHT), (False, style.PAPER)):
        ax.plot(*path[solved == flag].T, "o", markersize=3.2, mfc=face, mec=style.INK, mew=0.7, zorder=6)
    for point in spaced_labels(path, landscape.u, landscape.v, apart=0.12):
        ax.annotate(
            "start" if point == 0 else str(point),
            path[point],
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=6.5,
            zorder=8,
        )


def _marks(ax: "Axes", attractors: pd.DataFrame) -> None:
    row: Any
    for row in attractors.itertuples():
        face = style.RIGHT if row.right else style.WRONG_FILL
        ax.scatter(row.u, row.v, s=60, facecolor=face, edgecolor=style.INK, linewidth=1.1, zorder=7)
        if not row.right:
            ax.scatter(row.u, row.v, s=24, marker="x", color=style.WRONG, linewidth=1.3, zorder=8)


def _flow(ax: "Axes", arrows: np.ndarray) -> None:
    length = np.hypot(arrows[:, 2], arrows[:, 3])
    x, y, u, v = arrows[length > 0].T
    length = length[length > 0]
    if len(length):
        ax.quiver(
            x,
            y,
            u / length,
            v / length,
            angles="xy",
            color=style.INK,
            alpha=0.45,
            scale=24,
            width=0.004,
            pivot="mid",
            zorder=2,
        )
