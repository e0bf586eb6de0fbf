"""Names in the config of a published run: what the model takes, what changes no answer, what makes another model."""

import re
from collections.abc import Mapping
from typing import Any

from hrm_probe.errors import InputError
from hrm_probe.models.config import Architecture
from hrm_probe.near_names import with_near

# Modules of the released code whose recursion is HRM's or TRM's; CGAR's differs from TRM's in training only.
KNOWN_MODULES: dict[str, Architecture] = {"hrm_act_v1": "hrm", "hrm": "hrm", "trm": "trm", "trm_cgar": "trm"}
KNOWN_CLASSES: dict[str, Architecture] = {
    "HierarchicalReasoningModel_ACTV1": "hrm",
    "HRMModel": "hrm",
    "HRM": "hrm",
    "TinyRecursiveReasoningModel_ACTV1": "trm",
    "TinyRecursiveReasoningModel_ACTV1_CGAR": "trm",
    "TRMModel": "trm",
    "TRM": "trm",
}

# The official setting, and ours where it is the same number under another name.
RENAMED = {
    "hidden_size": "d_model",
    "num_heads": "n_heads",
    "H_layers": "H_layers",
    "L_layers": "L_layers",
    "H_cycles": "H_cycles",
    "L_cycles": "L_cycles",
    "expansion": "expansion",
    "rms_norm_eps": "norm_eps",
    "rope_theta": "rope_theta",
    "halt_max_steps": "max_segments",
    "forward_dtype": "forward_dtype",
    "vocab_size": "vocab",
    "seq_len": "cells",
    "num_puzzle_identifiers": "puzzles",
}
SWITCHES = {"mlp_t", "no_ACT_continue", "causal"}
TRANSLATED = {"name", "pos_encodings", "puzzle_emb_ndim", "puzzle_emb_len", *SWITCHES}
OFFICIAL = {ours: official for official, ours in RENAMED.items()} | {
    "prefix": "puzzle_emb_len",
    "positions": "pos_encodings",
    "mixer": "mlp_t",
}

# What forks set beside these without changing an answer: training, halting while it lasts, labels. Sizes and first
# values of parts that a model may have are here too, for the parts themselves are looked at below or in the weights.
HARMLESS = re.compile(
    r"loss(_\w+)?|act_(?!fn|func)\w+|halt_\w+|\w*dropout\w*|(\w+_)?seed|short_name|run_name|project_name"
    r"|(use_)?(curriculum|progressive|supervision|hierarchical_supervision)\w*"
    r"|batch_size|global_batch_size|epochs|lr|lr_\w+|beta[12]|weight_decay|puzzle_emb_(lr|weight_decay)|ema|ema_\w+"
    r"|data_paths?|data_paths_test|dataset|evaluators|eval_\w+|checkpoint_\w+|\w*grad\w*_checkpointing"
    r"|conv_kernel_size|conv_bias|alpha_[12]_init|board_height|board_width|q_logit_detach_model"
)

# Settings of forks that change what the model computes, except at these values (or null).
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "norm_type": ("post-norm", "post"),
    "norm_placement": ("none",),
    "softmax_temp": (1,),
    "conv_type": ("none",),
    "attention_window_size": (-1,),
    "rl_latent_ball_radius": (0,),
    "lora_rank": (0,),
    "residual_scale": (),
    "q_logit_from_puzzle_emb": (True,),
    "normalize_input_injection": (False,),
    "use_spec_norm_linear": (False,),
    "outer_only": (False,),
    "residual_connections": (False,),
    "adaptive_depth_controller": (False,),
}


def check_names(arch: Mapping[str, Any], notes: list[str]) -> None:
    """Refuse the settings of another model; note those that nothing is known of."""
    neutral = {**NEUTRAL, "n_backwards_L": (arch.get("L_cycles"),)}  # L-updates of the last cycle alone
    for name in sorted(neutral.keys() & arch.keys()):
        if arch[name] not in neutral[name]:
            usual = " or ".join(map(repr, neutral[name])) or "null"
            raise InputError(
                f"The config says {name} {arch[name]!r}, where HRM and TRM have {usual}: this is another model, "
                "whose weights cannot be imported."
            )
    known = RENAMED.keys() | TRANSLATED
    unknown = [
        name for name in sorted(arch.keys() - known - neutral.keys()) if not HARMLESS.fullmatch(str(name))
    ]
    if not unknown:
        return
    told = ", ".join(with_near(str(name), known) for name in unknown)
    notes.append(
        f"The config has settings that are not known here and left out: {told}; "
        "if one of them changes what the model computes, this is another model."
    )


def architecture_named(name: str) -> Architecture:
    """By ``module@Class`` (or ``module:Class``), or one of the two alone.

    >>> architecture_named("hrm.hrm_act_v1@HierarchicalReasoningModel_ACTV1")
    'hrm'
    """
    path, *rest = re.split("[@:]", name)
    module, of_class = path.rsplit(".", 1)[-1], rest[0] if rest else ""
    if module in KNOWN_CLASSES and not of_class:
        return KNOWN_CLASSES[module]
    if module not in KNOWN_MODULES:
        raise InputError(
            f"The config names the model {name!r}, whose recursion is not known here; "
            f"known are {', '.join(KNOWN_MODULES)}."
        )
    if of_class and of_class not in KNOWN_CLASSES:
        raise InputError(
            f"The config names the model {name!r}, whose class is not known here; "
            f"known are {', '.join(KNOWN_CLASSES)}."
        )
    return KNOWN_MODULES[module]


def check_values(arch: dict[str, Any]) -> None:
    """Numbers and switches must be what they are called; numbers written as text are made numbers, in place."""
    for name, value in arch.items():
        if isinstance(value, str) and "${" in value:
            raise InputError(
                f"The config says {name} {value!r}, a reference that only Hydra resolves; "
                "give the all_config.yaml that the run wrote."
            )
    for name in sorted(SWITCHES & arch.keys()):
        if not isinstance(arch[name], bool):
            raise InputError(f"The config says {name} {arch[name]!r}; it must be true or false.")
    numbers = (RENAMED.keys() - {"forward_dtype"}) | {"puzzle_emb_ndim", "puzzle_emb_len"}
    for name in sorted(numbers & arch.keys()):
        if isinstance(arch[name], str):
            arch[name] = _number(arch[name])  # YAML takes 1e-5 for text
        if isinstance(arch[name], bool) or not isinstance(arch[name], int | float):
            raise InputError(f"The config says {name} {arch[name]!r}; it must be a number.")


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number
