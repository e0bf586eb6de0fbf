"""HRM, the Hierarchical Reasoning Model (Wang et al. 2025, arXiv 2506.21734): two modules, two time scales."""

import torch
from torch import Tensor

from hrm_probe.models.layers import Level
from hrm_probe.models.recursion import RecursiveReasoner
from hrm_probe.models.states import State


class HRM(RecursiveReasoner):
    """z_L <- L(z_L + z_H + x), ``L_cycles`` times; then z_H <- H(z_H + z_L)."""

    H: Level
    L: Level

    def build_levels(self, generator: torch.Generator) -> None:
        self.H = Level(self.config, self.config.H_layers, generator)
        self.L = Level(self.config, self.config.L_layers, generator)

    def update_L(self, state: State, x: Tensor) -> Tensor:
        return self.L(state.z_L, state.z_H + x)

    def update_H(self, state: State) -> Tensor:
        return self.H(state.z_H, state.z_L)

    def in_published_gradient(self, H_cycle: int, L_cycle: int) -> bool:
        """The "one-step gradient": the segment's last L-update and its last H-update."""
        return H_cycle == self.config.H_cycles and L_cycle in (0, self.config.L_cycles)
