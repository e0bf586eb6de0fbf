"""Which of the things in a published checkpoint are the model's weights, and under which names they stand."""

import re
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from hrm_probe.errors import InputError

Use = Literal["ema", "model"]

EMBEDDING = "embed_tokens.embedding_weight"  # every model has one, and nothing else has a name that ends so
RELEASED = ("model.inner.", "inner.")  # without the loss head around the model, names begin with the second
# Parts of names that compilation, distributed training and recomputation of activations put in.
WRAPPERS = {"_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", ""}
BUFFERS = ("H_init", "L_init", "puzzle_emb.weights")  # no parameters, so averages of these leave them out
# What training and rotary positions keep beside the weights; it is computed again.
BOOKKEEPING = ("local_weights", "local_ids", "cos_cached", "sin_cached", "_extra_state")
AVERAGE = re.compile(r"(?<![a-z])(ema|shadow|averaged?|swa)(?![a-z])")
CONFIGS = ("config", "cfg", "arch", "hyper_parameters", "hparams", "args")


def weights_in(held: Mapping[str, Any], use: Use | None, notes: list[str]) -> dict[str, Tensor]:
    """The weights of the model, by their published names without prefixes.

    Args:
        held: a state dict, or what a training saved: state dicts beside other things, at any depth.
        use: which to take where a moving average is held beside the weights that it averages; None: the average.
        notes: takes a sentence on what was chosen.

    Raises:
        InputError: nothing in it is such a state dict, several are, or an average lacks what it does not average.
    """
    if use not in (None, "ema", "model"):
        raise InputError(f"use is {use!r}; it must be 'ema', 'model' or None.")
    if not isinstance(held, Mapping):
        raise InputError(
            f"weights is of type {type(held).__name__}; give a file, or a state dict: tensors by their names."
        )
    if not held:
        raise InputError("The checkpoint is empty.")
    if "W_E" in held:
        raise InputError(
            "These are weights as hrm_probe saves them; load() reads the folder that they are in."
        )
    if {"settings", "trainer"} <= held.keys():
        raise InputError(
            "This is the checkpoint of a training run by hrm_probe; its model is in the folder model beside it."
        )
    sets = {"": held} if _embeds_tokens(held) else _sets(held)
    chosen = _chosen(sets or {"": held}, use, notes)
    if "H_init" not in chosen and "L_init" not in chosen and EMBEDDING in chosen:
        missing = ", ".join(name for name in BUFFERS if name not in chosen)
        raise InputError(
            f"The checkpoint is a moving average of parameters alone and misses {missing}, which are with the weights "
            'that it averages: give both, as {"model": those, "ema": this}.'
        )
    return chosen


def config_in(held: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The config that a training saved beside its weights; None where it saved none of an architecture."""
    if not isinstance(held, Mapping):
        return None
    for name in CONFIGS:
        inside = held.get(name)
        if isinstance(inside, Mapping):
            if inside.get("arch") or {"hidden_size", "H_cycles", "d_model"} & inside.keys():
                return inside
            if (deeper := config_in(inside)) is not None:
                return deeper
    return None


def _sets(held: Mapping[str, Any], place: str = "") -> dict[str, Mapping[str, Any]]:
    """State dicts of a model, by their places, such as ``ema.shadow``."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, value in held.items():
        if not isinstance(value, Mapping) or str(name).startswith("optim"):
            continue
        if _embeds_tokens(value):
            found[f"{place}{name}"] = value
        else:
            found |= _sets(value, f"{place}{name}.")
    return found


def _embeds_tokens(held: Mapping[str, Any]) -> bool:
    return any(isinstance(value, Tensor | np.ndarray) and _ends_so(str(name)) for name, value in held.items())


def _ends_so(name: str) -> bool:
    return f".{name}".endswith(f".{EMBEDDING}")


def _chosen(sets: Mapping[str, Mapping[str, Any]], use: Use | None, notes: list[str]) -> dict[str, Tensor]:
    averages = [place for place in sets if AVERAGE.search(place.lower())]
    models = [place for place in sets if place not in averages]
    if len(models) > 1 or (len(averages) > 1 and use != "model"):
        raise InputError(
            f"The checkpoint holds several sets of weights ({', '.join(sets)}); load it yourself and give "
            "the one you mean as a state dict."
        )
    if use is not None and not (averages if use == "ema" else models):
        other = "the weights themselves" if use == "ema" else "a moving average"
        raise InputError(f"The checkpoint does not hold {use!r}, only {other}; leave use out.")
    if not averages or use == "model":
        return _tensors(sets[models[0]])
    average = _tensors(sets[averages[0]])
    if not models:
        return average
    model = _tensors(sets[models[0]])
    lacking = [name for name in model if name not in average]
    if not set(lacking) <= set(BUFFERS):
        name = next(name for name in lacking if name not in BUFFERS)
        raise InputError(
            f"The moving average in {averages[0]} misses {name}, which {models[0]} holds; "
            "use='model' takes those weights."
        )
    if use is None:
        notes.append(
            f"The checkpoint holds weights ({models[0]}) and their moving average ({averages[0]}): the average is "
            "taken, as the released code evaluates it; use='model' takes the weights."
        )
    return model | average


def _tensors(held: Mapping[str, Any]) -> dict[str, Tensor]:
    """Weights of one state dict; what wrappers around the model hold besides is left out."""
    for name in held:
        if not isinstance(name, str):
            raise InputError(
                f"A state dict has names for keys, not {name!r}; this is not a checkpoint of weights."
            )
    bare = {name: ".".join(part for part in name.split(".") if part not in WRAPPERS) for name in held}
    starts = sorted({short.removesuffix(EMBEDDING) for short in bare.values() if _ends_so(short)})
    usual = [start for start in RELEASED if start in starts]
    if len(starts) > 1 and not (usual and not any(map(AVERAGE.search, starts))):
        raise InputError(
            f"The checkpoint holds several sets of weights, under the prefixes {', '.join(map(repr, starts))}; "
            "give the one you mean as a state dict."
        )
    start = [*usual, *starts, ""][0]
    tensors: dict[str, Tensor] = {}
    for name, value in held.items():
        short = bare[name].removeprefix(start)
        of_training = "." not in short and not isinstance(value, Tensor | np.ndarray)
        if value is None or not bare[name].startswith(start) or of_training or short.endswith(BOOKKEEPING):
            continue
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
