"""Checkpoints in the layout of the released code: HRM, TRM, CGAR, and the forks that keep their names.

Such a checkpoint is the state dict of a compiled loss head around the model, so every name begins with
``_orig_mod.model.inner.``; one that was not compiled lacks the first part. The layouts of all four are the same:
CGAR (arXiv 2511.08653) subclasses TRM and adds no weights, the analysis of arXiv 2601.10679 uses HRM's own class.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.files import path_of
from hrm_probe.models.build import build_model
from hrm_probe.models.config import ModelConfig
from hrm_probe.models.published.config import model_config, read_config
from hrm_probe.models.published.files import read_weights
from hrm_probe.models.published.weights import Use, config_in, weights_in
from hrm_probe.models.recursion import RecursiveReasoner
from hrm_probe.models.saving import refuse_nonsense
from hrm_probe.near_names import with_near

Config = str | Path | Mapping[str, Any] | ModelConfig | None

CONFIG_BESIDE = "all_config.yaml"
INNER = "model.inner."
COMPILED = "_orig_mod."

# Our names for weights, and the published ones: whole, and part by part inside the two levels.
WHOLE = {
    "W_E": "embed_tokens.embedding_weight",
    "W_pos": "embed_pos.embedding_weight",
    "puzzle_emb": "puzzle_emb.weights",
    "unembed.weight": "lm_head.weight",
}
PARTS = {
    "H": "H_level",
    "L": "L_level",
    "blocks": "layers",
    "attn": "self_attn",
    "W_QKV": "qkv_proj",
    "W_O": "o_proj",
    "token_mlp": "mlp_t",
    "W_gate_in": "gate_up_proj",
    "W_out": "down_proj",
}


def import_checkpoint(
    weights: str | Path | Mapping[str, Any], config: Config = None, use: Use | None = None
) -> RecursiveReasoner:
    """A published checkpoint as a model of this package, which computes exactly what the released code does.

    >>> model = import_checkpoint("checkpoints/.../step_52080")     # beside its all_config.yaml   # doctest: +SKIP
    >>> model = import_checkpoint(state_dict, {"hidden_size": 512, "num_heads": 8, ...})          # doctest: +SKIP
    >>> model = import_checkpoint("ema_and_all.pt", use="model")    # not the moving average      # doctest: +SKIP

    Activations are of the dtype that the config names, or else that of the checkpoint's initial states: bfloat16
    for the published models. ``model.save(path)`` and ``hrm_probe.load(path, dtype="float32")`` make it another.

    Args:
        weights: a file that ``torch.save`` wrote (read with ``weights_only=True``: no code in it is run) or a
            safetensors file; or a state dict, of tensors or of arrays. Names may have any prefix, such as
            ``_orig_mod.model.inner.``; the weights may be beside other things of a training, such as its
            optimiser's state, or alone.
        config: the checkpoint's ``all_config.yaml`` (or a .json), that as a dict, its ``arch`` alone, or a
            :class:`ModelConfig`. If None: the config in the checkpoint or in the file's metadata, else the
            ``all_config.yaml`` beside it, else the shapes of the weights; what these leave open is as in the
            published recipes, and a warning lists it.
        use: where a training holds its weights and their moving average (EMA): "ema" or "model". If None: the
            average where there is one, as the released code evaluates it, and a warning says so. What an average
            leaves out, initial states and puzzle embeddings, are the model's.

    Raises:
        InputError: no such file, not a checkpoint, code inside it, weights that are missing, unknown or of another
            shape, or a config that contradicts them, leaves the number of cells open, or is of another model.

    Known limit: puzzle embeddings wider than d_model, which no published Sudoku model has.
    """
    notes: list[str] = []
    held = read_weights(path_of(weights)) if isinstance(weights, str | Path) else weights
    if config is None:
        config = config_in(held)
    if config is None and isinstance(weights, str | Path):
        beside = path_of(weights).parent / CONFIG_BESIDE
        config = beside if beside.is_file() else None
    if isinstance(config, str | Path):
        config = read_config(path_of(config))
    tensors = weights_in(held, use, notes)
    model = build_model(model_config(tensors, config, notes))
    _fill(model, tensors, described=config is not None)
    for note in notes:
        warnings.warn(note, stacklevel=2)
    return model.eval()


def export_published(model: RecursiveReasoner, compiled: bool = False) -> dict[str, Tensor]:
    """The weights of a model as a state dict that the released code loads.

    Args:
        model: any model of this package.
        compiled: put ``_orig_mod.`` before every name, as a compiled training run does.

    Returns:
        Published names to copies on the CPU. Initial states are in the dtype of the activations, others in float32.
    """
    start = (COMPILED if compiled else "") + INNER
    exported = {}
    for name, tensor in model.state_dict().items():
        dtype = model.forward_dtype if name in ("H_init", "L_init") else torch.float32
        exported[start + published_name(name)] = tensor.detach().to("cpu", dtype, copy=True)
    return exported


def published_name(name: str) -> str:
    """The published name, without prefixes, of a weight of ours.

    >>> published_name("H.blocks.0.attn.W_QKV.weight")
    'H_level.layers.0.self_attn.qkv_proj.weight'
    """
    return WHOLE.get(name) or ".".join(PARTS.get(part, part) for part in name.split("."))


def _fill(model: RecursiveReasoner, weights: Mapping[str, Tensor], described: bool) -> None:
    """Put weights under published names into a model; everything must be there and fit.

    Args:
        described: a config told what the model is, and may be wrong; else the weights alone did.
    """
    ours = {published_name(name): tensor for name, tensor in model.state_dict().items()}
    missing, unknown = sorted(ours.keys() - weights.keys()), sorted(weights.keys() - ours.keys())
    if missing or unknown:
        told = [f"misses {_listed(missing, unknown)}"] if missing else []
        told += [f"holds unknown {_listed(unknown, missing)}"] if unknown else []
        if not described:
            raise InputError(
                f"These weights belong to a model other than HRM or TRM: it {' and '.join(told)}."
            )
        raise InputError(
            f"The checkpoint does not fit its config: it {' and '.join(told)}. "
            "Give the config that it was trained with."
        )
    narrow = {"puzzle_emb.weights"}  # is padded with zeros
    for name, tensor in ours.items():
        given = weights[name]
        if not given.is_floating_point():
            raise InputError(f"{name} is of {given.dtype}; weights must be floating-point numbers.")
        if name in narrow and given.ndim == 2 and given.shape[1] < tensor.shape[1]:
            given = torch.nn.functional.pad(given, (0, tensor.shape[1] - given.shape[1]))
        if given.shape != tensor.shape:
            raise InputError(
                f"{name} has shape {list(given.shape)}, but the config makes it {list(tensor.shape)}."
            )
        refuse_nonsense(name, given)
        tensor.copy_(given)  # state_dict() shares memory with the model


def _listed(names: list[str], others: list[str], most: int = 4) -> str:
    shown = ", ".join(with_near(name, others, cutoff=0.8) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
