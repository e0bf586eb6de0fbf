"""Settings that make another model are refused; of those that nothing is known of, nothing is claimed."""

from typing import Any

import pytest
from torch import Tensor

from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.published import import_checkpoint
from hrm_probe.models.published.settings import architecture_named
from tests.models.published.layouts import refused

pytestmark = pytest.mark.filterwarnings("error::UserWarning")  # where nothing is left out, nothing is said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("norm_type", "pre-norm"), ("norm_placement", "sandwich"), ("softmax_temp", 0.5), ("conv_type", "causal"),
        ("attention_window_size", 16), ("rl_latent_ball_radius", 50.0), ("lora_rank", 8), ("residual_scale", 0.1),
        ("q_logit_from_puzzle_emb", False), ("normalize_input_injection", True), ("use_spec_norm_linear", True),
        ("outer_only", True), ("residual_connections", True), ("adaptive_depth_controller", True),
        ("n_backwards_L", 2),
    ],
)  # fmt: skip
def test_a_setting_that_changes_the_function_is_refused(
    state: dict[str, Tensor], arch: dict, name: str, value: Any
) -> None:
    refused(
        rf"{name} '?{value}'?, where HRM and TRM have .*: this is another model", state, arch | {name: value}
    )


NEUTRAL = {
    "norm_type": "post-norm", "norm_placement": "none", "softmax_temp": 1.0, "conv_type": "none",
    "attention_window_size": -1, "rl_latent_ball_radius": 0.0, "lora_rank": 0, "residual_scale": None,
    "q_logit_from_puzzle_emb": True, "normalize_input_injection": False, "adaptive_depth_controller": False,
    "n_backwards_L": "${.L_cycles}",
}  # fmt: skip
HARMLESS = {
    "loss": {"name": "losses@ACTLossHead"}, "loss_weight": 0.5, "halt_max_steps_eval": 64, "act_enabled": True,
    "puzzle_emb_dropout": 0.1, "dropout": 0.1, "seed": 1, "data_seed": 2, "short_name": "TRM", "batch_size": 8,
    "curriculum_stages": [1, 2], "use_progressive_depth": True, "supervision_decay": 0.7, "lr": 1e-4, "ema": True,
}  # fmt: skip


@pytest.mark.parametrize("settings", [NEUTRAL, HARMLESS], ids=["neutral", "harmless"])
def test_settings_that_change_no_answer_are_passed_over(
    hrm: RecursiveReasoner, state: dict[str, Tensor], arch: dict, settings: dict
) -> None:
    assert import_checkpoint(state, arch | settings).config == hrm.config


@pytest.mark.parametrize("name", ["num_memory_slots", "act_fn", "lossy_attention"])
def test_of_a_setting_that_is_not_known_nothing_is_claimed(
    state: dict[str, Tensor], arch: dict, name: str
) -> None:
    told = f"left out: {name}.*; if one of them changes what the model computes, this is another model"
    with pytest.warns(UserWarning, match=told):
        import_checkpoint(state, arch | {name: 3})


def test_a_misspelt_setting_is_told_with_the_near_one(state: dict[str, Tensor], arch: dict) -> None:
    with pytest.warns(UserWarning, match=r"num_head \(near num_heads\)"):
        import_checkpoint(state, arch | {"num_head": 3})


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("hrm.hrm_act_v1@HierarchicalReasoningModel_ACTV1", "hrm"),
        ("recursive_reasoning.hrm@HierarchicalReasoningModel_ACTV1", "hrm"),
        ("recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1", "trm"),
        ("recursive_reasoning.trm:TinyRecursiveReasoningModel_ACTV1", "trm"),
        ("recursive_reasoning.trm_cgar@TinyRecursiveReasoningModel_ACTV1_CGAR", "trm"),
        ("trm.trm@TRM", "trm"), ("trm@TRMModel", "trm"), ("hrm@HRMModel", "hrm"), ("hrm.hrm@HRM", "hrm"),
        ("hrm_act_v1", "hrm"), ("TinyRecursiveReasoningModel_ACTV1", "trm"),
    ],
)  # fmt: skip
def test_the_names_of_the_released_models(name: str, architecture: str) -> None:
    assert architecture_named(name) == architecture


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("recursive_reasoning.trm_singlez@TinyRecursiveReasoningModel_ACTV1", "recursion is not known here"),
        ("recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV5", "class is not known here"),
        ("hrm.hrm_act_v1:Other", "class is not known here"),
    ],
)
def test_names_of_other_models(state: dict[str, Tensor], arch: dict, name: str, told: str) -> None:
    refused(rf"names the model '{name}', whose {told}; known are", state, arch | {"name": name})
