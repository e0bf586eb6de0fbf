"""Pairs of cells of one puzzle: does the one that comes first by one measure come first by another?"""

from typing import NamedTuple

import numpy as np


class Pairs(NamedTuple):
    """Counts of pairs of cells that differ in the first measure.

    Attributes:
        in_order: those in which the smaller in the first measure is the smaller in the second, too.
        against: those in which it is the larger.
        together: those that are equal in the second.
    """

    in_order: int
    against: int
    together: int

    @property
    def all(self) -> int:
        return sum(self)

    @property
    def share(self) -> float:
        """Of the pairs that are not equal in the second measure, the share in order; NaN where there are none."""
        apart = self.in_order + self.against
        return self.in_order / apart if apart else float("nan")

    @property
    def share_together(self) -> float:
        return self.together / self.all if self.all else float("nan")


def ordered_pairs(
    first: np.ndarray,
    second: np.ndarray,
    alike: np.ndarray | None = None,
    against: np.ndarray | None = None,
) -> Pairs:
    """Count pairs by how two measures order them.

    >>> ordered_pairs(np.array([1, 2, 3]), np.array([5, 9, 7]))
    Pairs(in_order=2, against=1, together=0)

    Args:
        first, second: numbers [cell].
        alike: [cell]; only pairs that are equal in this are counted. All pairs if None.
        against: [cell]; only pairs that this orders the other way are counted. All pairs if None.

    Formula: of pairs untied in both, ``share`` is (gamma + 1) / 2 with Goodman and Kruskal's (1954) gamma.
    """
    i, j = np.triu_indices(len(first), 1)
    ordered = np.sign(first[i] - first[j])
    counted = ordered != 0
    if alike is not None:
        counted &= alike[i] == alike[j]
    if against is not None:
        counted &= np.sign(against[i] - against[j]) == -ordered
    agreement = (ordered * np.sign(second[i] - second[j]))[counted]
    return Pairs(*(int((agreement == sign).sum()) for sign in (1, -1, 0)))
