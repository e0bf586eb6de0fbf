"""Where logic is stuck: does a model follow its guesses through, and does it see which of them logic refutes?

    python analyses/follow_through.py [MODEL ...] [--source SOURCE] [--n PUZZLES] [--seed SEED] [--out FOLDER]
    python analyses/follow_through.py --saved [--out FOLDER]            draw again what was measured before

Each MODEL, a shipped one or a folder, solves a sample of those puzzles of its board's test set that naked and hidden
singles do not solve, and its own output head reads z_H after each H-update.
Writes follow_through.{png,pdf,html,json}; the figure shows the first four.
Claim: the model guesses (arXiv 2601.10679). Then what does it do with its guesses?
"""

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from asking import Found, asked_of_each
from command_lines import asking_models, exit_status
from measured import SHIPPED, Measured, command_line, panel_title
from sampled import sampled_puzzles

from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots import DOUBLE_COLUMN, followed_curves, new_figure, refuted_curves
from hrm_probe.reasoning import follow_through

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWER = {"trm-9x9-short": 48}  # of published size: minutes on two cores
SHOWN = 4
HEIGHT = 4.0


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        SHIPPED,
        n=200,
        sample="puzzles in the random sample, of those that need more than singles",
        seed="of the sample and the intervals",
    )
    return command_line("follow_through", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Each model's guesses and what follows from them; intervals by solution classes."""

    def ask(name: str, model: RecursiveReasoner) -> Found:
        n = min(given.n, FEWER.get(name, given.n))
        puzzles = sampled_puzzles(model, given.source, n, given.seed, beyond_singles=True)
        return follow_through(model, puzzles, groups="class", seed=given.seed, progress=True)

    return asked_of_each(given, ask)


def draw(measured: Measured) -> "Figure":
    """A column per model: what is shown beside a guess, and for how long guesses are shown that singles refute."""
    shown = list(measured["models"].items())[:SHOWN]
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    axes = figure.subplots(2, len(shown), squeeze=False)
    for i, (name, told) in enumerate(shown):
        above, below = axes[:, i]
        by_round = pd.DataFrame(told["by_round"]).astype(float)
        followed_curves(above, by_round, title=panel_title(name), legend=not i)
        refuted_curves(below, pd.DataFrame(told["by_refutation"]).astype(float), legend=not i)
        if i:
            above.set_ylabel("")
            below.set_ylabel("")
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
