"""Gradient variance over segments and batches: quadratics whose gradients, and so whose variances, are known."""

import math
from itertools import pairwise
from typing import Any

import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import build_model
from hrm_probe.sudoku import generate
from hrm_probe.training.curriculum import SupervisionWeighting
from hrm_probe.training.data.stream import PuzzleStream
from hrm_probe.training.gradient_variance import (
    gradient_variance,
    measure_gradient_variance,
    segment_gradients,
)
from hrm_probe.training.losses import act_loss
from hrm_probe.training.recipe import Recipe

SEGMENTS = 16


def quadratic_gradients(decay: float, noise: float, batches: int = 200) -> torch.Tensor:
    """Of ``decay^(t-1) |theta - x_b|^2 / 2`` at theta = (1, 0), where x_b is (0, plus or minus ``noise``)."""
    theta = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    rows = []
    for b in range(batches):
        x = torch.tensor([0.0, noise if b % 2 else -noise], dtype=torch.float64)
        losses = [decay**t * (theta - x).square().sum() / 2 for t in range(SEGMENTS)]
        rows.append(torch.stack([torch.autograd.grad(loss, theta)[0] for loss in losses]))
    return torch.stack(rows)


def relative_variance_of_geometric(ratio: float) -> float:
    """Variance over squared mean of ratio^0 .. ratio^15, by the sums of geometric series."""
    mean = (1 - ratio**SEGMENTS) / (1 - ratio) / SEGMENTS
    mean_square = (1 - ratio ** (2 * SEGMENTS)) / (1 - ratio**2) / SEGMENTS
    return mean_square / mean**2 - 1


def test_norms_that_decay_geometrically() -> None:
    weights = [0.7**t for t in range(SEGMENTS)]
    found = gradient_variance(quadratic_gradients(0.9, noise=0.5, batches=10), weights)
    assert found.norms.alike.estimate == pytest.approx(relative_variance_of_geometric(0.9))
    assert found.norms.weighted.estimate == pytest.approx(relative_variance_of_geometric(0.63))
    # One direction a batch: over segments the vectors vary as their lengths do.
    assert found.segments.weighted.estimate == pytest.approx(relative_variance_of_geometric(0.63))
    assert found.norm_by_segment == pytest.approx([math.hypot(1, 0.5) * 0.9**t for t in range(SEGMENTS)])
    change = relative_variance_of_geometric(0.63) / relative_variance_of_geometric(0.9) - 1
    assert found.norms.change.estimate == pytest.approx(change)


def test_weights_that_undo_the_decay_leave_no_variance_over_segments() -> None:
    found = gradient_variance(
        quadratic_gradients(0.5, noise=0.5, batches=4), [2.0**t for t in range(SEGMENTS)]
    )
    assert found.norms.weighted.estimate == pytest.approx(0.0, abs=1e-12)
    assert found.segments.weighted.estimate == pytest.approx(0.0, abs=1e-12)
    assert found.norms.change.estimate == pytest.approx(-1.0)


def test_noise_over_batches_is_that_of_the_data() -> None:
    # The mean gradient is (1, 0) times a factor, the noise (0, +-0.5) times the same: 0.25 whatever the weights.
    found = gradient_variance(quadratic_gradients(0.9, noise=0.5), [0.7**t for t in range(SEGMENTS)], seed=3)
    for interval in (found.batches.alike, found.batches.weighted):
        assert interval.estimate == pytest.approx(0.25, rel=0.01)
        assert interval.low < 0.25 < interval.high
    assert found.batches.change.estimate == pytest.approx(0.0, abs=1e-12)
    assert found.batches.change.low == pytest.approx(0.0, abs=1e-12)


def test_leaning_on_the_quiet_segments_lowers_the_noise_over_batches() -> None:
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(400, 2, 3, generator=generator, dtype=torch.float64)
    gradients = torch.tensor([1.0, 0.0, 0.0]) + noise * torch.tensor([0.1, 1.0])[None, :, None]
    found = gradient_variance(gradients, weights=[1.0, 0.0])
    # Averaged over both segments the covariance has the trace 3 (0.01 + 1) / 4, at the first alone 3 times 0.01.
    assert found.batches.alike.estimate == pytest.approx(0.7575, rel=0.15)
    assert found.batches.weighted.estimate == pytest.approx(0.03, rel=0.15)
    assert found.batches.change.high < -0.9


def test_only_ratios_of_weights_matter_and_the_seed_decides() -> None:
    generator = torch.Generator().manual_seed(1)
    gradients = 1.0 + torch.rand(5, 4, 6, generator=generator)
    weights = [1.0, 0.7, 0.49, 0.343]
    one, ten = (gradient_variance(gradients, [s * w for w in weights], seed=7) for s in (1, 10))
    assert ten.segments.weighted.estimate == pytest.approx(one.segments.weighted.estimate)
    assert ten.segments.weighted.low == pytest.approx(one.segments.weighted.low)
    assert gradient_variance(gradients, weights, seed=8).norms.alike != one.norms.alike


def test_batches_of_several_sizes_do_not_vary_over_segments() -> None:
    found = gradient_variance(torch.tensor([[[1.0], [1.0]], [[3.0], [3.0]]]), weights=[1.0, 1.0])
    assert found.norms.alike.estimate == found.segments.alike.estimate == 0


def test_a_lower_level_gives_a_narrower_interval() -> None:
    gradients = 1.0 + torch.rand(8, 4, 6, generator=torch.Generator().manual_seed(1))
    half, usual = (gradient_variance(gradients, [1.0] * 4, level=level).norms.alike for level in (0.5, 0.95))
    assert usual.low < half.low < half.high < usual.high


def test_bad_input() -> None:
    with pytest.raises(InputError, match="at least 2"):
        gradient_variance(torch.ones(1, 2, 3), [1, 1])
    with pytest.raises(InputError, match="3 weights for 2 segments"):
        gradient_variance(torch.ones(2, 2, 3), [1, 1, 1])


SMALL: dict[str, Any] = {
    "architecture": "trm", "d_model": 16, "n_heads": 2, "L_layers": 1, "H_cycles": 1, "L_cycles": 1,
    "max_segments": 3, "batch_size": 4, "dtype": "float32",
}  # fmt: skip


def test_a_models_gradients_are_those_of_its_segments_losses() -> None:
    recipe = Recipe().replace(SMALL)
    puzzles = generate(20, "minimal", "4x4", seed=0)
    model = build_model(recipe.model_config(puzzles.board.cells, puzzles.board.vocab), seed=0)
    batch = PuzzleStream(puzzles, 4, seed=0).draw()
    gradients = segment_gradients(model, recipe, batch)
    assert gradients.shape == (3, sum(p.numel() for p in model.parameters()))
    assert all(p.grad is None for p in model.parameters())
    assert not any(torch.equal(a, b) for a, b in pairwise(gradients))

    found = measure_gradient_variance(model, recipe, puzzles, batches=3, seed=2)
    assert found.weights == pytest.approx([SupervisionWeighting.cgar(3).weight(t) for t in (1, 2, 3)])
    assert found == measure_gradient_variance(model, recipe, puzzles, batches=3, seed=2)
    assert found.to_dict()["norms"]["alike"]["low"] <= found.norms.alike.estimate


def test_every_row_runs_every_segment_and_each_segments_loss_counts_whole() -> None:
    recipe = Recipe().replace(SMALL)
    puzzles = generate(20, "minimal", "4x4", seed=0)
    model = build_model(recipe.model_config(puzzles.board.cells, puzzles.board.vocab), seed=0)
    with torch.no_grad():
        model.q_head.bias.fill_(5.0)  # it would halt at once
    batch, parameters = PuzzleStream(puzzles, 4, seed=0).draw(), list(model.parameters())
    state, expected = model.initial_state(4), []
    for _ in range(3):
        state, output = model(state, batch.tokens, batch.puzzle_ids, gradient=recipe.gradient)
        loss = act_loss(*output, batch.answers, form=recipe.loss).total / 4
        parts = torch.autograd.grad(loss, parameters, allow_unused=True, materialize_grads=True)
        expected.append(torch.cat([part.flatten() for part in parts]))
        state = state.detach()
    torch.testing.assert_close(segment_gradients(model, recipe, batch), torch.stack(expected))


def test_batches_are_drawn_as_the_recipe_and_the_seed_say() -> None:
    recipe = Recipe().replace(SMALL | {"hint_fraction": 0.5, "hint_min_blanks": 1})
    puzzles = generate(20, "minimal", "4x4", seed=0)
    model = build_model(recipe.model_config(puzzles.board.cells, puzzles.board.vocab), seed=0)
    stream = PuzzleStream(puzzles, 4, 2, model.device, recipe.augment, 0.5, 1)
    gradients = torch.stack([segment_gradients(model, recipe, stream.draw()) for _ in range(3)])
    weights = [SupervisionWeighting.cgar(3).weight(t) for t in (1, 2, 3)]
    found = measure_gradient_variance(model, recipe, puzzles, batches=3, seed=2)
    assert found == gradient_variance(gradients, weights, seed=2)
