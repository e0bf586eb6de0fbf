"""Kept answers: those of the last checkpoints, exactly what the models say, through kills and in any number."""

from pathlib import Path

import numpy as np
import pytest
import torch

import hrm_probe.models
from hrm_probe.errors import InputError
from hrm_probe.sudoku import generate
from hrm_probe.training import Recipe, train
from hrm_probe.training.answers import AnswerKeeper, answer, load_answers
from hrm_probe.training.distributed import Group
from tests.training.test_run import TINY

KEEPING = {**TINY, "keep_answers": 3, "answer_puzzles": 6, "evaluate_every": 10}


def test_the_last_checkpoints_answers_are_kept(tmp_path: Path) -> None:
    result = train(Recipe().replace(KEEPING), tmp_path)
    kept = load_answers(tmp_path)
    assert kept.steps.tolist() == [40, 50, 60]
    assert kept.predictions.shape == (3, 6, 16)
    assert kept.q_halt.shape == (3, 6)
    assert kept.segments == 4
    assert len(kept.puzzles) == 6
    # The last ones are the finished model's, loaded from its folder.
    model = hrm_probe.models.load(result.out / "model")
    grids, halting = answer(model, kept.puzzles)
    np.testing.assert_array_equal(kept.predictions[-1], grids)
    np.testing.assert_allclose(kept.q_halt[-1], halting, atol=1e-6)


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
    fresh = AnswerKeeper(tmp_path, puzzles, keep=5, step=0, group=Group())
    fresh.ask(model, 10)
    assert load_answers(tmp_path).steps.tolist() == [10]


def test_another_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    np.savez(tmp_path / "answers.npz", something=np.zeros(3))
    with pytest.raises(InputError, match="does not hold kept answers"):
        load_answers(tmp_path / "answers.npz")
