"""Do a training's last checkpoints solve more together than the last one alone? Asked in several ways, even more?

    hrm-probe train hrm-6x6 --set keep_answers=10 --set answer_copies=8 --set answer_puzzles=512
    hrm-probe train hrm-6x6-mixed --set keep_answers=10 --set answer_copies=8 --set answer_puzzles=512
    python analyses/bootstrapping.py runs/hrm-6x6 runs/hrm-6x6-mixed [--out FOLDER]
    python analyses/bootstrapping.py --saved [--out FOLDER]                  draw again what was measured before

Reads the answers that trainings kept; no model is run. For each RUN: guesses of earlier checkpoints, guesses about
relabelled copies, and both together, by each way to vote. Writes figures/bootstrapping.{png,pdf,json}.
Claim: more guesses solve more puzzles. Data mixing, nine relabellings and ten checkpoints together lift Sudoku-Extreme
from 54.5% to 96.9% (arXiv 2601.10679, section 5); a puzzle takes 90 forward passes then.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hrm_probe.errors import InputError
from hrm_probe.files import writing
from hrm_probe.plots import DOUBLE_COLUMN, new_figure, vote_curves
from hrm_probe.plots.style import style
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import checkpoint_guesses
from hrm_probe.training.answers import load_answers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES = Path(__file__).parents[1] / "figures"
NUMBERS = "bootstrapping.json"
ROW_HEIGHT = 2.5


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="*", metavar="RUN", help="folder of a training")
    parser.add_argument("--saved", action="store_true", help=f"read no run: draw {NUMBERS} of --out")
    parser.add_argument("--seed", type=int, default=0, help="of the resampling")
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder of the figure")
    given = parser.parse_args(arguments)
    try:
        measured = _read(given.out) if given.saved else _measure(given.runs, given.seed)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    for path in write(measured, given.out):
        print(path)
    return 0


def write(measured: dict[str, Any], out: Path) -> list[Path]:
    """The figure, twice, and its numbers."""
    paths = [out / "bootstrapping.png", out / "bootstrapping.pdf", out / NUMBERS]
    with style():
        figure = draw({run: pd.DataFrame(told["table"]) for run, told in measured["runs"].items()})
        for path in paths[:2]:
            with writing(path) as beside:
                figure.savefig(beside)
    with writing(paths[2]) as beside:
        beside.write_text(json.dumps(measured, indent=1) + "\n")
    return paths


def draw(tables: dict[str, pd.DataFrame]) -> "Figure":
    """A row a run, a panel a source of guesses."""
    sources = list(dict.fromkeys(source for table in tables.values() for source in table["source"]))
    figure = new_figure(DOUBLE_COLUMN, ROW_HEIGHT * len(tables))
    axes = figure.subplots(len(tables), len(sources), sharey=True, squeeze=False)
    for row, (run, table) in zip(axes, tables.items(), strict=True):
        for ax, source in zip(row, sources, strict=True):
            guesses = table[table["source"] == source]
            if guesses.empty:
                ax.set_visible(False)
                continue
            vote_curves(ax, guesses, title=source.replace("+", " and "), legend=ax is axes[-1, -1])
            ax.label_outer()
        row[0].set_ylabel(f"{run}: solved")
    return figure


def _measure(runs: list[Path], seed: int) -> dict[str, Any]:
    if not runs:
        raise InputError("Name the folders of one training or more, or give --saved.")
    told = {}
    for run in runs:
        guessed = checkpoint_guesses(run, groups="class", seed=seed)
        print(f"{run.name}. {guessed}")
        told[run.name] = {"checkpoints_at_steps": load_answers(run).steps.tolist(), **guessed.summary()}
    return {"runs": told, "seed": seed, "provenance": provenance()}


def _read(folder: Path) -> dict[str, Any]:
    try:
        measured: dict[str, Any] = json.loads((folder / NUMBERS).read_text())
    except FileNotFoundError:
        raise InputError(f"There is no {folder / NUMBERS}; name trainings to measure it.") from None
    return measured


if __name__ == "__main__":
    sys.exit(main())
