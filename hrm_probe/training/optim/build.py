"""One handle for all optimisers of a training: the network's, and the puzzle embedding's."""

from typing import Any

import torch
from torch import Tensor, nn

from hrm_probe.training.optim.adam_atan2 import AdamAtan2
from hrm_probe.training.optim.sign_sgd import SignSGD
from hrm_probe.training.recipe import Recipe

PUZZLE_EMBEDDING = "puzzle_emb"
LEVELS = ("H", "L")


class Optimizers:
    """AdamW, Adam-atan2 or Muon for the network, sign descent for the puzzle embedding, if there is one.

    Muon (Jordan et al. 2024) orthogonalises the momentum of a matrix; it is meant for the matrices inside a
    network. Input embedding, output head, halting head and biases stay with AdamW. Its steps are scaled to the
    size of AdamW's (Liu et al., arXiv 2502.16982, section 2.2), so that one ``lr`` suits both.

    Args:
        model: whose parameters are trained; a parameter named ``puzzle_emb`` is the puzzle embedding.
        recipe: gives the kind, rates, decays and betas.
    """

    def __init__(self, model: nn.Module, recipe: Recipe) -> None:
        tables: list[nn.Parameter] = []
        network: dict[str, nn.Parameter] = {}
        for name, parameter in model.named_parameters():
            if parameter.requires_grad and PUZZLE_EMBEDDING in name.split("."):
                tables.append(parameter)
            elif parameter.requires_grad:
                network[name] = parameter
        self.network = _network_optimizers(network, recipe)
        self.puzzles = [SignSGD(t, recipe.puzzle_lr, recipe.puzzle_weight_decay) for t in tables]
        self._full_rates = [recipe.lr] * len(self.network) + [recipe.puzzle_lr] * len(tables)

    def step(self, factor: float, puzzle_ids: Tensor | None) -> None:
        """Move all weights with their learning rates times ``factor``, then clear the gradients."""
        for optimizer, rate in zip([*self.network, *self.puzzles], self._full_rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
        for optimizer in self.network:
            optimizer.step()
        for table in self.puzzles:
            table.step(puzzle_ids)
        self.clear_gradients()

    def clear_gradients(self) -> None:
        """Forget the gradients."""
        for optimizer in [*self.network, *self.puzzles]:
            optimizer.zero_grad(set_to_none=True)

    def state_dict(self) -> list[dict[str, Any]]:
        """Moments and step counts, for a checkpoint. Sign descent has none."""
        return [optimizer.state_dict() for optimizer in self.network]

    def load_state_dict(self, state: list[dict[str, Any]]) -> None:
        """Restore what :meth:`state_dict` returned."""
        for optimizer, saved in zip(self.network, state, strict=True):
            optimizer.load_state_dict(saved)


def _network_optimizers(network: dict[str, nn.Parameter], recipe: Recipe) -> list[torch.optim.Optimizer]:
    betas = (recipe.beta1, recipe.beta2)
    everything = list(network.values())
    if recipe.optimizer == "adam_atan2":
        return [AdamAtan2(everything, lr=recipe.lr, betas=betas, weight_decay=recipe.weight_decay)]
    matrices = [p for name, p in network.items() if recipe.optimizer == "muon" and is_inner_matrix(name, p)]
    inner = {id(p) for p in matrices}
    others = [p for p in everything if id(p) not in inner]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(others, lr=recipe.lr, betas=betas, weight_decay=recipe.weight_decay, fused=True)
    ]
    if matrices:
        optimizers.append(
            torch.optim.Muon(
                matrices, lr=recipe.lr, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw"
            )
        )
    return optimizers


def is_inner_matrix(name: str, parameter: nn.Parameter) -> bool:
    """Is this a matrix inside the modules that update the states?"""
    return parameter.ndim == 2 and name.split(".")[0] in LEVELS
