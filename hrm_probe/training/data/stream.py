"""An endless stream of training puzzles."""

import zlib
from typing import Any, NamedTuple

import torch
from torch import Tensor

from hrm_probe.models.tasks import Asked, puzzle_ids_of
from hrm_probe.sudoku import Puzzles
from hrm_probe.training.curricula.easy_first import EasyFirst
from hrm_probe.training.data.grouped import Grouped
from hrm_probe.training.data.hints import add_hints
from hrm_probe.training.data.symmetry import Symmetries, Turnings


class Batch(NamedTuple):
    """Puzzles ready for the model: tokens and answers [batch, cell], puzzle_ids [batch]; all int64."""

    tokens: Tensor
    answers: Tensor
    puzzle_ids: Tensor


class PuzzleStream:
    """Puzzles drawn with replacement, each moved by a fresh symmetry, some with hints; easy ones first, if wanted.

    Tasks that are no Sudokus are drawn with their puzzle embeddings, and group by group: each group of tasks made from
    one original comes as often as another, however many copies it has, as the released code draws them. With an order,
    all tasks come alike.

    Nothing is read from the device, so drawing never makes the host wait; all randomness comes from one generator,
    whose state is the whole state of the stream.

    Args:
        puzzles: the training set, or ``Tasks``.
        batch_size: puzzles in a batch.
        seed: for the generator.
        device: where the set lives and batches are made.
        augment: apply random symmetries of Sudoku.
        hint_fraction, hint_min_blanks: see :func:`add_hints`.
        order: from which share of the set puzzles are drawn; all of it, from the start, if None.
        turns: turn and mirror ``Tasks`` at random.
    """

    def __init__(
        self,
        puzzles: Asked,
        batch_size: int,
        seed: int,
        device: torch.device | str = "cpu",
        augment: bool = True,
        hint_fraction: float = 0.0,
        hint_min_blanks: int = 1,
        order: EasyFirst | None = None,
        turns: bool = False,
    ) -> None:
        puzzles = puzzles if order is None else order.arrange(puzzles, seed)
        self.order = order
        self.tokens = torch.as_tensor(puzzles.tokens, device=device)
        self.answers = torch.as_tensor(puzzles.answers, device=device)
        self.batch_size = batch_size
        ids = puzzle_ids_of(puzzles)
        self.puzzle_ids = None if ids is None else torch.as_tensor(ids, device=device)
        self.groups = Grouped.of(puzzles, device) if order is None else None
        self.symmetries: Symmetries | Turnings | None = None
        if isinstance(puzzles, Puzzles):
            self.symmetries = Symmetries(puzzles.board, device) if augment else None
        elif turns:
            self.symmetries = Turnings(puzzles.tokens.shape[1], device)
        self.hint_fraction = hint_fraction
        self.hint_min_blanks = hint_min_blanks
        self.generator = torch.Generator(device).manual_seed(seed)

    def draw(self, progress: float = 1.0) -> Batch:
        """The next batch, at ``progress`` (0..1) of the training."""
        rows = self._rows(progress)
        tokens, answers = self.tokens[rows], self.answers[rows]
        if self.symmetries is not None:
            tokens, answers = self.symmetries.apply(tokens, answers, generator=self.generator)
        if self.hint_fraction > 0:
            tokens = add_hints(tokens, answers, self.hint_fraction, self.generator, self.hint_min_blanks)
        # A Sudoku needs no puzzle embedding of its own: all share the first, as published.
        ids = torch.zeros_like(rows) if self.puzzle_ids is None else self.puzzle_ids[rows]
        return Batch(tokens, answers, ids)

    def _rows(self, progress: float) -> Tensor:
        if self.groups is not None:
            return self.groups.draw(self.batch_size, self.generator)
        drawable = len(self.tokens) if self.order is None else self.order.window(progress, len(self.tokens))
        return torch.randint(
            drawable, (self.batch_size,), generator=self.generator, device=self.tokens.device
        )

    def state_dict(self) -> dict[str, Any]:
        return {"generator": self.generator.get_state(), "device": self.generator.device.type}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on drawing where ``state`` was left; on a device of another kind, go on with draws of its own.

        Generators of different kinds of device have states that mean nothing to each other.
        """
        if state.get("device", self.generator.device.type) == self.generator.device.type:
            self.generator.set_state(state["generator"])
        else:
            self.generator.manual_seed(zlib.crc32(state["generator"].numpy().tobytes()))
