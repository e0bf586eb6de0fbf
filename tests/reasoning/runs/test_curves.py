"""Curves say segment by segment what a rollout said."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import HookError, ModelConfig, Tick, build_model
from hrm_probe.models.losses import log_stablemax
from hrm_probe.reasoning import residuals
from hrm_probe.reasoning.runs.curves import follow, joined, root_mean_square
from hrm_probe.sudoku import Puzzles, generate, load_puzzles


@pytest.fixture(scope="module")
def puzzles() -> Puzzles:
    return generate(7, "minimal", "4x4", seed=0)


@pytest.fixture(scope="module")
def model():
    config = ModelConfig(cells=16, vocab=6, d_model=32, n_heads=2, H_layers=1, L_layers=1, max_segments=5)
    model = build_model(config, seed=1)
    with torch.no_grad():
        model.q_head.weight.normal_(generator=torch.Generator().manual_seed(0))
        model.q_head.bias.zero_()
    return model


def test_curves_agree_with_the_rollout(model, puzzles):
    curves, rollout = follow(model, puzzles), model.run(puzzles.tokens)
    answers = torch.as_tensor(puzzles.answers)
    assert curves.segments == 5
    assert np.array_equal(curves.predictions, rollout.predictions.transpose(0, 1).numpy())
    assert np.array_equal(curves.errors, (rollout.predictions != answers).sum(-1).T.numpy())
    assert np.array_equal(curves.halted_at, rollout.halted_at.numpy())
    assert np.allclose(curves.q_halt, rollout.q_halt.T.numpy())
    log_p = log_stablemax(rollout.logits.double()).gather(-1, answers.expand(5, -1, -1)[..., None])
    assert np.allclose(curves.loss, -log_p.squeeze(-1).mean(-1).T.numpy(), atol=1e-5)
    ordinary = torch.nn.functional.cross_entropy(
        rollout.logits.flatten(0, 2), answers.expand(5, -1, -1).flatten(), reduction="none"
    )
    assert np.allclose(curves.softmax_loss, ordinary.unflatten(0, (5, 7, 16)).mean(-1).T.numpy(), atol=1e-5)
    entropy = (
        torch.distributions.Categorical(logits=rollout.logits).entropy().mean(-1)
    )  # of the softmax, in nats
    assert np.allclose(curves.entropy, entropy.T.numpy(), atol=1e-5)


def test_a_hook_that_waits_for_a_segment_meets_it_whoever_asks(model, puzzles):
    nothing, late = ("z_H", lambda z, hook: 0 * z), [Tick(3, 2)]
    changed = model.run_with_hooks(puzzles.tokens, [nothing], ticks=late).predictions.transpose(0, 1)
    assert not np.array_equal(changed, model.run(puzzles.tokens).predictions.transpose(0, 1))
    with model.hooks([nothing], ticks=late):
        assert np.array_equal(follow(model, puzzles).predictions, changed)
        moves = residuals(model, puzzles).by_update
    assert moves.query("segment == 3 and H_cycle == 2 and L_cycle == 0")["median"].iloc[0] > 0
    with pytest.raises(HookError, match="never fired"), model.hooks([nothing], ticks=late):
        follow(model, puzzles, segments=2)


def test_displacement_is_the_change_of_z_H_over_a_segment(model, puzzles):
    curves = follow(model, puzzles, segments=3)
    _, cache = model.run_with_cache(puzzles.tokens, "z_H", segments=3)
    ends = cache["z_H"][:, -1]
    moved = root_mean_square(ends[2] - ends[1])
    assert np.allclose(curves.displacement[:, 2], moved.numpy(), atol=1e-5)
    _, cache = model.run_with_cache(puzzles.tokens, "z_L", segments=3)
    ends = cache["z_L"][:, -1, -1]
    moved = root_mean_square(ends[2] - ends[1])
    assert np.allclose(curves.displacement_L[:, 2], moved.numpy(), atol=1e-5)


def test_batches_do_not_matter(model, puzzles):
    whole, parts = follow(model, puzzles), follow(model, puzzles, batch_size=3)
    assert np.allclose(whole.loss, parts.loss, atol=1e-5)
    assert np.array_equal(whole.predictions, parts.predictions)


def test_a_start_may_be_given(model, puzzles):
    after_two = model.run(puzzles.tokens, segments=2).state
    late = follow(model, puzzles, segments=3, start=after_two)
    assert np.allclose(late.loss, follow(model, puzzles, segments=5).loss[:, 2:], atol=1e-5)


def test_rows_can_be_chosen(model, puzzles):
    curves = follow(model, puzzles)
    chosen = curves[np.array([False, True] + [False] * 5)]
    assert len(chosen) == 1
    assert np.array_equal(chosen.loss[0], curves.loss[1])


def test_curves_that_were_saved_without_the_softmax_loss_can_be_chosen_and_joined(model, puzzles):
    curves = follow(model, puzzles)
    old = replace(curves, softmax_loss=None)
    assert old[:3].softmax_loss is None
    assert joined([curves, old]).softmax_loss is None
    assert np.array_equal(joined([curves[:3], curves[3:]]).softmax_loss, curves.softmax_loss)


def test_another_board_is_refused(model):
    with pytest.raises(InputError, match="36 cells, but the model is for 16"):
        follow(model, load_puzzles("6x6-test", n=2))
