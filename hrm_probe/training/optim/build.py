"""One handle for the two optimisers of a training: the network's, and the puzzle embedding's."""

from typing import Any

import torch
from torch import Tensor, nn

from hrm_probe.training.optim.adam_atan2 import AdamAtan2
from hrm_probe.training.optim.sign_sgd import SignSGD
from hrm_probe.training.recipe import Recipe

PUZZLE_EMBEDDING = "puzzle_emb"


class Optimizers:
    """AdamW or Adam-atan2 for the network, sign descent for the puzzle embedding, if there is one.

    Args:
        model: whose parameters are trained; a parameter named ``puzzle_emb`` is the puzzle embedding.
        recipe: gives the kind, rates, decays and betas.
    """

    def __init__(self, model: nn.Module, recipe: Recipe) -> None:
        tables: list[nn.Parameter] = []
        network: list[nn.Parameter] = []
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                (tables if PUZZLE_EMBEDDING in name.split(".") else network).append(parameter)
        self.network = _network_optimizer(network, recipe)
        self.puzzles = [SignSGD(t, recipe.puzzle_lr, recipe.puzzle_weight_decay) for t in tables]
        self._full_rates = [recipe.lr] + [recipe.puzzle_lr] * len(tables)

    def step(self, factor: float, puzzle_ids: Tensor | None) -> None:
        """Move all weights with their learning rates times ``factor``, then clear the gradients."""
        for optimizer, rate in zip([self.network, *self.puzzles], self._full_rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
        self.network.step()
        for optimizer in self.puzzles:
            optimizer.step(puzzle_ids)
        self.clear_gradients()

    def clear_gradients(self) -> None:
        """Forget the gradients."""
        for optimizer in [self.network, *self.puzzles]:
            optimizer.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, Any]:
        """Moments and step counts, for a checkpoint. Sign descent has none."""
        return self.network.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what :meth:`state_dict` gave."""
        self.network.load_state_dict(state)


def _network_optimizer(parameters: list[nn.Parameter], recipe: Recipe) -> torch.optim.Optimizer:
    betas = (recipe.beta1, recipe.beta2)
    if recipe.optimizer == "adam_atan2":
        return AdamAtan2(parameters, lr=recipe.lr, betas=betas, weight_decay=recipe.weight_decay)
    return torch.optim.AdamW(
        parameters, lr=recipe.lr, betas=betas, weight_decay=recipe.weight_decay, fused=True
    )
