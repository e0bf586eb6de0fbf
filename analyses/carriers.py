"""By which heads does a digit reach its row, its column and its box?

    python analyses/carriers.py [MODEL ...] [--heads HEAD ...] [--n PUZZLES] [--segments N] [--out DIR]
    python analyses/carriers.py --saved [--out DIR]                     draw again what was measured before

Each MODEL that attends runs on a sample of its board's test puzzles while one cell of each is made to hold a digit, as
in exclusion.py, untouched and with one head at a time left out (its mean over the batch in its place). Which of the
other cells no longer give the digit up? Writes carriers.{png,pdf,html,json}; the figure shows the first two models.
Question: attention.py tells where heads look and what breaks without them. Is it the digit that they carry?
"""

import argparse
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pandas as pd
from command_lines import asking_models, exit_status, positive
from measured import DIGITS, Measured, command_line
from sampled import sampled_puzzles

from hrm_probe import load
from hrm_probe.errors import InputError
from hrm_probe.json_text import as_json
from hrm_probe.plots import DOUBLE_COLUMN, carried_map, new_figure
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import exclusion
from hrm_probe.reasoning.heads.attention_heads import Head, heads_of, without
from hrm_probe.report.subject import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODELS = ("hrm-6x6", "hrm-6x6-seed1", "hrm-6x6-seed2", "hrm-6x6-mixed")
UNTOUCHED = "untouched"
SHOWN = 2
HEIGHT = 3.2


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=100,
        sample="puzzles in the random sample",
        seed="of the sample, the draw and the intervals",
    )
    parser.add_argument(
        "--heads", nargs="+", metavar="HEAD", help="such as H1.2, block and head from 0; or all"
    )
    parser.add_argument(
        "--segments", type=positive, default=2, help="segments for which the digit is held, from the first on"
    )
    return command_line("carriers", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Who gives up the digit without each head, for each model; intervals by solution classes."""
    carried = {}
    for name in given.models:
        model = load(name)
        puzzles = sampled_puzzles(model, given.source, given.n, given.seed)
        rows = []
        for head in (None, *_chosen(heads_of(model), given.heads)):
            with nullcontext() if head is None else model.hooks(without(head)):
                found = exclusion(model, puzzles, segments=given.segments, groups="class", seed=given.seed)
            effects = found.effects[found.effects["puzzles_of"] == "all"].drop(columns="puzzles_of")
            without_it = UNTOUCHED if head is None else str(head)
            rows.append(effects.assign(head=without_it, taken=found.taken.estimate))
            print(f"{name}, {without_it}: {_in_words(effects)}", flush=True)
        carried[name_of(name)] = as_json(pd.concat(rows), DIGITS)
    return {
        "models": carried,
        "source": given.source,
        "n": given.n,
        "segments": given.segments,
        "seed": given.seed,
        "provenance": provenance(),
    }


def draw(measured: Measured) -> "Figure":
    """A picture per model: what is given up of the digit, a row per head left out, a column per relation."""
    shown = list(measured["models"].items())[:SHOWN]
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    axes = figure.subplots(1, len(shown), squeeze=False)[0]
    for ax, (name, rows) in zip(axes, shown, strict=True):
        carried_map(ax, pd.DataFrame(rows), title=f"{name}: % given up without a head")
    return figure


def _chosen(heads: list[Head], names: list[str] | None) -> list[Head]:
    known = {str(head): head for head in heads}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise InputError(f"There is no head {unknown[0]!r}; choose among {', '.join(known)}.")
    return heads if names is None else [known[name] for name in names]


def _in_words(effects: pd.DataFrame) -> str:
    return ", ".join(f"{row.relation} {row.excluded:.0%}" for row in effects.itertuples())


if __name__ == "__main__":
    raise SystemExit(main())
