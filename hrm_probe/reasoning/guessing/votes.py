"""Ways to elect one grid among several guesses."""

import numpy as np
from numpy.typing import NDArray

from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.runs.lawful import keeps_the_rules
from hrm_probe.sudoku import Puzzles

CEILING = "any, by the answer"
LAWFUL = "first lawful"
VOTES = {
    "majority": "the grid answered most often",
    "majority of cells": "in each cell, the digit answered most often",
    "halting": "the grid whose guesses have the largest sum of halting probabilities",
    "surest": "the grid of the one guess whose halting value is largest",
    LAWFUL: "the first grid that keeps the rules and the clues, else the majority's; a check, but no answer",
    CEILING: "solved if any guess is; needs the answer, so this is a ceiling and not a method",
}


def votes_among(puzzles: Asked) -> list[str]:
    """The votes that there can be: tasks without rules have no lawful grids."""
    return [vote for vote in VOTES if vote != LAWFUL or isinstance(puzzles, Puzzles)]


def solved_by_vote(vote: str, puzzles: Asked, predictions: np.ndarray, q_halt: np.ndarray) -> np.ndarray:
    """Which puzzles a vote among guesses solves: bool [puzzle].

    A tie goes to the guess made first.

    Args:
        vote: one of ``VOTES``.
        puzzles: the puzzles.
        predictions: tokens [guess, puzzle, cell], 0 where nothing is asked.
        q_halt: [guess, puzzle].
    """
    if vote == CEILING:
        return (predictions == puzzles.answers).all(-1).any(0)
    if vote == "majority of cells":
        vocab = puzzles.board.vocab if isinstance(puzzles, Puzzles) else predictions.max() + 1
        votes = (predictions[..., None] == np.arange(vocab)).sum(0)  # [puzzle, cell, vocab]
        first = (predictions[..., None] == np.arange(vocab)).argmax(0)
        elected = (votes * len(predictions) - first).argmax(-1)
        return (elected == puzzles.answers).all(-1)
    if vote == "surest":
        return (_of_guess(predictions, q_halt.argmax(0)) == puzzles.answers).all(-1)
    numbers = _grid_numbers(predictions)
    same = numbers[:, None] == numbers[None]  # [guess, guess, puzzle]
    weights = 1 / (1 + np.exp(-q_halt.astype(float))) if vote == "halting" else np.ones(q_halt.shape)
    support = (same * weights).sum(1)
    if vote == LAWFUL and isinstance(puzzles, Puzzles):
        order = np.arange(len(predictions))[:, None]
        support = np.where(keeps_the_rules(puzzles, predictions), 2.0 * len(predictions) - order, support)
    return (_of_guess(predictions, support.argmax(0)) == puzzles.answers).all(-1)


def _of_guess(predictions: np.ndarray, elected: np.ndarray) -> np.ndarray:
    """The grid of the guess elected for each puzzle, [puzzle, cell]."""
    return np.take_along_axis(predictions, elected[None, :, None], axis=0)[0]


def _grid_numbers(predictions: np.ndarray) -> NDArray[np.int64]:
    """A number for each grid, equal where grids are: [guess, puzzle]. Ninety guesses cell by cell would not fit."""
    flat = predictions.reshape(-1, predictions.shape[-1])
    return np.unique(flat, axis=0, return_inverse=True)[1].reshape(predictions.shape[:2])
