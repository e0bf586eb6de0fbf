"""How long hooks live: exactly as long as was asked for, whatever happens; and one that stays silent is an error."""

import copy
import gc
import weakref
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from hrm_probe.models import HookError, HookPoint, RecursiveReasoner, Tick
from tests.models.hooking import n_attached, nothing
from tests.models.variants import tokens_for

# ---------------------------------------------------------------- silence is an error


def test_a_hook_that_never_fired_is_an_error_at_the_end_of_the_run(hrm: RecursiveReasoner) -> None:
    late = [Tick(9, 1)]
    with pytest.raises(HookError, match="hook_z_H never fired"):
        hrm.run_with_hooks(tokens_for(hrm), [("z_H", nothing)], ticks=late, segments=2)
    assert n_attached(hrm) == 0
    handle = hrm.add_hook("z_H", nothing, ticks=late)
    with pytest.raises(HookError, match="hook_z_H never fired"):
        hrm.run(tokens_for(hrm), 2)
    handle.remove()
    hrm.run(tokens_for(hrm), 1)


def test_having_fired_in_an_earlier_run_does_not_count(hrm: RecursiveReasoner) -> None:
    handle = hrm.add_hook("z_H", nothing, ticks=[Tick(2, 1)])
    hrm.run(tokens_for(hrm), 2)
    with pytest.raises(HookError, match="hook_z_H never fired"):
        hrm.run(tokens_for(hrm), 1)
    handle.remove()


def test_a_tick_that_no_update_has_is_never_reached(hrm: RecursiveReasoner) -> None:
    with pytest.raises(HookError, match="never fired") as caught:
        hrm.run_with_hooks(tokens_for(hrm), [("z_H", nothing)], ticks=[Tick(1, 1, 1)], segments=3)
    assert (
        f"those of hook_z_H were (segment, H_cycle, L_cycle) (1, 1, 0) to (3, {hrm.config.H_cycles}, 0)"
        in str(caught.value)
    )


def test_a_point_that_is_not_reached_is_told_apart_from_a_tick(hrm: RecursiveReasoner) -> None:
    state, x = hrm.initial_state(2), hrm.input_embedding(tokens_for(hrm))[:2]
    with (
        pytest.raises(HookError, match="the points they wait at were not reached"),
        hrm.hooks([("logits", nothing)]),
    ):
        hrm.cycle(state, x)


def test_backward_hooks_without_gradients_say_why(hrm: RecursiveReasoner) -> None:
    with pytest.raises(HookError, match="gradient"):
        hrm.run_with_hooks(tokens_for(hrm), bwd_hooks=[("z_H", nothing)], segments=1)


def test_silence_can_be_allowed(hrm: RecursiveReasoner) -> None:
    with hrm.hooks([("z_H", nothing)], ticks=[Tick(9, 1)], must_fire=False):
        hrm.run(tokens_for(hrm), 1)


# ---------------------------------------------------------------- lifetime


def test_nothing_is_attached_before_the_context_is_entered(hrm: RecursiveReasoner) -> None:
    context = hrm.hooks([("z_H", nothing)])
    assert n_attached(hrm) == 0
    with context:
        assert n_attached(hrm) == 1
        hrm.run(tokens_for(hrm), 1)
    assert n_attached(hrm) == 0


def test_contexts_nest_and_take_off_exactly_their_own(hrm: RecursiveReasoner) -> None:
    mine = hrm.add_hook("z_L", nothing)
    with hrm.hooks([("z_H", nothing), ("z_L", nothing)]):
        assert n_attached(hrm) == 3
        with hrm.hooks([("z_H", nothing)]):
            assert n_attached(hrm) == 4
            during = hrm.add_hook("logits", nothing)  # made inside, but no context's own
            hrm.run(tokens_for(hrm), 1)
        assert n_attached(hrm) == 4
    assert n_attached(hrm) == 2
    hrm.run_with_cache(tokens_for(hrm), ["z_H", "z_L"], segments=1)
    hrm.run_with_hooks(tokens_for(hrm), [("z_L", nothing)], segments=1)
    assert n_attached(hrm) == 2
    mine.remove()
    mine.remove()  # twice is no error
    assert n_attached(hrm) == 1
    during.remove()
    assert n_attached(hrm) == 0


def test_the_same_function_attached_twice_is_two_hooks(hrm: RecursiveReasoner) -> None:
    first, second = (hrm.add_hook("logits", lambda v, hook: v + 1) for _ in range(2))
    plain = hrm.run(tokens_for(hrm), 1).logits
    first.remove()
    once = hrm.run(tokens_for(hrm), 1).logits
    second.remove()
    none = hrm.run(tokens_for(hrm), 1).logits
    assert torch.equal(none + 1, once)
    assert torch.equal(once + 1, plain)


def explode(value: Tensor, hook: HookPoint) -> None:
    if hook.tick.segment == 2:
        raise RuntimeError("boom")


@pytest.mark.parametrize("way", ["run_with_hooks", "hooks", "run_with_cache"])
def test_an_exception_leaves_no_hook_and_no_clock_behind(hrm: RecursiveReasoner, way: str) -> None:
    tokens, clean = tokens_for(hrm), hrm.run(tokens_for(hrm), 2).logits
    mine = hrm.add_hook("z_L", nothing)

    def with_context(run: Callable[..., object]) -> None:
        with hrm.hooks([("z_H", explode)]):
            run(tokens, segments=3)

    attempt = {
        "run_with_hooks": lambda: hrm.run_with_hooks(
            tokens, [("z_H", explode), ("z_L", nothing)], segments=3
        ),
        "hooks": lambda: with_context(hrm.run),
        "run_with_cache": lambda: with_context(hrm.run_with_cache),
    }[way]
    with pytest.raises(RuntimeError, match="boom"):
        attempt()
    assert n_attached(hrm) == 1
    ticks: list[Tick] = []
    with hrm.hooks([("embed", lambda x, hook: ticks.append(hook.tick))]):
        hrm.segment(hrm.initial_state(2), torch.as_tensor(tokens))
    assert ticks == [Tick(1)]
    mine.remove()
    assert torch.equal(hrm.run(tokens, 2).logits, clean)


def test_an_error_in_the_block_is_not_hidden_by_a_hook_that_had_no_time_to_fire(
    hrm: RecursiveReasoner,
) -> None:
    with pytest.raises(ZeroDivisionError), hrm.hooks([("z_H", nothing)]):
        raise ZeroDivisionError
    assert n_attached(hrm) == 0


def test_a_setup_that_fails_half_way_leaves_nothing(hrm: RecursiveReasoner) -> None:
    with pytest.raises(HookError), hrm.hooks([("z_H", nothing), ("pattern", nothing), ("z_X", nothing)]):
        pytest.fail("the block must not be entered")
    with pytest.raises(HookError):
        hrm.run_with_hooks(tokens_for(hrm), [("z_H", nothing)], bwd_hooks=[("no such point", nothing)])
    assert n_attached(hrm) == 0


def test_reset_takes_off_both_directions_and_keeps_permanent_ones(hrm: RecursiveReasoner) -> None:
    hrm.add_perma_hook("z_H", nothing)
    hrm.add_hook("z_H", nothing)
    hrm.add_hook("z_H", nothing, dir="bwd")
    hrm.hook_dict["hook_z_H"].ctx["kept"] = 1
    assert n_attached(hrm) == 3
    hrm.reset_hooks()
    assert n_attached(hrm) == 1
    assert hrm.hook_dict["hook_z_H"].ctx == {}
    hrm.reset_hooks(including_permanent=True)
    assert n_attached(hrm) == 0


def test_ctx_is_kept_between_calls(hrm: RecursiveReasoner) -> None:
    def count(z: Tensor, hook: HookPoint) -> None:
        hook.ctx["calls"] = hook.ctx.get("calls", 0) + 1

    hrm.run_with_hooks(tokens_for(hrm), [("z_H", count)], segments=3)
    assert hrm.hook_dict["hook_z_H"].ctx == {"calls": 3 * hrm.config.H_cycles}


def test_hooks_hold_on_to_nothing_once_they_are_off(hrm: RecursiveReasoner) -> None:
    class Big:
        def __call__(self, z: Tensor, hook: HookPoint) -> None: ...

    big = Big()
    watcher = weakref.ref(big)
    hrm.run_with_hooks(tokens_for(hrm), [("z_H", big)], segments=1)
    del big
    gc.collect()
    assert watcher() is None


def test_a_copy_of_a_model_has_hooks_of_its_own(hrm: RecursiveReasoner) -> None:
    twin = copy.deepcopy(hrm)
    twin.add_hook("z_H", lambda z, hook: 0 * z)
    assert n_attached(hrm) == 0
    assert not torch.equal(hrm.run(tokens_for(hrm), 1).logits, twin.run(tokens_for(hrm), 1).logits)
