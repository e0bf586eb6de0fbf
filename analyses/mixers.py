"""What decides how answers come: the recursion, or what mixes the cells inside it? Both recursions with either mixer.

    python analyses/mixers.py ["KIND=MODEL,MODEL,..." ...] [--n PUZZLES] [--out DIR]
    python analyses/mixers.py --saved [--out DIR]                       draw again what was measured before

Each MODEL, a shipped one or a folder (that a training left: RUN/model), solves test puzzles of its board and solved
grids with one blank; of the answers that come after the first segment it is asked how many come in one jump. Models of
one KIND differ by their training's seed alone. Writes mixers.{png,pdf,html,json}.
Claim: TRM's answers come in jumps and HRM's less so. But TRM for Sudoku mixes cells by an MLP, HRM by attention.
"""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
from command_lines import described, exit_status, positive
from measured import DIGITS, Measured, command_line
from sampled import sampled_puzzles

from hrm_probe import load
from hrm_probe.dynamics import Interval
from hrm_probe.errors import InputError
from hrm_probe.json_text import as_json
from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots import DOUBLE_COLUMN, new_figure
from hrm_probe.plots.comparison import kinds_compared
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import evaluate, jumps, single_blank
from hrm_probe.reasoning.result import percent
from hrm_probe.report.subject import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = (
    "HRM, attention=hrm-6x6,hrm-6x6-seed1,hrm-6x6-seed2",
    "HRM, MLP=hrm-6x6-mlp,hrm-6x6-mlp-seed1",
    "TRM, attention=trm-6x6-attention,trm-6x6-attention-seed1",
    "TRM, MLP=trm-6x6,trm-6x6-seed1,trm-6x6-seed2",
)
TITLES = {
    "solved": "minimal puzzles\nsolved",
    "single blanks": "single blanks\nsolved",
    "in one jump": "late answers that\ncome in one jump",
}
HEIGHT = 3.6


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("kinds", nargs="*", default=KINDS, metavar="KIND=MODEL,...", help="; ".join(KINDS))
    parser.add_argument("--n", type=positive, default=1000, help="puzzles for each model to solve")
    parser.add_argument("--singles", type=positive, default=400, help="grids with one blank")
    parser.add_argument("--source", default="minimal", help="puzzles of this source of the board's test set")
    parser.add_argument("--segments", type=positive, default=16, help="segments of each run")
    parser.add_argument("--seed", type=int, default=0, help="seed of the samples and the intervals")
    return command_line("mixers", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Every measure of every model; intervals by solution classes."""
    kinds = dict(named(kind) for kind in given.kinds)
    rows: list[dict[str, Any]] = []
    for kind, names in kinds.items():
        for name in names:
            model = load(name)
            found = list(_asked(model, given))
            rows += [
                {"measure": measure, "kind": kind, "model": name_of(name), **as_json(interval, DIGITS)}
                for measure, interval in found
            ]
            told = "; ".join(f"{measure} {percent(interval)}" for measure, interval in found)
            print(f"{kind}, {name_of(name)}: {told}", flush=True)
    return {
        "values": rows,
        "n": given.n,
        "singles": given.singles,
        "source": given.source,
        "segments": given.segments,
        "seed": given.seed,
        "provenance": provenance(),
    }


def draw(measured: Measured) -> "Figure":
    """A row per measure, a mark per model."""
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    values = pd.DataFrame(measured["values"]).astype({"estimate": float, "low": float, "high": float})
    kinds_compared(figure.subplots(), values, TITLES).set_xlabel("share")
    return figure


def _asked(model: RecursiveReasoner, given: argparse.Namespace) -> Iterator[tuple[str, Interval]]:
    puzzles = sampled_puzzles(model, given.source, given.n, given.seed)
    usual = {"groups": "class", "seed": given.seed}
    yield "solved", evaluate(model, puzzles, given.segments).exact
    yield (
        "single blanks",
        single_blank(model, puzzles.sample(given.singles, given.seed), 1, given.segments, **usual).last,
    )
    yield "in one jump", jumps(model, puzzles, segments=given.segments, **usual).share


def named(kind: str) -> tuple[str, list[str]]:
    """ "TRM=a,b" as a name and its models."""
    name, equals, models = kind.partition("=")
    if not (name and equals and models):
        raise InputError(f"{kind!r} is not a kind of models; write KIND=MODEL,MODEL,... .")
    return name, models.split(",")


if __name__ == "__main__":
    raise SystemExit(main())
