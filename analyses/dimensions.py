"""Do the states of the slow module lie in more dimensions than those of the fast one, by training, and with every task?

    python analyses/dimensions.py [MODEL ...] [--n PUZZLES] [--untrained NETWORKS] [--out DIR]
    python analyses/dimensions.py --saved [--out DIR]                   draw again what was measured before

Each MODEL, a shipped one or a folder, runs on minimal puzzles of its board's test set, and so do untrained networks of
its shape. Participation ratios of the states that segments end with are told as they are published, and from pairs of
different puzzles (of different solution classes), which do not grow with the number of puzzles by themselves. The
states of all updates, of fewer puzzles, are a control. Writes dimensions.{png,pdf,html,json}.
Claim: z_H lies in more dimensions than z_L, which is learned, and gains dimensions with every task, as z_L does not
(arXiv 2506.21734, section 4 and figure 8: 89.95 and 30.22 on a hundred Sudokus, untrained 42.09 and 40.75).

Predicted before any model was asked but hrm-6x6 and trm-6x6:
1. In every HRM z_H has more dimensions than z_L, with either mixer, its interval above 1; in every TRM fewer.
2. In untrained networks z_H has 0.6 to 1.1 times the dimensions of z_L.
3. Plain ratios of whole grids grow fourfold or more from 10 puzzles to 100 in every trained model, in z_L as in z_H;
   corrected ones change by a quarter at most.
4. A cell's z_H lies in 4 to 8 dimensions in models for 6x6, in 7 to 11 in those for 9x9: about as many as there are
   digits, less one.
"""

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from asking import asked_of_each
from command_lines import asking_models, exit_status, positive
from measured import Measured, command_line, panel_title
from sampled import sampled_puzzles

from hrm_probe.dynamics import participation_ratio
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.bundled import bundled_models
from hrm_probe.plots import DOUBLE_COLUMN, dimension_marks, dimensions_by_tasks, new_figure
from hrm_probe.reasoning import Dimensions, dimensions
from hrm_probe.sudoku import Puzzles
from hrm_probe.trace import record

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LARGE = "trm-9x9-short"  # takes long; to be named
MODELS = tuple(name for name in bundled_models() if "maze" not in name and name != LARGE)
EVERY_UPDATE = 2_000_000_000  # numbers that the states of all updates may be, to be held at once
FEW = 30
GROWING = ("hrm-6x6", "trm-6x6")


@dataclass(frozen=True)
class Asked:
    """What is found of a model at the ends of segments, and after every update."""

    found: Dimensions
    every_update: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.found} After every update: {self.every_update}."

    def summary(self) -> dict[str, Any]:
        return self.found.summary() | {"every_update": self.every_update}


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=100,
        sample="puzzles, as many as are published",
        seed="of the sample and the untrained networks",
    )
    parser.add_argument("--untrained", type=positive, default=3, help="untrained networks of each shape")
    return command_line("dimensions", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """What is found of each model; intervals by solution classes."""

    def ask(name: str, model: RecursiveReasoner) -> Asked:
        puzzles = sampled_puzzles(model, given.source, given.n, given.seed)
        found = dimensions(
            model, puzzles, untrained=given.untrained, groups="class", seed=given.seed, progress=True
        )
        return Asked(found, _every_update(model, puzzles))

    return asked_of_each(given, ask, "untrained")


def _every_update(model: RecursiveReasoner, puzzles: Puzzles) -> dict[str, Any]:
    """Dimensions of a cell's states after all updates, z_L after each L-update, of as many puzzles as can be held."""
    config = model.config
    each = config.max_segments * config.H_cycles * config.L_cycles * config.pos * config.d_model
    some = puzzles[: max(2, min(FEW, len(puzzles), EVERY_UPDATE // each))]
    trace = record(model, some, every="cycle", dtype="float32")
    cells = {site: config.cells_of(trace[site].values) for site in ("z_H", "z_L")}
    found = {}
    for site, states in cells.items():
        points = states.reshape(-1, config.d_model)
        found[site] = participation_ratio(points, np.arange(len(points)) * len(some) // len(points)).corrected
    return {"puzzles": len(some), **found, "times": found["z_H"].estimate / found["z_L"].estimate}


def draw(measured: Measured) -> "Figure":
    """A row for each model, and growth with the number of puzzles in one of either architecture."""
    models = measured["models"]
    shown = [name for name in GROWING if name in models] or list(models)[:1]
    figure = new_figure(DOUBLE_COLUMN, max(3.0, 1.2 + 0.16 * len(models)))
    axes = figure.subplots(1, 1 + len(shown), width_ratios=[1.4, *[1] * len(shown)])
    ratios = {name: pd.DataFrame(found["ratios"]) for name, found in models.items()}
    dimension_marks(axes[0], {name: rows[rows["reading"] == "cells"] for name, rows in ratios.items()})
    axes[0].legend(loc="upper center", bbox_to_anchor=(0.3, -0.12), ncols=2)
    for ax, name in zip(axes[1:], shown, strict=True):
        dimensions_by_tasks(ax, pd.DataFrame(models[name]["growth"]), title=panel_title(name), legend=False)
    figure.legend(*axes[1].get_legend_handles_labels(), loc="outside lower right", ncols=2)
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
