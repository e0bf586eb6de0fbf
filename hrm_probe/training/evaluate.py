"""How many held-out puzzles a model solves, with the doubt that a sample leaves."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from hrm_probe.dynamics.intervals import wilson
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.batching import puzzles_at_once
from hrm_probe.models.losses import is_asked
from hrm_probe.models.tasks import Asked, puzzle_ids_of
from hrm_probe.training.distributed import Group


def solved_by_group(
    group: Group,
    model: RecursiveReasoner,
    puzzles: Asked,
    asked_to_stop: Callable[[], bool] | None = None,
    told: Callable[[int, int], None] = lambda asked, of: None,
) -> np.ndarray:
    """Whether each puzzle's decoded grid equals its answer, after every segment; bool [segment, puzzle].

    Of tasks that are no Sudokus, only the cells that are asked for count.

    All segments are run, whatever the halting values say, as both papers evaluate. Each process of the group takes
    its share of the puzzles; all get the whole, and each tells after every batch how many of its own it has asked.

    Raises:
        StoppedError: as :meth:`hrm_probe.training.distributed.Group.batches`.
    """
    batches = group.batches(len(puzzles), puzzles_at_once(model.device), asked_to_stop)
    mine = group.share(len(puzzles))
    own = []
    for batch in batches:
        own.append(_solved_by_segment(model, puzzles[batch]))
        told(batch.stop - mine.start, mine.stop - mine.start)
    return np.concatenate(group.gather(np.concatenate(own, axis=1)), axis=1)


def _solved_by_segment(model: RecursiveReasoner, puzzles: Asked) -> np.ndarray:
    if not len(puzzles):
        return np.empty((model.config.max_segments, 0), dtype=bool)
    answers = torch.as_tensor(puzzles.answers, device=model.device)
    right = model.run(puzzles.tokens, puzzle_ids=puzzle_ids_of(puzzles)).predictions == answers
    return (right | ~is_asked(answers)).all(dim=-1).cpu().numpy()


def accuracy(solved: np.ndarray) -> dict[str, Any]:
    """Share solved, with its 95% Wilson interval: ``{"solved", "puzzles", "accuracy", "interval": [low, high]}``.

    Args:
        solved: bool [puzzle].
    """
    interval = wilson(int(solved.sum()), solved.size)
    return {
        "solved": int(solved.sum()),
        "puzzles": int(solved.size),
        "accuracy": float(solved.mean()),
        "interval": [interval.low, interval.high],
    }
