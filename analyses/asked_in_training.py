"""A training that is asked questions on the way, and goes on where it was stopped."""

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np

from hrm_probe.files import writing
from hrm_probe.json_text import json_text
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.sudoku import Puzzles, load_puzzles
from hrm_probe.training import TrainingResult, train
from hrm_probe.training.run import Hooks
from hrm_probe.training.trainer import Trainer

ASKED = "asked.jsonl"
Row = dict[str, Any]
Ask = Callable[[RecursiveReasoner, int], Row]


def train_and_ask(
    recipe: str,
    folder: Path,
    ask: Ask,
    at: Collection[int],
    overrides: dict[str, Any],
    *,
    begins_as: Callable[[], RecursiveReasoner] | None = None,
    fwd_hooks: Hooks = (),
) -> tuple[list[Row], TrainingResult]:
    """Train by a recipe into a folder, and ask the averaged model at some steps and after the last.

    Args:
        recipe, folder, overrides, fwd_hooks: as ``train`` takes them; the hooks stand while it is asked, too.
        ask: given a model and the steps that it was trained for, gives a row; answers are kept in the folder, and
            asked for once.
        at: steps at which to ask, among those of ``evaluate_every``.
        begins_as: gives the model that is asked as step 0; that is left out if None.

    Raises:
        KeyboardInterrupt: the training was stopped; the same call goes on.
    """
    if begins_as is not None and not (folder / ASKED).exists():
        _note(folder, 0, ask(begins_as(), 0))

    def watch(trainer: Trainer, progress: float) -> None:
        if trainer.step in at:
            with trainer.averaged("float32") as averaged:
                _note(folder, trainer.step, ask(averaged, trainer.step))

    result = train(recipe, folder, resume=True, overrides=overrides, watch=watch, fwd_hooks=fwd_hooks)
    if not result.finished:
        raise KeyboardInterrupt
    rows = _read(folder)
    if result.step not in rows:
        with result.model.hooks(fwd_hooks):
            _note(folder, result.step, ask(result.model, result.step))
        rows = _read(folder)
    return [rows[step] for step in sorted(rows)], result


def asked_once(path: Path, ask: Callable[[], Row]) -> Row:
    """What was asked before, or is asked now and kept."""
    if not path.exists():
        row = ask()
        with writing(path) as beside:
            beside.write_text(json_text(row))
    kept: Row = json.loads(path.read_text())
    return kept


def minimal_puzzles(test_set: str, n: int, seed: int) -> Puzzles:
    """``n`` minimal puzzles of a test set, or all that it has."""
    test = load_puzzles(test_set)
    minimal = test[test.source == "minimal"]
    return minimal.sample(min(n, len(minimal)), seed)


def movement_at_rest(curves: Curves) -> list[float] | None:
    """Quartiles of how far z_H moves in the last segment of the puzzles that are solved there; None if none is."""
    moving = curves.displacement[curves.solved[:, -1], -1]
    return np.quantile(moving, (0.25, 0.5, 0.75)).tolist() if len(moving) else None


def _note(folder: Path, step: int, row: Row) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ASKED
    before = path.read_text() if path.exists() else ""
    with writing(path) as beside:
        beside.write_text(before + json_text({"step": step, **row}, indent=None))


def _read(folder: Path) -> dict[int, Row]:
    path = folder / ASKED
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return {row["step"]: row for row in rows}
