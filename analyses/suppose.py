"""A guess is put into one cell's states: does what follows from it come, round by round, and nothing else?

    python analyses/suppose.py [MODEL ...] [--n PUZZLES] [--states-of WHICH] [--held SEGMENTS] [--seed SEED] [--out DIR]
    python analyses/suppose.py --saved [--out DIR]                      draw again what was measured before

Each MODEL, a shipped one or a folder, solves a sample of those puzzles of its board's test set that naked and hidden
singles do not solve: plainly, and with the states of one cell, which has two candidates where singles end, replaced by
such as stand for the wrong digit, and for the right one. Writes suppose.{png,pdf,html,json}; the figure shows the first
four.
Claim: the model guesses (arXiv 2601.10679). Then can it draw conclusions from a guess?
"""

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from asking import Found, asked_of_each
from command_lines import asking_models, exit_status, positive
from measured import SHIPPED, Measured, command_line, panel_title
from sampled import sampled_puzzles

from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots import DOUBLE_COLUMN, conclusions_in_time, followed_curves, new_figure
from hrm_probe.reasoning import suppose

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWER = {"trm-9x9-short": 32}  # of published size: minutes on two cores
SHOWN = 4
READS = 24  # drawn, of 32 or 48
HEIGHT = 4.0


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        SHIPPED,
        n=100,
        sample="puzzles in the random sample, of those that need more than singles",
        seed="of the sample and the intervals",
    )
    parser.add_argument(
        "--states-of", choices=("another", "itself"), default="another", help="which puzzle's run"
    )
    parser.add_argument("--held", type=positive, help="segments in which the guess is put in (default: all)")
    return command_line("suppose", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """What each model concludes from a guess; intervals by solution classes."""

    def ask(name: str, model: RecursiveReasoner) -> Found:
        n = min(given.n, FEWER.get(name, given.n))
        puzzles = sampled_puzzles(model, given.source, n, given.seed, beyond_singles=True)
        how = {"states_of": given.states_of, "held": given.held, "groups": "class", "seed": given.seed}
        return suppose(model, puzzles, **how, progress=True)

    return asked_of_each(given, ask, "states_of", "held")


def draw(measured: Measured) -> "Figure":
    """A column per model: what is shown while a guess is put in, by the round in which it follows, and in time."""
    shown = list(measured["models"].items())[:SHOWN]
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    axes = figure.subplots(2, len(shown), squeeze=False)
    for i, (name, told) in enumerate(shown):
        above, below = axes[:, i]
        by_round = pd.DataFrame(told["by_round"]).astype(float)
        followed_curves(above, by_round, title=panel_title(name), legend=not i)
        conclusions_in_time(below, pd.DataFrame(told["in_time"]).astype(float), until=READS, legend=not i)
        if i:
            above.set_ylabel("")
            below.set_ylabel("")
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
