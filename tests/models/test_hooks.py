"""Hook points: named as users expect, explicit in time, and without the traps known from other libraries."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models import HookError, HookPoint, RecursiveReasoner, Tick
from tests.models.hooking import n_attached, nothing
from tests.models.variants import VARIANTS, lively, tokens_for

SEGMENTS = 3


@pytest.fixture(params=["hrm_rope", "trm_att", "trm_mlp"])
def model(request: pytest.FixtureRequest) -> RecursiveReasoner:
    return lively(VARIANTS[request.param])


# ---------------------------------------------------------------- names


def test_names_are_those_of_the_plan() -> None:
    hrm, mlp = lively(VARIANTS["hrm_rope"]), lively(VARIANTS["trm_mlp"])
    outside = {"hook_embed", "hook_z_L", "hook_z_H", "hook_logits", "hook_q_halt", "hook_q_continue"}
    attention = {
        f"attn.hook_{point}" for point in ("q", "k", "v", "rot_q", "rot_k", "attn_scores", "pattern", "z")
    }
    around = {"hook_resid_mid", "hook_mlp_out", "hook_resid_post"}
    swiglu = {f"hook_{point}" for point in ("pre", "pre_linear", "post")}
    of_block = attention | around | {"hook_attn_out"} | {f"mlp.{point}" for point in swiglu}
    blocks = {"H": 2, "L": 1}
    inside = {f"{m}.blocks.{i}.{point}" for m, n in blocks.items() for i in range(n) for point in of_block}
    assert set(hrm.hook_dict) == outside | inside
    of_block = (
        around | {"hook_mix_out"} | {f"{mlp}.{point}" for mlp in ("mlp", "token_mlp") for point in swiglu}
    )
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
    with pytest.raises(HookError, match=r"H\.blocks"):
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


def test_a_function_with_settings_of_its_own_is_made_a_hook_by_partial(hrm: RecursiveReasoner) -> None:
    def scaled(z: Tensor, scale: float, hook: HookPoint) -> Tensor:
        seen.append(hook.name)
        return scale * z

    seen: list[str] = []
    rollout = hrm.run_with_hooks(tokens_for(hrm), [("z_H", partial(scaled, scale=0.0))], segments=1)
    assert seen == ["hook_z_H"] * hrm.config.H_cycles
    assert torch.equal(rollout.state.z_H, torch.zeros_like(rollout.state.z_H))
    seen.clear()
    hrm.run_with_hooks(tokens_for(hrm), [("z_H", lambda z, *, hook: seen.append(hook.name))], segments=1)
    assert seen == ["hook_z_H"] * hrm.config.H_cycles


def test_none_leaves_the_value_and_a_tensor_replaces_it(hrm: RecursiveReasoner) -> None:
    plain = hrm.run(tokens_for(hrm), SEGMENTS)
    looked = hrm.run_with_hooks(tokens_for(hrm), [("z_H", nothing)], segments=SEGMENTS)
    assert torch.equal(plain.logits, looked.logits)
    zeroed = hrm.run_with_hooks(
        tokens_for(hrm), [("z_H", lambda z, hook: torch.zeros_like(z))], segments=SEGMENTS
    )
    assert torch.equal(zeroed.logits, torch.zeros_like(plain.logits))
    assert torch.equal(zeroed.state.z_H, torch.zeros_like(plain.state.z_H))


def test_hooks_of_a_run_stay_where_that_is_asked_for(hrm: RecursiveReasoner) -> None:
    tokens, heard = tokens_for(hrm), []
    hooks = [("logits", lambda logits, hook: heard.append(hook.tick.segment))]
    hrm.run_with_hooks(tokens, fwd_hooks=hooks, segments=1, reset_hooks_end=False)
    hrm.run(tokens, 2)
    assert heard == [1, 1, 2]
    hrm.reset_hooks()
    hrm.run_with_hooks(tokens, fwd_hooks=hooks, segments=1, reset_hooks_end=True)
    hrm.run(tokens, 2)
    assert heard == [1, 1, 2, 1]


def test_hooks_do_not_stay_after_an_error(hrm: RecursiveReasoner) -> None:
    with pytest.raises(ZeroDivisionError):
        hrm.run_with_hooks(tokens_for(hrm), [("z_H", lambda z, hook: z / (1 // 0))], reset_hooks_end=False)
    assert not any(point.watched for point in hrm.hook_dict.values())


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
        tokens_for(model),
        [("L.blocks.1.hook_resid_post", lambda z, hook: ticks.append(hook.tick))],
        segments=1,
    )
    assert ticks[:3] == [Tick(1, 1, 1), Tick(1, 1, 2), Tick(1, 1, 0)]  # the last one updates z_H
    assert len(ticks) == 3 * model.config.H_cycles


def test_ticks_filter(hrm: RecursiveReasoner) -> None:
    for ticks in (
        [Tick(1, 2, 3), Tick(3, 1, 1)],
        {(1, 2, 3), (3, 1, 1)},
        lambda t: t in [(1, 2, 3), (3, 1, 1)],
    ):
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


# ---------------------------------------------------------------- gradients


def test_backward_hooks_can_fire_after_their_context(hrm: RecursiveReasoner) -> None:
    ticks: list[Tick] = []
    rollout = hrm.run_with_hooks(
        tokens_for(hrm),
        bwd_hooks=[("z_H", lambda g, hook: ticks.append(hook.tick))],
        segments=2,
        gradient="rollout",
    )
    assert n_attached(hrm) == 0
    assert ticks == []
    rollout.logits.sum().backward()
    assert ticks == [
        Tick(2, 2),
        Tick(2, 1),
        Tick(1, 2),
        Tick(1, 1),
    ]  # backwards in time, each under its own tick


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


def test_a_hook_that_is_none_is_refused(model: RecursiveReasoner) -> None:
    with pytest.raises(HookError, match='must be "fwd" or "bwd"'):
        model.add_hook("z_H", lambda z, hook: None, dir="forward")
    with pytest.raises(HookError, match="is a function"):
        model.add_hook("z_H", 3)


def test_a_hook_of_one_run_may_be_allowed_not_to_fire(model: RecursiveReasoner) -> None:
    never = [("z_H", lambda z, hook: None)]
    tokens = tokens_for(model)
    with pytest.raises(HookError, match="never fired"):
        model.run_with_hooks(tokens, never, ticks=[Tick(99, 1)])
    model.run_with_hooks(tokens, never, ticks=[Tick(99, 1)], must_fire=False)


def test_an_unknown_gradient_is_refused(model: RecursiveReasoner) -> None:
    with pytest.raises(InputError, match="gradient is 'all'; it must be one of none, published"):
        model.run(tokens_for(model), gradient="all")


@pytest.mark.parametrize("wrong", [lambda z, hook: z[:1], lambda z, hook: 3, lambda z, hook: z.numpy()])
def test_what_a_hook_gives_must_fit_what_it_replaces(hrm: RecursiveReasoner, wrong: Callable) -> None:
    with pytest.raises(
        HookError, match=r"hook_z_H returned something of (shape|type) .*None, or a tensor of .*shape"
    ):
        hrm.run_with_hooks(tokens_for(hrm), fwd_hooks=[("z_H", wrong)])


def test_what_a_hook_gives_takes_the_dtype_of_what_it_replaces(hrm: RecursiveReasoner) -> None:
    seen = []
    hooks = [("z_H", lambda z, hook: z.double()), ("z_H", lambda z, hook: seen.append(z.dtype))]
    rollout = hrm.run_with_hooks(tokens_for(hrm), fwd_hooks=hooks)
    assert set(seen) == {torch.float32}
    assert torch.equal(rollout.logits, hrm.run(tokens_for(hrm)).logits)


def test_one_tick_alone_is_a_filter(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), "z_H", ticks=Tick(2, 1))
    assert cache["z_H"].shape[:2] == (1, 1)


def test_hooks_that_are_no_pairs_are_refused(hrm: RecursiveReasoner) -> None:
    with pytest.raises(HookError, match="list of pairs"):
        hrm.run_with_hooks(tokens_for(hrm), fwd_hooks=("z_H", nothing))


def test_a_gradient_of_another_shape_is_refused(hrm: RecursiveReasoner) -> None:
    with hrm.hooks(bwd_hooks=[("z_H", lambda gradient, hook: gradient[:1])]):
        rollout = hrm.run(tokens_for(hrm), 1, gradient="rollout")
        with pytest.raises(HookError, match="returned something of shape"):
            rollout.logits.sum().backward()


@pytest.mark.parametrize("names", [5, [5], [None]])
def test_names_that_are_no_texts_are_told(hrm: RecursiveReasoner, names: object) -> None:
    with pytest.raises(HookError, match="names no hook points"):
        hrm.add_hook(names, nothing)


def test_the_segments_of_a_run_come_one_by_one(model: RecursiveReasoner) -> None:
    tokens, ticks = tokens_for(model), []
    rollout = model.run(tokens, SEGMENTS)
    with model.hooks([("logits", lambda z, hook: ticks.append(hook.tick))], ticks=[Tick(2), Tick(3)]):
        steps = list(model.unroll(tokens, SEGMENTS))
    assert torch.equal(torch.stack([output.logits for _, output in steps]), rollout.logits)
    assert torch.equal(steps[-1][0].z_H, rollout.state.z_H)
    assert ticks == [Tick(2), Tick(3)]
