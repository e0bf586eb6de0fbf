"""Which puzzles to look at more closely: failures and successes in like numbers."""

import numpy as np


def drawn_by_outcome(solved: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of ``n`` puzzles, half of them failures where there are so many, in ascending order.

    >>> drawn_by_outcome(np.array([True, True, False, True]), 2, np.random.default_rng(0)).tolist()
    [2, 3]

    Args:
        solved: bool [puzzle].
        n: how many; all if there are fewer.
        rng: for the draw within each outcome.
    """
    failures, successes = (rng.permutation(np.flatnonzero(flags)) for flags in (~solved, solved))
    n_failures = min(len(failures), max(n // 2, n - len(successes)))
    return np.sort(np.concatenate([failures[:n_failures], successes[: n - n_failures]]))
