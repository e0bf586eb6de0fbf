"""Easy puzzles first: a window on the training set, sorted by rating, that opens as training goes on."""

from dataclasses import dataclass

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import number_within
from hrm_probe.models.tasks import Asked


@dataclass(frozen=True)
class EasyFirst:
    """Draws from the easiest share of the training set, a share that grows linearly up to the whole set.

    >>> order = EasyFirst(first=0.1, all_by=0.6)
    >>> [round(order.share(progress), 2) for progress in (0.0, 0.3, 0.6, 1.0)]
    [0.1, 0.55, 1.0, 1.0]

    Args:
        first: share of the set that is open at the start.
        all_by: share of the budget by which the whole set is open.
    """

    first: float = 0.1
    all_by: float = 0.6

    def __post_init__(self) -> None:
        number_within(self.first, "first", above=0, most=1)
        number_within(self.all_by, "all_by", least=0, most=1)

    def share(self, progress: float) -> float:
        """Share of the set that is open at ``progress`` (0..1)."""
        if progress >= self.all_by:
            return 1.0
        return self.first + (1 - self.first) * progress / self.all_by

    def window(self, progress: float, puzzles: int) -> int:
        """How many of ``puzzles``, the easiest, are open at ``progress``; at least one."""
        return max(1, min(puzzles, round(self.share(progress) * puzzles)))

    @staticmethod
    def arrange(puzzles: Asked, seed: int) -> Asked:
        """The puzzles from the easiest to the hardest; equal ratings in random order, seeded.

        Raises:
            InputError: some puzzle has no rating.
        """
        if (puzzles.rating < 0).any():
            raise InputError(
                f"order=easy_first needs a rating for every training puzzle, but {(puzzles.rating < 0).sum():,} of "
                f"{len(puzzles):,} have none; rate them, or train with order=uniform."
            )
        shuffled = np.random.default_rng(seed).permutation(len(puzzles))
        return puzzles[shuffled[np.argsort(puzzles.rating[shuffled], kind="stable")]]
