"""Splits that leak nothing through symmetry."""

from dataclasses import dataclass

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import number_within
from hrm_probe.sudoku.canonical import class_keys
from hrm_probe.sudoku.puzzles import Puzzles
from hrm_probe.sudoku.seeds import generator_of
from hrm_probe.wording import counted, verb


def split(puzzles: Puzzles, fraction: float = 0.1, seed: int = 0) -> tuple[Puzzles, Puzzles]:
    """Hold out puzzles by whole symmetry classes of their answers.

    A model trained on the first part has then met no renamed, permuted or mirrored copy of any solution in
    the second. Training copies puzzles by just those symmetries, so a split that removes exact duplicates
    only, as that of the published Sudoku-Extreme does, may train on a test puzzle itself. Of a puzzle with
    several solutions only the one that is its answer counts; ``check`` names such puzzles.

    >>> train, test = split(load_puzzles("puzzles.csv"), 0.1, seed=0)       # doctest: +SKIP
    >>> len(leaks(train, test))                                             # doctest: +SKIP
    0

    Args:
        puzzles: the set to split.
        fraction: least share of the puzzles that is held out, between 0 and 1. Classes are drawn in random
            order until they hold so many; large classes (there are few on 4x4 and 6x6) make it more.
        seed: for that order.

    Returns:
        (train, held out), each in the order of ``puzzles``.

    Raises:
        InputError: the fraction or the seed is out of range, or the solutions have too few classes to leave both parts
            with puzzles.
    """
    fraction = number_within(fraction, "fraction", above=0, below=1)
    _, member, sizes = np.unique(class_keys(puzzles.answers), return_inverse=True, return_counts=True)
    order = generator_of(seed).permutation(len(sizes))
    wanted = 1 + int(np.searchsorted(np.cumsum(sizes[order]), fraction * len(puzzles)))
    if wanted >= len(sizes):
        classes = f"{len(sizes):,} symmetry class{'' if len(sizes) == 1 else 'es'}"
        raise InputError(
            f"The solutions fall into {classes}, too few to hold out {100 * fraction:g}% of the "
            f"puzzles without sharing a class."
        )
    held_out = np.isin(member, order[:wanted])
    return puzzles[~held_out], puzzles[held_out]


@dataclass(frozen=True)
class Leaks:
    """Test puzzles whose solution a training set holds in symmetric copy; ``len`` counts them.

    Attributes:
        test_rows: int64 [leak], their indices, ascending.
        train_rows: int64 [leak], for each the first training puzzle with a copy of its solution.
        exact: bool [leak], whether the training set holds the very puzzle, clue for clue: what a split that
            removes exact duplicates would have noticed.
        of: number of test puzzles.
    """

    test_rows: np.ndarray
    train_rows: np.ndarray
    exact: np.ndarray
    of: int

    def __len__(self) -> int:
        return len(self.test_rows)

    def __str__(self) -> str:
        told = (
            f"{len(self):,} of {counted(self.of, 'test puzzle')} {verb(len(self), 'has', 'have')} a solution that "
            f"occurs in the training set up to symmetry; {int(self.exact.sum()):,} of them are exact duplicates."
        )
        if not len(self):
            return told
        return f"{told} The first is puzzle {self.test_rows[0] + 1:,}, by training puzzle {self.train_rows[0] + 1:,}."


def leaks(train: Puzzles, test: Puzzles) -> Leaks:
    """Find the test puzzles whose solution is a symmetric copy of a training solution.

    Two sets of different boards share nothing, nor does a set without puzzles. (Attention that leaks to unrelated
    cells is another matter: :func:`hrm_probe.reasoning.leaks`.)

    >>> found = leaks(load_puzzles("6x6-train"), load_puzzles("6x6-test"))    # doctest: +SKIP
    >>> len(found), len(found.exact)                                          # doctest: +SKIP
    (0, 0)

    Args:
        train, test: with answers.
    """
    if train.board != test.board or not len(train):
        none = np.empty(0, np.int64)
        return Leaks(none, none, none.astype(bool), len(test))
    seen, first = np.unique(class_keys(train.answers), return_index=True)
    keys = class_keys(test.answers)
    place = np.minimum(np.searchsorted(seen, keys), len(seen) - 1)
    test_rows = np.flatnonzero(seen[place] == keys)
    train_puzzles = {row.tobytes() for row in train.tokens}
    exact = np.array([test.tokens[row].tobytes() in train_puzzles for row in test_rows], bool)
    return Leaks(test_rows, first[place[test_rows]], exact, len(test))
