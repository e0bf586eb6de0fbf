"""Do a training's last checkpoints solve more together than the last one alone? Asked in several ways, even more?

    hrm-probe train hrm-6x6 SETTINGS
    hrm-probe train hrm-6x6-mixed SETTINGS
    python analyses/bootstrapping.py runs/hrm-6x6 runs/hrm-6x6-mixed [--out FOLDER]
    python analyses/bootstrapping.py --saved [--out FOLDER]                  draw again what was measured before

SETTINGS: --set keep_answers=10 --set answer_copies=8 --set answer_puzzles=512 --set evaluate_every=250.

Reads the answers that trainings kept; no model is run. For each RUN: guesses of earlier checkpoints, guesses about
relabelled copies, and both together, by each way to vote; all of them as the published code counts; and one guess
beside all of them for the puzzles of each source.
Writes figures/bootstrapping.{png,pdf,html,json}.
Claim: more guesses solve more puzzles. Data mixing, nine relabellings and ten checkpoints together lift Sudoku-Extreme
from 54.5% to 96.9% (arXiv 2601.10679, section 5); a puzzle takes 90 forward passes then.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from command_lines import described, exit_status
from measured import Measured, command_line

from hrm_probe.errors import InputError
from hrm_probe.json_text import as_json
from hrm_probe.plots import DOUBLE_COLUMN, new_figure, vote_curves
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import Guesses, checkpoint_guesses, published_count
from hrm_probe.reasoning.guessing.guesses import judge_guesses
from hrm_probe.reasoning.result import percent
from hrm_probe.training.answers import load_answers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW_HEIGHT = 2.5


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("runs", type=Path, nargs="*", metavar="RUN", help="folder of a training run")
    parser.add_argument("--seed", type=int, default=0, help="seed of the resampling")
    return command_line("bootstrapping", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Votes among the answers that each run kept."""
    if not given.runs:
        raise InputError("Name the folders of one or more training runs, or give --saved.")
    told = {}
    for run in given.runs:
        guessed = checkpoint_guesses(run, groups="class", seed=given.seed)
        counted = published_count(run, groups="class", seed=given.seed)
        print(f"{run.name}. {guessed}")
        print(f"   all of them, counted as the published code counts, by the answer: {percent(counted)}")
        kept = load_answers(run)
        alone = (kept.predictions[:, 0] == kept.puzzles.answers).all(-1).mean(-1)
        told[run.name] = {
            "checkpoints_at_steps": kept.steps.tolist(),
            "checkpoints_alone": alone.tolist(),
            "published_count": counted.to_dict(),
            "by_puzzles": as_json(by_puzzles(run, guessed, given.seed)),
            **guessed.summary(),
        }
    return {"runs": told, "seed": given.seed, "provenance": provenance()}


def by_puzzles(run: Path, guessed: Guesses, seed: int) -> pd.DataFrame:
    """What one guess solves and what all of them do, elected each way, of the puzzles of each source."""
    kept = load_answers(run)
    parts = []
    for source in sorted(set(kept.puzzles.source)):
        here = np.flatnonzero(kept.puzzles.source == source)
        told = judge_guesses(
            kept.puzzles[here],
            {name: grids[:, here] for name, grids in guessed.predictions.items()},
            {name: values[:, here] for name, values in guessed.q_halt.items()},
            kept.segments,
            groups="class",
            seed=seed,
        ).table
        alone = told["guesses"] == 1
        all_of_them = told["guesses"] == told.groupby("source")["guesses"].transform("max")
        chosen = pd.concat(
            [told[alone].head(1).assign(source="", vote="one guess"), told[all_of_them & ~alone]]
        )
        parts.append(chosen.assign(puzzles=source, n=len(here)))
    return pd.concat(parts, ignore_index=True)


def draw(measured: Measured) -> "Figure":
    """A row per run, a panel per source of guesses."""
    tables = {run: pd.DataFrame(told["table"]) for run, told in measured["runs"].items()}
    sources = list(dict.fromkeys(source for table in tables.values() for source in table["source"]))
    figure = new_figure(DOUBLE_COLUMN, ROW_HEIGHT * len(tables))
    axes = figure.subplots(len(tables), len(sources), sharey=True, squeeze=False)
    for row, (run, table) in zip(axes, tables.items(), strict=True):
        for ax, source in zip(row, sources, strict=True):
            guesses = table[table["source"] == source]
            if guesses.empty:
                ax.set_visible(False)
                continue
            vote_curves(ax, guesses, title=source.replace("+", " and "), legend=ax is axes[0, 0])
            ax.label_outer()
        row[0].set_ylabel(f"{run}: solved")
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
