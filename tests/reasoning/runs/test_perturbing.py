"""Disturbed starts are what they claim to be."""

import torch

from hrm_probe.reasoning.runs.perturbing import disturbed_start
from tests.reasoning.planted_updates import Planted, stuck


def test_noise_has_the_scale_asked_for_and_hangs_on_the_seed_alone():
    model = Planted(stuck)
    first, second = (disturbed_start(model, 500, 0.5, torch.Generator().manual_seed(s)) for s in (1, 1))
    assert abs(float((first.z_H - model.initial_state(500).z_H).std()) - 0.5) < 0.01
    assert torch.equal(first.z_L, second.z_L)
    assert not torch.equal(first.z_H, first.z_L)
