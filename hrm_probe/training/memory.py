"""Whether a model is too large to be trained here, told before it is built: a machine that swaps tells nothing."""

import os
from pathlib import Path

import torch

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig
from hrm_probe.models.cost import PARAMETER_BYTES, parameter_count
from hrm_probe.training.recipe import Recipe

LIMIT_OF_CONTAINER = Path("/sys/fs/cgroup/memory.max")  # of Linux's cgroups, version 2
COPIES = {"adamw": 5, "adam_atan2": 5, "muon": 4}  # weights, gradients, average and two moments; Muon has one
GIB = 2**30


def refuse_too_large(recipe: Recipe, config: ModelConfig, device: torch.device) -> None:
    """Raise an InputError where weights, gradients, average and moments alone exceed the device's memory.

    Known inaccuracy: activations are not counted, nor what other programs hold, nor further processes that train
    on the same CPU; so a model that passes may still be too large.

    Args:
        recipe: names the optimiser.
        config: that of the model to be built.
        device: that is to hold it.
    """
    numbers, there_is = parameter_count(config), memory_of(device)
    needed = COPIES[recipe.optimizer] * PARAMETER_BYTES * numbers
    if there_is is not None and needed > there_is:
        raise InputError(
            f"A model of {numbers:,} parameters takes {needed / GIB:,.1f} GiB to train, activations left out, and "
            f"there are {there_is / GIB:,.1f} GiB of memory; make d_model, expansion or the number of layers smaller."
        )


def memory_of(device: torch.device) -> int | None:
    """Bytes of memory of a GPU, or of this machine as far as this process may use it; None if nothing tells."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not a Unix
        return None
    try:
        return min(whole, int(LIMIT_OF_CONTAINER.read_text()))
    except (OSError, ValueError):  # no such file, or no limit: "max"
        return whole
