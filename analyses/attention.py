"""Are the rules of Sudoku in the heads? Where each looks, what breaks without it, and which edges answers come by.

    python analyses/attention.py [MODEL ...] [--n PUZZLES] [--parts PART ...] [--out DIR]
    python analyses/attention.py MODEL --puzzles SET                    on a set of puzzles other than the board's
    python analyses/attention.py MODEL --parts heads --means-of untouched       heads give their mean of another run
    python analyses/attention.py --saved [--out DIR]                    draw again what was measured before

Each MODEL that attends, a shipped one or a folder, runs on a sample of its board's test puzzles: untouched, with one
head at a time left out, and with one kind of edge at a time blocked, in all heads or in those of one level. Writes
attention.{png,pdf,html,json}; the figure shows the first two models.
Question: a model that knows the rules must carry digits along rows, columns and boxes. By which heads does it?
"""

import argparse
from typing import TYPE_CHECKING, get_args

import pandas as pd
from asking import Found, asked_of_each
from command_lines import asking_models, exit_status, positive
from measured import Measured, command_line
from sampled import puzzles_asked

from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots import DOUBLE_COLUMN, SINGLE_COLUMN, blocked_bars, broken_map, looks_map, new_figure
from hrm_probe.reasoning import attention
from hrm_probe.reasoning.heads.attention import PARTS, MeansOf

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODELS = (
    "hrm-6x6",
    "hrm-9x9-shallow",
    "hrm-6x6-seed1",
    "hrm-6x6-seed2",
    "hrm-6x6-mixed",
    "hrm-9x9-shallow-mixed",
    "trm-6x6-attention",
    "trm-6x6-attention-seed1",
)
WIDTHS = {"looks": 2.0, "heads": 1.0, "edges": 1.2}
TITLES = {"looks": "% of a head's attention", "heads": "% broken without it", "edges": "with edges blocked"}
SHOWN = 2
HEIGHT = 3.2


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=200,
        sample="puzzles in the random sample",
        seed="of the sample, the control and the intervals",
    )
    parser.add_argument(
        "--puzzles", help="a file with answers, or a bundled set; all of its sources are used"
    )
    parser.add_argument("--parts", nargs="+", default=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument(
        "--means-of",
        choices=get_args(MeansOf),
        default="itself",
        help="the run that a head's mean is taken from: the one without it, or the untouched one",
    )
    parser.add_argument("--segments", type=positive, default=16, help="of each run")
    return command_line("attention", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Looks, heads and edges of each model; intervals by solution classes."""

    def ask(name: str, model: RecursiveReasoner) -> Found:
        return attention(
            model, puzzles_asked(given, model), parts=given.parts, means_of=given.means_of, segments=given.segments,
            groups="class", seed=given.seed, progress=True,
        )  # fmt: skip

    return asked_of_each(given, ask, "means_of")


def draw(measured: Measured) -> "Figure":
    """A row per model: where heads look, what breaks without each, and what blocked edges cost."""
    shown = list(measured["models"].items())[:SHOWN]
    asked = [part for part in PARTS if any(found[part] for _, found in shown)]
    widths = [WIDTHS[part] for part in asked]
    width = max(SINGLE_COLUMN, DOUBLE_COLUMN * sum(widths) / sum(WIDTHS.values()))
    figure = new_figure(width, HEIGHT * len(shown))
    axes = figure.subplots(len(shown), len(asked), squeeze=False, width_ratios=widths)
    for row, (name, found) in zip(axes, shown, strict=True):
        table = {part: pd.DataFrame(found[part]) for part in (*asked, "broken")}
        for ax, part in zip(row, asked, strict=True):
            named = (
                f"{name}: {TITLES[part]}" if part == "looks" else f"{name}\n{TITLES[part]}"
            )  # others are narrow
            title = named if ax is row[0] else TITLES[part]
            if part == "looks":
                looks_map(ax, table[part], title=title)
            elif part == "heads":
                broken_map(ax, table[part], table["broken"], title=title)
            else:
                blocked_bars(ax, table[part], found["plain"]["estimate"], title=title)
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
