"""Hook points: named as users expect, explicit in time, and without the traps known from other libraries."""

import copy
import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from variants import VARIANTS, lively, random_tokens

from hrm_probe.models import HookError, HookPoint, RecursiveReasoner, Tick

SEGMENTS = 3


@pytest.fixture(params=["hrm_rope", "trm_att", "trm_mlp"])
def model(request: pytest.FixtureRequest) -> RecursiveReasoner:
    return lively(VARIANTS[request.param])


@pytest.fixture
def hrm() -> RecursiveReasoner:
    return lively(VARIANTS["hrm_rope"])


def tokens_for(model: RecursiveReasoner) -> np.ndarray:
    return random_tokens(model.config)


def nothing(activation: Tensor, hook: HookPoint) -> None:
    """A hook that only looks."""


def n_attached(model: RecursiveReasoner) -> int:
    counted = sum(len(point.attached) for point in model.hook_dict.values())
    assert counted == model.clock.listeners  # what decides whether hooks cost anything
    return counted


# ---------------------------------------------------------------- names


def test_names_are_those_of_the_plan() -> None:
    hrm, mlp = lively(VARIANTS["hrm_rope"]), lively(VARIANTS["trm_mlp"])
    outside = {"hook_embed", "hook_z_L", "hook_z_H", "hook_logits", "hook_q_halt", "hook_q_continue"}
    attention = {f"attn.hook_{point}" for point in ("q", "k", "v", "attn_scores", "pattern", "z")}
    around = {"hook_resid_mid", "hook_mlp_out", "hook_resid_post"}
    swiglu = {f"hook_{point}" for point in ("pre", "pre_linear", "post")}
    of_block = attention | around | {"hook_attn_out"} | {f"mlp.{point}" for point in swiglu}
    blocks = {"H": 2, "L": 1}
    inside = {f"{m}.blocks.{i}.{point}" for m, n in blocks.items() for i in range(n) for point in of_block}
    assert set(hrm.hook_dict) == outside | inside
    of_block = around | {"hook_mix_out"} | {f"{mlp}.{point}" for mlp in ("mlp", "token_mlp") for point in swiglu}
    assert set(mlp.hook_dict) == outside | {f"L.blocks.{i}.{point}" for i in range(2) for point in of_block}


def test_no_point_is_gated_every_one_fires(model: RecursiveReasoner) -> None:
    fired: set[str] = set()
    model.run_with_hooks(
        tokens_for(model), [(lambda name: True, lambda value, hook: fired.add(hook.name))], segments=1
    )
    assert fired == set(model.hook_dict)


@pytest.mark.parametrize(
    "names",
    [
        "pattern",
        "hook_pattern",
        ["H.blocks.0.attn.hook_pattern", "H.blocks.1.attn.hook_pattern", "L.blocks.0.attn.hook_pattern"],
        ("*.hook_pattern",),
        {"hook_pattern"},
        frozenset({"pattern"}),
        {"pattern": None}.keys(),
        lambda name: name.endswith("hook_pattern"),
    ],
    ids=["short", "hook_", "list", "tuple", "set", "frozenset", "keys", "predicate"],
)
def test_a_names_filter_is_a_string_any_iterable_or_a_predicate(
    hrm: RecursiveReasoner, names: str | list[str] | Callable[[str], bool]
) -> None:
    expected = [name for name in hrm.hook_dict if name.endswith(".hook_pattern")]
    assert hrm.hook_names(names) == expected
    assert set(hrm.run_with_cache(tokens_for(hrm), names, segments=1)[1]) == set(expected)


def test_a_names_filter_may_be_a_generator(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), (name for name in ("z_H", "z_L")), segments=1)
    assert set(cache) == {"hook_z_H", "hook_z_L"}


@pytest.mark.parametrize("typo", ["z_h", "L.blocks.0.atn.hook_q", ["z_H", "hook_patern"]])
def test_a_typo_is_an_error_that_lists_near_names(hrm: RecursiveReasoner, typo: str | list[str]) -> None:
    near = {"z_h": "z_H", "L.blocks.0.atn.hook_q": "L.blocks.0.attn.hook_q"}.get(str(typo), "pattern")
    for attempt in (
        lambda: hrm.run_with_cache(tokens_for(hrm), typo),
        lambda: hrm.run_with_hooks(tokens_for(hrm), [(typo, nothing)]),
        lambda: hrm.add_hook(typo, nothing),
        lambda: hrm.hooks([(typo, nothing)]).__enter__(),
    ):
        with pytest.raises(HookError, match=near):
            attempt()
    assert n_attached(hrm) == 0


def test_a_filter_that_selects_nothing_is_an_error(hrm: RecursiveReasoner) -> None:
    for empty in ([], lambda name: False):
        with pytest.raises(HookError, match="selects no hook point"):
            hrm.run_with_cache(tokens_for(hrm), empty)


def test_points_of_another_architecture_are_unknown_not_silent() -> None:
    with pytest.raises(HookError, match="H.blocks"):
        lively(VARIANTS["trm_att"]).add_hook("H.blocks.0.hook_resid_post", nothing)
    with pytest.raises(HookError, match="pattern"):
        lively(VARIANTS["trm_mlp"]).add_hook("pattern", nothing)


# ---------------------------------------------------------------- what a hook may do


def test_the_second_parameter_may_have_any_name(hrm: RecursiveReasoner) -> None:
    seen = []
    hrm.run_with_hooks(
        tokens_for(hrm), [("z_H", lambda z, point: seen.append((point.name, point.tick)))], segments=1
    )
    assert seen == [("hook_z_H", Tick(1, 1)), ("hook_z_H", Tick(1, 2))]


def test_none_leaves_the_value_and_a_tensor_replaces_it(hrm: RecursiveReasoner) -> None:
    plain = hrm.run(tokens_for(hrm), SEGMENTS)
    looked = hrm.run_with_hooks(tokens_for(hrm), [("z_H", nothing)], segments=SEGMENTS)
    assert torch.equal(plain.logits, looked.logits)
    zeroed = hrm.run_with_hooks(tokens_for(hrm), [("z_H", lambda z, hook: torch.zeros_like(z))], segments=SEGMENTS)
    assert torch.equal(zeroed.logits, torch.zeros_like(plain.logits))
    assert torch.equal(zeroed.state.z_H, torch.zeros_like(plain.state.z_H))


def test_an_edit_at_one_tick_changes_what_comes_after_and_nothing_before(model: RecursiveReasoner) -> None:
    tokens, at = tokens_for(model), Tick(2, 1)
    plain, before = model.run_with_cache(tokens, ["z_H", "z_L"], segments=SEGMENTS)
    with model.hooks([("z_H", lambda z, hook: z + 1)], ticks=[at]):
        edited, after = model.run_with_cache(tokens, ["z_H", "z_L"], segments=SEGMENTS)
    assert torch.equal(before["z_H"][0], after["z_H"][0])
    assert torch.equal(before["z_H"][1, 0] + 1, after["z_H"][1, 0])  # and the cache shows what flowed on
    assert torch.equal(before["z_L"][1, 0], after["z_L"][1, 0])
    assert not torch.allclose(before["z_L"][1, 1], after["z_L"][1, 1])
    assert torch.equal(plain.logits[0], edited.logits[0])
    assert not torch.allclose(plain.logits[2], edited.logits[2])


@pytest.mark.parametrize("variant", ["hrm_rope", "trm_att", "trm_mlp"])
def test_an_edit_at_any_point_reaches_the_answer(variant: str) -> None:
    model = lively(VARIANTS[variant])
    plain = model.run(tokens_for(model), 1)
    for name in model.hook_dict:
        def bend(value: Tensor, hook: HookPoint) -> Tensor:
            return value * torch.linspace(0.5, 1.5, value.shape[-1]) + 0.1

        edited = model.run_with_hooks(tokens_for(model), [(name, bend)], segments=1)
        answers = {"hook_q_halt": "q_halt", "hook_q_continue": "q_continue"}.get(name, "logits")
        assert not torch.equal(getattr(plain, answers), getattr(edited, answers)), name


def test_a_hook_sees_every_tick_in_order(model: RecursiveReasoner) -> None:
    config, ticks = model.config, []
    model.run_with_hooks(
        tokens_for(model), [(["z_L", "z_H"], lambda z, hook: ticks.append(hook.tick))], segments=2
    )
    expected = [
        Tick(segment, H_cycle, L_cycle)
        for segment in (1, 2)
        for H_cycle in range(1, config.H_cycles + 1)
        for L_cycle in (*range(1, config.L_cycles + 1), 0)
    ]
    assert ticks == expected


def test_the_module_that_trm_shares_tells_both_uses_apart() -> None:
    model, ticks = lively(VARIANTS["trm_att"]), []
    model.run_with_hooks(
        tokens_for(model), [("L.blocks.1.hook_resid_post", lambda z, hook: ticks.append(hook.tick))], segments=1
    )
    assert ticks[:3] == [Tick(1, 1, 1), Tick(1, 1, 2), Tick(1, 1, 0)]  # the last one updates z_H
    assert len(ticks) == 3 * model.config.H_cycles


def test_ticks_filter(hrm: RecursiveReasoner) -> None:
    for ticks in ([Tick(1, 2, 3), Tick(3, 1, 1)], {(1, 2, 3), (3, 1, 1)}, lambda t: t in [(1, 2, 3), (3, 1, 1)]):
        seen: list[Tick] = []
        hooks = [("z_L", lambda z, hook: seen.append(hook.tick))]  # noqa: B023 - called before the next round
        hrm.run_with_hooks(tokens_for(hrm), hooks, ticks=ticks, segments=SEGMENTS)
        assert seen == [Tick(1, 2, 3), Tick(3, 1, 1)]


def test_edits_of_several_hooks_add_up_in_the_order_they_were_attached(hrm: RecursiveReasoner) -> None:
    hooks = [("logits", lambda v, hook: v + 1), ("logits", lambda v, hook: v * 2)]
    plain = hrm.run(tokens_for(hrm), 1).logits
    assert torch.equal(hrm.run_with_hooks(tokens_for(hrm), hooks, segments=1).logits, (plain + 1) * 2)


# ---------------------------------------------------------------- hooked equals unhooked


def test_watching_changes_nothing_bit_for_bit(model: RecursiveReasoner) -> None:
    """All points at once but scores and pattern, for which fused attention has to be written out."""
    fused_away = ("hook_attn_scores", "hook_pattern")
    plain = model.run(tokens_for(model), SEGMENTS)
    watched, cache = model.run_with_cache(
        tokens_for(model), lambda name: not name.endswith(fused_away), segments=SEGMENTS
    )
    for ours, theirs in zip(plain[:-1], watched[:-1], strict=True):
        assert torch.equal(ours, theirs)
    assert torch.equal(plain.state.z_H, watched.state.z_H)
    assert torch.equal(cache["z_H"][-1, -1], plain.state.z_H)


def test_watching_the_pattern_changes_no_more_than_rounding(hrm: RecursiveReasoner) -> None:
    plain = hrm.run(tokens_for(hrm), 1)
    watched, cache = hrm.run_with_cache(tokens_for(hrm), "pattern", segments=1)
    torch.testing.assert_close(plain.logits, watched.logits, atol=2e-5, rtol=0)
    for pattern in cache.values():
        torch.testing.assert_close(pattern.sum(-1), torch.ones_like(pattern[..., 0]))


def test_torchs_own_hooks_on_the_model_fire_with_and_without_ours(hrm: RecursiveReasoner) -> None:
    calls: list[int] = []
    handle = hrm.register_forward_hook(lambda *_: calls.append(1))
    hrm.run(tokens_for(hrm), 2)
    hrm.run_with_hooks(tokens_for(hrm), [("z_H", nothing)], segments=2)
    handle.remove()
    assert len(calls) == 4


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


def test_a_tick_that_no_update_has_is_never_reached(hrm: RecursiveReasoner) -> None:
    with pytest.raises(HookError, match="never fired"):
        hrm.run_with_hooks(tokens_for(hrm), [("z_H", nothing)], ticks=[Tick(1, 1, 1)], segments=1)


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
    with pytest.raises(RuntimeError, match="boom"):
        if way == "run_with_hooks":
            hrm.run_with_hooks(tokens, [("z_H", explode), ("z_L", nothing)], segments=3)
        elif way == "hooks":
            with hrm.hooks([("z_H", explode)]):
                hrm.run(tokens, 3)
        else:
            with hrm.hooks([("z_H", explode)]):
                hrm.run_with_cache(tokens, segments=3)
    assert n_attached(hrm) == 1
    ticks: list[Tick] = []
    with hrm.hooks([("embed", lambda x, hook: ticks.append(hook.tick))]):
        hrm.segment(hrm.initial_state(2), torch.as_tensor(tokens))
    assert ticks == [Tick(1)]
    mine.remove()
    assert torch.equal(hrm.run(tokens, 2).logits, clean)


def test_an_error_in_the_block_is_not_hidden_by_a_hook_that_had_no_time_to_fire(hrm: RecursiveReasoner) -> None:
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


# ---------------------------------------------------------------- gradients


def test_backward_hooks_can_fire_after_their_context(hrm: RecursiveReasoner) -> None:
    ticks: list[Tick] = []
    rollout = hrm.run_with_hooks(
        tokens_for(hrm), bwd_hooks=[("z_H", lambda g, hook: ticks.append(hook.tick))], segments=2, gradient="rollout"
    )
    assert n_attached(hrm) == 0
    assert ticks == []
    rollout.logits.sum().backward()
    assert ticks == [Tick(2, 2), Tick(2, 1), Tick(1, 2), Tick(1, 1)]  # backwards in time, each under its own tick


def test_a_backward_hook_may_replace_the_gradient_at_one_tick(hrm: RecursiveReasoner) -> None:
    """Cutting the gradient at the end of segment 1 gives the gradient of segment 2 alone."""
    tokens = tokens_for(hrm)
    start = hrm.run(tokens, 1).state
    alone = hrm.run(tokens, 1, gradient="segment", state=start)
    (expected,) = torch.autograd.grad(alone.logits.sum(), [hrm.W_E])
    last = Tick(1, hrm.config.H_cycles)
    cut = [("z_H", lambda g, hook: 0 * g)], [("z_L", lambda g, hook: 0 * g)]
    with (
        hrm.hooks(bwd_hooks=cut[0], ticks=[last]),
        hrm.hooks(bwd_hooks=cut[1], ticks=[Tick(1, last.H_cycle, hrm.config.L_cycles)]),
    ):
        rollout = hrm.run(tokens, 2, gradient="rollout")
    (got,) = torch.autograd.grad(rollout.logits[1].sum(), [hrm.W_E])
    torch.testing.assert_close(got, expected)


def test_the_gradient_is_that_of_the_value_that_flowed_on(hrm: RecursiveReasoner) -> None:
    """Doubled at the point: the gradient asked for there is with respect to the doubled value."""
    seen: list[Tensor] = []
    with hrm.hooks([("logits", lambda v, hook: 2 * v)], [("logits", lambda g, hook: seen.append(g))]):
        rollout = hrm.run(tokens_for(hrm), 1, gradient="segment")
    rollout.logits.sum().backward()
    assert torch.equal(seen[0], torch.ones_like(seen[0]))
