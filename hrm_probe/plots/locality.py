"""How far what happens in one cell reaches."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hrm_probe.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TIMES = (0.25, 0.5, 0.7, 1, 1.5, 2, 3, 5, 8, 12, 20)
BELOW = (0.5, -0.25)  # the axes, where marks may lie anywhere inside
ACROSS = 0.6  # of a row, over which the marks of its steps are spread


def locality_by_step(ax: "Axes", table: pd.DataFrame, *, title: str = "") -> "Axes":
    """Influence on joined cells over that on cells apart, by step, with 95% intervals; hollow: untrained networks.

    Args:
        ax: where to draw.
        table: that of ``locality(model, puzzles)``: ``network``, ``step``, ``times``, ``low``, ``high``. What could not
            be told is left out.
        title: above the picture.
    """
    steps = list(dict.fromkeys(table["step"]))
    known = table[np.isfinite(table["times"])]
    places = known["step"].map(steps.index)
    drawn, own = (known["network"] == network for network in ("untrained", "trained"))
    ax.plot(
        places[drawn], known["times"][drawn], "o", color=style.GREY, markerfacecolor=style.PAPER, markersize=4,
        label="untrained",
    )  # fmt: skip
    rows = known[own]
    ax.errorbar(
        places[own], rows["times"], yerr=[rows["times"] - rows["low"], rows["high"] - rows["times"]], fmt="o",
        color=style.RIGHT, markersize=4, elinewidth=0.8, label="trained",
    )  # fmt: skip
    style.ratio_axis(ax, "y", TIMES)
    _step_axis(ax, steps)
    ax.set_ylabel("influence on joined cells\nover that on cells apart")
    ax.set_title(title)
    ax.legend(loc="upper center", bbox_to_anchor=BELOW, ncols=2)
    return ax


def influence_by_step(ax: "Axes", kinds: pd.DataFrame, *, title: str = "") -> "Axes":
    """How much of a disturbance arrives, by step, a line for each kind of cell; of the trained network.

    Args:
        ax: where to draw.
        kinds: those of ``locality(model, puzzles)``: ``network``, ``step``, ``kind``, ``influence``.
        title: above the picture.
    """
    own = kinds[kinds["network"] == "trained"]
    steps = list(dict.fromkeys(own["step"]))
    for i, (kind, rows) in enumerate(own.groupby("kind", sort=False)):
        ax.plot(
            rows["step"].map(steps.index), rows["influence"], "o-", color=style.SERIES[i % len(style.SERIES)],
            markersize=3, linewidth=1, label=kind,
        )  # fmt: skip
    ax.set_yscale("log")
    _step_axis(ax, steps)
    ax.set_ylabel("change over disturbance")
    ax.set_title(title)
    ax.legend(loc="upper center", bbox_to_anchor=BELOW, ncols=3, columnspacing=1.0)
    return ax


def locality_marks(ax: "Axes", tables: Mapping[str, pd.DataFrame], steps: Mapping[str, str]) -> "Axes":
    """Influence on joined cells over that on cells apart, a row for each label; hollow marks for untrained networks.

    Args:
        ax: where to draw.
        tables: by label, such as a model's name, the ``table`` of ``locality(model, puzzles)``.
        steps: those to draw, and their colours.
    """
    offsets = np.linspace(-ACROSS / 2, ACROSS / 2, len(steps)) if len(steps) > 1 else np.zeros(1)
    for row, table in enumerate(tables.values()):
        known = table[np.isfinite(table["times"])]
        for offset, (step, color) in zip(offsets, steps.items(), strict=True):
            of_step = known[known["step"] == step]
            drawn, own = (of_step[of_step["network"] == network] for network in ("untrained", "trained"))
            ax.plot(
                drawn["times"], [row + offset] * len(drawn), "o", color=color, markerfacecolor=style.PAPER,
                markersize=3, linestyle="none",
            )  # fmt: skip
            ax.errorbar(
                own["times"], [row + offset] * len(own),
                xerr=[own["times"] - own["low"], own["high"] - own["times"]], fmt="o", color=color, markersize=3,
                elinewidth=0.8, label=step if row == 0 else None,
            )  # fmt: skip
    style.ratio_axis(ax, "x", TIMES)
    ax.set_yticks(range(len(tables)), list(tables))
    ax.invert_yaxis()
    ax.set_xlabel("influence, joined cells over cells apart")
    return ax


def _step_axis(ax: "Axes", steps: Sequence[str]) -> None:
    """ "L-update" as L, "2 segments" as 2."""
    ax.set_xticks(range(len(steps)), [step.replace("-", " ").split()[0] for step in steps])
    ax.set_xlabel("one update, L or H; or segments")
