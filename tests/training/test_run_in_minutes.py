"""Trainings with a budget in minutes: they end in time with a finished model, and are taken up within what is left."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.training import run, train
from hrm_probe.training.trainer import Trainer
from tests.training.tiny_runs import rows, tiny


def test_a_budget_of_minutes_ends_in_time_with_a_finished_model(tmp_path: Path) -> None:
    began = time.monotonic()
    result = train(tiny(steps=10**9, log_every=1), tmp_path, minutes=0.1)
    loading = 6  # on a busy machine
    assert time.monotonic() - began < 6 + loading
    assert result.finished
    assert (tmp_path / "model" / "config.json").exists()
    progress = [row["progress"] for row in rows(tmp_path) if "loss" in row]
    assert progress == sorted(progress)
    assert progress[-1] > 0.5  # of a step that begins in time; on a busy machine the last ones are long
    rates = [row["lr"] for row in rows(tmp_path) if "lr" in row]
    assert rates[-1] < 0.6 * max(rates)


def test_minutes_that_loading_uses_up_are_too_few_to_train(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="min is too short for a single step: loading and timing"):
        train(tiny(), tmp_path, minutes=1e-6)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("minutes", [0.0, -1.0, float("nan"), float("inf")])
def test_minutes_that_are_none_or_never_end_are_refused(tmp_path: Path, minutes: float) -> None:
    with pytest.raises(InputError, match=r"minutes is .*; it must be a finite number greater than 0"):
        train(tiny(), tmp_path / "run", minutes=minutes)
    assert not (tmp_path / "run").exists()


def test_a_short_budget_in_minutes_can_be_taken_up_from_its_first_step_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(trainer: Trainer, progress: float) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        train(tiny(steps=10**9, checkpoint_every=10**9), tmp_path, minutes=0.2, watch=kill)
    result = train(None, tmp_path, resume=True)
    assert result.finished
    assert result.step > 20
    assert result.summary["minutes"] <= 0.21


class SlowModel:
    """Stands in for ``RecursiveReasoner.run``: a puzzle takes a while, by segments."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds_a_puzzle: float) -> None:
        self.asked: list[tuple[int, int]] = []
        run = RecursiveReasoner.run

        def slow(model: RecursiveReasoner, tokens: Any, segments: int | None = None, **how: Any) -> Any:
            segments = model.config.max_segments if segments is None else segments
            self.asked.append((len(tokens), segments))
            time.sleep(seconds_a_puzzle * len(tokens) * segments / model.config.max_segments)
            return run(model, tokens, segments, **how)

        monkeypatch.setattr(RecursiveReasoner, "run", slow)


def test_an_end_that_is_taken_up_again_keeps_to_what_is_left_of_the_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> np.ndarray:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "solved_by_group", stop)
        train(tiny(test_set="generate 4x4 minimal 100"), tmp_path, minutes=0.1)
    slow = SlowModel(monkeypatch, seconds_a_puzzle=0.2)
    result = train(None, tmp_path, resume=True)
    assert result.finished
    assert [segments for _, segments in slow.asked[:2]] == [1, 1]  # tell how long the rest takes
    assert 1 <= sum(puzzles for puzzles, _ in slow.asked[2:]) < 30  # two seconds are kept back of six


def test_a_slow_model_is_not_looked_at_for_long_before_its_first_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = SlowModel(monkeypatch, seconds_a_puzzle=1.0)
    recipe = tiny(
        test_set="generate 4x4 minimal 100", evaluate_puzzles=100, steps=10**9, evaluate_every=10**6
    )
    result = train(recipe, tmp_path, minutes=0.1)
    segments = tiny().max_segments
    assert slow.asked[:3] == [(1, 1), (4, 1), (1, segments)]  # a second; 4 puzzles at once would take four
    assert result.step > 1


@pytest.mark.parametrize("how", [{"clock": "CPU"}, {"minutes": "1"}, {"minutes": float("nan")}])
def test_budgets_that_are_none_are_refused(how: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{next(iter(how))} is .*; it must be"):
        train(tiny(), tmp_path, **how)
