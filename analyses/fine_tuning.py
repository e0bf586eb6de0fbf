"""How soon do hints repair a model that fails on easy puzzles, and what does the repair cost?

    python analyses/fine_tuning.py [MODEL ...] [--steps STEPS] [--n PUZZLES] [--out FOLDER]
    python analyses/fine_tuning.py --saved [--out FOLDER]              draw again what was measured before

Each finished MODEL trains on, once with hints (recipe hrm-6x6-mixed) and once without (hrm-6x6), with the same seed,
data and settings, but other draws, for hints and puzzles come from one generator. On the way it is asked for single
blanks, for minimal puzzles, and how far z_H of solved puzzles still moves in a segment after many. Runs are kept in
runs/fine-tuning and go on where they were stopped; finished ones are only read.
Writes fine_tuning.{png,pdf,html,json}.
Claim: easy puzzles fail because a solved state is not a fixed point, and hints in training repair it (arXiv 2601.10679,
sections 3 and 5, where models are trained with hints from the start).
"""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from asked_in_training import Row, minimal_puzzles, movement_at_rest, train_and_ask
from command_lines import described, exit_status, positive
from measured import Measured, command_line

from hrm_probe.dynamics.intervals import share
from hrm_probe.models import RecursiveReasoner, load
from hrm_probe.plots.style import DOUBLE_COLUMN, MARKERS, RIGHT, WRONG, new_figure, share_axis
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import follow, single_blank
from hrm_probe.sudoku import Puzzles
from hrm_probe.training.recipe import parse_settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).parents[1]
MODELS = ("hrm-6x6", "hrm-6x6-seed1", "hrm-6x6-seed2")
ARMS = {"hints": "hrm-6x6-mixed", "no hints": "hrm-6x6"}
LOOK = {"hints": (RIGHT, "-"), "no hints": (WRONG, "--")}
ASKED_AT = (0, 25, 50, 100, 200, 400, 800)  # steps, and the last
LONG = 64  # segments after which solved puzzles should have come to rest
SETTINGS = {"lr": 1e-3, "evaluate_every": 25, "evaluate_puzzles": 1, "log_every": 25, "device": "cpu"}


@partial(exit_status, stopped="Stopped; the same command continues from here.")
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument(
        "models", nargs="*", default=MODELS, metavar="MODEL", help="shipped models, or model folders"
    )
    parser.add_argument("--steps", type=positive, default=800, help="steps of each training")
    parser.add_argument(
        "--n", type=positive, default=200, help="held-out minimal puzzles to ask, and single blanks"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the trainings, and of what is asked")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting of both recipes"
    )
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "fine-tuning", help="folder of the runs")
    return command_line("fine_tuning", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Every model trained on in both arms."""
    settings = {**SETTINGS, "steps": given.steps, "seed": given.seed, **parse_settings(given.set)}
    found = [
        {
            "model": Path(model).name,
            "arm": arm,
            "asked": train_on(model, arm, settings, given.n, given.runs),
        }
        for model in given.models
        for arm in ARMS
    ]
    return {"runs": found, "settings": settings, "puzzles": given.n, "provenance": provenance()}


def train_on(model: str, arm: str, settings: dict[str, Any], n: int, runs: Path) -> list[Row]:
    """Train a finished model on, and ask it on the way; a finished run is only read."""
    held_out = minimal_puzzles(str(settings.get("test_set", "6x6-test")), n, int(settings["seed"]))
    rows, _ = train_and_ask(
        ARMS[arm],
        runs / f"{Path(model).name}-{arm.replace(' ', '-')}",
        lambda asked, _: ask(asked, held_out),
        ASKED_AT,
        {**settings, "init_from": model},
        begins_as=lambda: load(model, device="cpu"),
    )
    return rows


def ask(model: RecursiveReasoner, puzzles: Puzzles) -> Row:
    """Single blanks and minimal puzzles solved, and the movement of z_H where a solved puzzle should rest."""
    curves = follow(model, puzzles, LONG)
    return {
        "single_blanks": single_blank(model, puzzles).last,
        "minimal": share(curves.solved[:, model.config.max_segments - 1]),
        "solved_long": int(curves.solved[:, -1].sum()),
        "movement": movement_at_rest(curves),
    }


def draw(measured: Measured) -> "Figure":
    """Three questions side by side against the steps of further training: a line per run, a marker per model."""
    found = measured["runs"]
    figure = new_figure(DOUBLE_COLUMN, 2.7)
    panels = figure.subplots(1, 3)
    models = list(dict.fromkeys(run["model"] for run in found))
    questions = {"single blanks solved": "single_blanks", "minimal puzzles solved": "minimal"}
    for ax, (title, key) in zip(panels, questions.items(), strict=False):
        ax.set_title(title)
        share_axis(ax)
        for run in found:
            values = [row[key] for row in run["asked"]]
            ends = np.array([[v["estimate"] - v["low"], v["high"] - v["estimate"]] for v in values]).T
            _line(ax.errorbar, run, models, [v["estimate"] for v in values], yerr=ends, elinewidth=0.6)
    last = panels[2]
    last.set_title("movement of z_H")
    last.set_ylabel(f"in segment {LONG}, median of solved")
    last.set_yscale("log")
    for run in found:
        _line(
            last.plot,
            run,
            models,
            [row["movement"][1] if row["movement"] else np.nan for row in run["asked"]],
        )
    for ax in panels:
        ax.set_xlabel("steps of further training")
        ax.set_xscale("symlog", linthresh=25)
        ax.set_xticks([0, 25, 100, 400], ["0", "25", "100", "400"])
        ax.minorticks_off()
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _line(plot: Any, run: Row, models: list[str], values: list[float], **more: Any) -> None:
    colour, dash = LOOK[run["arm"]]
    marker = MARKERS[models.index(run["model"]) % len(MARKERS)]
    plot(
        [row["step"] for row in run["asked"]], values, color=colour, linestyle=dash, marker=marker, markersize=3,
        label=f"{run['model']}, {run['arm']}", **more,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
