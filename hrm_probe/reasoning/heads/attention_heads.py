"""The heads of a model that attends, as hooks see them: looked at, left out, with edges blocked, or drawn to some."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models import HookPoint, RecursiveReasoner, Tick
from hrm_probe.reasoning.heads.attention_edges import EDGES
from hrm_probe.sudoku import Puzzles

ALL = "all"
Hook = tuple[str, Callable[[Tensor, HookPoint], Tensor | None]]


class Head(NamedTuple):
    """Where a head stands: "L" or "H", and in which block, both counted from 0."""

    level: str
    block: int
    head: int

    def __str__(self) -> str:
        return f"{self.level}{self.block}.{self.head}"

    def point(self, activation: str) -> str:
        """The hook point that the heads of this block share."""
        return f"{self.level}.blocks.{self.block}.attn.hook_{activation}"


class Block(NamedTuple):
    """A kind of edge that is blocked, in the heads of one level or of all."""

    edge: str
    level: str = ALL


def heads_of(model: RecursiveReasoner) -> list[Head]:
    """All heads, in the order of the model.

    Raises:
        InputError: it has none.
    """
    found = [re.fullmatch(r"(\w+)\.blocks\.(\d+)\.attn\.hook_pattern", name) for name in model.hook_dict]
    heads = [Head(at[1], int(at[2]), head) for at in found if at for head in range(model.config.n_heads)]
    if not heads:
        raise InputError("This model mixes cells by an MLP and has no heads; give one that attends.")
    return heads


class Means:
    """What heads give to each position in one run, on average over its batch, update by update."""

    def __init__(self, heads: Sequence[Head]) -> None:
        self._points = list(dict.fromkeys(head.point("z") for head in heads))
        self._means: dict[tuple[str, Tick], Tensor] = {}  # [pos, head, d_head]

    def hooks(self) -> list[Hook]:
        return [(point, self._keep) for point in self._points]

    def at(self, hook: HookPoint) -> Tensor:
        """Those at the update that is running."""
        return self._means[hook.name, hook.tick]

    def _keep(self, z: Tensor, hook: HookPoint) -> None:
        self._means[hook.name, hook.tick] = z.mean(0)


def without(head: Head, means: Means | None = None) -> list[Hook]:
    """What the head gives to each position is replaced by its mean: of another run, or over the batch of this one."""

    def leave_out(z: Tensor, hook: HookPoint) -> Tensor:
        mean = z.mean(0) if means is None else means.at(hook)
        z = z.clone()
        z[:, :, head.head] = mean[:, head.head]
        return z

    return [(head.point("z"), leave_out)]


def blocked(heads: Sequence[Head], edges: np.ndarray) -> list[Hook]:
    """No head looks along the edges, bool [batch or 1, pos, pos]."""
    return leaned(heads, edges, -np.inf)


def leaned(heads: Sequence[Head], edges: np.ndarray, bias: float) -> list[Hook]:
    """Every head is drawn to the edges, bool [batch or 1, pos, pos], or away: their scores are so much higher."""
    biases = torch.as_tensor(np.where(edges, bias, 0.0))[:, None]

    @cache  # a copy to the scores' device at every call would make a GPU wait
    def added(device: torch.device, dtype: torch.dtype) -> Tensor:
        return biases.to(device, dtype)

    def lean(scores: Tensor, hook: HookPoint) -> Tensor:
        return scores + added(scores.device, scores.dtype)

    return [(point, lean) for point in dict.fromkeys(head.point("attn_scores") for head in heads)]


class Along:
    """The share of the attention of each position that goes along some edges: mean over heads and updates of a run."""

    def __init__(self, heads: Sequence[Head], edges: np.ndarray) -> None:
        self._points = list(dict.fromkeys(head.point("pattern") for head in heads))
        self._edges = torch.tensor(edges).float()  # [batch or 1, pos, pos]
        self._sum: Tensor | float = 0.0
        self._updates = 0

    def hooks(self) -> list[Hook]:
        return [(point, self._add) for point in self._points]

    def mean(self) -> np.ndarray:
        """[puzzle, pos]."""
        return np.asarray(torch.as_tensor(self._sum).cpu()) / self._updates

    def _add(self, pattern: Tensor, hook: HookPoint) -> None:
        self._edges = self._edges.to(pattern.device)
        along = (pattern.mean(1).float() * self._edges).sum(-1)
        self._sum, self._updates = self._sum + along, self._updates + 1


class Looks:
    """Attention of the blank cells by kinds of edges, added up over the updates of one run."""

    def __init__(self, heads: Sequence[Head], kinds: np.ndarray, puzzles: Puzzles) -> None:
        self._heads = heads
        prefix = len(kinds) - puzzles.tokens.shape[1]
        kind_of_each = torch.as_tensor(kinds)[..., None] == torch.arange(len(EDGES))
        self._kinds = kind_of_each.float()  # [pos, pos, kind]
        queries = torch.as_tensor(np.pad(puzzles.blanks, ((0, 0), (prefix, 0)))).float()
        self._queries = queries / queries.sum(1, keepdim=True)  # [puzzle, pos]
        self._sums: dict[str, Tensor] = {}
        self._updates: dict[str, int] = {}

    def hooks(self) -> list[Hook]:
        return [(point, self._add) for point in dict.fromkeys(head.point("pattern") for head in self._heads)]

    def mean(self) -> np.ndarray:
        """[head, puzzle, kind]; NaN for a puzzle without blank cells."""
        means = {point: total / self._updates[point] for point, total in self._sums.items()}
        return np.stack([means[head.point("pattern")][:, head.head].cpu().numpy() for head in self._heads])

    def _add(self, pattern: Tensor, hook: HookPoint) -> None:
        self._kinds, self._queries = self._kinds.to(pattern.device), self._queries.to(pattern.device)
        looked = torch.einsum("bhqk,qkr,bq->bhr", pattern.float(), self._kinds, self._queries)
        self._sums[hook.name] = self._sums.get(hook.name, 0) + looked
        self._updates[hook.name] = self._updates.get(hook.name, 0) + 1
