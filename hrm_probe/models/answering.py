"""Only the last word of a model: grids and halting values after the last segment, for any number of puzzles."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hrm_probe.models.recursion import RecursiveReasoner
from hrm_probe.models.states import State


def last_answers(
    model: RecursiveReasoner,
    tokens: NDArray[np.integer],
    segments: int | None = None,
    batch_size: int = 256,
    start: Callable[[int], State] | None = None,
    puzzle_ids: NDArray[np.integer] | None = None,
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

    Returns:
        Tokens int64 [puzzle, cell], and halting values before any sigmoid, float32 [puzzle].
    """
    grids = [np.empty((0, model.config.cells), np.int64)]
    halting = [np.empty(0, np.float32)]
    for begin in range(0, len(tokens), batch_size):
        rows = slice(begin, begin + batch_size)
        part, ids = model.check_tokens(tokens[rows]), None if puzzle_ids is None else puzzle_ids[rows]
        rollout = model.run(part, segments, ids, state=start(len(part)) if start else None)
        grids.append(rollout.predictions[-1].cpu().numpy())
        halting.append(rollout.q_halt[-1].float().cpu().numpy())
    return np.concatenate(grids), np.concatenate(halting)
