"""Files that hold published weights: what ``torch.save`` and safetensors write."""

import json
import pickle
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from hrm_probe.errors import InputError

SHARD = re.compile(r"-\d+-of-\d+\.")
METADATA = "config"  # the name of a config, as JSON, in the metadata of a safetensors file


def read_weights(file: Path) -> Mapping[str, Any]:
    """Everything that a checkpoint file holds, with a config in a safetensors file's metadata beside the weights.

    Raises:
        InputError: it cannot be read, is not such a file, or would run code.
    """
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
        if SHARD.search(file.name):
            raise InputError(
                f"{file} is one shard of several, each with a part of the weights; merge them into one state dict and "
                "give that."
            )
        return _read_safetensors(file)
    if _is_numpy_archive(file):
        raise InputError(f"{file} is a numpy archive; pass dict(np.load(file)) in its place.")
    if start.startswith((b"PK\x03\x04", b"\x80")):
        return _read_pickle(file)
    raise InputError(f"{file} is not a checkpoint: neither a safetensors file nor one that torch.save wrote.")


def _is_numpy_archive(file: Path) -> bool:
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    return bool(names) and all(name.endswith(".npy") for name in names)


def _read_safetensors(file: Path) -> dict[str, Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "pt") as stream:
            metadata = stream.metadata() or {}
            held: dict[str, Any] = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise InputError(f"{file} is not a whole safetensors file ({error}).") from None
    try:
        described = json.loads(metadata.get(METADATA, "null"))
    except json.JSONDecodeError:
        described = None  # a note of another kind, which others may write under this name
    return held | ({METADATA: described} if isinstance(described, Mapping) else {})


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
