"""Two ways of training, each with the same seeds: options of the trainings, and marks of them side by side."""

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from command_lines import positive

from hrm_probe.plots.style import MARKERS, PAPER, SERIES, reach, share_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def trained_in_pairs(parser: ArgumentParser, runs: Path) -> None:
    """Give a parser the options of such trainings.

    Args:
        parser: of the script.
        runs: the folder of the runs, if none is given.
    """
    parser.add_argument("--seeds", type=positive, default=3, help="trainings of each kind, with seeds from 0")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting of both"
    )
    parser.add_argument("--runs", type=Path, default=runs, help="folder of the runs")


def paired_marks(
    ax: "Axes", runs: Sequence[Mapping[str, Any]], shown: Mapping[str, str], arms: tuple[str, str]
) -> "Axes":
    """A column for each share, in it a pair of marks for each seed: open for the first arm, filled for the second.

    Args:
        ax: to draw on.
        runs: one a training: its ``seed`` and ``arm``, and each share with its ends: ``estimate``, ``low``, ``high``.
        shown: the shares, and what to call them below the axis.
        arms: which two.
    """
    seeds = sorted({run["seed"] for run in runs})
    beside = np.linspace(-0.25, 0.25, len(seeds)) if len(seeds) > 1 else np.zeros(1)
    for seed, shift in zip(seeds, beside, strict=True):
        pair = {run["arm"]: run for run in runs if run["seed"] == seed}
        colour, mark = SERIES[seed % len(SERIES)], MARKERS[seed % len(MARKERS)]
        for arm, nudge, fill in zip(arms, (-0.04, 0.04), (PAPER, colour), strict=True):
            shares = (pair[arm][name] for name in shown)
            # A share of none is no number, and is not drawn.
            ends = np.array(
                [[share[end] for end in ("estimate", "low", "high")] for share in shares], float
            ).T
            ax.errorbar(
                np.arange(len(shown)) + shift + nudge, ends[0], yerr=reach(*ends), color=colour, marker=mark,
                markersize=4.5, markerfacecolor=fill, linestyle="none", elinewidth=0.9, label=f"seed {seed}, {arm}",
            )  # fmt: skip
    ax.set_xticks(range(len(shown)), list(shown.values()))
    ax.set_xlim(-0.5, len(shown) - 0.5)
    ax.grid(visible=False, axis="x")
    share_axis(ax, "solved")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return ax
