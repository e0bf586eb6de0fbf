"""What would the model answer if it were read at every update, not only where a segment ends?

    python analyses/lens.py [MODEL ...] [--source SOURCE] [--n PUZZLES] [--seed SEED] [--out FOLDER]
    python analyses/lens.py --saved [--out FOLDER]                     draw again what was measured before

Each MODEL, a shipped one or a folder, solves a sample of its board's test set, and its own output head reads z_H after
each H-update and z_L after each L-update. Writes lens.{png,pdf,html,json}.
Claim: answers come suddenly, in one segment (arXiv 2601.10679, section 4). At which update of it, and at once?
"""

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from command_lines import asking_models, exit_status
from measured import DIGITS, Measured, command_line
from sampled import sampled_puzzles

from hrm_probe import load
from hrm_probe.json_text import as_json
from hrm_probe.plots import DOUBLE_COLUMN, arrival_curves, lens_curves, new_figure
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import lens
from hrm_probe.reasoning.timing.lens_tables import WITHIN
from hrm_probe.report.subject import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODELS = ("hrm-6x6", "trm-6x6", "hrm-9x9-shallow", "trm-9x9-shallow")
SHOWN = 4  # segments of the run that are drawn
HEIGHT = 4.2
COMES_IN = {"first segment": "the first segment", "later": "later segments"}


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=200,
        sample="puzzles in the random sample",
        seed="of the sample and of the intervals",
    )
    return command_line("lens", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Each model's reads; intervals by solution classes."""
    told = {}
    for name in given.models:
        model = load(name)
        puzzles = sampled_puzzles(model, given.source, given.n, given.seed)
        found = lens(model, puzzles, groups="class", seed=given.seed, progress=True)
        print(f"{name}. {found}")
        told[name_of(name)] = as_json(
            {**found.summary(), "chance": 1 / puzzles.board.side, "table": found.table}, DIGITS
        )
    return {"models": told, "source": given.source, "seed": given.seed, "provenance": provenance()}


def draw(measured: Measured) -> "Figure":
    """A column per model. Above: right cells at every update; below: the segment that brings most of the answers."""
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    axes = figure.subplots(2, len(measured["models"]), squeeze=False)
    for i, (name, told) in enumerate(measured["models"].items()):
        over, inside = axes[:, i]
        lens_curves(
            over,
            pd.DataFrame(told["table"]),
            segments=min(SHOWN, told["segments"]),
            chance=told["chance"],
            title=name,
            legend=not i,
        )
        groups = {row["comes_in"]: row["puzzles"] for row in told["arrival"]}
        comes_in = max(groups, key=groups.__getitem__, default="later")
        title = f"{groups.get(comes_in, 0)} answers of\n{COMES_IN[comes_in]}"
        within = pd.DataFrame(told["within"], columns=WITHIN)
        arrival_curves(inside, within, comes_in=comes_in, title=title, legend=not i)
        if i:
            over.set_ylabel("")
            inside.set_ylabel("")
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
