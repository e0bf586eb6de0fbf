"""Other starts for the same puzzle, and other puzzles in its place."""

import numpy as np
import torch
from torch import Tensor

from hrm_probe.models import RecursiveReasoner, State


def disturbed_start(model: RecursiveReasoner, batch: int, scale: float, generator: torch.Generator) -> State:
    """The initial state plus normal noise on z_H and z_L.

    Args:
        model: whose initial state.
        batch: rows, each with its own noise.
        scale: standard deviation of the noise, in units of 1: the root mean square that norms give every state.
        generator: for the noise, on the CPU, so that equal seeds give equal noise on every device.
    """
    return State(*(z + scale * noise_like(z, generator) for z in model.initial_state(batch)))


def another_for_each(n: int, generator: torch.Generator) -> np.ndarray:
    """For each of n rows another one: a cyclic shift of a random order, so that all give once, and none to itself.

    Args:
        n: at least 2.
        generator: for the order, on the CPU.

    Returns:
        int [n].
    """
    order = torch.randperm(n, generator=generator).numpy()
    others = np.empty_like(order)
    others[order] = np.roll(order, 1)
    return others


def noise_like(z: Tensor, generator: torch.Generator) -> Tensor:
    """Standard normal noise of the shape, dtype and device of ``z``."""
    return torch.randn(z.shape, generator=generator).to(z)
