"""Where singles end there are forks, cells with two candidates; and what would follow from the wrong one."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hrm_probe.sudoku import Puzzles, candidates, deduce

BRANCHES = 2


@dataclass(frozen=True)
class Forks:
    """The cells of some puzzles that have two candidates once singles have filled what they can.

    Attributes:
        stuck: int [puzzle, cell], digits when singles end; 0 in the cells beyond.
        puzzle, cell, right, wrong: int [fork]; ``right`` and ``wrong`` are its two candidates, digits.
        refuted_in: int [fork], the round of singles in which the wrong digit, once filled in, shows a contradiction; 0
            where singles find none.
        statements: one row for each wrong digit in another cell beyond that is compared at a fork, and no digit that
            the fork rules out by itself: ``fork``, ``cell``, ``digit``; ``round``, in which it follows from the fork's
            wrong digit, 0 for those that do not follow; ``stratum``, one for each number of candidates and being a peer
            of the fork's cell. Strata without both kinds are left out.
    """

    stuck: np.ndarray
    puzzle: np.ndarray
    cell: np.ndarray
    right: np.ndarray
    wrong: np.ndarray
    refuted_in: np.ndarray
    statements: pd.DataFrame

    def __len__(self) -> int:
        return len(self.puzzle)


def forks(puzzles: Puzzles) -> Forks:
    """All forks of some puzzles, told from the clues alone, never from a model.

    >>> found = forks(load_puzzles("9x9-test", 100))                                   # doctest: +SKIP
    >>> (found.refuted_in > 0).mean()       # of wrong digits, those that singles refute  # doctest: +SKIP
    """
    stuck, answers = deduce(puzzles.grids).grids, puzzles.answers - 1
    open_ = candidates(stuck)
    puzzle, cell = np.nonzero(open_.sum(-1) == BRANCHES)
    right = answers[puzzle, cell]
    wrong = open_[puzzle, cell] @ np.arange(1, puzzles.board.side + 1) - right
    supposed = stuck[puzzle]
    supposed[np.arange(len(puzzle)), cell] = wrong
    concluded = deduce(supposed) if len(puzzle) else None
    refuted_in = np.zeros(0, np.int64) if concluded is None else concluded.refuted_in
    parts = [
        _statements(puzzles, answers[puzzle[i]], open_[puzzle[i]], cell[i], wrong[i], *row).assign(fork=i)
        for i, row in enumerate(zip(concluded.grids, concluded.rounds, strict=True) if concluded else ())
    ]
    statements = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return Forks(
        stuck=stuck,
        puzzle=puzzle,
        cell=cell,
        right=right,
        wrong=wrong,
        refuted_in=refuted_in,
        statements=statements[COLUMNS],
    )


def most_telling(found: Forks) -> Forks:
    """Of each puzzle the fork with the most conclusions, the first of several; none of puzzles without conclusions."""
    follows = found.statements[found.statements["round"] > 0]
    counts = np.bincount(follows["fork"].to_numpy(int), minlength=len(found))
    order = np.lexsort((np.arange(len(found)), -counts, found.puzzle))
    order = order[counts[order] > 0]
    chosen = order[np.unique(found.puzzle[order], return_index=True)[1]]
    numbers = pd.Series(np.arange(len(chosen)), index=chosen)
    rows = found.statements[found.statements["fork"].isin(chosen)]
    return replace(
        found,
        **{name: getattr(found, name)[chosen] for name in ("puzzle", "cell", "right", "wrong", "refuted_in")},
        statements=rows.assign(fork=rows["fork"].map(numbers)).reset_index(drop=True),
    )


COLUMNS = ["fork", "cell", "digit", "round", "stratum"]


def _statements(
    puzzles: Puzzles,
    answer: np.ndarray,
    open_: np.ndarray,
    fork: int,
    wrong: int,
    concluded: np.ndarray,
    rounds: np.ndarray,
) -> pd.DataFrame:
    """The rows of one fork. A cell that singles reach states what they fill in, any other each wrong candidate."""
    peers = puzzles.board.peers[fork]
    stated = open_.copy()
    stated[peers, wrong - 1] = False
    stated[rounds > 0] = False
    reached = np.flatnonzero(rounds > 0)
    stated[reached, concluded[reached] - 1] = True
    stated[np.arange(len(answer)), answer - 1] = False
    stated[fork] = False
    cell, digit = np.nonzero(stated)
    rows = pd.DataFrame(
        {
            "cell": cell,
            "digit": digit + 1,
            "round": np.maximum(rounds[cell], 0),
            "stratum": 2 * open_[cell].sum(-1) + peers[cell],
        }
    )
    follows = (rows["round"] > 0).groupby(rows["stratum"])
    return rows[follows.transform("any") & ~follows.transform("all")]
