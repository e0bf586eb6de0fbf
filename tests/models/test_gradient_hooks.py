"""Gradients at hook points: each point and tick has its own, wherever the value that flows there came from."""

import pytest
import torch
from torch import Tensor

from hrm_probe.models import HookPoint, RecursiveReasoner, Tick
from tests.models.variants import tokens_for

SEGMENTS = 2
LAST_BLOCK = "L.blocks.{}.hook_resid_post"


def last_block(model: RecursiveReasoner) -> str:
    return LAST_BLOCK.format(model.config.L_layers - 1)


def total(rollout) -> Tensor:
    return rollout.logits.square().sum()


def test_points_that_pass_one_tensor_on_have_gradients_of_their_own(hrm: RecursiveReasoner) -> None:
    """z_L is what the last block's residual stream is: cut behind it, none arrives before it."""
    upstream, downstream, tokens = [], [], tokens_for(hrm)
    with hrm.hooks(
        bwd_hooks=[
            ("z_L", lambda gradient, hook: downstream.append(gradient.norm().item())),
            ("z_L", lambda gradient, hook: torch.zeros_like(gradient)),
            (last_block(hrm), lambda gradient, hook: upstream.append(gradient.norm().item())),
        ]
    ):
        total(hrm.run(tokens, SEGMENTS, gradient="rollout")).backward()
    assert max(downstream) > 0
    assert upstream == [0.0] * len(downstream)


def test_a_value_that_a_hook_gives_at_several_ticks_has_a_gradient_at_each(hrm: RecursiveReasoner) -> None:
    tokens = tokens_for(hrm)
    value = torch.randn_like(hrm.run(tokens, 1).state.z_H)

    def gradients(patch):
        with hrm.hooks([("z_H", patch)]):
            cache = hrm.run_with_cache(tokens, "z_H", segments=SEGMENTS, backward=total)[1]
        return cache.gradients["z_H"]

    same, copied = gradients(lambda z, hook: value), gradients(lambda z, hook: value.clone())
    assert torch.equal(same, copied)
    # Of a segment whose every z_H is put in, only the last is read.
    assert same.flatten(2).norm(dim=2)[:, -1].min() > 0
    assert same[:, :-1].abs().max() == 0


def test_a_patched_value_has_the_gradient_that_it_has_by_hand(hrm: RecursiveReasoner) -> None:
    tokens, last = tokens_for(hrm), Tick(SEGMENTS, hrm.config.H_cycles)
    value = torch.randn_like(hrm.run(tokens, 1).state.z_H)
    leaf = value.clone().requires_grad_()
    with hrm.hooks([("z_H", lambda z, hook: leaf)], ticks=[last]):
        (expected,) = torch.autograd.grad(total(hrm.run(tokens, SEGMENTS, gradient="rollout")), leaf)
    for patch in (value, value.clone().requires_grad_()):
        with hrm.hooks([("z_H", lambda z, hook, patch=patch: patch)], ticks=[last]):
            cache = hrm.run_with_cache(tokens, "z_H", segments=SEGMENTS, backward=total)[1]
        assert torch.equal(cache.gradients["z_H"][-1, -1], expected)
        assert patch.grad is None


def test_no_hook_stays_on_a_value_that_was_put_in(hrm: RecursiveReasoner) -> None:
    tokens, heard = tokens_for(hrm), []
    leaf = torch.randn_like(hrm.run(tokens, 1).state.z_H).requires_grad_()
    with hrm.hooks([("z_H", lambda z, hook: leaf)], [("z_H", lambda g, hook: heard.append(hook.tick))]):
        hrm.run(tokens, 1, gradient="rollout")
    leaf.square().sum().backward()
    assert heard == []


def test_a_model_that_a_backward_hook_runs_has_a_time_of_its_own(hrm: RecursiveReasoner) -> None:
    tokens, inner, ticks = tokens_for(hrm), [], []

    def ask_again(gradient: Tensor, hook: HookPoint) -> None:
        before = hook.tick
        inner.append(hrm.run_with_cache(tokens, "z_H", segments=SEGMENTS)[1])
        ticks.append(before)

    with hrm.hooks(bwd_hooks=[("z_H", ask_again)]):
        total(hrm.run(tokens, SEGMENTS, gradient="rollout")).backward()
    plain = hrm.run_with_cache(tokens, "z_H", segments=SEGMENTS)[1]
    assert ticks == plain.ticks("z_H")[::-1]
    for cache in inner:
        assert cache.axes("z_H") == plain.axes("z_H")
        assert torch.equal(cache["z_H"], plain["z_H"])


@pytest.mark.parametrize("frozen", [False, True])
def test_nothing_keeps_a_gradient_that_was_not_asked_for(frozen: bool, hrm: RecursiveReasoner) -> None:
    hrm.requires_grad_(not frozen)
    scale = torch.ones((), requires_grad=True)
    with hrm.hooks([("z_H", lambda z, hook: scale * z)]):
        hrm.run_with_cache(tokens_for(hrm), "z_H", segments=SEGMENTS, backward=total)
    assert scale.grad is None
    assert all(parameter.grad is None for parameter in hrm.parameters())


def test_a_replacement_is_moved_to_the_activations_device(hrm: RecursiveReasoner) -> None:
    point = hrm.hook_dict["hook_z_H"]
    hrm.add_hook("z_H", lambda z, hook: torch.zeros(2, 3))
    assert point(torch.empty(2, 3, device="meta")).device.type == "meta"


def test_a_generator_of_names_is_as_good_as_a_list(hrm: RecursiveReasoner) -> None:
    tokens, names = tokens_for(hrm), ["z_H", "z_L"]
    listed, generated = (
        hrm.run_with_cache(tokens, given, segments=1)[1] for given in (names, (name for name in names))
    )
    assert set(listed) == set(generated)
    with pytest.raises(Exception, match="z_L"):
        hrm.run_with_cache(tokens, (name for name in names), ticks=lambda tick: tick.L_cycle == 0)
