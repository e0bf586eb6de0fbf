"""Hooks that run the model themselves: time stands still for the others, and each run hears its own hooks."""

import pytest
import torch
from torch import Tensor

from hrm_probe.models import HookPoint, RecursiveReasoner, State, Tick
from tests.models.variants import VARIANTS, lively, tokens_for

SEGMENTS = 3


@pytest.fixture(params=["hrm_rope", "trm_att", "trm_mlp"])
def model(request: pytest.FixtureRequest) -> RecursiveReasoner:
    return lively(VARIANTS[request.param])


def test_time_stands_still_for_other_hooks_while_a_hook_reads_the_model(model: RecursiveReasoner) -> None:
    tokens, seen = tokens_for(model), []

    def lens(z: Tensor, hook: HookPoint) -> None:
        model.read_out(State(z, z))

    plain = model.run_with_cache(tokens, ["z_H", "z_L", "logits"], segments=SEGMENTS)[1]
    with model.hooks([("z_H", lens), ("resid_post", lens), ("z_H", lambda z, hook: seen.append(hook.tick))]):
        cache = model.run_with_cache(tokens, ["z_H", "z_L", "logits"], segments=SEGMENTS)[1]
    for name in ("z_H", "z_L", "logits"):
        assert cache.axes(name) == plain.axes(name)
        assert torch.equal(cache[name], plain[name])
    assert seen == plain.ticks("z_H")


def test_what_a_hook_runs_is_heard_by_the_hooks_it_attaches_alone(hrm: RecursiveReasoner) -> None:
    tokens, outer, inner = tokens_for(hrm), [], []

    def ask_again(z: Tensor, hook: HookPoint) -> None:
        outer.append(hook.tick)
        if hook.tick == Tick(3, 1):
            hrm.run_with_hooks(
                tokens, [("z_H", lambda z, hook: inner.append(hook.tick))], segments=2, ticks=[Tick(2, 1)]
            )

    hrm.run_with_hooks(tokens, [("z_H", ask_again)], segments=4)
    H_cycles = hrm.config.H_cycles
    assert outer == [Tick(s, c) for s in range(1, 5) for c in range(1, H_cycles + 1)]
    assert inner == [Tick(2, 1)]


def test_a_hook_may_leave_another_one_for_the_rest_of_the_run(hrm: RecursiveReasoner) -> None:
    seen: list[Tick] = []

    def from_now_on(z: Tensor, hook: HookPoint) -> None:
        hrm.add_hook("z_L", lambda z, hook: seen.append(hook.tick))

    hrm.run_with_hooks(
        tokens_for(hrm), [("z_H", from_now_on)], segments=2, ticks=[Tick(1, hrm.config.H_cycles)]
    )
    assert {tick.segment for tick in seen} == {2}
    hrm.reset_hooks()
    assert hrm.clock.listeners == 0


def test_a_hook_that_fails_within_another_leaves_the_clock_as_it_was(hrm: RecursiveReasoner) -> None:
    def fail(z: Tensor, hook: HookPoint) -> None:
        raise RuntimeError("stop")

    def run_again(z: Tensor, hook: HookPoint) -> None:
        hrm.run_with_hooks(tokens_for(hrm), [("z_H", fail)], segments=1)

    with pytest.raises(RuntimeError, match="stop"):
        hrm.run_with_hooks(tokens_for(hrm), [("z_H", run_again)], segments=2)
    assert (hrm.clock.depth, hrm.clock.segment, hrm.clock.listeners) == (0, 1, 0)
