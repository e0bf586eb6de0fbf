"""Guess scaling over training: the last checkpoints of one training guess together."""

from pathlib import Path

from hrm_probe.reasoning.guessing import Guesses, judge_guesses
from hrm_probe.reasoning.result import Groups
from hrm_probe.training.answers import load_answers

SOURCE = "checkpoints"


def checkpoint_guesses(path: str | Path, *, groups: Groups = None, seed: int = 0) -> Guesses:
    """Do the last checkpoints of a training solve more together than the last one alone?

    >>> print(checkpoint_guesses("runs/hrm-9x9-mixed"))                              # doctest: +SKIP

    Guess 0 is the last checkpoint, the others go back in time; votes are those of :func:`guesses`. No model is run.

    Args:
        path: the folder of a run that was trained with ``keep_answers``, or the file ``answers.npz`` in it.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        seed: of the resampling.

    Raises:
        InputError: no answers were kept there.

    Source: Ren & Liu, arXiv 2601.10679, section 5 (model bootstrapping), where ten checkpoints, nine relabellings and
    data mixing together lift Sudoku-Extreme from 54.5% to 96.9%. That paper's code counts a puzzle as solved if any
    guess is, which needs the answer; here that is one vote of five, and named for what it is.
    """
    kept = load_answers(path)
    predictions, q_halt = ({SOURCE: values[::-1]} for values in (kept.predictions, kept.q_halt))
    return judge_guesses(kept.puzzles, predictions, q_halt, kept.segments, groups=groups, seed=seed)
