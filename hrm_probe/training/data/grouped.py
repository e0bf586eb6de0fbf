"""Tasks drawn group by group, so that many copies of one original do not outweigh few of another."""

import numpy as np
import torch
from torch import Tensor

from hrm_probe.models import Tasks
from hrm_probe.models.tasks import Asked


class Grouped:
    """Rows of tasks, group by group.

    Args:
        group: int64 [task], tasks made from one original share a number.
        device: where rows are drawn.
    """

    def __init__(self, group: np.ndarray, device: torch.device | str = "cpu") -> None:
        _, counts = np.unique(group, return_counts=True)
        self.order = torch.as_tensor(np.argsort(group, kind="stable"), device=device)  # rows, group by group
        self.counts = torch.as_tensor(counts, device=device)
        self.starts = self.counts.cumsum(0) - self.counts

    @classmethod
    def of(cls, puzzles: Asked, device: torch.device | str = "cpu") -> "Grouped | None":
        """None where each is a group of its own, as Sudokus are."""
        if not isinstance(puzzles, Tasks) or len(np.unique(puzzles.group)) == len(puzzles):
            return None
        return cls(puzzles.group, device)

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Rows [n]: each group is as likely as another, and within one each task."""
        device = self.order.device
        groups = torch.randint(len(self.counts), (n,), generator=generator, device=device)
        # In double precision a product below 1 times a count stays below it.
        within = torch.rand(n, generator=generator, device=device, dtype=torch.float64) * self.counts[groups]
        return self.order[self.starts[groups] + within.long()]
