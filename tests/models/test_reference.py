"""Our models against the numpy transcription of the papers, on random weights of every variant."""

import numpy as np
import pytest
import torch

from hrm_probe.models import State
from hrm_probe.models.published import published_name
from tests.models import reference
from tests.models.reference import IGNORED, continue_target
from tests.models.variants import (
    VARIANTS,
    in_float64,
    lively,
    loss,
    random_state,
    random_tokens,
    settings,
    weights,
)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", VARIANTS)
def test_three_segments_in_float64(name: str, seed: int) -> None:
    config = VARIANTS[name]
    model = lively(config, seed)
    tokens = random_tokens(config, batch=1 + seed, seed=seed)
    ids = np.random.default_rng(seed).integers(0, config.puzzles, len(tokens))
    theirs = reference.run(tokens, 3, weights(model), settings(config), ids)
    ours, cache = in_float64(model).run_with_cache(
        tokens, ["z_H", "z_L"], segments=3, puzzle_ids=torch.as_tensor(ids)
    )
    for k, out in enumerate(theirs):
        np.testing.assert_allclose(ours.logits[k], out.logits, rtol=0, atol=1e-11)
        np.testing.assert_allclose(ours.q_halt[k], out.Q_halt, rtol=0, atol=1e-11)
        np.testing.assert_allclose(ours.q_continue[k], out.Q_continue, rtol=0, atol=1e-11)
        z_L = np.stack([value for which, value in out.path if which == "z_L"])
        z_H = np.stack([value for which, value in out.path if which == "z_H"])
        np.testing.assert_allclose(cache["z_L"][k].flatten(0, 1), z_L, rtol=0, atol=1e-11)
        np.testing.assert_allclose(cache["z_H"][k], z_H, rtol=0, atol=1e-11)
    np.testing.assert_array_equal(ours.predictions[-1], theirs[-1].logits.argmax(-1))


@pytest.mark.parametrize("name", VARIANTS)
def test_float32_stays_close(name: str) -> None:
    """For one segment; untrained weights can be chaotic, and rounding then grows from segment to segment."""
    config = VARIANTS[name]
    model, tokens = lively(config), random_tokens(config)
    theirs = reference.run(tokens, 1, weights(model), settings(config))
    np.testing.assert_allclose(model.run(tokens, 1).logits[0], theirs[0].logits, rtol=0, atol=3e-5)


@pytest.mark.parametrize("name", VARIANTS)
def test_bfloat16_stays_near(name: str) -> None:
    """One segment in the dtype of the published runs, with eight bits of mantissa at every step."""
    config = VARIANTS[name]
    model, tokens = lively(config), random_tokens(config)
    theirs = reference.run(tokens, 1, weights(model), settings(config))[0]
    half = lively(config.replace(forward_dtype="bfloat16"))
    ours = half.run(tokens, 1)
    assert half.initial_state(1).z_H.dtype == torch.bfloat16
    assert ours.logits.dtype == ours.q_halt.dtype == torch.float32
    assert np.corrcoef(ours.logits[0].ravel(), theirs.logits.ravel())[0, 1] > 0.98


@pytest.mark.parametrize("gradient", ["published", "segment"])
@pytest.mark.parametrize("name", ["hrm_rope", "hrm_learned", "hrm_bare", "trm_att", "trm_mlp"])
def test_gradients_are_finite_differences_of_the_reference(name: str, gradient: str) -> None:
    """Along one random direction of every weight; "published" holds the weights of earlier updates fixed."""
    config = VARIANTS[name]
    rng = np.random.default_rng(1)
    model = lively(config)
    wide, θ, s = in_float64(model), weights(model), settings(config)
    state = random_state(config)
    tokens, labels = random_tokens(config), random_tokens(config, seed=5)
    labels[0, :2] = IGNORED
    z_H, z_L = (z.numpy() for z in state)
    out = reference.segment(z_H, z_L, tokens, θ, s)
    G = continue_target(reference.segment(out.z_H, out.z_L, tokens, θ, s)) if name.startswith("hrm") else None

    def reference_loss(moved: reference.Weights) -> float:
        past = θ if gradient == "published" else None
        return reference.loss(reference.segment(z_H, z_L, tokens, moved, s, θ_past=past), labels, G)

    _, output = wide.segment(state, torch.as_tensor(tokens), gradient=gradient)  # type: ignore[arg-type]
    total = loss(output, torch.as_tensor(labels), None if G is None else torch.as_tensor(G))
    assert total.item() == pytest.approx(reference_loss(θ), abs=1e-11)
    total.backward()
    for ours, parameter in wide.named_parameters():
        name_ = published_name(ours)
        direction = rng.standard_normal(θ[name_].shape)
        direction /= np.linalg.norm(direction)
        h = 1e-5
        plus, minus = ({**θ, name_: θ[name_] + sign * h * direction} for sign in (1, -1))
        expected = (reference_loss(plus) - reference_loss(minus)) / (2 * h)
        assert parameter.grad is not None, ours
        got = float((parameter.grad.numpy() * direction).sum())
        assert got == pytest.approx(expected, rel=1e-5, abs=1e-8), ours


@pytest.mark.parametrize("name", ["hrm_rope", "trm_mlp"])
def test_gradient_in_the_state(name: str) -> None:
    config = VARIANTS[name]
    model = lively(config)
    wide, θ, s = in_float64(model), weights(model), settings(config)
    tokens, state, direction = random_tokens(config), random_state(config), random_state(config, seed=9)
    state = State(*(z.requires_grad_() for z in state))
    out = wide.segment(state, torch.as_tensor(tokens))[0].z_H.sum()
    gradient = torch.autograd.grad(out, state)
    got = sum(float((g * d).sum()) for g, d in zip(gradient, direction, strict=True))
    h = 1e-6
    sums = [
        reference.segment(*(z.detach().numpy() + sign * h * d.numpy() for z, d in zip(state, direction, strict=True)),
                          tokens, θ, s).z_H.sum()
        for sign in (1, -1)
    ]  # fmt: skip
    assert got == pytest.approx((sums[0] - sums[1]) / (2 * h), rel=1e-6)
