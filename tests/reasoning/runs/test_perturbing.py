"""Disturbed starts and the check of the rules are what they claim to be."""

import numpy as np
import torch

from hrm_probe.reasoning.runs.perturbing import disturbed_start, keeps_the_rules
from hrm_probe.sudoku import generate
from tests.reasoning.planted_updates import Planted, stuck

puzzles = generate(20, "easy", "4x4", seed=0)


def test_noise_has_the_scale_asked_for_and_hangs_on_the_seed_alone():
    model = Planted(stuck)
    first, second = (disturbed_start(model, 500, 0.5, torch.Generator().manual_seed(s)) for s in (1, 1))
    assert abs(float((first.z_H - model.initial_state(500).z_H).std()) - 0.5) < 0.01
    assert torch.equal(first.z_L, second.z_L)
    assert not torch.equal(first.z_H, first.z_L)


def test_the_rules_are_checked_without_answers():
    twice = np.where(np.arange(16) == 0, puzzles.answers[:, 1:2], puzzles.answers)  # a digit twice in a row
    other = (puzzles.answers - 2 + 1) % 4 + 2  # a lawful grid that ignores the clues
    assert keeps_the_rules(puzzles, puzzles.answers).all()
    assert not keeps_the_rules(puzzles, twice).any()
    assert not keeps_the_rules(puzzles, other).any()
    assert not keeps_the_rules(puzzles, puzzles.tokens).any()
    assert keeps_the_rules(puzzles, np.stack([other, puzzles.answers])).tolist() == [
        [False] * 20,
        [True] * 20,
    ]
