"""The whole state of a training in one file, so that a killed run continues as if nothing had happened."""

import os
from pathlib import Path
from typing import Any

import torch

from hrm_probe.errors import InputError
from hrm_probe.files import writing

CHECKPOINT = "checkpoint.pt"
FORMAT = 1


def save_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Write ``state`` beside the last checkpoint, then put it in its place; there is always a whole one.

    Args:
        folder: the run's.
        state: tensors, numbers, text, and dicts and lists of them.
    """
    state = _on_cpu(state)  # here, where an error that a GPU tells late is not taken for one of writing
    try:
        with writing(folder / CHECKPOINT) as beside, beside.open("wb") as file:
            torch.save({"format": FORMAT, **state}, file)
            file.flush()
            os.fsync(file.fileno())
    except RuntimeError as error:  # torch's word for a full disk
        raise InputError(
            f"{folder / CHECKPOINT} cannot be written; is there space left? The checkpoint before it, if there is one, "
            "is whole: --resume continues from there."
        ) from error


def _on_cpu(state: Any) -> Any:
    if isinstance(state, torch.Tensor):
        return state.cpu()
    if isinstance(state, dict):
        return {key: _on_cpu(value) for key, value in state.items()}
    if isinstance(state, (list, tuple)):
        return [_on_cpu(value) for value in state]
    return state


def load_checkpoint(folder: Path) -> dict[str, Any] | None:
    """The last checkpoint of a run, tensors on the CPU; None if there is none yet.

    Raises:
        InputError: the file is not one that this version can read.
    """
    path = folder / CHECKPOINT
    if not path.is_file():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise InputError(
            f"{path} is not a whole checkpoint; name another folder with --out to start afresh."
        ) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise InputError(
            f"{path} was written by another version; name another folder with --out to start afresh."
        )
    return state


def refuse_other_settings(now: dict[str, Any], then: dict[str, Any], folder: Path) -> None:
    """A run goes on only with the settings it began with.

    Raises:
        InputError: names the settings that differ, with both values.
    """
    missing = object()
    differing = [
        f"{key} was {then.get(key)!r} and is now {now.get(key)!r}"
        for key in sorted({*now, *then})
        if now.get(key, missing) != then.get(key, missing)
    ]
    if differing:
        raise InputError(
            f"The run in {folder} cannot continue with other settings: {'; '.join(differing)}. "
            f"Resume with the old ones (hrm-probe train --out {folder} --resume, without a recipe, takes them), or "
            "start a new run with another --out."
        )
