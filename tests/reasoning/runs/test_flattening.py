"""The flattened segment is the model's segment, in every way in which it is used."""

import numpy as np
import pytest
import torch

from hrm_probe.dynamics.fixed_points import perturbed
from hrm_probe.dynamics.linearise import derivative_error, jvp, jvps
from hrm_probe.dynamics.lyapunov import lyapunov_spectrum
from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, State, build_model
from hrm_probe.reasoning import decoded, segment_map
from hrm_probe.sudoku import generate
from tests.reasoning.planted_segments import Planted, keeps, loses

VARIANTS = {
    "hrm": {},
    "trm": {"architecture": "trm"},
    "trm-mlp": {"architecture": "trm", "mixer": "mlp", "positions": "none"},
}


@pytest.fixture(scope="module")
def puzzles():
    return generate(3, "minimal", "4x4", seed=0)


@pytest.fixture(scope="module", params=VARIANTS.values(), ids=VARIANTS.keys())
def model(request):
    config = ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1)
    return build_model(config.replace(**request.param), seed=1).eval()


def test_a_step_is_a_segment(model, puzzles):
    step, flatten, unflatten = segment_map(model, puzzles.tokens)
    before, after = (model.run(puzzles.tokens, segments=s).state for s in (2, 3))
    points = flatten(before)
    assert points.shape == (3, 2 * 17 * 16)
    assert torch.allclose(step(points), flatten(after), atol=1e-5)
    assert all(torch.equal(a, b) for a, b in zip(unflatten(points), before, strict=True))


@pytest.mark.parametrize("batch_size", [1, 2, 128])
def test_points_show_the_grids_that_the_run_shows(model, puzzles, batch_size):
    ran = model.run(puzzles.tokens, segments=3)
    points = segment_map(model, puzzles.tokens).flatten(ran.state)
    assert torch.equal(decoded(model, points, batch_size), ran.predictions[-1])


def test_rows_beyond_the_puzzles_repeat_them_in_order(model, puzzles):
    step, flatten, _ = segment_map(model, puzzles.tokens)
    around = perturbed(flatten(model.initial_state(3)), 0.2, copies=4)  # [4, 3, d]
    images = step(around.flatten(0, 1)).unflatten(0, (4, 3))
    for copy in range(4):
        assert torch.allclose(images[copy], step(around[copy]), atol=1e-5)
    with pytest.raises(InputError, match="4 points do not belong to 3 puzzles"):
        step(around.flatten(0, 1)[:4])


def test_one_puzzle_takes_any_number_of_points(model, puzzles):
    step, flatten, _ = segment_map(model, puzzles.tokens[:1])
    points = flatten(model.initial_state(5)) + torch.arange(5.0)[:, None] / 10
    assert torch.allclose(step(points)[3:4], step(points[3:4]), atol=1e-5)


def test_under_transforms_it_is_the_same_map(model, puzzles):
    # Attention is fused outside transforms and written out inside them.
    step, flatten, _ = segment_map(model, puzzles.tokens)
    points = flatten(model.run(puzzles.tokens, segments=2).state)
    tangents = torch.randn(2, *points.shape, generator=torch.Generator().manual_seed(0))
    image, product = jvp(step, points, tangents[0])
    assert torch.allclose(image, step(points), atol=1e-5)
    twice, _ = jvp(step, points.repeat(2, 1), tangents.flatten(0, 1))
    assert torch.allclose(twice[3:], image, atol=1e-5)
    image, products = jvps(step, points, tangents)  # vmap of jvp
    assert torch.allclose(image, step(points), atol=1e-5)
    assert torch.allclose(products[0], product, atol=1e-4)
    with torch.no_grad():
        pulled = torch.func.vjp(step, points)[1](tangents[1])[0]
    assert (pulled * tangents[0]).sum().item() == pytest.approx(
        (product * tangents[1]).sum().item(), rel=1e-3
    )


def test_its_derivative_is_that_of_the_fused_map(model, puzzles):
    step, flatten, _ = segment_map(model, puzzles.tokens, dtype=torch.float64)
    points = flatten(model.run(puzzles.tokens, segments=2).state)
    assert derivative_error(step, points).max() < 1e-5


def test_float64_computes_the_same_model_exactly_and_leaves_it_alone(model, puzzles):
    wide, flatten, unflatten = segment_map(model, puzzles.tokens, dtype=torch.float64)
    narrow = segment_map(model, puzzles.tokens).step
    points = flatten(model.initial_state(3))
    assert wide(points).dtype == torch.float64
    assert unflatten(points).z_H.dtype == torch.float64
    error = (wide(points) - narrow(points.float())).abs().max()
    assert 0 < error < 1e-4
    assert model.forward_dtype == torch.float32
    assert model.run(puzzles.tokens, segments=1).state.z_H.dtype == torch.float32
    with pytest.raises(InputError, match="not torch"):
        segment_map(model, puzzles.tokens, dtype=torch.bfloat16)


def test_hooks_on_the_model_act_on_the_map(model, puzzles):
    step, flatten, _ = segment_map(model, puzzles.tokens)
    points = flatten(model.initial_state(3))
    free = step(points)
    with model.hooks([("z_H", lambda z, hook: z * 0)]):
        held = step(points)
    assert (held[:, : 17 * 16] == 0).all()
    assert torch.equal(step(points), free)


@pytest.mark.parametrize(("flow", "exponent"), [(keeps, np.log(0.5)), (loses, np.log(2))])
def test_exponents_at_a_planted_fixed_point_are_known(puzzles, flow, exponent):
    model = Planted(flow)
    step, flatten, _ = segment_map(model, puzzles.tokens, dtype=torch.float64)
    at_solution = step(flatten(State(*(z * 0 for z in model.initial_state(3)))))  # u = 0
    spectrum = lyapunov_spectrum(step, at_solution, k=1, steps=8, discard=5)
    assert spectrum.exponents[:, 0] == pytest.approx([exponent] * 3, abs=0.02)
