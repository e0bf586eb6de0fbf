"""What the loop writes down: the time of training, and not that of looking at it."""

import json
from pathlib import Path

import numpy as np
import pytest

from hrm_probe.sudoku import Puzzles
from hrm_probe.training import Recipe, budget, loop, train
from hrm_probe.training import run as running
from hrm_probe.training.trainer import Trainer
from tests.training.test_run import TINY

EVALUATION, STEP = 60.0, 2.0


class Clock:
    """Time that passes only in steps and in evaluations."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    process_time = monotonic


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock, advance = Clock(), Trainer.advance

    def step(trainer: Trainer, progress: float) -> None:
        clock.now += STEP
        advance(trainer, progress)

    def evaluate(*arguments: object) -> np.ndarray:
        clock.now += EVALUATION
        asked = arguments[-1]
        assert isinstance(asked, Puzzles)
        return np.zeros((4, len(asked)), bool)

    for module in (budget, loop):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(Trainer, "advance", step)
    monkeypatch.setattr(loop.Loop, "evaluate", evaluate)
    monkeypatch.setattr(running, "solved_by_group", evaluate)
    return clock


def test_processor_time_is_that_of_steps_alone(clock: Clock, tmp_path: Path) -> None:
    result = train(Recipe().replace({**TINY, "steps": 60}), tmp_path, clock="cpu")
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows if "test_accuracy" in row] == [20, 40, 60]
    assert all(row["seconds"] == STEP * row["step"] for row in rows)
    assert result.summary["minutes"] == STEP * 60 / 60


def test_a_row_of_an_evaluation_tells_when_it_began(clock: Clock, tmp_path: Path) -> None:
    train(Recipe().replace({**TINY, "steps": 40}), tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [row["seconds"] for row in rows if "test_accuracy" in row] == [20 * STEP, 40 * STEP + EVALUATION]
