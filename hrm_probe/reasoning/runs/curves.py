"""What a rollout says of each puzzle, segment by segment: the raw material of every question in this room."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from hrm_probe.allocator import keep_freed_memory
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner, SegmentOutput, State, first_halt
from hrm_probe.models.checking import Tokens
from hrm_probe.models.losses import cell_losses, is_asked
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.reasoning.asking import Asked, check_asked, check_puzzles, run_length
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.wording import counted


@dataclass(frozen=True)
class Curves:
    """Curves of many puzzles, each array with puzzles on its first axis.

    Of a Sudoku every cell counts, of ``Tasks`` those that are asked for.

    Attributes:
        loss: [puzzle, segment], the training loss of the segment's logits: stablemax cross-entropy, mean over cells.
        errors: [puzzle, segment], wrong cells.
        solved: [puzzle, segment], the whole grid right.
        predictions: [puzzle, segment, cell], tokens; 0 (padding) in cells that do not count.
        entropy: [puzzle, segment], mean entropy of a cell's softmax, in nats.
        q_halt, q_continue: [puzzle, segment].
        halted_at: [puzzle], 1-based.
        displacement: [puzzle, segment], root mean square change of z_H over the segment (the first is from the
            initial state). States are normed to a root mean square of 1, so this is a relative change.
        displacement_L: the same of z_L.
        softmax_loss: [puzzle, segment], cross-entropy of the same logits under softmax; None in curves that were saved
            before it was kept.
    """

    loss: np.ndarray
    errors: np.ndarray
    solved: np.ndarray
    predictions: np.ndarray
    entropy: np.ndarray
    q_halt: np.ndarray
    q_continue: np.ndarray
    halted_at: np.ndarray
    displacement: np.ndarray
    displacement_L: np.ndarray
    softmax_loss: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.loss)

    def __repr__(self) -> str:
        solved = int(self.solved[:, -1].sum())
        return (
            f"Curves({counted(len(self), 'puzzle')}, {self.segments} segments: {solved:,} solved at the last)"
        )

    @property
    def segments(self) -> int:
        return self.loss.shape[1]

    def __getitem__(self, rows: slice | np.ndarray) -> "Curves":
        """The curves of some puzzles."""
        of_rows: dict[str, Any] = {}
        for field in fields(self):
            values = getattr(self, field.name)
            of_rows[field.name] = None if values is None else values[rows]
        return Curves(**of_rows)


def follow(
    model: RecursiveReasoner,
    puzzles: Asked,
    segments: int | None = None,
    *,
    batch_size: int = 128,
    start: State | None = None,
    progress: bool = False,
) -> Curves:
    """Run a model over puzzles and keep what each segment says.

    >>> curves = follow(model, puzzles)                     # doctest: +SKIP
    >>> curves.solved[:, -1].mean()                         # exact accuracy     # doctest: +SKIP

    Args:
        model: any recursive reasoner for the puzzles' board.
        puzzles: what to solve, or ``Tasks``; the answers are used only to judge.
        segments: how many; the model's ``max_segments`` if None.
        batch_size: puzzles at once; memory grows with it, results do not depend on it beyond rounding.
        start: a state for each puzzle, [puzzle, pos, d_model]; the model's initial state if None.
        progress: show a bar.

    Raises:
        InputError: no puzzles, another board than the model's, or a size below 1.
    """
    check_asked(model, puzzles, batch_size)
    segments = run_length(model, segments)
    keep_freed_memory()
    parts = []
    for rows in in_batches(len(puzzles), batch_size, "following", progress):
        state = None if start is None else State(start.z_H[rows], start.z_L[rows])
        parts.append(_follow_batch(model, puzzles[rows], segments, state))
    return joined(parts)


def joined(parts: list[Curves]) -> Curves:
    """The curves of all puzzles of some, one after another."""
    of_all: dict[str, Any] = {}
    for field in fields(Curves):
        values = [getattr(part, field.name) for part in parts]
        of_all[field.name] = None if any(one is None for one in values) else np.concatenate(values)
    return Curves(**of_all)


def curves_of(
    model: RecursiveReasoner | None,
    puzzles: Asked,
    segments: int | None = None,
    curves: Curves | None = None,
    *,
    least: int = 1,
    batch_size: int = 128,
    progress: bool = False,
) -> Curves:
    """The given curves, if they can be those of these puzzles; else the model's, by :func:`follow`.

    Args:
        model: may be None where ``curves`` are given.
        puzzles, segments, batch_size, progress: as in :func:`follow`.
        curves: those of the same model and puzzles, if already computed; ``segments`` is then None or theirs.
        least: fewest segments that the question can be answered from.

    Raises:
        InputError: neither a model nor curves, curves of another number of puzzles or segments, fewer segments than
            ``least``, and what :func:`follow` refuses.
    """
    if curves is None:
        model = runnable(model, puzzles, batch_size)
        return follow(
            model, puzzles, run_length(model, segments, least), batch_size=batch_size, progress=progress
        )
    check_puzzles(puzzles)
    if len(curves) != len(puzzles):
        raise InputError(
            f"These curves are of {counted(len(curves), 'puzzle')}, not of these {len(puzzles)}; follow() makes them."
        )
    if segments is not None and segments != curves.segments:
        raise InputError(
            f"These curves have {counted(curves.segments, 'segment')}, not {segments}; leave segments out, or the "
            "curves."
        )
    if curves.segments < least:
        raise InputError(
            f"These curves have {counted(curves.segments, 'segment')}; this question needs at least {least}."
        )
    return curves


def runnable(model: RecursiveReasoner | None, puzzles: Asked, batch_size: int = 1) -> RecursiveReasoner:
    """The model, where no curves are at hand, if there is one that can be asked about these puzzles.

    Raises:
        InputError: there is none, or what :func:`hrm_probe.reasoning.asking.check_asked` refuses.
    """
    if model is None:
        raise InputError("Neither a model nor its curves were given; give one of them.")
    check_asked(model, puzzles, batch_size)
    return model


def segment_by_segment(
    model: RecursiveReasoner,
    tokens: Tensor,
    segments: int,
    start: State | None = None,
    puzzle_ids: Tokens | None = None,
) -> Iterator[tuple[State, State, SegmentOutput]]:
    """Yield (state before, state after, what is read from it) for each segment; nothing is kept."""
    before = model.initial_state(len(tokens)) if start is None else start
    for after, output in model.unroll(tokens, segments, puzzle_ids, state=before):
        yield before, after, output
        before = after


def _follow_batch(model: RecursiveReasoner, puzzles: Asked, segments: int, start: State | None) -> Curves:
    tokens, answers = model.check_tokens(puzzles.tokens), torch.as_tensor(puzzles.answers).to(model.device)
    kept: dict[str, list[Tensor]] = {field.name: [] for field in fields(Curves)}
    with torch.no_grad():
        every = segment_by_segment(model, tokens, segments, start, puzzle_ids_of(puzzles))
        for before, after, output in every:
            for name, values in read_logits(output.logits, answers).items():
                kept[name].append(values)
            kept["q_halt"].append(output.q_halt)
            kept["q_continue"].append(output.q_continue)
            kept["displacement"].append(root_mean_square(after.z_H - before.z_H))
            kept["displacement_L"].append(root_mean_square(after.z_L - before.z_L))
    q_halt, q_continue = torch.stack(kept["q_halt"]), torch.stack(kept["q_continue"])
    stacked = {name: torch.stack(values, 1).cpu().numpy() for name, values in kept.items() if values}
    stacked["halted_at"] = first_halt(model.config, q_halt, q_continue).cpu().numpy()
    return Curves(**stacked)


def read_logits(logits: Tensor, answers: Tensor) -> dict[str, Tensor]:
    """What the logits of one segment say: losses, errors, solved, predictions and entropy, as in :class:`Curves`.

    Args:
        logits: [batch, cell, vocab].
        answers: tokens [batch, cell]; cells whose answer is 0 (padding) do not count.
    """
    asked = is_asked(answers)
    # From a mean over all cells to one over those that count; exactly 1 where all do.
    share = asked.shape[-1] / asked.sum(-1)
    predictions = where_asked(logits.argmax(-1), answers)
    wrong = predictions != answers
    log_p = logits.log_softmax(-1)
    entropy = -(log_p.exp() * log_p).sum(-1)
    surprise = -log_p.gather(-1, answers[..., None])[..., 0]
    return {
        "loss": (cell_losses(logits, answers).mean(-1) * share).float(),
        "errors": wrong.sum(-1),
        "solved": ~wrong.any(-1),
        "predictions": predictions,
        "entropy": (entropy * asked).mean(-1) * share,
        "softmax_loss": ((surprise * asked).mean(-1) * share).float(),
    }


Grids = TypeVar("Grids", Tensor, np.ndarray)


def where_asked(predictions: Grids, answers: Grids) -> Grids:
    """Predicted tokens [..., puzzle, cell] where answers are asked for, elsewhere 0, which stands there in the answers.

    So grids can be compared, with each other and with the answers, whether all their cells count or some.
    """
    return predictions * (answers > 0)


def root_mean_square(z: Tensor) -> Tensor:
    """Over everything but the batch: [batch, pos, d_model] -> [batch]."""
    return z.float().square().flatten(1).mean(1).sqrt()
