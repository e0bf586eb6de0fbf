"""How many held-out puzzles a model solves, with the doubt that a sample leaves."""

from typing import Any

import numpy as np
import torch

from hrm_probe.dynamics.intervals import wilson
from hrm_probe.models import RecursiveReasoner
from hrm_probe.sudoku import Puzzles
from hrm_probe.training.distributed import Group

LARGEST_BATCH = 256


def solved_by_segment(model: RecursiveReasoner, puzzles: Puzzles) -> np.ndarray:
    """Whether each puzzle's decoded grid equals its answer, after every segment; bool [segment, puzzle].

    All segments are run, whatever the halting values say, as both papers evaluate.
    """
    solved = [np.empty((model.config.max_segments, 0), dtype=bool)]
    for begin in range(0, len(puzzles), LARGEST_BATCH):
        part = puzzles[begin : begin + LARGEST_BATCH]
        answers = torch.as_tensor(part.answers, device=model.device)
        solved.append((model.run(part.tokens).predictions == answers).all(dim=-1).cpu().numpy())
    return np.concatenate(solved, axis=1)


def solved_by_group(group: Group, model: RecursiveReasoner, puzzles: Puzzles) -> np.ndarray:
    """:func:`solved_by_segment`, each process of the group taking its share of the puzzles; all get the whole."""
    own = solved_by_segment(model, puzzles[group.share(len(puzzles))])
    return np.concatenate(group.gather(own), axis=1)


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
