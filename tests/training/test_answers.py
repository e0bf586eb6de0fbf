"""Kept answers: those of the last checkpoints, exactly what the models say, through kills and in any number."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import hrm_probe.models
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.answering import last_answers
from hrm_probe.sudoku import generate, symmetric_copies
from hrm_probe.training import Recipe, train
from hrm_probe.training.answers import AnswerKeeper, load_answers
from hrm_probe.training.distributed import Group
from hrm_probe.training.forecast import Forecast
from hrm_probe.training.precision import faster_dtype
from tests.training.tiny_runs import TINY

KEEPING = {**TINY, "keep_answers": 3, "answer_puzzles": 6, "evaluate_every": 10}
PUZZLES = generate(20, "easy", "4x4", seed=0)


def test_the_last_checkpoints_answers_are_kept(tmp_path: Path) -> None:
    result = train(Recipe().replace(KEEPING), tmp_path)
    kept = load_answers(tmp_path)
    assert kept.steps.tolist() == [40, 50, 60]
    assert kept.predictions.shape == (3, 1, 6, 16)
    assert kept.q_halt.shape == (3, 1, 6)
    assert kept.segments == 4
    assert len(kept.puzzles) == 6
    # The last ones are the finished model's, loaded from its folder.
    model = hrm_probe.models.load(result.out / "model", dtype=faster_dtype("cpu"))  # as in training
    grids, halting = last_answers(model, kept.puzzles.tokens)
    np.testing.assert_array_equal(kept.predictions[-1, 0], grids)
    np.testing.assert_allclose(kept.q_halt[-1, 0], halting, atol=1e-6)


def test_symmetric_copies_are_asked_too_and_answered_for_the_puzzles_themselves(tmp_path: Path) -> None:
    result = train(Recipe().replace({**KEEPING, "answer_copies": 2}), tmp_path)
    kept = load_answers(tmp_path)
    assert kept.predictions.shape == (3, 3, 6, 16)
    rng = np.random.default_rng(result.summary["settings"]["data_seed"])
    model = hrm_probe.models.load(result.out / "model", dtype=faster_dtype("cpu"))
    for way in (1, 2):
        copies = symmetric_copies(kept.puzzles, rng)
        grids, halting = last_answers(model, copies.puzzles.tokens)
        np.testing.assert_array_equal(kept.predictions[-1, way], copies.map_back(grids))
        np.testing.assert_allclose(kept.q_halt[-1, way], halting, atol=1e-6)


def test_without_the_setting_nothing_is_kept(tmp_path: Path) -> None:
    train(Recipe().replace({**TINY, "steps": 20}), tmp_path)
    with pytest.raises(InputError, match=r"no kept answers at .*; train with keep_answers=10"):
        load_answers(tmp_path)


def test_keeping_changes_nothing_of_the_training(tmp_path: Path) -> None:
    plain = train(Recipe().replace({**KEEPING, "keep_answers": 0}), tmp_path / "plain")
    keeping = train(Recipe().replace(KEEPING), tmp_path / "keeping")
    for name, value in plain.model.state_dict().items():
        assert torch.equal(value, keeping.model.state_dict()[name]), name


def test_a_run_that_goes_on_forgets_what_came_after_its_checkpoint(tmp_path: Path) -> None:
    model = train(Recipe().replace({**TINY, "steps": 5}), tmp_path / "run").model
    puzzles = generate(4, "easy", "4x4", seed=1)
    keeper = AnswerKeeper(tmp_path, puzzles, keep=5, step=0, group=Group())
    for step in (10, 20, 30):
        keeper.ask(model, step)
    again = AnswerKeeper(tmp_path, puzzles, keep=5, step=25, group=Group())
    again.ask(model, 35)
    assert load_answers(tmp_path).steps.tolist() == [10, 20, 35]
    at_the_last = AnswerKeeper(tmp_path, puzzles, keep=5, step=35, group=Group())
    assert at_the_last.has(35)  # the checkpoint's own answers are not asked for again
    fresh = AnswerKeeper(tmp_path, puzzles, keep=5, step=0, group=Group())
    fresh.ask(model, 10)
    assert load_answers(tmp_path).steps.tolist() == [10]


def test_another_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    np.savez(tmp_path / "answers.npz", something=np.zeros(3))
    with pytest.raises(InputError, match="does not hold kept answers"):
        load_answers(tmp_path / "answers.npz")


def asked_at(monkeypatch: pytest.MonkeyPatch, folder: Path, **settings: Any) -> list[int]:
    """The steps at which a training asks its model."""
    steps: list[int] = []
    ask = AnswerKeeper.ask

    def asked(keeper: AnswerKeeper, model: RecursiveReasoner, step: int, *rest: Any) -> None:
        steps.append(step)
        ask(keeper, model, step, *rest)

    monkeypatch.setattr(AnswerKeeper, "ask", asked)
    train(Recipe().replace({**KEEPING, **settings}), folder)
    return steps


def test_only_the_last_evaluations_are_asked_and_each_once(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert asked_at(patch, tmp_path / "even") == [40, 50, 60]  # the model of step 60 is the finished one
    with pytest.MonkeyPatch.context() as patch:
        assert asked_at(patch, tmp_path / "odd", steps=65)[-3:] == [50, 60, 65]


def test_asking_takes_nothing_from_the_learning_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, steps = AnswerKeeper.ask, []

    def slowly(keeper: AnswerKeeper, model: RecursiveReasoner, step: int, *rest: Any) -> None:
        steps.append(step)
        time.sleep(0.5)
        ask(keeper, model, step, *rest)

    monkeypatch.setattr(AnswerKeeper, "ask", slowly)
    recipe = Recipe().replace({**KEEPING, "steps": 10**9, "log_every": 1, "keep_answers": 2})
    result = train(recipe, tmp_path, minutes=0.2)
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    progress = np.array([row["progress"] for row in rows if "loss" in row])
    assert np.diff(progress).max() < 0.04  # half a second is more than that of the 12
    assert progress[-1] > 0.8
    assert steps[0] > 10  # not the first evaluation
    assert steps[-1] == result.step


def test_where_no_time_is_left_the_last_answers_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Forecast, "can_ask_at_the_end", lambda self: False)
    recipe = Recipe().replace({**KEEPING, "evaluate_every": 10**6, "keep_answers": 1})
    assert train(recipe, tmp_path, minutes=0.05).finished
    assert not (tmp_path / "answers.npz").exists()
    assert "leave no time to keep the answers" in capsys.readouterr().err


def test_half_a_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    train(Recipe().replace(KEEPING), tmp_path)
    file = tmp_path / "answers.npz"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(InputError, match="does not hold kept answers"):
        load_answers(file)


def test_a_path_from_home_is_found_and_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    train(Recipe().replace(KEEPING), tmp_path / "run")
    assert len(load_answers("~/run").steps) > 0
    with pytest.raises(InputError):
        load_answers(None)  # type: ignore[arg-type]
