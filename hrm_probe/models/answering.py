"""Only the last word of a model: grids and halting values after the last segment, for any number of puzzles."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from hrm_probe.given_numbers import whole_number
from hrm_probe.models.checking import check_rows
from hrm_probe.models.recursion import RecursiveReasoner
from hrm_probe.models.states import SegmentOutput, State


def last_answers(
    model: RecursiveReasoner,
    tokens: NDArray[np.integer],
    segments: int | None = None,
    batch_size: int = 256,
    start: Callable[[int], State] | None = None,
    puzzle_ids: NDArray[np.integer] | None = None,
    before_each: Callable[[State], State] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """What a model answers in the end, and what it then thinks of it.

    >>> grids, q_halt = last_answers(model, puzzles.tokens)                            # doctest: +SKIP

    Args:
        model: asked.
        tokens: [puzzle, cell].
        segments: that it takes; ``max_segments`` if None.
        batch_size: puzzles at once.
        start: makes the state that this many rows begin in; the model's initial state if None.
        puzzle_ids: [puzzle], which puzzle embedding; all 0 if None.
        before_each: what is done to the state before each segment; nothing if None.

    Returns:
        Tokens int64 [puzzle, cell], and halting values before any sigmoid, float32 [puzzle].
    """
    grids = [np.empty((0, model.config.cells), np.int64)]
    halting = [np.empty(0, np.float32)]
    for begin in range(0, len(tokens), batch_size):
        rows = slice(begin, begin + batch_size)
        part, ids = model.check_tokens(tokens[rows]), None if puzzle_ids is None else puzzle_ids[rows]
        state = start(len(part)) if start else None
        if before_each is None:
            rollout = model.run(part, segments, ids, state=state)
            shown, q_halt = rollout.predictions[-1], rollout.q_halt[-1]
        else:
            last = _meddled(model, part, segments, ids, state, before_each)
            shown, q_halt = last.logits.argmax(-1), last.q_halt
        grids.append(shown.cpu().numpy())
        halting.append(q_halt.float().cpu().numpy())
    return np.concatenate(grids), np.concatenate(halting)


def _meddled(
    model: RecursiveReasoner,
    tokens: Tensor,
    segments: int | None,
    puzzle_ids: NDArray[np.integer] | None,
    state: State | None,
    before_each: Callable[[State], State],
) -> SegmentOutput:
    """The last output of a run whose state is changed before each segment."""
    state = model.initial_state(len(tokens)) if state is None else state
    ids = check_rows(len(tokens), model.config, puzzle_ids, state)
    ids = None if ids is None else ids.to(tokens.device)
    length = model.config.max_segments if segments is None else whole_number(segments, "segments")
    for number in range(1, length + 1):
        state, output = model.advance(before_each(state), tokens, number, ids)
    return output
