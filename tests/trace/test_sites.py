"""Every hook point can be recorded, on axes that are named as the design names them."""

import numpy as np
import pytest

import hrm_probe
from hrm_probe.errors import InputError
from hrm_probe.models import HookError, ModelConfig, build_model
from hrm_probe.trace.sites import ALWAYS_RECORDED

SEGMENTS = 3
SMALL = ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, L_cycles=3)
VARIANTS = {
    "hrm": SMALL,
    "trm-attention": SMALL.replace(architecture="trm", prefix=3),
    "trm-mlp": SMALL.replace(architecture="trm", mixer="mlp", positions="none"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_trace_of_everything_equals_the_cache_of_the_same_run(variant, puzzles):
    model = build_model(VARIANTS[variant])
    everything = model.hook_names()
    trace = hrm_probe.record(
        model, puzzles, sites=everything, segments=SEGMENTS, dtype="float32", batch_size=10
    )
    _, cache = model.run_with_cache(puzzles.tokens, segments=SEGMENTS)
    assert trace.sites == [name for name in everything if name not in ALWAYS_RECORDED]
    for name in trace.sites:
        batch = len(cache.axes(name))
        assert trace[name].dims[1 : batch + 1] == cache.axes(name), name
        expected = cache[name].movedim(batch, 0).numpy()
        np.testing.assert_array_equal(trace[name].values, expected, err_msg=name)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_segment_keeps_the_last_update_of_each_segment(variant, puzzles):
    model = build_model(VARIANTS[variant])
    sites = ["z_H", "z_L", "resid_post", "embed"]
    full = hrm_probe.record(model, puzzles, sites=sites, segments=SEGMENTS, dtype="float32")
    last = hrm_probe.record(model, puzzles, sites=sites, segments=SEGMENTS, dtype="float32", every="segment")
    for name in full.sites:
        kept = full[name]
        for axis in {"H_cycle", "L_cycle", "update"} & set(kept.dims):
            kept = kept.isel({axis: -1})
        assert last[name].dims == kept.dims
        np.testing.assert_array_equal(last[name].values, kept.values, err_msg=name)


def test_states_have_the_axes_of_the_design(model, puzzles):
    trace = hrm_probe.record(model, puzzles, segments=SEGMENTS)
    assert dict(trace["z_H"].sizes) == {"puzzle": 10, "segment": 3, "H_cycle": 2, "pos": 17, "d_model": 16}
    assert dict(trace["z_L"].sizes) == {
        "puzzle": 10, "segment": 3, "H_cycle": 2, "L_cycle": 3, "pos": 17, "d_model": 16,
    }  # fmt: skip
    assert trace["logits"].dims == ("puzzle", "segment", "cell", "vocab")
    assert trace["predictions"].dims == ("puzzle", "segment", "cell")
    assert trace["q_halt"].dims == trace["q_continue"].dims == ("puzzle", "segment")
    assert trace["halted_at"].dims == ("puzzle",)


def test_ticks_count_from_one_and_select_by_label(model, puzzles):
    trace = hrm_probe.record(model, puzzles, segments=SEGMENTS, dtype="float32")
    _, cache = model.run_with_cache(puzzles.tokens, "z_L", ticks=[(3, 2, 1)], segments=SEGMENTS)
    selected = trace["z_L"].sel(segment=3, H_cycle=2, L_cycle=1)
    np.testing.assert_array_equal(selected.values, cache["z_L"][0, 0, 0].numpy())


def test_the_module_that_serves_both_levels_has_its_H_update_as_update_zero(puzzles):
    trm = build_model(VARIANTS["trm-attention"])
    trace = hrm_probe.record(trm, puzzles, sites="L.blocks.0.hook_resid_post", segments=1)
    assert trace["resid_post"].coords["update"].values.tolist() == [1, 2, 3, 0]


def test_a_typo_is_an_error_that_lists_near_names(model, puzzles):
    with pytest.raises(HookError, match=r"z_h.*near names are.*z_H"):
        hrm_probe.record(model, puzzles, sites=["z_h"])
    with pytest.raises(InputError, match='must be "cycle" or "segment"'):
        hrm_probe.record(model, puzzles, every="update")


def test_no_sites_records_what_the_model_says(model, puzzles):
    trace = hrm_probe.record(model, puzzles, sites=(), segments=SEGMENTS)
    rollout = model.run(puzzles.tokens, SEGMENTS)
    np.testing.assert_array_equal(trace["logits"].values, rollout.logits.transpose(0, 1).numpy())
    assert trace.sites == []
