"""The optimiser of puzzle embeddings."""

from typing import Any

import torch
from torch import Tensor


class SignSGD(torch.optim.Optimizer):
    """Sign descent on the rows of an embedding table that the batch used; the other rows rest.

    ``w <- w * (1 - lr * weight_decay) - lr * sign(gradient)`` for every puzzle present, the gradient being summed
    over the batch items of that puzzle. Rows seen once in a thousand steps keep their weight in between, and
    need no moments. Source: the sparse puzzle embedding of HRM, arXiv 2506.21734, section 3.

    Args:
        table: the embedding, [puzzle, width].
        lr: learning rate, the size of every step.
        weight_decay: share of a weight lost in a step, in units of ``lr``.
    """

    def __init__(self, table: torch.nn.Parameter, lr: float = 1e-4, weight_decay: float = 1.0) -> None:
        super().__init__([table], {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, puzzle_ids: Any = None) -> None:  # type: ignore[override]
        """Move the rows of ``puzzle_ids`` ([batch], repeats allowed); all rows where it is None."""
        for group in self.param_groups:
            for table in group["params"]:
                if table.grad is not None:
                    moved = (
                        table * (1 - group["lr"] * group["weight_decay"]) - group["lr"] * table.grad.sign()
                    )
                    table.copy_(
                        moved if puzzle_ids is None else moved.where(_present(table, puzzle_ids), table)
                    )


def _present(table: Tensor, puzzle_ids: Tensor) -> Tensor:
    """Bool [puzzle, 1]; a mask rather than a list of rows, so that the host need not know how many there are."""
    mask = torch.zeros(table.shape[0], dtype=torch.bool, device=table.device)
    return mask.index_fill(0, puzzle_ids, True).unsqueeze(-1)
