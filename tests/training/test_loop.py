"""What the loop writes down: the time of training, and not that of looking at it."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.sudoku import Puzzles, generate
from hrm_probe.training import Recipe, budget, loop, train
from hrm_probe.training import run as running
from hrm_probe.training.budget import Budget
from hrm_probe.training.checkpoint import load_checkpoint, save_checkpoint
from hrm_probe.training.display import Display
from hrm_probe.training.distributed import Group
from hrm_probe.training.forecast import CAUTION
from hrm_probe.training.metrics import MetricsFile
from hrm_probe.training.trainer import Trainer
from tests.training.tiny_runs import TINY, fewer_solved_from_segment_to_segment, rows, tiny

EVALUATION, STEP = 60.0, 2.0
PUZZLES = generate(20, "easy", "4x4", seed=0)


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
        (asked,) = (argument for argument in arguments if isinstance(argument, Puzzles))
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


def test_a_run_taken_up_after_an_evaluation_counts_its_steps_alone(clock: Clock, tmp_path: Path) -> None:
    recipe = Recipe().replace({**TINY, "steps": 60, "checkpoint_every": 20})

    def kill(trainer: Trainer, progress: float) -> None:
        if trainer.step == 60:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):  # the last checkpoint is that of step 40, written after an evaluation
        train(recipe, tmp_path, clock="cpu", watch=kill)
    result = train(recipe, tmp_path, clock="cpu", resume=True)
    assert result.summary["minutes"] == STEP * 60 / 60


def test_minutes_are_planned_with_an_evaluation_that_only_a_fresh_run_writes_down(
    clock: Clock, tmp_path: Path
) -> None:
    def kill(trainer: Trainer, progress: float) -> None:
        if trainer.step == 40:
            raise RuntimeError("killed")

    recipe = Recipe().replace({**TINY, "checkpoint_every": 20})
    with pytest.raises(RuntimeError):
        train(recipe, tmp_path, minutes=2, clock="cpu", watch=kill)
    train(recipe, tmp_path, minutes=2, clock="cpu", resume=True)
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    evaluated = [(row["step"], row["progress"]) for row in rows if "test_accuracy" in row]
    assert evaluated == [(0, 0.0), (20, pytest.approx(1 / 3)), (40, pytest.approx(2 / 3)), (60, 1.0)]


def test_weights_that_broke_in_the_last_step_do_not_replace_a_sound_checkpoint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    advance = Trainer.advance

    def poisoned(trainer: Trainer, progress: float) -> None:
        advance(trainer, progress)
        if trainer.step == 14:
            next(trainer.model.parameters()).data.fill_(np.nan)

    monkeypatch.setattr(Trainer, "advance", poisoned)
    recipe = Recipe().replace({**TINY, "steps": 30, "checkpoint_every": 7, "evaluate_every": 100})
    with pytest.raises(InputError, match="weights are no longer numbers at step 14; an earlier checkpoint"):
        train(recipe, tmp_path)
    assert load_checkpoint(tmp_path)["trainer"]["step"] == 7


def test_a_row_of_an_evaluation_tells_when_it_began(clock: Clock, tmp_path: Path) -> None:
    train(Recipe().replace({**TINY, "steps": 40}), tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [row["seconds"] for row in rows if "test_accuracy" in row] == [20 * STEP, 40 * STEP + EVALUATION]


def test_a_row_of_an_evaluation_has_the_accuracy_after_the_last_segment_and_after_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer_solved_from_segment_to_segment(monkeypatch)
    train(tiny(steps=20, evaluate_puzzles=5), tmp_path)
    (row,) = (row for row in rows(tmp_path) if "test_accuracy" in row)
    assert row["test_accuracy"] == 0.2
    assert row["test_accuracy_by_segment"] == [1.0, 0.8, 0.6, 0.2]


def test_a_row_tells_the_learning_rate_of_its_last_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance, rates = Trainer.advance, {}

    def watched(trainer: Trainer, progress: float) -> None:
        advance(trainer, progress)
        (network,) = trainer.optimizers.network
        rates[trainer.step] = network.param_groups[0]["lr"]

    monkeypatch.setattr(Trainer, "advance", watched)
    train(tiny(steps=10, log_every=2, lr=1e-3, warmup=0.3, lr_min_ratio=0.25), tmp_path)
    logged = {row["step"]: row["lr"] for row in rows(tmp_path) if "loss" in row}
    assert logged == {step: rates[step] for step in (2, 4, 6, 8, 10)}
    assert logged[2] == pytest.approx(1e-3 / 3)  # a tenth of the training was over, of the three that warm up


def test_a_slow_checkpoint_takes_no_puzzle_from_the_last_evaluation(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def slow(folder: Path, state: dict[str, object]) -> None:
        clock.now += 20.0
        save_checkpoint(folder, state)

    def evaluate(*arguments: object) -> np.ndarray:
        (asked,) = (argument for argument in arguments if isinstance(argument, Puzzles))
        clock.now += len(asked)
        return np.zeros((4, len(asked)), bool)

    monkeypatch.setattr(running, "save_checkpoint", slow)
    monkeypatch.setattr(loop.Loop, "evaluate", evaluate)
    monkeypatch.setattr(running, "solved_by_group", evaluate)
    recipe = Recipe().replace({**TINY, "checkpoint_every": 100})
    result = train(recipe, tmp_path, minutes=10)
    assert result.summary["accuracy"]["all"]["puzzles"] == 10  # of 10
    assert result.summary["minutes"] <= 10


def test_the_share_of_minutes_does_not_fall_where_a_run_is_taken_up(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def slow(folder: Path, state: dict[str, object]) -> None:
        clock.now += 160.0
        save_checkpoint(folder, state)

    def kill(trainer: Trainer, progress: float) -> None:
        if trainer.step == 120:
            raise RuntimeError("killed")

    monkeypatch.setattr(running, "save_checkpoint", slow)
    recipe = Recipe().replace({**TINY, "log_every": 1, "evaluate_every": 30, "checkpoint_every": 50})
    with pytest.raises(RuntimeError):
        train(recipe, tmp_path, minutes=40, watch=kill)
    before = load_checkpoint(tmp_path)
    assert before is not None
    train(recipe, tmp_path, minutes=40, resume=True)
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    progress = [row["progress"] for row in rows if "loss" in row]
    assert before["trainer"]["step"] == 100
    assert progress == sorted(progress)


def test_saving_does_not_count_into_the_speed(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def slow(folder: Path, state: dict[str, object]) -> None:
        clock.now += 20.0

    monkeypatch.setattr(running, "save_checkpoint", slow)
    train(Recipe().replace({**TINY, "steps": 40, "checkpoint_every": 5}), tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert {row["steps_per_second"] for row in rows if "loss" in row} == {1 / STEP}


def test_the_speed_of_a_run_taken_up_between_two_lines_is_that_of_its_own_steps(
    clock: Clock, tmp_path: Path
) -> None:
    recipe = Recipe().replace(
        {
            **TINY,
            "steps": 30,
            "log_every": 30,
            "checkpoint_every": 20,
            "evaluate_every": 25,
            "max_segments": 1,
        }
    )

    def kill(trainer: Trainer, progress: float) -> None:
        if trainer.step == 25:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        train(recipe, tmp_path, watch=kill)
    train(recipe, tmp_path, resume=True)
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    (row,) = (row for row in rows if "loss" in row)
    assert row["finished"] == 30 * recipe.batch_size  # of one segment each
    assert row["steps_per_second"] == pytest.approx(1 / STEP)
    assert row["puzzles_per_second"] == pytest.approx(recipe.batch_size / STEP)


def test_minutes_are_planned_with_the_model_as_it_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked_in: list[str] = []

    def evaluate(group: Group, model: RecursiveReasoner, puzzles: Puzzles, *_: object) -> np.ndarray:
        assert str(model.forward_dtype) == f"torch.{model.config.forward_dtype}"
        asked_in.append(model.config.forward_dtype)
        time.sleep(0.3 if model.config.forward_dtype == "float32" else 0.0)
        return np.zeros((4, len(puzzles)), bool)

    kept_back: list[float] = []
    monkeypatch.setattr(loop, "solved_by_group", evaluate)
    monkeypatch.setattr(Budget, "keep_back", lambda budget, seconds: kept_back.append(seconds))
    recipe = Recipe().replace({**TINY, "dtype": "bfloat16"})
    train(recipe, tmp_path, minutes=0.05)
    assert asked_in[0] == "float32"
    assert set(asked_in[1:]) == {"bfloat16"}
    assert len(kept_back) > 1
    assert min(kept_back) > CAUTION * 0.3  # though training's own dtype is quick


@pytest.mark.parametrize(("device", "kept_back"), [("cpu", 100.0), ("cuda", CAUTION * (20 + 2))])
def test_what_a_gpu_loads_in_its_first_evaluation_is_not_expected_of_the_last(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, device: str, kept_back: float
) -> None:
    dtypes: list[bool] = []

    def evaluate(self: loop.Loop, puzzles: Puzzles, as_kept: bool) -> np.ndarray:
        clock.now += len(puzzles) + (30.0 if as_kept not in dtypes else 0.0)  # to load, the first time
        dtypes.append(as_kept)
        return np.zeros((4, len(puzzles)), bool)

    monkeypatch.setattr(loop.Loop, "evaluate", evaluate)
    trainer = Trainer(Recipe().replace(TINY), PUZZLES)
    trainer.device = torch.device(device)
    in_minutes = Budget(1, minutes=5)  # of which a third at most is kept back
    looking = loop.Loop(
        trainer,
        in_minutes,
        PUZZLES,
        MetricsFile(None),
        Display("", silent=True),
        lambda finished, owes_evaluation: None,
    )
    for as_kept in (True, False, False):
        looking.evaluation(as_kept)
    assert in_minutes.kept_back == pytest.approx(kept_back)
