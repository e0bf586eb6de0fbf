"""Checkpoints in the layout of the released code: HRM, TRM, CGAR, and the forks that keep their names.

Such a checkpoint is the state dict of a compiled loss head around the model, so every name begins with
``_orig_mod.model.inner.``; one that was not compiled lacks the first part. The layouts of all four are the same:
CGAR (arXiv 2511.08653) subclasses TRM and adds no weights, the analysis of arXiv 2601.10679 uses HRM's own class.
"""

import json
import pickle
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models.build import build_model
from hrm_probe.models.config import ModelConfig
from hrm_probe.models.published_config import model_config, read_config
from hrm_probe.models.recursion import RecursiveReasoner
from hrm_probe.models.saving import refuse_nonsense

Config = str | Path | Mapping[str, Any] | ModelConfig | None

CONFIG_BESIDE = "all_config.yaml"
INNER = "model.inner."
INNERS = (INNER, "inner.")  # without the loss head around the model, the names begin with the second
COMPILED = "_orig_mod."
DISTRIBUTED = "module."

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


def import_checkpoint(weights: str | Path | Mapping[str, Tensor], config: Config = None) -> RecursiveReasoner:
    """A published checkpoint as a model of this package, which computes exactly what the released code does.

    >>> model = import_checkpoint("checkpoints/.../step_52080")     # beside its all_config.yaml   # doctest: +SKIP
    >>> model = import_checkpoint(state_dict, {"hidden_size": 512, "num_heads": 8, ...})          # doctest: +SKIP

    Activations are of the dtype that the config names, or else that of the checkpoint's initial states: bfloat16
    for the published models. ``model.save(path)`` and ``hrm_probe.load(path, dtype="float32")`` make it another.

    Args:
        weights: a file that ``torch.save`` wrote (read with ``weights_only=True``: no code in it is run) or a
            safetensors file; or a state dict. Names with or without ``_orig_mod.``, ``module.`` and ``model.inner.`` or
            ``inner.``; beside other things of a training, such as its optimiser's state, or alone.
        config: the checkpoint's ``all_config.yaml`` (or a .json), that as a dict, its ``arch`` alone, or a
            :class:`ModelConfig`. If None: the file's own metadata, else the ``all_config.yaml`` beside it, else the
            shapes of the weights; what these leave open is as in the published recipes, and a warning lists it.

    Raises:
        InputError: no such file, not a checkpoint, code inside it, weights that are missing, unknown or of another
            shape, or a config that contradicts them.

    Known limit: puzzle embeddings wider than d_model, which no published Sudoku model has.
    """
    if isinstance(weights, str | Path):
        file = Path(weights)
        tensors, described = _read(file)
        if config is None:
            config = described
        if config is None and (file.parent / CONFIG_BESIDE).is_file():
            config = file.parent / CONFIG_BESIDE
    else:
        tensors = weights
    if isinstance(config, str | Path):
        config = read_config(config)
    inner = _inner(tensors)
    model = build_model(model_config(inner, config))
    _fill(model, inner)
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


def _inner(weights: Mapping[str, Any]) -> dict[str, Tensor]:
    """The weights without the prefixes of their wrappers; what wrappers hold besides is not the model's."""
    if not isinstance(weights, Mapping):
        raise InputError(
            f"weights is of type {type(weights).__name__}; give a file, or a state dict: tensors by their names."
        )
    if not weights:
        raise InputError("The checkpoint is empty.")
    if "W_E" in weights:
        raise InputError(
            "These are weights as hrm_probe saves them; load() reads the folder that they are in."
        )
    if {"settings", "trainer"} <= weights.keys():
        raise InputError(
            "This is the checkpoint of a training by hrm_probe; its model is in the folder model beside it."
        )
    weights = _unpacked(weights)
    bare_names = [_bare(str(name)) for name in weights]
    start = next((inner for inner in INNERS if any(name.startswith(inner) for name in bare_names)), "")
    tensors: dict[str, Tensor] = {}
    for name, value in weights.items():
        if not isinstance(name, str):
            raise InputError(
                f"A state dict has names for keys, not {name!r}; this is no checkpoint of weights."
            )
        bare = _bare(name)
        if not bare.startswith(start):
            continue
        short = bare.removeprefix(start)
        if short in tensors:
            raise InputError(f"The checkpoint holds {short} twice, under different prefixes.")
        try:
            tensors[short] = torch.as_tensor(value)
        except (TypeError, ValueError, RuntimeError):
            kind = type(value).__name__
            raise InputError(
                f"{name} is a {kind}, not a tensor; a state dict of weights is needed."
            ) from None
    return tensors


def _bare(name: str) -> str:
    """A name without what torch.compile (anywhere) and distributed training (in front) put into it."""
    name = name.replace(COMPILED, "")
    while name.startswith(DISTRIBUTED):
        name = name.removeprefix(DISTRIBUTED)
    return name


def _unpacked(weights: Mapping[str, Any]) -> Mapping[str, Any]:
    """The weights, where a checkpoint of a whole training holds them beside other things."""
    if any(isinstance(value, Tensor) for value in weights.values()):
        return weights
    inside = _sets_of_weights(weights)
    if len(inside) > 1:
        raise InputError(
            f"The checkpoint holds several sets of weights ({', '.join(map(str, inside))}); load it yourself and give "
            "the one you mean as a state dict."
        )
    return next(iter(inside.values()), weights)


def _sets_of_weights(held: Mapping[str, Any], place: str = "") -> dict[str, Mapping[str, Any]]:
    """By their places, such as ``ema.shadow``: dicts of tensors alone, below the top those that embed tokens."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, value in held.items():
        if not isinstance(value, Mapping) or not value:
            continue
        if not all(isinstance(tensor, Tensor) for tensor in value.values()):
            found |= _sets_of_weights(value, f"{place}{name}.")
        # An optimiser's moments embed nothing.
        elif not place or any(str(key).endswith(WHOLE["W_E"]) for key in value):
            found[f"{place}{name}"] = value
    return found


def _fill(model: RecursiveReasoner, weights: Mapping[str, Tensor]) -> None:
    """Put weights under published names into a model; everything must be there and fit."""
    ours = {published_name(name): tensor for name, tensor in model.state_dict().items()}
    missing, unknown = sorted(ours.keys() - weights.keys()), sorted(weights.keys() - ours.keys())
    if missing or unknown:
        told = [f"misses {_listed(missing, unknown)}"] if missing else []
        told += [f"holds unknown {_listed(unknown, missing)}"] if unknown else []
        raise InputError(
            f"The checkpoint does not fit its config: it {' and '.join(told)}. "
            "Give the config that it was trained with."
        )
    narrow = {"puzzle_emb.weights"}  # is padded with zeros
    for name, tensor in ours.items():
        given = weights[name]
        if not given.is_floating_point():
            raise InputError(f"{name} is of {given.dtype}; weights are floating point numbers.")
        if name in narrow and given.ndim == 2 and given.shape[1] < tensor.shape[1]:
            given = torch.nn.functional.pad(given, (0, tensor.shape[1] - given.shape[1]))
        if given.shape != tensor.shape:
            raise InputError(
                f"{name} has shape {list(given.shape)}, but the config makes it {list(tensor.shape)}."
            )
        refuse_nonsense(name, given)
        tensor.copy_(given)  # state_dict() shares memory with the model


def _listed(names: list[str], others: list[str], most: int = 4) -> str:
    shown = []
    for name in names[:most]:
        near = get_close_matches(name, others, n=1, cutoff=0.8)
        shown.append(f"{name} (near {near[0]})" if near else name)
    return ", ".join(shown) + (f" and {len(names) - most} more" if len(names) > most else "")


def _read(file: Path) -> tuple[Mapping[str, Any], dict[str, Any] | None]:
    """Tensors of a file, and the config that it carries, if it does."""
    if file.is_dir():
        inside = sorted(path.name for path in file.glob("step_*"))[:5]
        hint = f", such as {', '.join(inside)}" if inside else ""
        raise InputError(f"{file} is a folder; name the checkpoint file in it{hint}.")
    try:
        with file.open("rb") as stream:
            start = stream.read(64)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.") from None
    if start.startswith(b"version https://git-lfs"):
        raise InputError(f"{file} is a Git LFS pointer, not the weights; fetch them with `git lfs pull`.")
    if start[8:9] == b"{":
        return _read_safetensors(file)
    if start.startswith((b"PK\x03\x04", b"\x80")):
        return _read_pickle(file), None
    raise InputError(f"{file} is not a checkpoint: neither a safetensors file nor one that torch.save wrote.")


def _read_safetensors(file: Path) -> tuple[dict[str, Tensor], dict[str, Any] | None]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "pt") as stream:
            metadata = stream.metadata() or {}
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118 - not a dict
    except SafetensorError as error:
        raise InputError(f"{file} is not a whole safetensors file ({error}).") from None
    try:
        described = json.loads(metadata["config"]) if "config" in metadata else None
    except json.JSONDecodeError:
        raise InputError(
            f"{file}: the config in its metadata is not JSON; give the config yourself."
        ) from None
    return tensors, described


def _read_pickle(file: Path) -> Mapping[str, Any]:
    try:
        held = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise InputError(
            f"{file} holds Python objects other than tensors, which could run code when loaded, so it was not "
            "loaded; save its state dict alone, or as safetensors."
        ) from None
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, AttributeError, IndexError) as error:
        raise InputError(f"{file} is not a whole checkpoint ({str(error).splitlines()[0]}).") from None
    if not isinstance(held, Mapping):
        raise InputError(f"{file} holds a {type(held).__name__}, not a state dict of weights.")
    return held
