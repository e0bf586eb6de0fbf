"""One cell is held back: do the cells that follow from it wait, and no others?

    python analyses/holding_back.py [MODEL ...] [--source SOURCE] [--n PUZZLES] [--seed SEED] [--out FOLDER]
    python analyses/holding_back.py --saved [--out FOLDER]              draw again what was measured before

Each MODEL, a shipped one or a folder, solves a sample of its board's test set three times: plainly, with the states of
a cell that others follow from put back to their beginning after every update, and with those of a cell that none
follows from. Writes holding_back.{png,pdf,html,json}; the figure shows the first four.
Claim: the model guesses (arXiv 2601.10679). Then no cell would need what was concluded at another.
"""

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from asking import Found, asked_of_each
from command_lines import asking_models, exit_status
from measured import Measured, command_line, panel_title
from sampled import sampled_puzzles

from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots import DOUBLE_COLUMN, delay_points, new_figure
from hrm_probe.reasoning import hold_back

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODELS = (
    "hrm-6x6", "trm-6x6", "hrm-9x9-shallow", "trm-9x9-shallow", "hrm-6x6-seed1", "hrm-6x6-seed2", "trm-6x6-seed1",
    "trm-6x6-seed2",
)  # fmt: skip
TIMES = {"hrm-9x9-shallow": 2}  # as many puzzles: it solves a quarter of them
SHOWN = 4
HEIGHT = 2.1


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=200,
        sample="puzzles in the random sample; twice as many for a model that solves few",
        seed="of the sample, the idle cells and the intervals",
    )
    return command_line("holding_back", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Each model's delays; intervals by solution classes."""

    def ask(name: str, model: RecursiveReasoner) -> Found:
        puzzles = sampled_puzzles(model, given.source, given.n * TIMES.get(name, 1), given.seed)
        return hold_back(model, puzzles, groups="class", seed=given.seed, progress=True)

    return asked_of_each(given, ask)


def draw(measured: Measured) -> "Figure":
    """A column per model."""
    shown = list(measured["models"].items())[:SHOWN]
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    axes = figure.subplots(1, len(shown), squeeze=False)[0]
    for i, (ax, (name, told)) in enumerate(zip(axes, shown, strict=True)):
        delay_points(
            ax, pd.DataFrame(told["effects"], columns=COLUMNS), title=panel_title(name), legend=not i
        )
    return figure


COLUMNS = [
    "held",
    *(f"{name}{end}" for name in ("following", "others", "difference") for end in ("", "_low", "_high")),
]

if __name__ == "__main__":
    raise SystemExit(main())
