"""Guess scaling over training: the last checkpoints of one training guess together, each asked in several ways."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.reasoning.guessing.guesses import Guesses, judge_guesses
from hrm_probe.reasoning.result import Groups, group_labels, share_of
from hrm_probe.training.answers import load_answers


def checkpoint_guesses(path: str | Path, *, groups: Groups = None, seed: int = 0) -> Guesses:
    """Do the last checkpoints of a training solve more together than the last one alone?

    >>> print(checkpoint_guesses("runs/hrm-9x9-mixed"))                              # doctest: +SKIP

    Guess 0 is the last checkpoint's, of the puzzle as it stands. The others come, by source, from

    - "checkpoints": earlier ones, back in time;
    - "relabelling": the last one, asked about symmetric copies;
    - "checkpoints+relabelling": every checkpoint about every copy, checkpoints in turn and copies mixed among them.

    A source that would have one guess is left out. Votes are those of :func:`guesses`; no model is run.

    Args:
        path: the folder of a run that was trained with ``keep_answers`` (and ``answer_copies``), or the file
            ``answers.npz`` in it.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        seed: for the resampling.

    Raises:
        InputError: no answers were kept there.

    Source: Ren & Liu, arXiv 2601.10679, section 5, where ten checkpoints, nine relabellings and data mixing together
    lift Sudoku-Extreme from 54.5% to 96.9%. That paper's code counts differently, and needs the answer for it: see
    :func:`published_count`.
    """
    kept = load_answers(path)
    grids, halting = kept.predictions[::-1], kept.q_halt[::-1]  # the latest first
    pairs = {
        name: pair
        for name, pair in _sources(*halting.shape[:2]).items()
        if len(pair[0]) > 1 or name == "checkpoints"
    }
    predictions, q_halt = (
        {name: values[pair] for name, pair in pairs.items()} for values in (grids, halting)
    )
    return judge_guesses(kept.puzzles, predictions, q_halt, kept.segments, groups=groups, seed=seed)


def published_count(path: str | Path, *, groups: Groups = None, seed: int = 0) -> Interval:
    """The share of puzzles that the code of Ren & Liu would count as solved by the last checkpoints of a training.

    >>> print(published_count("runs/hrm-9x9-mixed"))                                 # doctest: +SKIP

    Of each checkpoint's ways to ask, those that halted vote, and the checkpoint solves the puzzle if more than half of
    these are right; the puzzle counts as solved if any checkpoint solves it. Which checkpoint that is cannot be known
    without the answer, so this is not a method, but the number to hold beside the published 96.9%.

    Args:
        path, groups, seed: as of :func:`checkpoint_guesses`.

    Raises:
        InputError: no answers were kept there.

    Source: ``batch_inference.py`` of the code published with arXiv 2601.10679.
    Known inaccuracy: halted means here that the halting value of the last segment is above zero, TRM's rule; that of
    HRM compares it with the value of going on, which is not kept.
    """
    kept = load_answers(path)
    labels, _ = group_labels(kept.puzzles, groups)
    right = (kept.predictions == kept.puzzles.answers).all(-1)
    return share_of(solved_by_any_majority(right, kept.q_halt > 0), labels, seed=seed)


def solved_by_any_majority(right: NDArray[np.bool_], halted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Bool [puzzle] of [checkpoint, way, puzzle]: in some checkpoint more than half of the halted are right."""
    return np.asarray((2 * (right & halted).sum(1) > halted.sum(1)).any(0))


def _sources(checkpoints: int, ways: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Which checkpoint and which way each guess is, by source."""
    checkpoint, way = np.arange(checkpoints), np.arange(ways)
    sources = {
        "checkpoints": (checkpoint, np.zeros_like(checkpoint)),
        "relabelling": (np.zeros_like(way), way),
    }
    if checkpoints > 1 and ways > 1:
        turn, asked = np.divmod(np.arange(checkpoints * ways), checkpoints)
        sources["checkpoints+relabelling"] = asked, (asked + turn) % ways
    return sources
