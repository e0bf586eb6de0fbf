"""Evaluating: the same grids as the model's own rollout."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hrm_probe.models import ModelConfig, build_model
from hrm_probe.sudoku import Puzzles, complete_grids
from hrm_probe.training import evaluate, train
from hrm_probe.training.distributed import Group
from hrm_probe.training.evaluate import accuracy, solved_by_group
from tests.training.tiny_runs import tiny


def test_accuracy_names_its_parts() -> None:
    part = accuracy(np.array([True, False, True, True]))
    assert (part["solved"], part["puzzles"], part["accuracy"]) == (3, 4, 0.75)
    assert part["interval"] == pytest.approx([0.3006, 0.9544], abs=1e-4)  # Wilson's, by hand


def test_solved_means_that_every_cell_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_model(
        ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=3)
    )
    answers = complete_grids(20, "4x4", 0).astype(int) + 1
    tokens = np.where(np.random.default_rng(0).random(answers.shape) < 0.5, answers, 1)
    rows = [0, 3, 11, 19]  # in three batches
    tokens[rows] = 1  # what is said of these contradicts no clue
    with torch.no_grad():  # padding and blank are the mean of the digits, of which one is always ahead
        model.unembed.weight[:2] = model.unembed.weight[2:].mean(0)
    said = model.run(torch.as_tensor(tokens)).predictions
    answers[rows] = said[1, rows].numpy()
    expected = (said.numpy() == answers).all(-1)
    assert np.flatnonzero(expected[1]).tolist() == rows
    monkeypatch.setattr(evaluate, "puzzles_at_once", lambda device: 7)
    counted: list[tuple[int, int]] = []
    solved = solved_by_group(
        Group(), model, Puzzles(tokens, answers), told=lambda *counts: counted.append(counts)
    )
    np.testing.assert_array_equal(solved, expected)
    assert counted[-1] == (len(tokens), len(tokens))


@pytest.mark.parametrize(("steps", "asked"), [(1, 5), (4, 8), (60, 10)])
def test_the_last_evaluation_runs_no_more_segments_than_the_training_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], steps: int, asked: int
) -> None:
    result = train(tiny(steps=steps), tmp_path)  # batches of 8, up to 4 segments, 5 puzzles asked on the way
    assert result.summary["accuracy"]["all"]["puzzles"] == asked
    assert ("of 10." in capsys.readouterr().err) == (asked < 10)
