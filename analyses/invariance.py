"""Does success depend on the puzzle, or on the words that it is put in? And on which of them?

    python analyses/invariance.py [MODEL ...] [--n PUZZLES] [--kinds KIND ...] [--runs N] [--out DIR]
    python analyses/invariance.py MODEL --puzzles SET                   on a set of puzzles other than the board's
    python analyses/invariance.py --saved [--out DIR]                   draw again what was measured before

Each MODEL, a shipped one or a folder, is asked a sample of its board's test puzzles several times: with digits renamed,
with rows or columns moved, with all of it, and in equal words from noise in place of the initial state. Writes
invariance.{png,pdf,html,json}: the correlation of the success of two runs of one puzzle, 1 for who reasons.
Claims: relabelled copies are new guesses (arXiv 2601.10679). What about them is new to the model?
"""

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from asking import Found, asked_of_each
from command_lines import asking_models, exit_status, positive
from measured import Measured, command_line
from sampled import puzzles_asked

from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots import DOUBLE_COLUMN, invariance_marks, new_figure
from hrm_probe.reasoning import invariance
from hrm_probe.reasoning.guessing.invariance import WORDINGS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODELS = (
    "trm-9x9-shallow", "trm-9x9-cpu-shallow", "trm-9x9-cpu", "hrm-9x9-shallow", "hrm-9x9-shallow-mixed", "hrm-6x6",
    "hrm-6x6-seed1", "hrm-6x6-seed2",
)  # fmt: skip
HEIGHT = 2.6


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=200,
        sample="puzzles in the random sample",
        seed="of the sample, the draws and the intervals",
    )
    parser.add_argument(
        "--puzzles", help="a file with answers, or a bundled set; all of its sources are used"
    )
    parser.add_argument(
        "--kinds", nargs="+", default=list(WORDINGS), metavar="KIND", help=", ".join(WORDINGS)
    )
    parser.add_argument("--runs", type=positive, default=4, help="runs of each puzzle and kind")
    parser.add_argument("--segments", type=positive, default=16, help="segments of each run")
    parser.add_argument("--scale", type=float, default=0.1, help="scale of the noise on the initial state")
    parser.add_argument("--dtype", default="float32", help="precision of activations and weights")
    return command_line("invariance", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """How alike runs in other words are, for each model; intervals by solution classes."""

    def ask(name: str, model: RecursiveReasoner) -> Found:
        return invariance(
            model, puzzles_asked(given, model), kinds=given.kinds, runs=given.runs, segments=given.segments,
            scale=given.scale, groups="class", seed=given.seed, progress=True,
        )  # fmt: skip

    return asked_of_each(given, ask, "dtype")


def draw(measured: Measured) -> "Figure":
    """One picture: for each kind how alike runs are, a mark per model."""
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    tables = {name: pd.DataFrame(asked["table"]) for name, asked in measured["models"].items()}
    ax = invariance_marks(figure.subplots(), tables)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside right center", fontsize=6)
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
