"""What is asked of each run's model: halting, gradients, and the detectors of reasoning. Answers are saved."""

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import load_file, save_file

from curricula.arms import HALFWAY, SNAPSHOTS, Plan
from hrm_probe.files import writing
from hrm_probe.json_text import write_json
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning import follow, jumps, modes, single_blank, traps
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.sudoku import Puzzles
from hrm_probe.training import Recipe
from hrm_probe.training.data.sets import load_data
from hrm_probe.training.gradient_variance import measure_gradient_variance
from hrm_probe.training.trainer import Trainer

BATCH = 64  # puzzles run at once
RESTARTED = 8  # puzzles run from other starts to count attractors
LEAST_SOLVED = 0.1  # by a model of the path: with less there are too few solutions to say how they come


class Watch:
    """After each evaluation of a training: keeps the averaged weights; once, halfway, the gradient's variance.

    The gradients are those of the weights being trained, at full depth whatever the stage, so that arms can be
    compared.
    """

    def __init__(self, folder: Path, batches: int) -> None:
        self.snapshots = folder / SNAPSHOTS
        self.halfway = folder / HALFWAY
        self.batches = batches

    def __call__(self, trainer: Trainer, progress: float) -> None:
        self.snapshots.mkdir(exist_ok=True)
        with writing(self.snapshots / f"{trainer.step:06d}.safetensors") as beside:
            save_file(trainer.ema.average, beside)
        if progress >= 0.5 and not self.halfway.exists():
            puzzles = load_data(trainer.recipe).train
            found = measure_gradient_variance(trainer.model, trainer.recipe, puzzles, batches=self.batches)
            write_json(self.halfway, {"progress": progress, **found.to_dict()})


def probe(model: RecursiveReasoner, recipe: Recipe, plan: Plan, held_out: Puzzles) -> dict[str, Any]:
    """Everything asked of a finished model: halting always, gradients and the detectors where the plan says so.

    Args:
        model: at full depth, with averaged weights.
        recipe, plan: of its run.
        held_out: held-out puzzles; the first ``plan.probed`` of them are used.
    """
    puzzles = held_out[: plan.probed]
    curves = follow_puzzles(model, puzzles)
    if not plan.detects:
        return halt(curves)
    gradients = measure_gradient_variance(model, recipe, load_data(recipe).train, batches=plan.batches)
    return {**detect(model, puzzles, curves), "gradients": gradients.to_dict()}


def probe_path(model: RecursiveReasoner, folder: Path, plan: Plan, held_out: Puzzles) -> list[dict[str, Any]]:
    """The detectors on the run's earlier models, from the first that solves something; the last one stays in ``model``.

    What a less accurate arm's detectors say must be held against a baseline that is no more accurate.
    """
    puzzles, path = held_out[: plan.probed], []
    for snapshot in sorted((folder / SNAPSHOTS).glob("*.safetensors")):
        model.load_state_dict({**model.state_dict(), **load_file(snapshot)})
        curves = follow_puzzles(model, puzzles)
        if curves.solved[:, -1].mean() >= LEAST_SOLVED:
            path.append({"step": int(snapshot.stem), **detect(model, puzzles, curves)})
    return path


def detect(model: RecursiveReasoner, puzzles: Puzzles, curves: Curves) -> dict[str, Any]:
    """Halting, and the detectors of reasoning; ``curves`` are those of these puzzles."""
    jumped = jumps(None, puzzles, curves=curves)
    trapped = traps(model, puzzles, curves=curves, restarted=RESTARTED, long_segments=None, batch_size=BATCH)
    return {
        **halt(curves),
        "single_blank_failure": 1 - single_blank(model, puzzles).last.estimate,
        "lost": _share(~curves.solved[:, -1], among=curves.solved.any(1)),
        "jumps": jumped.share.estimate if jumped.late else None,
        "late": jumped.late,
        "false_alarms": jumped.false_alarms.estimate if jumped.late else None,
        "settled_wrong": _share(modes(None, puzzles, curves=curves).table["settled"], ~curves.solved[:, -1]),
        "failures": int((~curves.solved[:, -1]).sum()),
        "attractors": _attractors(trapped.table),
    }


def halt(curves: Curves) -> dict[str, Any]:
    """How many puzzles were asked, the share solved in the end, and halting."""
    return {
        "puzzles": len(curves),
        "solved": float(curves.solved[:, -1].mean()),
        "halting": halting(curves),
    }


def follow_puzzles(model: RecursiveReasoner, puzzles: Puzzles) -> Curves:
    """One run of every puzzle, which halting and the detectors look at."""
    return follow(model, puzzles, batch_size=BATCH)


def halting(curves: Curves) -> dict[str, float]:
    """Where the model would stop by itself, and whether its halting value is right there about being solved."""
    rows, at = np.arange(len(curves)), curves.halted_at - 1
    says_solved = curves.q_halt[rows, at] >= 0
    solved = curves.solved[rows, at]
    return {
        "mean_segments": float(curves.halted_at.mean()),
        "accuracy": float((says_solved == solved).mean()),
        "solved": float(solved.mean()),
        "stopped_early": float((at < curves.segments - 1).mean()),
    }


def _attractors(table: Any) -> float | None:
    """Mean number of distinct attractors, right and wrong, of the restarted puzzles."""
    probed = table[table["right_attractors"].notna()]
    if not len(probed):
        return None
    return float((probed["right_attractors"] + probed["wrong_attractors"]).mean())


def _share(flags: Any, among: Any) -> float | None:
    among = np.asarray(among, bool)
    return float(np.asarray(flags, bool)[among].mean()) if among.any() else None
