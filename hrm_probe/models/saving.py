"""Models on disk: a folder with ``config.json`` and safetensors, in shards small enough to keep in git."""

import json
import re
import shutil
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.files import path_of, writing
from hrm_probe.models.build import build_model, class_of
from hrm_probe.models.config import ModelConfig
from hrm_probe.models.recursion import RecursiveReasoner
from hrm_probe.wording import joined_words

CONFIG = "config.json"
HOOKED = "trained_with_hooks"  # beside the config's own keys, where a model has such
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
OURS = re.compile(r"config\.json|model(-\d+-of-\d+)?\.safetensors|model\.safetensors\.index\.json")


def save(model: RecursiveReasoner, path: str | Path, shard_bytes: int = 15_000_000) -> Path:
    """Write a model into a folder, replacing a model that is there; other files of the folder stay.

    One ``model.safetensors``, or shards of at most ``shard_bytes`` (a single larger tensor gets a shard of its
    own) with an index in the layout that Hugging Face's libraries read. A subclass of your own is saved with a warning:
    its weights are kept, its arithmetic is not.
    """
    folder = path_of(path)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; give a folder to save the model in.")
    if type(model) is not (plain := class_of(model.config)):
        warnings.warn(
            f"This {type(model).__name__} will be loaded as a plain {plain.__name__}, since a folder keeps config and "
            f"weights only; make yours with {type(model).__name__}(config, generator) and load_state_dict().",
            stacklevel=3,
        )
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    shards = _shards(tensors, shard_bytes)
    with writing(folder) as beside:
        beside.mkdir()
        for kept in folder.iterdir() if folder.exists() else ():
            if not OURS.fullmatch(kept.name):
                copy = shutil.copytree if kept.is_dir() else shutil.copy2
                copy(kept, beside / kept.name)
        hooked = {HOOKED: list(model.trained_with_hooks)} if model.trained_with_hooks else {}
        (beside / CONFIG).write_text(json.dumps({**model.config.to_dict(), **hooked}, indent=2) + "\n")
        if len(shards) == 1:
            _write(tensors, beside / WEIGHTS, folder)
            return folder
        place = {}
        for number, names in enumerate(shards, start=1):
            shard = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
            _write({name: tensors[name] for name in names}, beside / shard, folder)
            place.update(dict.fromkeys(names, shard))
        total = sum(tensor.nbytes for tensor in tensors.values())
        index = {"metadata": {"total_size": total}, "weight_map": place}
        (beside / INDEX).write_text(json.dumps(index, indent=2) + "\n")
    return folder


def _write(tensors: dict[str, Tensor], file: Path, folder: Path) -> None:
    try:
        save_file(tensors, file)
    except SafetensorError as error:
        raise InputError(f"{folder} cannot be written ({error}); is there space left?") from None


def load_folder(
    path: str | Path, device: torch.device | str | None = None, dtype: torch.dtype | str | None = None
) -> RecursiveReasoner:
    """Read a model folder that :func:`save` wrote. Arguments as in :func:`hrm_probe.load`."""
    folder = path_of(path)
    config, hooked = _read_config(folder)
    tensors = _read_tensors(folder)
    model = build_model(config)
    expected = model.state_dict()
    missing, unknown = sorted(expected.keys() - tensors.keys()), sorted(tensors.keys() - expected.keys())
    if missing or unknown:
        raise InputError(
            f"{folder}: the weights do not fit {CONFIG}"
            + (f"; missing {', '.join(missing[:3])}" if missing else "")
            + (f"; unknown {', '.join(unknown[:3])}" if unknown else "")
            + ". Save the model again, or use `hrm-probe import` for a published checkpoint."
        )
    for name, tensor in tensors.items():
        if tensor.shape != expected[name].shape:
            raise InputError(
                f"{folder}: {name} has shape {list(tensor.shape)}, but {CONFIG} asks for {list(expected[name].shape)}."
            )
        refuse_nonsense(name, tensor)
    model.load_state_dict(tensors)
    model.trained_with_hooks = tuple(hooked)
    if hooked:
        warnings.warn(
            f"{folder} was trained with hooks at {joined_words(hooked)}, which no folder keeps: without them it is "
            "another model than the one that was trained; attach them again, as in model.hooks(...).",
            stacklevel=3,
        )
    return to_device_and_dtype(model, device, dtype)


def to_device_and_dtype(
    model: RecursiveReasoner, device: torch.device | str | None, dtype: torch.dtype | str | None
) -> RecursiveReasoner:
    """Put a model where it is to run, in evaluation mode; ``dtype`` is of its activations and of its weights.

    In bfloat16 the weights are cast once instead of at every use; rotation tables, norms and halting values
    stay in float32, so the results are those of casting at use.
    """
    if dtype is not None:
        model.compute_in(dtype)
        for parameter in model.parameters():
            parameter.data = parameter.data.to(model.forward_dtype)
    return model.to(usable_device(device)).eval()


def usable_device(device: torch.device | str | None) -> torch.device:
    """A device that tensors can be put on; CUDA where there is one if None or "auto".

    Raises:
        InputError: torch knows no such device, or has none here.
    """
    if device is None or device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        found = torch.device(device)
        torch.empty(1, device=found).cpu()
    except (RuntimeError, AssertionError, TypeError):  # builds without a device's backend assert
        raise InputError(
            f"torch cannot use a device {str(device)!r} here; use cpu, or cuda where there is a GPU."
        ) from None
    return found


def refuse_nonsense(name: str, weights: Tensor) -> None:
    """Raise an InputError where weights are not all finite numbers: what they answer would look like a failure."""
    if not weights.isfinite().all():
        raise InputError(f"{name} holds values that are not finite numbers; the checkpoint is damaged.")


def _shards(tensors: dict[str, Tensor], shard_bytes: int) -> list[list[str]]:
    shards: list[list[str]] = [[]]
    filled = 0
    for name, tensor in tensors.items():
        if shards[-1] and filled + tensor.nbytes > shard_bytes:
            shards.append([])
            filled = 0
        shards[-1].append(name)
        filled += tensor.nbytes
    return shards


def _read_config(folder: Path) -> tuple[ModelConfig, list[str]]:
    """The config, and where hooks stood in training."""
    file = folder / CONFIG
    try:
        values: Any = json.loads(file.read_text())
    except FileNotFoundError:
        raise InputError(
            f"{folder} is not a model folder: it has no {CONFIG}{_what_it_may_be(folder)}."
        ) from None
    except json.JSONDecodeError as error:
        raise InputError(f"{file} is not valid JSON (line {error.lineno}: {error.msg}).") from None
    except UnicodeDecodeError:
        raise InputError(f"{file} is not text; save the model again.") from None
    if not isinstance(values, dict):
        raise InputError(f"{file} must hold one JSON object.")
    hooked = values.pop(HOOKED, None) or []
    if not isinstance(hooked, list):
        raise InputError(f"{file} must list the names of hook points under {HOOKED}, not hold {hooked!r}.")
    hooked = [str(name) for name in hooked]
    return ModelConfig.from_dict(values), hooked


def _what_it_may_be(folder: Path) -> str:
    """What to do with a folder that is not a model's, as the end of a sentence."""
    model = (folder / "model" / CONFIG).is_file()
    if (folder / "checkpoint.pt").is_file() and not (folder / "summary.json").is_file():
        so_far = f", and its averaged weights so far are in {folder / 'model'}" if model else ""
        return f"; its training is not finished: hrm-probe train --out {folder} --resume continues it{so_far}"
    if model:
        return f"; the model is in {folder / 'model'}"
    published = sorted(path for path in folder.glob("step_*") if path.is_file())
    if published:
        return f"; turn the published checkpoint in it into one with `hrm-probe import {published[-1]} --out FOLDER`"
    return ""


def _read_tensors(folder: Path) -> dict[str, Tensor]:
    index = folder / INDEX
    names = [WEIGHTS]
    if index.exists():
        try:
            names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
            raise InputError(f"{index} is not a list of shards; save the model again.") from None
    tensors: dict[str, Tensor] = {}
    for name in names:
        try:
            tensors.update(load_file(folder / name))
        except FileNotFoundError:
            raise InputError(f"{folder}: the weights file {name} is missing.") from None
        except SafetensorError as error:
            raise InputError(f"{folder / name} is not a whole safetensors file ({error}).") from None
    return tensors
