"""Do a training's last checkpoints solve more together than the last one alone? And than as many relabelled copies?

    python analyses/bootstrapping.py RUN [--device cuda]

RUN is the folder of a training with keep_answers=10, say. Its kept answers are the guesses of the checkpoints; the
finished model, asked about relabelled copies of the same puzzles, makes as many guesses at the same cost in forward
passes. Each way to vote is judged. Writes figures/bootstrapping.{png,pdf,json}.
Claim: more guesses solve more puzzles (arXiv 2601.10679, from 54.5% to 96.9% with ten checkpoints, nine relabellings
and data mixing).
"""

import argparse
import json
import sys
from pathlib import Path

import hrm_probe
from hrm_probe.errors import InputError
from hrm_probe.files import writing
from hrm_probe.plots import DOUBLE_COLUMN, new_figure, vote_curves
from hrm_probe.plots.style import style
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import Guesses, checkpoint_guesses, guesses
from hrm_probe.training.answers import load_answers
from hrm_probe.training.summary import MODEL

FIGURES = Path(__file__).parents[1] / "figures"


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="folder of the training")
    parser.add_argument("--device", help="of the relabelled copies: cpu or cuda; CUDA where there is one")
    parser.add_argument("--seed", type=int, default=0, help="of the relabellings and the resampling")
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder of the figure")
    given = parser.parse_args(arguments)
    try:
        asked = load_answers(given.run)
        together = checkpoint_guesses(given.run, groups="class", seed=given.seed)
        model = hrm_probe.load(given.run / MODEL, given.device)
        copies = guesses(
            model, asked.puzzles, sources=["relabelling"], n_guesses=len(asked.steps), groups="class",
            seed=given.seed, progress=True,
        )  # fmt: skip
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    found = {"the last checkpoints": together, "relabelled copies": copies}
    for guessed in found.values():
        print(guessed)
    for path in write(found, asked.steps.tolist(), given.run.name, given.seed, given.out):
        print(path)
    return 0


def write(found: dict[str, Guesses], steps: list[int], run: str, seed: int, out: Path) -> list[Path]:
    """The figure, twice, and its numbers."""
    with style():
        figure = new_figure(DOUBLE_COLUMN, 2.8)
        axes = figure.subplots(1, len(found), sharey=True)
        for ax, (title, guessed) in zip(axes, found.items(), strict=True):
            vote_curves(ax, guessed.table, title=title, legend=ax is axes[-1])
        paths = [out / f"bootstrapping.{suffix}" for suffix in ("png", "pdf")]
        for path in paths:
            with writing(path) as beside:
                figure.savefig(beside)
    numbers = {title: guessed.summary() for title, guessed in found.items()}
    told = {"run": run, "checkpoints_at_steps": steps, "seed": seed, **numbers, "provenance": provenance()}
    with writing(out / "bootstrapping.json") as beside:
        beside.write_text(json.dumps(told, indent=1) + "\n")
    return [*paths, out / "bootstrapping.json"]


if __name__ == "__main__":
    sys.exit(main())
