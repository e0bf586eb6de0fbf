"""Are nearly solved 9x9 boards the easy ones? HRMs with hints and without, two trainings of each, and a TRM.

    python analyses/blanks_9x9.py [MODEL ...] [--puzzles SET] [--n 100] [--seed 0] [--out FOLDER]
    python analyses/blanks_9x9.py --saved [--out FOLDER]               draw again what was measured before

Each grid is asked with every number of blanks, from one to those of the easy puzzle itself, for 16 segments. Writes
blanks_9x9.{png,pdf,html,json}. MODELs are shipped ones or folders.
Claim: a model that solves puzzles fails where a single cell is blank; hints in training repair it (arXiv 2601.10679).
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from command_lines import described, exit_status, positive
from measured import Measured, command_line

from hrm_probe import load, load_puzzles
from hrm_probe.errors import InputError
from hrm_probe.plots import DOUBLE_COLUMN, blank_curves, new_figure
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import blanks
from hrm_probe.report.subject import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODELS = (
    "hrm-9x9-shallow", "hrm-9x9-shallow-seed1", "hrm-9x9-shallow-mixed", "hrm-9x9-shallow-mixed-seed1",
    "trm-9x9-shallow",
)  # fmt: skip
COUNTS = (1, 2, 4, 8, 16, 24, 32, 40, 48, "all")
SEGMENTS = 16
HEIGHT = 4.0
MOST_IN_A_PANEL = 3


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("models", nargs="*", default=MODELS, metavar="MODEL", help=", ".join(MODELS))
    parser.add_argument("--puzzles", default="9x9-test", help="a bundled set's name, or a file with answers")
    parser.add_argument("--source", default="easy", help="puzzles of this source")
    parser.add_argument("--n", type=positive, default=100, help="puzzles in the random sample")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample and the blanks")
    return command_line("blanks_9x9", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Each model's table: a row per number of blanks."""
    puzzles = load_puzzles(given.puzzles)
    puzzles = puzzles[puzzles.source == given.source]
    if not len(puzzles):
        raise InputError(f"{given.puzzles} has no puzzles of source {given.source!r}; give another --source.")
    counts = [count for count in COUNTS if count == "all" or count <= puzzles.blanks.sum(1).min()]
    told = {}
    for name in given.models:
        found = blanks(load(name), puzzles, counts, SEGMENTS, n=given.n, seed=given.seed, progress=True)
        print(f"{name}. {found}")
        told[name_of(name)] = found.summary()
    return {
        "models": told,
        "puzzles": Path(given.puzzles).name,
        "source": given.source,
        "seed": given.seed,
        "provenance": provenance(),
    }


def draw(measured: Measured) -> "Figure":
    """A line per model; in two panels where there are many."""
    figure = new_figure(DOUBLE_COLUMN, HEIGHT)
    tables = [(model, pd.DataFrame(told["table"])) for model, told in measured["models"].items()]
    half = len(tables) // 2 if len(tables) > MOST_IN_A_PANEL else 0
    panels = [dict(part) for part in (tables[:half], tables[half:]) if part]
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for ax, shown in zip(axes, panels, strict=True):
        blank_curves(ax, shown).legend(loc="upper center", bbox_to_anchor=(0.5, -0.25), fontsize=7)
    for ax in axes[1:]:
        ax.set_ylabel("")
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
