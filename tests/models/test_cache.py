"""What a run remembers: every tick, copied, on named axes; gradients beside values, tick by tick."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models import HookError, HookPoint, RecursiveReasoner, Rollout, Tick
from hrm_probe.models.cache import Entry
from tests.models.variants import VARIANTS, in_float64, lively, tokens_for

SEGMENTS, BATCH = 3, 2  # the batch is that of tokens_for


@pytest.fixture(params=["hrm_rope", "trm_att", "trm_mlp"])
def model(request: pytest.FixtureRequest) -> RecursiveReasoner:
    return lively(VARIANTS[request.param])


# ---------------------------------------------------------------- time axes


def test_axes_and_shapes_of_every_point_of_hrm(hrm: RecursiveReasoner) -> None:
    c = hrm.config
    _, cache = hrm.run_with_cache(tokens_for(hrm), segments=SEGMENTS)
    assert set(cache) == set(hrm.hook_dict)
    d_mlp = 256
    own = {
        "embed": (c.pos, c.d_model), "z_H": (c.pos, c.d_model), "z_L": (c.pos, c.d_model),
        "logits": (c.cells, c.vocab), "q_halt": (), "q_continue": (),
        "q": (c.pos, c.n_heads, c.d_head), "k": (c.pos, c.n_heads, c.d_head), "v": (c.pos, c.n_heads, c.d_head),
        "rot_q": (c.pos, c.n_heads, c.d_head), "rot_k": (c.pos, c.n_heads, c.d_head),
        "z": (c.pos, c.n_heads, c.d_head), "attn_scores": (c.n_heads, c.pos, c.pos),
        "pattern": (c.n_heads, c.pos, c.pos), "attn_out": (c.pos, c.d_model), "resid_mid": (c.pos, c.d_model),
        "mlp_out": (c.pos, c.d_model), "resid_post": (c.pos, c.d_model), "pre": (c.pos, d_mlp),
        "pre_linear": (c.pos, d_mlp), "post": (c.pos, d_mlp),
    }  # fmt: skip
    for name, values in cache.items():
        time = [("segment", SEGMENTS), ("H_cycle", c.H_cycles), ("L_cycle", c.L_cycles)]
        if name.startswith("H.") or name == "hook_z_H":
            time = time[:2]
        elif not name.startswith("L.") and name != "hook_z_L":
            time = time[:1]
        assert cache.axes(name) == tuple(axis for axis, _ in time), name
        expected = (
            *(length for _, length in time),
            BATCH,
            *own[name.rsplit(".", 1)[-1].removeprefix("hook_")],
        )
        assert tuple(values.shape) == expected, name


def test_one_segment_has_the_same_axes_as_many(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), "z_H", segments=1)
    assert cache["z_H"].shape[:2] == (1, hrm.config.H_cycles)


def test_the_shared_module_of_trm_has_the_update_of_z_H_last() -> None:
    model = lively(VARIANTS["trm_att"])
    c = model.config
    _, cache = model.run_with_cache(tokens_for(model), ["z_H", "z_L", "resid_post"], segments=SEGMENTS)
    out = cache["L.blocks.1.hook_resid_post"]
    assert out.shape[:3] == (SEGMENTS, c.H_cycles, c.L_cycles + 1)
    assert torch.equal(out[:, :, :-1], cache["z_L"])
    assert torch.equal(out[:, :, -1], cache["z_H"])
    assert [tick.L_cycle for tick in cache.ticks("L.blocks.1.hook_resid_post")[: c.L_cycles + 1]] == [1, 2, 0]
    assert cache.axes("L.blocks.1.hook_resid_post") == ("segment", "H_cycle", "update")
    assert cache.axes("z_L") == ("segment", "H_cycle", "L_cycle")
    assert cache.axes("z_H") == ("segment", "H_cycle")


def test_the_axis_is_an_update_also_where_no_update_of_z_H_was_recorded() -> None:
    model = lively(VARIANTS["trm_att"])
    _, cache = model.run_with_cache(
        tokens_for(model), "resid_post", ticks=lambda t: t.L_cycle > 0, segments=SEGMENTS
    )
    assert cache.axes("L.blocks.0.hook_resid_post") == ("segment", "H_cycle", "update")


def test_no_repeat_overwrites_another(model: RecursiveReasoner) -> None:
    """Each slice is what the module gave at that tick, seen by an independent hook."""
    seen: dict[Tick, Tensor] = {}
    with model.hooks([("z_L", lambda z, hook: seen.update({hook.tick: z.clone()}))]):
        _, cache = model.run_with_cache(tokens_for(model), "z_L", segments=SEGMENTS)
    values = cache["z_L"].flatten(0, 2)
    assert len(values) == len(seen) == SEGMENTS * model.config.H_cycles * model.config.L_cycles
    for tick, value in zip(cache.ticks("z_L"), values, strict=True):
        assert torch.equal(value, seen[tick])
    assert len({value.sum().item() for value in values}) == len(values)  # and no two are the same


def test_the_states_are_those_of_the_recursion(model: RecursiveReasoner) -> None:
    """Stepping through segments by hand gives what the cache of one run holds."""
    tokens = torch.as_tensor(tokens_for(model))
    _, cache = model.run_with_cache(tokens, ["z_H", "z_L", "logits"], segments=SEGMENTS)
    state = model.initial_state(BATCH)
    for k in range(SEGMENTS):
        state, output = model.segment(state, tokens, gradient="none")
        assert torch.equal(cache["z_H"][k, -1], state.z_H)
        assert torch.equal(cache["z_L"][k, -1, -1], state.z_L)
        assert torch.equal(cache["logits"][k], output.logits)


def test_a_ticks_filter_keeps_a_grid_where_it_is_one(hrm: RecursiveReasoner) -> None:
    _, full = hrm.run_with_cache(tokens_for(hrm), "z_L", segments=SEGMENTS)
    _, last = hrm.run_with_cache(tokens_for(hrm), "z_L", ticks=lambda t: t.L_cycle == 3, segments=SEGMENTS)
    assert torch.equal(last["z_L"], full["z_L"][:, :, 2:])
    assert last.axes("z_L") == ("segment", "H_cycle", "L_cycle")
    _, two = hrm.run_with_cache(
        tokens_for(hrm), "z_L", ticks=[Tick(1, 1, 1), Tick(2, 2, 2)], segments=SEGMENTS
    )
    assert two.axes("z_L") == ("tick",)
    assert two.ticks("z_L") == [Tick(1, 1, 1), Tick(2, 2, 2)]
    assert torch.equal(two["z_L"], torch.stack([full["z_L"][0, 0, 0], full["z_L"][1, 1, 1]]))


def test_two_values_of_one_tick_are_no_grid() -> None:
    ticks = [Tick(1, 1), Tick(1, 1), Tick(2, 2), Tick(2, 2)]  # as many as two segments of two cycles have
    entry = Entry.stacked([(tick, torch.zeros(BATCH)) for tick in ticks], ("segment", "H_cycle"))
    assert entry.axes == ("tick",)
    assert entry.values.shape == (4, BATCH)


def test_ticks_that_are_never_reached_are_an_error_not_an_empty_cache(hrm: RecursiveReasoner) -> None:
    with pytest.raises(InputError, match="Nothing was recorded"):
        hrm.run_with_cache(tokens_for(hrm), "z_H", ticks=[Tick(9, 1)], segments=2)


# ---------------------------------------------------------------- copies


def test_entries_are_copies(hrm: RecursiveReasoner) -> None:
    rollout, cache = hrm.run_with_cache(tokens_for(hrm), ["z_H", "logits", "embed"], segments=2)
    kept = {name: values.clone() for name, values in cache.items()}
    rollout.state.z_H.zero_()
    rollout.logits.zero_()
    with torch.no_grad():
        hrm.W_E.zero_()
    hrm.run_with_cache(tokens_for(hrm), ["z_H"], segments=2)
    assert all(torch.equal(cache[name], kept[name]) for name in kept)


def add_one_in_place(z: Tensor, hook: HookPoint) -> None:
    z.add_(1)


def test_a_later_edit_in_place_does_not_reach_what_was_recorded(hrm: RecursiveReasoner) -> None:
    """What leaves the last block is the very tensor that then passes z_L, where a hook writes into it."""
    point = "L.blocks.0.hook_resid_post"
    first = [Tick(1, 1, 1)]
    _, plain = hrm.run_with_cache(tokens_for(hrm), [point, "z_L"], ticks=first, segments=1)
    with hrm.hooks([("z_L", add_one_in_place)], ticks=first):
        _, cache = hrm.run_with_cache(tokens_for(hrm), [point, "z_L"], ticks=first, segments=1)
    assert torch.equal(cache[point], plain[point])
    assert torch.equal(cache["z_L"], plain["z_L"] + 1)


def test_entries_carry_no_graph(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), segments=1, gradient="segment")
    assert not any(values.requires_grad for values in cache.values())


def test_edits_of_hooks_that_were_there_are_seen(hrm: RecursiveReasoner) -> None:
    hrm.add_hook("z_H", lambda z, hook: 0 * z)
    _, cache = hrm.run_with_cache(tokens_for(hrm), "z_H", segments=1)
    assert not cache["z_H"].any()
    assert len(hrm.hook_dict["hook_z_H"].attached) == 1  # and they are still there


def test_recording_ends_with_the_run(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), "z_H", segments=2)
    shape = cache["z_H"].shape
    hrm.run(tokens_for(hrm), 3)
    assert cache["z_H"].shape == shape
    assert hrm.clock.listeners == 0


# ---------------------------------------------------------------- keys


def test_keys_are_full_names_short_names_or_tuples(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), ["z_H", "pattern"], segments=1)
    assert cache["z_H"] is cache["hook_z_H"]
    full = "H.blocks.1.attn.hook_pattern"
    assert cache["pattern", 1, "H"] is cache["pattern", -1, "H"] is cache[full]
    assert "z_H" in cache
    assert full in cache
    assert ("pattern", 1, "H") in cache
    assert "z_L" not in cache
    assert ("pattern", 2, "H") not in cache
    assert cache.get("z_L") is None
    assert len(cache) == len(cache.keys()) == len(cache.values()) == 4


def test_a_short_name_that_means_several_points_is_an_error(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), "pattern", segments=1)
    with pytest.raises(HookError, match="several places"):
        cache["pattern"]
    with pytest.raises(HookError, match="hook_pattern"):
        cache["z_H"]


def test_the_level_may_be_left_out_where_there_is_one() -> None:
    model = lively(VARIANTS["trm_att"])
    _, cache = model.run_with_cache(tokens_for(model), "resid_post", segments=1)
    assert cache["resid_post", -1] is cache["L.blocks.1.hook_resid_post"]


def test_the_level_may_not_be_left_out_where_there_are_two(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), ["resid_post", "z_H"], segments=1)
    with pytest.raises(HookError, match=r"at levels H and L; name one, as in \('resid_post', -1, 'H'\)"):
        cache["resid_post", -1]
    with pytest.raises(HookError, match=r"holds no 'z_H' of block 0; it holds .*hook_z_H"):
        cache["z_H", 0]


def test_at_one_tick_an_entry_has_no_time_axes(model: RecursiveReasoner) -> None:
    _, cache = model.run_with_cache(tokens_for(model), ["z_H", "z_L", "resid_post"], segments=2)
    H, L = model.config.H_cycles, model.config.L_cycles
    assert torch.equal(cache.at("z_H", Tick(2, H)), cache["z_H"][1, H - 1])
    assert torch.equal(cache.at("z_L", (2, 1, L)), cache["z_L"][1, 0, L - 1])
    block = cache["resid_post", 0, "L"]
    if block.shape[2] > L:  # the module also makes the H-update
        assert torch.equal(cache.at(("resid_post", 0, "L"), Tick(1, H, 0)), block[0, H - 1, L])
    _, some = model.run_with_cache(tokens_for(model), "z_H", ticks=[Tick(1, 1), Tick(2, H)], segments=2)
    assert torch.equal(some.at("z_H", Tick(2, H)), cache["z_H"][1, H - 1])
    with pytest.raises(
        HookError, match=r"'z_H' was not recorded at \(3, 1, 0\); its ticks .* from \(1, 1, 0\) to"
    ):
        cache.at("z_H", Tick(3, 1))


def test_to_makes_a_copy(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), "z_H", segments=1)
    moved = cache.to("cpu")
    moved["z_H"].zero_()
    assert cache["z_H"].any()
    on_meta = hrm.run_with_cache(tokens_for(hrm), "z_H", segments=1, device="meta")[1]
    assert on_meta["z_H"].device.type == "meta"


# ---------------------------------------------------------------- gradients


def answer(rollout: Rollout) -> Tensor:
    return rollout.logits[1].square().sum()  # of the second segment: what comes later has no part in it


def test_gradients_stand_at_the_ticks_of_their_values(model: RecursiveReasoner) -> None:
    """Each is what a nudge of the value at that tick does to the answer, by central differences in float64."""
    wide, tokens = in_float64(model), tokens_for(model)
    _, cache = wide.run_with_cache(tokens, ["z_H", "z_L"], segments=SEGMENTS, backward=answer)
    assert cache.gradients is not None
    generator = torch.Generator().manual_seed(0)
    h = 1e-6
    for name in ("z_H", "z_L"):
        assert cache.gradients[name].shape == cache[name].shape
        assert cache.gradients.ticks(name) == cache.ticks(name)
        times = cache[name].ndim - 3
        gradients = cache.gradients[name].flatten(0, times - 1)
        for tick, gradient in zip(cache.ticks(name), gradients, strict=True):
            nudge = torch.randn(gradient.shape, dtype=torch.float64, generator=generator)
            ends = [
                answer(
                    wide.run_with_hooks(
                        tokens,
                        [(name, lambda z, hook, d=sign * h * nudge: z + d)],
                        ticks=[tick],
                        segments=SEGMENTS,
                    )
                )
                for sign in (1, -1)
            ]
            expected = float(ends[0] - ends[1]) / (2 * h)
            assert float((gradient * nudge).sum()) == pytest.approx(expected, rel=1e-5, abs=1e-6), (
                name,
                tick,
            )


def test_where_no_gradient_arrives_it_is_zero_and_nothing_shifts(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(
        tokens_for(hrm), ["logits", "q_halt", "z_H"], segments=SEGMENTS, backward=answer
    )
    gradients = cache.gradients
    assert gradients is not None
    assert list(gradients) == list(cache)  # the two are read side by side
    assert [bool(slice_.any()) for slice_ in gradients["logits"]] == [False, True, False]
    assert [bool(slice_.any()) for slice_ in gradients["z_H"]] == [True, True, False]
    assert not gradients["q_halt"].any()


def test_the_published_gradient_reaches_only_the_last_updates(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(
        tokens_for(hrm), ["z_H", "z_L"], segments=1, gradient="published", backward=lambda r: r.logits.sum()
    )
    assert cache.gradients is not None
    assert cache.gradients["z_H"][0].flatten(1).any(1).tolist() == [False, True]
    assert cache.gradients["z_L"][0].flatten(2).any(2).tolist() == [[False] * 3, [False, False, True]]


def test_the_parameters_own_gradients_are_left_alone(hrm: RecursiveReasoner) -> None:
    hrm.W_E.grad = torch.ones_like(hrm.W_E)
    hrm.run_with_cache(tokens_for(hrm), "z_H", segments=2, backward=answer)
    assert torch.equal(hrm.W_E.grad, torch.ones_like(hrm.W_E))
    assert all(p.grad is None for name, p in hrm.named_parameters() if name != "W_E")


def test_gradients_do_not_depend_on_what_is_frozen(hrm: RecursiveReasoner) -> None:
    ask = {"names_filter": ["z_H", "z_L", "embed"], "segments": 2, "backward": answer}
    expected = hrm.run_with_cache(tokens_for(hrm), **ask)[1].gradients
    for trained in (("unembed", "H."), ()):
        for name, parameter in hrm.named_parameters():
            parameter.requires_grad_(name.startswith(trained) if trained else False)
        flags = [parameter.requires_grad for parameter in hrm.parameters()]
        found = hrm.run_with_cache(tokens_for(hrm), **ask)[1].gradients
        for name in expected:
            assert torch.equal(found[name], expected[name]), name
        assert [parameter.requires_grad for parameter in hrm.parameters()] == flags


def test_gradients_come_where_the_caller_has_turned_them_off(hrm: RecursiveReasoner) -> None:
    ask = {"names_filter": "z_H", "segments": 2, "backward": answer}
    expected = hrm.run_with_cache(tokens_for(hrm), **ask)[1].gradients["z_H"]
    with torch.no_grad():
        assert torch.equal(hrm.run_with_cache(tokens_for(hrm), **ask)[1].gradients["z_H"], expected)
        assert not torch.is_grad_enabled()
    with torch.inference_mode(), pytest.raises(InputError, match="outside it"):
        hrm.run_with_cache(tokens_for(hrm), **ask)
    assert hrm.clock.listeners == 0


def test_backward_needs_a_scalar_and_something_to_differentiate(hrm: RecursiveReasoner) -> None:
    with pytest.raises(InputError, match="scalar"):
        hrm.run_with_cache(tokens_for(hrm), "z_H", segments=1, backward=lambda r: r.logits)
    for given in (None, 1.5):
        with pytest.raises(InputError, match="scalar tensor, not something of type"):
            hrm.run_with_cache(tokens_for(hrm), "z_H", segments=1, backward=lambda r, given=given: given)
    with pytest.raises(InputError, match="a run with gradients"):
        hrm.run_with_cache(
            tokens_for(hrm), "z_H", segments=1, gradient="none", backward=lambda r: r.logits.sum()
        )
    assert hrm.clock.listeners == 0


@pytest.mark.parametrize("key", [("pattern", "L"), ("pattern",), ("pattern", 0, "L", 1), (0, "pattern")])
def test_a_key_of_another_form_is_told(hrm: RecursiveReasoner, key: tuple[object, ...]) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), "pattern", segments=1)
    assert key not in cache
    with pytest.raises(HookError, match=r"names no entry; give \(name, block\)"):
        cache[key]


def test_what_a_hook_does_with_an_activation_of_one_tick_does_not_reach_the_recording(
    hrm: RecursiveReasoner,
) -> None:
    tokens = tokens_for(hrm)
    _, cache = hrm.run_with_cache(tokens, "z_H", segments=SEGMENTS)
    before = cache["z_H"].clone()
    patch = ("z_H", lambda z, hook: cache.at("z_H", hook.tick))
    hrm.run_with_hooks(tokens, fwd_hooks=[patch, ("z_H", lambda z, hook: z.mul_(0))], segments=SEGMENTS)
    assert torch.equal(cache["z_H"], before)


def test_a_name_that_is_not_reached_at_the_ticks_is_an_error_and_a_predicate_may_select_too_much(
    hrm: RecursiveReasoner,
) -> None:
    first_L = [Tick(1, 1, 1)]
    with pytest.raises(HookError, match="Nothing was recorded of 'z_H'"):
        hrm.run_with_cache(tokens_for(hrm), ["z_H", "z_L"], ticks=first_L, segments=1)
    _, both = hrm.run_with_cache(tokens_for(hrm), ["pattern", "z_L"], ticks=first_L, segments=1)
    assert all(name.startswith("L.") or name == "hook_z_L" for name in both)  # patterns of H are not reached
    _, some = hrm.run_with_cache(tokens_for(hrm), lambda name: "z_" in name, ticks=first_L, segments=1)
    assert "hook_z_L" in some


def test_a_block_may_be_numbered_by_numpy(hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), segments=1, names_filter="pattern")
    for layer in np.arange(hrm.config.L_layers):
        assert ("pattern", layer, "L") in cache
        assert torch.equal(cache["pattern", layer, "L"], cache["pattern", int(layer), "L"])


@pytest.mark.parametrize("tick", [3, None, (1, 2, 3, 4)])
def test_what_is_no_tick_is_told(tick: Any, hrm: RecursiveReasoner) -> None:
    _, cache = hrm.run_with_cache(tokens_for(hrm), segments=1, names_filter="z_H")
    with pytest.raises(HookError, match=r"is not a tick; give \(segment, H_cycle, L_cycle\)"):
        cache.at("z_H", tick)
