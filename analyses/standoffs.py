"""Failing answers break rules: two cells show one digit. Does either hear the other, and what if one says it plainly?

    python analyses/standoffs.py [MODEL ...] [--n PUZZLES] [--at SEGMENT] [--seed SEED] [--out DIR]
    python analyses/standoffs.py --saved [--out DIR]                    draw again what was measured before

Each MODEL, a shipped one or a folder, runs on a sample of its board's test puzzles. In those not solved at a segment,
one of two cells that show the same digit in a row, column or box is made to hold that very digit for two segments, or
another one, and is let go. Writes standoffs.{png,pdf,html,json}; the figure shows the first four.
Claim: the model is trapped at the first fixed point it meets (arXiv 2601.10679). What holds it there?
"""

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from asking import Found, asked_of_each
from command_lines import asking_models, exit_status, positive
from measured import SHIPPED, Measured, command_line, panel_title
from sampled import sampled_puzzles

from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots import DOUBLE_COLUMN, conviction_points, new_figure, standoff_curves
from hrm_probe.reasoning import standoffs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODELS = SHIPPED[:-1]  # all but the one of published size
MORE = {"hrm-6x6": 2, "hrm-6x6-seed1": 2, "hrm-6x6-seed2": 2} | dict.fromkeys(
    ("hrm-6x6-mixed", "trm-6x6", "trm-6x6-seed1", "trm-6x6-seed2"), 8
)
"""How many times as many puzzles are run by those that solve most of them: only failures tell."""
SHOWN = 4
HEIGHT = 3.8


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=200,
        sample="puzzles in the random sample, more for models that rarely fail",
        seed="of the sample, the draw and the intervals",
    )
    parser.add_argument("--at", type=positive, default=8, help="the segment at whose end to look")
    return command_line("standoffs", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """What becomes of two cells that break a rule, for each model; intervals by solution classes."""

    def ask(name: str, model: RecursiveReasoner) -> Found:
        puzzles = sampled_puzzles(model, given.source, given.n * MORE.get(name, 1), given.seed)
        return standoffs(model, puzzles, at=given.at, groups="class", seed=given.seed, progress=True)

    return asked_of_each(given, ask, "at")


def draw(measured: Measured) -> "Figure":
    """A column per model: whether the second cell gives way, and how sure the head is of what cells show."""
    shown = list(measured["models"].items())[:SHOWN]
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    axes = figure.subplots(2, len(shown), squeeze=False)
    for i, (name, told) in enumerate(shown):
        above, below = axes[:, i]
        standoff_curves(above, pd.DataFrame(told["in_time"]), title=panel_title(name), legend=not i)
        conviction_points(below, pd.DataFrame(told["conviction"]))
        if i:
            above.set_ylabel("")
            below.set_yticklabels([])
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
