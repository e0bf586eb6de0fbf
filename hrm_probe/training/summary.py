"""The summary of a finished training: how it went, what it cost and what its model solves."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hrm_probe.files import writing
from hrm_probe.models.tasks import Asked
from hrm_probe.provenance import provenance
from hrm_probe.sudoku.rated import rating_ranges
from hrm_probe.training.budget import Budget
from hrm_probe.training.data.sets import DataSets
from hrm_probe.training.evaluate import accuracy
from hrm_probe.training.trainer import Trainer

MODEL = "model"
SUMMARY = "summary.json"


def summarise(
    trainer: Trainer,
    budget: Budget,
    data: DataSets,
    tested: Asked,
    solved: np.ndarray,
    cpu_seconds: float,
    *,
    hooked: Sequence[str] = (),
    curricula: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """How a finished training went, ready for JSON.

    Args:
        trainer, budget, data: at the end of the training.
        tested: the held-out puzzles of the last evaluation.
        solved: which of them are solved after each segment, bool [segment, puzzle].
        cpu_seconds: used by all processes of the run.
        hooked: the hook points at which hooks stood, in training and in the last evaluation.
        curricula: those that were not the recipe's, in words.
    """
    recipe = trainer.recipe
    return {
        "recipe": recipe.name,
        "seed": recipe.seed,
        "parameters": trainer.model.n_parameters,
        "steps": trainer.step,
        "minutes": round(budget.elapsed() / 60, 3),
        "cpu_seconds": round(cpu_seconds, 1),
        "clock": budget.clock,
        "budget_minutes": budget.minutes,
        "depths": trainer.computation.table(),
        "blocks": trainer.blocks,
        "flops": trainer.flops,
        "device": str(trainer.device),
        "processes": trainer.group.size,
        "compiled": trainer.run_segment.is_compiled,
        "hooked": list(hooked),
        "curricula": dict(curricula or {}),
        "data": {
            "train_set": recipe.train_set,
            "train_sources": counts(data.train.source),
            "test_set": recipe.test_set,
            "test_sources": counts(tested.source),
        },
        "leak_check": {
            "test_puzzles": data.leak.of,
            "test_puzzles_with_a_solution_in_training_up_to_symmetry": len(data.leak),
            "exact_duplicates": int(data.leak.exact.sum()),
        },
        "accuracy": {
            "all": accuracy(solved[-1]),
            "by_source": _by(tested.source, solved[-1]),
            "by_rating": _by(rating_ranges(tested.rating), solved[-1]),
            "by_segment": solved.mean(axis=1).round(6).tolist(),
        },
        "provenance": provenance(),
        "settings": recipe.to_dict(),
    }


def _by(labels: Any, solved: np.ndarray) -> dict[str, Any]:
    """Of each label, in order, how many of its puzzles are solved."""
    named = pd.Categorical(labels)
    return {str(label): accuracy(solved[np.asarray(named) == label]) for label in named.categories}


def counts(labels: np.ndarray) -> dict[str, int]:
    """How often each label occurs."""
    names, numbers = np.unique(labels, return_counts=True)
    return {str(name): int(number) for name, number in zip(names, numbers, strict=True)}


def read_summary(folder: Path, name: str = SUMMARY) -> dict[str, Any] | None:
    """The summary of a finished run; None if there is none yet, or none that can be read: it is made again."""
    try:
        told = json.loads((folder / name).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def write_summary(folder: Path, summary: dict[str, Any]) -> None:
    """Write ``summary.json``: with it, a run is finished."""
    with writing(folder / SUMMARY) as beside:
        beside.write_text(json.dumps(summary, indent=2) + "\n")
