"""Do cells come in the order in which logic deduces them?

    python analyses/deduction.py [MODEL ...] [--source SOURCE] [--n PUZZLES] [--seed SEED] [--out FOLDER]
    python analyses/deduction.py --saved [--out FOLDER]                 draw again what was measured before

Each MODEL, a shipped one or a folder, solves a sample of its board's test set, and its own output head reads z_H after
each H-update. Writes deduction.{png,pdf,html,json}; the figure shows the first four.
Claim: the model guesses until an answer comes, in one step (arXiv 2601.10679). Then no cell would wait for another.
"""

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from asking import Found, asked_of_each
from command_lines import asking_models, exit_status
from measured import SHIPPED, Measured, command_line, panel_title
from sampled import sampled_puzzles

from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots import DOUBLE_COLUMN, arrival_by_round, new_figure, order_shares, right_by_round
from hrm_probe.reasoning import deduction_order

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODELS = tuple(name for name in SHIPPED if name != "trm-9x9-cpu")
FEWER = {"trm-9x9-short": 48}  # of published size: minutes on two cores
SHOWN = 4
HEIGHT = 6.0


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=200,
        sample="puzzles in the random sample",
        seed="of the sample, the intervals and the shuffling",
    )
    return command_line("deduction", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Each model's order; intervals by solution classes."""

    def ask(name: str, model: RecursiveReasoner) -> Found:
        puzzles = sampled_puzzles(model, given.source, min(given.n, FEWER.get(name, given.n)), given.seed)
        return deduction_order(model, puzzles, groups="class", seed=given.seed, progress=True)

    return asked_of_each(given, ask)


def draw(measured: Measured) -> "Figure":
    """A column per model: when the cells of each round arrive, in what order cells come, what failures get right."""
    shown = dict(list(measured["models"].items())[:SHOWN])
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    axes = figure.subplots(3, len(shown), squeeze=False)
    for i, (name, told) in enumerate(shown.items()):
        above, middle, below = axes[:, i]
        by_round = pd.DataFrame(told["by_round"]).astype(float)
        arrival_by_round(above, by_round, title=panel_title(name), legend=not i)
        order_shares(middle, pd.DataFrame(told["orders"]).fillna(float("nan")), names=not i)
        right_by_round(below, by_round)
        if i:
            above.set_ylabel("")
            below.set_ylabel("")
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
