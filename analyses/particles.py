"""Several noisy runs of each puzzle, the worse giving way to the better: does steering find more than as many runs
left alone, and does the halting value know early which of them will be right?

    python analyses/particles.py [MODEL ...] [--n PUZZLES] [--particles RUNS] [--noise SIZE] [--guides GUIDE ...]
    python analyses/particles.py --saved [--out DIR]                    draw again what was measured before

Each MODEL, a shipped one or a folder, is asked minimal puzzles of its board's test set, with noise on its states before
every segment; after each segment runs of a puzzle are weighed by the halting value, by how many rules their grids
break, by the halting value of another run (a control), or by the answer (what steering could do at best).
Writes particles.{png,pdf,html,json}.
Claim: a TRM solves 98.0% of Sudoku-Extreme instead of 85.9% where noise proposes and the halting value weighs the runs
while they go on (arXiv 2605.25230).

Predicted before any of these models was asked:
1. In both TRMs the surest of eight runs steered by the halting value solves 3 points more than the surest of as many
   left to themselves, or more.
2. Steered by broken rules they solve as many as by the halting value, to 2 points, or more, in every model.
3. Steered by chance the TRMs solve 2 points less than left to themselves, or less: selection costs variety.
4. Of two runs of a TRM, neither right by segment 4, the one that will be has the larger halting value in 60% of the
   pairs or more; fewer broken rules tell it as well, to 5 points.
5. In the HRM for 9x9 halting values tell it in fewer than 60%.
6. Steered by the answer the TRMs solve 95% or more: runs that will be right can be told by what they show.
"""

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from asking import Found, asked_of_each
from command_lines import asking_models, exit_status, positive
from measured import Measured, command_line, panel_title
from sampled import sampled_puzzles

from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots import DOUBLE_COLUMN, foresight_curves, new_figure, steering_curves
from hrm_probe.reasoning import particles
from hrm_probe.reasoning.guessing.steering import GUIDES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODELS = ("trm-9x9-shallow", "trm-9x9-cpu-shallow", "hrm-9x9-shallow", "hrm-6x6")
NOISE = {"trm": 1.0, "hrm": 0.3}  # the sizes that are worth most without steering, of those that were tried
SHOWN = 4


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=64,
        sample="puzzles in the random sample",
        seed="of the sample, the noise and the draws",
    )
    parser.add_argument("--particles", type=positive, default=8, help="runs of each puzzle")
    parser.add_argument(
        "--noise", type=float, help="its size, states being 1; 1 for TRMs and 0.3 for HRMs if not given"
    )
    parser.add_argument("--every", type=positive, default=1, help="segments after which runs give way")
    parser.add_argument("--guides", nargs="+", default=list(GUIDES), metavar="GUIDE", help=", ".join(GUIDES))
    return command_line("particles", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """What each guide is worth to each model; intervals by solution classes."""

    def ask(name: str, model: RecursiveReasoner) -> Found:
        noise = NOISE[model.config.architecture] if given.noise is None else given.noise
        return particles(
            model, sampled_puzzles(model, given.source, given.n, given.seed), guides=given.guides,
            particles=given.particles, noise=noise, every=given.every, groups="class", seed=given.seed, progress=True,
        )  # fmt: skip

    return asked_of_each(given, ask, "particles", "noise", "every")


def draw(measured: Measured) -> "Figure":
    """A column for each model: above what is solved by guide, below which of them tells runs that will be right."""
    shown = list(measured["models"].items())[:SHOWN]
    figure = new_figure(DOUBLE_COLUMN, 4.6)
    axes = figure.subplots(2, len(shown), squeeze=False)
    for column, (name, found) in enumerate(shown):
        above, below = axes[:, column]
        steering_curves(
            above, pd.DataFrame(found["table"]), found["single"]["estimate"], title=panel_title(name)
        )
        foresight_curves(
            below, pd.DataFrame(found["foresight"]), legend=len(shown) == 1, title="who foresees it"
        )
        if column:
            above.set_ylabel("")
            below.set_ylabel("")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=6)
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
