"""TRM, the Tiny Recursive Model (Jolicoeur-Martineau 2025, arXiv 2510.04871): one module for both levels.

The paper writes y for z_H (the answer held so far) and z for z_L (the scratch pad), n for L_cycles and T for
H_cycles.
"""

import torch
from torch import Tensor

from hrm_probe.models.layers import Level
from hrm_probe.models.recursion import RecursiveReasoner
from hrm_probe.models.states import State


class TRM(RecursiveReasoner):
    """z_L <- L(z_L + z_H + x), ``L_cycles`` times; then z_H <- L(z_H + z_L), with the same module."""

    L: Level

    def build_levels(self, generator: torch.Generator) -> None:
        self.L = Level(self.config, self.config.L_layers, generator)

    def update_L(self, state: State, x: Tensor) -> Tensor:
        return self.L(state.z_L, state.z_H + x)

    def update_H(self, state: State) -> Tensor:
        return self.L(state.z_H, state.z_L)

    def in_published_gradient(self, H_cycle: int, L_cycle: int) -> bool:
        """All of the last cycle, nothing before it."""
        return H_cycle == self.config.H_cycles
