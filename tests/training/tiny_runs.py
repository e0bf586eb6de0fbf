"""The smallest training that does all that a training does, and what tests look at in its folder."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from hrm_probe.models import RecursiveReasoner
from hrm_probe.sudoku import Puzzles
from hrm_probe.training import Recipe, TrainingResult, loop
from hrm_probe.training import run as running
from hrm_probe.training.distributed import Group
from hrm_probe.training.trainer import Trainer

TINY: dict[str, Any] = {
    "name": "tiny", "d_model": 16, "n_heads": 2, "H_layers": 1, "L_layers": 1, "H_cycles": 1, "L_cycles": 1,
    "max_segments": 4, "train_set": "generate 4x4 minimal 40", "test_set": "generate 4x4 minimal 10",
    "allow_leak": True, "hint_fraction": 0.5, "steps": 60, "batch_size": 8, "device": "cpu", "compile": "off",
    "log_every": 5, "evaluate_every": 20, "evaluate_puzzles": 5, "checkpoint_every": 7, "exploration": 0.5,
}  # fmt: skip


def tiny(**settings: Any) -> Recipe:
    return Recipe().replace({**TINY, **settings})


def weights(result: TrainingResult) -> dict[str, Tensor]:
    return result.model.state_dict()


def assert_bit_identical(a: TrainingResult, b: TrainingResult) -> None:
    assert a.step == b.step
    for name, value in weights(a).items():
        assert torch.equal(value, weights(b)[name]), name


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def without_times(row: dict[str, Any]) -> dict[str, Any]:
    return {key: v for key, v in row.items() if "second" not in key}


def fewer_solved_from_segment_to_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Evaluations find all puzzles solved after the first of four segments, and the first of them alone at the end."""

    def solved(group: Group, model: RecursiveReasoner, puzzles: Puzzles, *rest: object) -> np.ndarray:
        n = len(puzzles)
        return np.arange(n) < np.array([n, n - 1, n - 2, 1])[:, None]

    for module in (loop, running):
        monkeypatch.setattr(module, "solved_by_group", solved)


@contextmanager
def ctrl_c_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody presses Ctrl-C in the step of this number."""
    advance = Trainer.advance

    def press(trainer: Trainer, progress: float) -> None:
        advance(trainer, progress)
        if trainer.step == step:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "advance", press)
        yield
