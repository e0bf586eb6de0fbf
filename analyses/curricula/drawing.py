"""One picture for each question."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import curricula.comparing as compare
from curricula.arms import ARMS, BASELINE
from curricula.reading import Run, arms_of, by_seed, comparable
from hrm_probe.plots.style import DASHES, DOUBLE_COLUMN, GREY, MARKERS, SERIES, new_figure, share_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COSTS = {
    "flops": ("training, 10$^{12}$ operations", 1e12),
    "step": ("training, steps", 1.0),
    "seconds": ("training, processor minutes", 60.0),
}
FEWEST_ROWS = 3  # of a panel: less looks squashed
COLUMNS = 3  # of panels, at most
FEWEST_FOR_A_BAND = 3  # seeds: the interval of two is wider than any picture
NAME_ROW = 0.6  # height of a published name, in rows of arms
_LOOKS = (
    *zip(SERIES, MARKERS, DASHES, strict=True),
    ("#8C510A", "X", (0, (4, 2))),
    ("#762A83", "*", (0, (6, 2, 2, 2))),
)
LOOK = dict(zip(ARMS, _LOOKS, strict=True))


def accuracy_curves(runs: list[Run], title: str) -> "Figure":
    """Held-out accuracy against operations, steps and time: mean over seeds, and its interval as a band.

    Where there are fewer than three seeds, each is a thin line instead.
    """
    figure = new_figure(DOUBLE_COLUMN, 2.9)
    axes = figure.subplots(1, len(COSTS), sharey=True)
    for ax, (cost, (label, unit)) in zip(axes, COSTS.items(), strict=True):
        alike = comparable(runs, cost)
        for arm in arms_of(alike):
            colour, _, dash = LOOK[arm]
            at, curves = compare.mean_curve(list(by_seed(alike, arm).values()), cost, points=101)
            bands = [compare.t_interval(column) for column in curves.T]
            if len(curves) < FEWEST_FOR_A_BAND:
                ax.plot(at / unit, curves.T, color=colour, linestyle=dash, linewidth=0.5, alpha=0.7)
            else:
                low, high = [b.low for b in bands], [b.high for b in bands]
                ax.fill_between(at / unit, low, high, color=colour, alpha=0.12, linewidth=0)
            ax.plot(at / unit, [b.estimate for b in bands], color=colour, linestyle=dash, label=arm)
        share_axis(ax, "held-out puzzles solved" if ax is axes[0] else "")
        ax.set_xlim(left=0)
        ax.set_xlabel(label)
    figure.suptitle(title, x=0.01, ha="left", fontsize=8.5)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, handlelength=3)
    return figure


def panels(tables: dict[str, pd.DataFrame], published: dict[str, Sequence[tuple[float, str]]]) -> "Figure":
    """A panel a quantity: each arm's mean with its interval; published values as grey lines.

    Args:
        tables: by the panel's label; columns arm, estimate, low, high.
        published: by the panel's label, values and what they are of.
    """
    arms = [arm for arm in ARMS if any((table["arm"] == arm).any() for table in tables.values())]
    rows = -(-len(tables) // COLUMNS)
    columns = -(-len(tables) // rows)
    names = NAME_ROW * max(map(len, published.values()), default=0)
    figure = new_figure(DOUBLE_COLUMN, rows * (0.75 + 0.2 * max(len(arms) + names, FEWEST_ROWS)))
    axes = figure.subplots(rows, columns, sharey=True, squeeze=False).flatten()
    for ax in axes[len(tables) :]:
        ax.set_visible(False)
    for ax, (label, table) in zip(axes, tables.items(), strict=False):
        _dots(ax, table, arms)
        _name_values(ax, published.get(label, ()), below=len(arms) - 0.5)
        ax.set_title(label)
    axes[0].set_yticks(range(len(arms)), arms)
    axes[0].set_ylim(len(arms) - 0.5 + names, -0.5)
    return figure


def paths(runs: list[Run], detectors: dict[str, str]) -> "Figure":
    """Each detector against accuracy: a mark for each finished model; grey, the baselines as they train, if known.

    Args:
        runs: of all arms; the baseline's may have a path.
        detectors: names in the runs' probes, by label.
    """
    rows = -(-len(detectors) // COLUMNS)
    figure = new_figure(DOUBLE_COLUMN, 2.0 * rows + 0.4)
    axes = figure.subplots(rows, COLUMNS, squeeze=False).flatten()
    for ax in axes[len(detectors) :]:
        ax.set_visible(False)
    for ax, (label, name) in zip(axes, detectors.items(), strict=False):
        for run in by_seed(runs, BASELINE).values():
            known = [stage for stage in run["path"] or () if stage[name] is not None]
            solved, said = ([stage[key] for stage in known] for key in ("solved", name))
            ax.plot(solved, said, color=GREY, linewidth=0.7, alpha=0.6)
        for arm in arms_of(runs):
            colour, marker, _ = LOOK[arm]
            probes = [run["probes"] for run in by_seed(runs, arm).values() if run["probes"][name] is not None]
            solved, said = ([probe[key] for probe in probes] for key in ("solved", name))
            ax.plot(solved, said, color=colour, marker=marker, linestyle="none", markersize=3.5, label=arm)
        ax.set_title(label)
        ax.set_xlim(0, 1)
        ax.set_ylim(0, max(1.05, ax.get_ylim()[1]))
        ax.set_xlabel("held-out puzzles solved")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _name_values(ax: "Axes", published: Sequence[tuple[float, str]], below: float) -> None:
    """A line a value; its name below the arms, in a row of its own, on the side of the line that has more room."""
    for value, _ in published:
        ax.axvline(value, color=GREY, linewidth=0.8, linestyle=":")
    middle = np.mean(ax.get_xlim())
    for row, (value, name) in enumerate(sorted(published)):
        to_the_right = value <= middle
        ax.annotate(
            name, (value, below + NAME_ROW * (row + 0.5)), xytext=(2 if to_the_right else -2, 0),
            textcoords="offset points", fontsize=6, color=GREY, va="center", ha="left" if to_the_right else "right",
        )  # fmt: skip


def _dots(ax: "Axes", table: pd.DataFrame, arms: list[str]) -> None:
    for row in table.itertuples():
        colour, marker, _ = LOOK[row.arm]
        y = arms.index(row.arm)
        ax.plot([row.low, row.high], [y, y], color=colour, linewidth=1.2)
        ax.plot([row.estimate], [y], color=colour, marker=marker, linestyle="none")
    ax.grid(axis="y", visible=False)
