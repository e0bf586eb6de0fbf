"""The weights are found among all that a checkpoint holds; of weights and their average, the average is taken."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner, build_model
from hrm_probe.models.published import export_published, import_checkpoint
from tests.models.published.layouts import INNER, refused, same
from tests.models.variants import lively

pytestmark = pytest.mark.filterwarnings("error::UserWarning")  # where nothing is chosen, nothing is said

BUFFERS = ("H_init", "L_init", "puzzle_emb.weights")
MOMENTS = {"state": {0: {"exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 1e-4}]}


@pytest.fixture
def average(hrm: RecursiveReasoner) -> RecursiveReasoner:
    """Another model of the same kind, whose buffers are those of the first."""
    other = lively(hrm.config, seed=5)
    ours, theirs = hrm.state_dict(), other.state_dict()
    for name in ("H_init", "L_init", "puzzle_emb"):
        theirs[name].copy_(ours[name])
    return other


@pytest.fixture
def shadow(average: RecursiveReasoner) -> dict[str, Tensor]:
    """What an average of parameters holds of it."""
    held = export_published(average)
    return {name: tensor for name, tensor in held.items() if not name.endswith(BUFFERS)}


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    "prefix",
    [
        "", ".", INNER, "inner.", "model.", "model." + INNER, "net." + INNER, "loss_head." + INNER, "base_trm.inner.",
        "_orig_mod." + INNER, "model._orig_mod.inner.", "module." + INNER, "module._orig_mod." + INNER,
        "_orig_mod.module." + INNER, "_fsdp_wrapped_module." + INNER, "." + INNER,
    ],
)  # fmt: skip
def test_any_prefix(hrm: RecursiveReasoner, state: dict[str, Tensor], prefix: str) -> None:
    renamed = {prefix + name.removeprefix(INNER): tensor for name, tensor in state.items()}
    assert same(import_checkpoint(renamed, hrm.config), hrm)


@pytest.mark.parametrize(
    "wrapper", ["_orig_mod.", "module.", "_checkpoint_wrapped_module.", "_fsdp_wrapped_module."]
)
def test_wrappers_around_parts(hrm: RecursiveReasoner, state: dict[str, Tensor], wrapper: str) -> None:
    renamed = {name.replace("layers.0.", f"layers.0.{wrapper}"): tensor for name, tensor in state.items()}
    assert renamed.keys() != state.keys()
    assert same(import_checkpoint(renamed, hrm.config), hrm)


@pytest.mark.parametrize(
    "beside",
    [
        {"loss.seen": torch.zeros(1)}, {"n_averaged": torch.tensor(5)}, {"config": {"a": 1}, "step": 5},
        {INNER + "_extra_state": None}, {INNER + "q_head.scale": None},
        {INNER + "puzzle_emb.local_weights": torch.zeros(8, 24)},
        {INNER + "puzzle_emb.local_ids": torch.zeros(8, dtype=torch.int32)},
        {INNER + "rotary_emb.cos_cached": torch.zeros(17, 12), INNER + "rotary_emb.sin_cached": torch.zeros(17, 12)},
    ],
    ids=lambda beside: next(iter(beside)),
)  # fmt: skip
def test_what_is_no_weight_is_left_out(
    hrm: RecursiveReasoner, state: dict[str, Tensor], beside: dict[str, Any]
) -> None:
    assert same(import_checkpoint(state | beside, hrm.config), hrm)


def test_arrays_are_as_good_as_tensors(hrm: RecursiveReasoner, state: dict[str, Tensor]) -> None:
    arrays = {name: tensor.numpy() for name, tensor in state.items()}
    assert same(import_checkpoint(arrays, hrm.config), hrm)
    assert same(import_checkpoint({"model": arrays, "step": 3}, hrm.config), hrm)


# ---------------------------------------------------------------- places


@pytest.mark.parametrize(
    "beside",
    [
        {"optimizer": MOMENTS, "step": 7}, {"rng_state": torch.zeros(9, dtype=torch.uint8)},
        {"loss": torch.tensor(0.3)}, {"step": torch.tensor(4)}, {"ema": None, "_extra_state": None},
        {"scores": np.zeros(3)}, {"carry": {"z_H": torch.zeros(2), "current_data": {"inputs": torch.zeros(2, 81)}}},
        {"optimizer": {"exp_avg": {INNER + "embed_tokens.embedding_weight": torch.zeros(6, 24)}}},
    ],
    ids=lambda beside: "-".join(beside),
)  # fmt: skip
@pytest.mark.parametrize("place", ["model", "model_state_dict"])
def test_weights_beside_other_things_of_a_training_are_found(
    hrm: RecursiveReasoner, state: dict[str, Tensor], place: str, beside: dict[str, Any]
) -> None:
    assert same(import_checkpoint({**beside, place: state}, hrm.config), hrm)


def test_weights_deeper_down_are_found(hrm: RecursiveReasoner, state: dict[str, Tensor]) -> None:
    assert same(import_checkpoint({"ema": {"shadow": state, "mu": 0.999}, "opt": MOMENTS}, hrm.config), hrm)


def test_several_sets_of_weights_are_for_the_user_to_choose_from(
    hrm: RecursiveReasoner, state: dict[str, Tensor]
) -> None:
    refused(r"several sets of weights \(model, best\)", {"model": state, "best": state}, hrm.config)
    averages = {"ema": {"slow": state, "fast": state}}
    refused(r"several sets of weights \(ema.slow, ema.fast\)", averages, hrm.config)
    flat = state | {f"ema.{name}": tensor for name, tensor in state.items()}
    refused(
        "several sets of weights, under the prefixes 'ema.model.inner.', 'model.inner.'", flat, hrm.config
    )


# ---------------------------------------------------------------- averages


@pytest.mark.parametrize("place", ["ema_helper", "ema", "ema_state_dict", "model_ema", "ema.shadow"])
@pytest.mark.parametrize("prefix", ["", "_orig_mod."])
def test_the_average_is_taken_with_the_buffers_of_the_model(
    hrm: RecursiveReasoner,
    average: RecursiveReasoner,
    state: dict[str, Tensor],
    shadow: dict[str, Tensor],
    place: str,
    prefix: str,
) -> None:
    renamed: Any = {prefix + name: tensor for name, tensor in shadow.items()}
    outer, _, inside = place.partition(".")
    held = {
        "model": state,
        outer: {"mu": 0.999, inside: renamed} if inside else renamed,
        "optimizers": [MOMENTS],
    }
    with pytest.warns(
        UserWarning, match=rf"\(model\) and their moving average \({place}\): the average is taken"
    ):
        assert same(import_checkpoint(held, hrm.config), average)
    assert same(import_checkpoint(held, hrm.config, use="ema"), average)
    assert same(import_checkpoint(held, hrm.config, use="model"), hrm)


def test_a_whole_average_is_taken_whole(state: dict[str, Tensor], hrm: RecursiveReasoner) -> None:
    other = lively(hrm.config, seed=5)  # with initial states and puzzle embeddings of its own
    held = {"model": state, "ema": export_published(other)}
    assert same(import_checkpoint(held, hrm.config, use="ema"), other)


def test_an_average_alone_lacks_what_is_not_averaged(
    hrm: RecursiveReasoner, state: dict[str, Tensor], shadow: dict[str, Tensor]
) -> None:
    told = r"a moving average of parameters alone and misses H_init, L_init, puzzle_emb.weights, .* give both"
    refused(told, shadow, hrm.config)
    refused(told, {"ema": shadow, "step": 3}, hrm.config)
    refused(
        "misses H_init, L_init, which", shadow | {INNER + BUFFERS[2]: state[INNER + BUFFERS[2]]}, hrm.config
    )


def test_an_average_that_lacks_parameters_is_not_mixed_with_the_model(
    hrm: RecursiveReasoner, state: dict[str, Tensor], shadow: dict[str, Tensor]
) -> None:
    del shadow[INNER + "lm_head.weight"]
    held = {"model": state, "ema": shadow}
    refused("average in ema misses lm_head.weight, which model holds; use='model'", held, hrm.config)
    assert same(import_checkpoint(held, hrm.config, use="model"), hrm)


def test_what_is_not_held_cannot_be_used(hrm: RecursiveReasoner, state: dict[str, Tensor]) -> None:
    refused("does not hold 'ema', only the weights themselves; leave use out", state, hrm.config, "ema")
    refused("does not hold 'model', only a moving average", {"ema": state}, hrm.config, "model")
    refused("use is 'best'; it must be 'ema', 'model' or None", state, hrm.config, "best")


# ---------------------------------------------------------------- what is refused


def test_what_is_no_checkpoint(hrm: RecursiveReasoner, state: dict[str, Tensor]) -> None:
    c, qkv = hrm.config, INNER + "H_level.layers.0.self_attn.qkv_proj.weight"
    refused("not a tensor", state | {qkv: "weights"}, c)
    refused("twice", state | {"_orig_mod." + qkv: state[qkv]}, c)
    refused("as hrm_probe saves them; load", {"W_E": torch.zeros(2, 2)}, None)
    refused("its model is in the folder model beside it", {"settings": {}, "trainer": {}}, None)
    refused("empty", {}, None)
    model = build_model(ModelConfig(d_model=8, n_heads=1))
    refused("weights is of type HRM; give a file, or a state dict", model, None)
    refused("names for keys", {1: torch.zeros(2)}, None)
    refused("a model other than HRM or TRM", {"optimizers": [MOMENTS], "step": 1}, None)


@pytest.mark.parametrize("name", ["args", "hparams", "hyper_parameters", "config", "cfg"])
def test_a_config_is_found_beside_the_weights(name: str, hrm: RecursiveReasoner) -> None:
    arch = {"hidden_size": hrm.config.d_model, "num_heads": 1, "seq_len": hrm.config.cells}
    held = {"model": export_published(hrm), name: {"arch": arch}}
    with pytest.warns(UserWarning, match="assumed") as told:
        assert import_checkpoint(held).config.n_heads == 1
    assert not any("num_heads" in str(said.message) for said in told)
