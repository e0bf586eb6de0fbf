"""Evaluating: intervals of the textbook, and the same grids as the model's own rollout."""

import numpy as np
import pytest
import torch

from hrm_probe.models import ModelConfig, build_model
from hrm_probe.sudoku import Puzzles, complete_grids
from hrm_probe.training import evaluate
from hrm_probe.training.evaluate import accuracy, solved_by_segment, wilson_interval


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(15, 50, 0.1910, 0.4375), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634)],
)
def test_wilson_interval(successes: int, n: int, low: float, high: float) -> None:
    # 15 of 50: Brown, Cai and DasGupta (2001); the others from the closed form.
    assert wilson_interval(successes, n) == pytest.approx((low, high), abs=2e-4)


def test_wilson_interval_covers_as_promised() -> None:
    rng, p, n = np.random.default_rng(0), 0.9, 60
    intervals = [wilson_interval(k, n) for k in rng.binomial(n, p, 2000)]
    assert np.mean([low <= p <= high for low, high in intervals]) > 0.93


def test_accuracy_names_its_parts() -> None:
    part = accuracy(np.array([True, False, True, True]))
    assert (part["solved"], part["puzzles"], part["accuracy"]) == (3, 4, 0.75)
    assert part["interval"][0] < 0.75 < part["interval"][1]


def test_solved_means_that_every_cell_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_model(
        ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=3)
    )
    answers = complete_grids(20, "4x4", 0).astype(int) + 1
    tokens = np.where(np.random.default_rng(0).random(answers.shape) < 0.5, answers, 1)
    said = model.run(torch.as_tensor(tokens)).predictions
    # Let the answers of the first five puzzles be what the model says at the second segment, where it is a digit.
    answers[:5] = np.maximum(said[1, :5].numpy(), 2)
    expected = (said.numpy() == answers).all(-1)
    monkeypatch.setattr(evaluate, "LARGEST_BATCH", 7)
    np.testing.assert_array_equal(solved_by_segment(model, Puzzles(tokens, answers)), expected)
