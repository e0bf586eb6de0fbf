"""Votes of ARC's copies: which grids were answered to a test input, how often, and how surely."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hrm_probe.models.published.arc_copies import grid_bytes, grid_of


class Voted(NamedTuple):
    """A grid that copies answered, uint8 [row, column]; how many did, and their mean halting probability."""

    grid: np.ndarray
    votes: int
    confidence: float


@dataclass(frozen=True)
class Election:
    """All that was answered to one test input, the best first.

    Attributes:
        answers: ordered by votes; among equals by confidence; among equals of both the one answered first.
        rank: place of the true output among them, from 1; 0 if no copy answered it.
    """

    answers: list[Voted]
    rank: int

    @property
    def copies(self) -> int:
        """How many copies voted."""
        return sum(answer.votes for answer in self.answers)

    @property
    def right(self) -> int:
        """How many of them for the true output."""
        return self.answers[self.rank - 1].votes if self.rank else 0


class Ballots:
    """Votes as they come in, of any number of test inputs; of each distinct answer one byte per cell is kept.

    >>> ballots, truth = Ballots(), np.array([[1, 2]], np.uint8)
    >>> for answer, confidence in ((truth, 0.2), (truth, 0.4), (truth.T, 0.9)):
    ...     ballots.cast("any key", answer, confidence)
    >>> ballots.count("any key", truth).rank, ballots.count("any key", truth.T).rank
    (1, 2)
    """

    def __init__(self) -> None:
        self._votes: dict[object, dict[bytes, list[float]]] = {}

    def cast(self, asked: object, grid: np.ndarray, confidence: float) -> None:
        """One vote for a grid, mapped back to the task.

        Args:
            asked: stands for the test input.
            grid: uint8 [row, column]; an empty one votes like any other.
            confidence: halting probability, 0 to 1.
        """
        self._votes.setdefault(asked, {}).setdefault(grid_bytes(grid), []).append(confidence)

    def count(self, asked: object, truth: np.ndarray) -> Election:
        """The election among all votes cast for a test input; empty where there are none."""
        found = [
            (written, len(votes), sum(votes) / len(votes))
            for written, votes in self._votes.get(asked, {}).items()
        ]
        # A stable order: of equals the one answered first stays first.
        found.sort(key=lambda vote: vote[1:], reverse=True)
        written = [vote[0] for vote in found]
        true = grid_bytes(truth)
        rank = written.index(true) + 1 if true in written else 0
        return Election([Voted(grid_of(grid), votes, mean) for grid, votes, mean in found], rank)
