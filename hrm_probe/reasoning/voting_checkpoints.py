"""Guess scaling over training: the last checkpoints of one training guess together, each asked in several ways."""

from pathlib import Path

import numpy as np

from hrm_probe.reasoning.guessing import Guesses, judge_guesses
from hrm_probe.reasoning.result import Groups
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
        seed: of the resampling.

    Raises:
        InputError: no answers were kept there.

    Source: Ren & Liu, arXiv 2601.10679, section 5, where ten checkpoints, nine relabellings and data mixing together
    lift Sudoku-Extreme from 54.5% to 96.9%. That paper's code counts a puzzle as solved if any checkpoint does, which
    needs the answer; here that is one vote of five, and named for what it is.
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
