"""Is a run that is stuck worth going on with, or is it better to ask anew? What each nudge is worth.

    python analyses/nudges.py [MODEL ...] [--n PUZZLES] [--kinds KIND ...] [--segments N] [--every N] [--out DIR]
    python analyses/nudges.py MODEL --puzzles SET                       on a set of puzzles other than the board's
    python analyses/nudges.py --saved [--out DIR]                       draw again what was measured before

Each MODEL, a shipped one or a folder, runs on a sample of its board's test puzzles. Every so many segments runs that
have no lawful grid yet are left alone, shaken, begun again from noise, asked a symmetric copy, or told one more clue
for two segments: what a cell shows, or another candidate, anywhere or where two cells break a rule. Writes
nudges.{png,pdf,html,json}; the figure shows the first four.
Claims: failures are traps, and asking anew escapes them (arXiv 2601.10679). Does nothing less do?
"""

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from asking import Found, asked_of_each
from command_lines import asking_models, exit_status, positive
from measured import Measured, command_line
from sampled import puzzles_asked

from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots import DOUBLE_COLUMN, new_figure, nudge_curves
from hrm_probe.reasoning import nudges
from hrm_probe.reasoning.guessing.nudge_kinds import NUDGES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODELS = (
    "trm-9x9-shallow", "trm-9x9-cpu", "hrm-9x9-shallow", "hrm-6x6", "trm-9x9-cpu-shallow", "hrm-9x9-shallow-mixed",
    "hrm-6x6-seed2", "trm-6x6",
)  # fmt: skip
MORE = 4
"""How many times as many puzzles are run of 6x6, where most are solved: only failures tell."""
SHOWN = 4
HEIGHT = 2.9


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=200,
        sample=f"puzzles in the random sample; {MORE} times as many of 6x6",
        seed="of the sample, the draws and the intervals",
    )
    parser.add_argument(
        "--puzzles", help="a file with answers, or a bundled set; all of its sources are used"
    )
    parser.add_argument("--kinds", nargs="+", default=list(NUDGES), metavar="KIND", help=", ".join(NUDGES))
    parser.add_argument("--segments", type=positive, default=64, help="segments of each run")
    parser.add_argument("--every", type=positive, default=8, help="segments between nudges")
    parser.add_argument("--dtype", default="float32", help="precision of activations and weights")
    return command_line("nudges", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """What every nudge solves, for each model; intervals by solution classes."""

    def ask(name: str, model: RecursiveReasoner) -> Found:
        puzzles = puzzles_asked(given, model, given.n * (MORE if model.config.cells == 36 else 1))
        return nudges(
            model, puzzles, kinds=given.kinds, segments=given.segments, every=given.every, groups="class",
            seed=given.seed, progress=True,
        )  # fmt: skip

    return asked_of_each(given, ask, "dtype")


def draw(measured: Measured) -> "Figure":
    """A picture per model: the share solved against the segments spent, a line per nudge."""
    shown = list(measured["models"].items())[:SHOWN]
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    axes = figure.subplots(1, len(shown), squeeze=False)[0]
    for i, (name, nudged) in enumerate(shown):
        nudge_curves(axes[i], pd.DataFrame(nudged["table"]), title=name)
        if i:
            axes[i].set_ylabel("")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=6)
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
