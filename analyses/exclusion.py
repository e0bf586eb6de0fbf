"""A digit is put into one cell's states: do its row, column and box give it up, from the start and late in the run?

    python analyses/exclusion.py [MODEL ...] [--n PUZZLES] [--late SEGMENT] [--lent WHICH] [--seed SEED] [--out DIR]
    python analyses/exclusion.py --saved [--out DIR]                    draw again what was measured before

Each MODEL, a shipped one or a folder, runs on a sample of its board's test puzzles while one cell of each is made to
hold a digit, from the first segment on, and again from a late one on. With --lent blank the states are not a clue's but
such as another run's blank cell has, from the late segment on, and are told apart by how sure the head is of them.
Writes exclusion.{png,pdf,html,json}; the figure shows the first four.
Claim: the model is trapped at a fixed point (arXiv 2601.10679). Is a run, late, deaf to what is new?
"""

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from command_lines import asking_models, exit_status, positive
from measured import DIGITS, SHIPPED, Measured, command_line
from sampled import sampled_puzzles

from hrm_probe import load
from hrm_probe.json_text import as_json
from hrm_probe.plots import DOUBLE_COLUMN, excluded_points, exclusion_curves, new_figure
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import exclusion
from hrm_probe.report.subject import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWER = {"trm-9x9-short": 16}  # of published size: minutes on two cores
SHOWN = 4
HEIGHT = 3.8


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        SHIPPED,
        n=100,
        sample="puzzles in the random sample",
        seed="of the sample, the draw and the intervals",
    )
    parser.add_argument("--late", type=positive, default=9, help="the late segment")
    parser.add_argument("--lent", choices=("clue", "blank"), default="clue", help="whose states are put in")
    return command_line("exclusion", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Who gives up a digit that one cell holds, for each model; intervals by solution classes."""
    told = {}
    for name in given.models:
        model = load(name)
        puzzles = sampled_puzzles(model, given.source, min(given.n, FEWER.get(name, given.n)), given.seed)
        told[name_of(name)] = {}
        for since in (1, given.late) if given.lent == "clue" else (given.late,):
            found = exclusion(
                model,
                puzzles,
                lent=given.lent,
                since=since,
                groups="class",
                seed=given.seed,
                progress=True,
            )
            print(f"{name}. {found}", flush=True)
            told[name_of(name)][str(since)] = as_json(found.summary(), DIGITS)
    return {
        "models": told,
        "source": given.source,
        "lent": given.lent,
        "late": given.late,
        "seed": given.seed,
        "provenance": provenance(),
    }


def draw(measured: Measured) -> "Figure":
    """A column per model: the digit put in from the first segment on and from a late one; or late, and how surely."""
    shown = list(measured["models"].items())[:SHOWN]
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    axes = figure.subplots(2, len(shown), squeeze=False, sharey="row")
    for i, (name, told) in enumerate(shown):
        for j, (since, found) in enumerate(told.items()):
            title = f"from segment {since} on" if j else f"{name}\nfrom segment {since} on"
            exclusion_curves(axes[j, i], pd.DataFrame(found["in_time"]), title=title, legend=not (i or j))
        if len(told) == 1:
            (found,) = told.values()
            excluded_points(axes[1, i], pd.DataFrame(found["by_probability"]))
        if i:
            axes[0, i].set_ylabel("")
            axes[1, i].set_ylabel("")
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
