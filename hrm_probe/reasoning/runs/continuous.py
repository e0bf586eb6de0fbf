"""Answers where the model itself would halt, fast: rows that are done make room for the next puzzles at once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hrm_probe.allocator import keep_freed_memory
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner, State, wants_to_halt
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import Asked, check_asked, run_length


@dataclass(frozen=True)
class HaltedAnswers:
    """What a model answered when it halted, in the order of the puzzles.

    Attributes:
        predictions: [puzzle, cell], tokens.
        halted_at: [puzzle], the 1-based segment of that answer.
        row_segments: segments computed, over all rows, idle ones at the end included; ``halted_at.sum()`` of them
            were needed.
    """

    predictions: np.ndarray
    halted_at: np.ndarray
    row_segments: int


def halted_answers(
    model: RecursiveReasoner,
    puzzles: Asked,
    *,
    batch_size: int = 128,
    segments: int | None = None,
    progress: bool = False,
) -> HaltedAnswers:
    """Answer every puzzle at the segment where the model halts by its own rule, and go no further with it.

    >>> answers = halted_answers(model, puzzles)                                            # doctest: +SKIP
    >>> (answers.predictions == puzzles.answers).all(1).mean()       # accuracy at halting  # doctest: +SKIP

    A batch of fixed size runs segment after segment; a row that halts, or has run all segments, hands over its
    answer and takes the next puzzle. Predictions and halting segments are those of ``model.run`` at ``halted_at``.
    Once no puzzle is left to take, the batch shrinks by halves as rows fall idle. The device is asked once a
    segment how many rows are busy, and nothing else.

    Args:
        model: without hooks: rows stand at different segments, so no tick would be true.
        puzzles: what to answer, or ``Tasks``; the answers they hold are not looked at.
        batch_size: rows at once.
        segments: the last segment; the model's ``max_segments`` if None.
        progress: show a bar.

    Raises:
        InputError: the puzzles' board is not the model's, hooks are attached, or a size is below 1.

    Known inaccuracy: matrix products of other sizes may round otherwise, so agreement with a plain rollout is exact
    up to rounding; where recursion is chaotic, rounding grows.
    """
    check_asked(model, puzzles, batch_size)
    segments = run_length(model, segments)
    if model.clock.listeners:
        raise InputError(
            "Hooks are attached, but in continuous batching rows stand at different segments; reset_hooks() first."
        )
    keep_freed_memory()
    queue = _Queue(model, puzzles, min(batch_size, len(puzzles)), segments)
    work = queue.work_off(batch_size)
    for _ in track(work, "answering", len(puzzles), each=batch_size, show=progress):
        pass
    predictions, halted_at = queue.predictions[:-1].cpu().numpy(), queue.halted_at[:-1].cpu().numpy()
    return HaltedAnswers(predictions, halted_at, queue.row_segments)


class _Queue:
    """Puzzles waiting, puzzles being worked on, and answers; all of it on the device.

    ``rows`` says which puzzle each row of the batch works on. An idle row works on puzzle ``n``, which is none:
    a copy of the first puzzle, whose answer goes to a last line that nobody reads.
    """

    def __init__(self, model: RecursiveReasoner, puzzles: Asked, batch: int, segments: int) -> None:
        self.model, self.segments, self.n = model, segments, len(puzzles)
        tokens = model.check_tokens(puzzles.tokens)
        self.tokens = torch.cat((tokens, tokens[:1]))
        ids = puzzle_ids_of(puzzles)
        self.ids = None if ids is None else torch.as_tensor(np.append(ids, ids[0])).to(tokens.device)
        self.predictions = torch.zeros_like(self.tokens)
        self.halted_at = torch.zeros(self.n + 1, dtype=torch.long, device=tokens.device)
        self.rows = torch.arange(batch, device=tokens.device)
        self.age = torch.zeros_like(self.rows)  # segments that each row has run on its puzzle
        self.taken = torch.full((), batch, device=tokens.device)  # puzzles taken from the queue so far
        self.start = model.initial_state(1)
        self.state = model.initial_state(batch)
        self.row_segments = 0

    def work_off(self, each: int) -> Iterator[None]:
        """Run until every puzzle is answered; yields after every ``each`` answers, and at the end."""
        announced, taken, busy = 0, len(self.rows), len(self.rows)
        while busy:
            self._advance()
            self.row_segments += len(self.rows)
            taken, busy = torch.stack(
                (self.taken, (self.rows < self.n).sum())
            ).tolist()  # the host waits here
            if taken >= self.n:
                self._shrink(busy)
            while announced + each <= min(taken, self.n) - busy:
                announced += each
                yield
        if announced < self.n:
            yield

    @torch.no_grad()
    def _advance(self) -> None:
        """One segment of every row; those that halt hand over their answers and take the next puzzles."""
        ids = None if self.ids is None else self.ids[self.rows]
        self.state, output = self.model(self.state, self.tokens[self.rows], ids, gradient="none")
        self.age += 1
        done = (self.age >= self.segments) | wants_to_halt(
            self.model.config, output.q_halt, output.q_continue
        )
        place = self.rows.where(done, self.n)
        self.predictions[place] = output.logits.argmax(-1)
        self.halted_at[place] = self.age
        following = (self.taken + done.cumsum(0) - 1).clamp(max=self.n)
        self.taken = self.taken + done.sum()
        self.rows = following.where(done, self.rows)
        self.age = self.age.where(~done, 0)
        self.state = State(*(_where(done, a, b) for a, b in zip(self.start, self.state, strict=True)))

    def _shrink(self, busy: int) -> None:
        """Leave out idle rows, down to the next of batch, batch/2, batch/4, ... that holds the busy ones."""
        size = len(self.rows)
        while size > 1 and busy <= size // 2:
            size //= 2
        if size < len(self.rows):
            kept = (self.rows == self.n).int().argsort(stable=True)[:size]
            self.rows, self.age = self.rows[kept], self.age[kept]
            self.state = State(*(z[kept] for z in self.state))


def _where(rows: Tensor, chosen: Tensor, other: Tensor) -> Tensor:
    """``chosen`` [1, pos, d_model] in the given rows, ``other`` [batch, pos, d_model] elsewhere."""
    return torch.where(rows[:, None, None], chosen, other)
