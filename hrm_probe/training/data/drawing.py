"""A small training set out of a large one, in the set's own mix of sources or in the test set's."""

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.models.tasks import Asked
from hrm_probe.wording import counted


def draw_mixed(puzzles: Asked, n: int, shares: dict[str, float], seed: int) -> Asked:
    """``n`` puzzles without replacement, each source making up its share of them, in the order of the set.

    The published protocol trains on 1,000 puzzles of the test set's mix (arXiv 2506.21734, section 3); this draws
    such a set, with a seed.

    >>> draw_mixed(train, 1000, source_shares(test), seed=0)            # doctest: +SKIP

    Args:
        puzzles: to draw from, or ``Tasks``.
        n: how many.
        shares: of each source, summing to 1; sources that are not named are left out.
        seed: for the draw.

    Raises:
        InputError: the set, or one of its sources, has too few puzzles.
    """
    if n > len(puzzles):
        raise InputError(
            f"train_size is {n:,}, but the training set has {counted(len(puzzles), 'puzzle')}; ask for no more than "
            "that."
        )
    rng = np.random.default_rng(seed)
    rows = []
    for source, count in _apportion(n, shares).items():
        of_source = np.flatnonzero(puzzles.source == source)
        if len(of_source) < count:
            raise InputError(
                f'{counted(count, "puzzle")} of source "{source}" must be drawn, but the training set has '
                f"{len(of_source):,}; ask for a smaller train_size, or use train_mix=set."
            )
        rows.append(rng.choice(of_source, count, replace=False))
    return puzzles[np.sort(np.concatenate(rows))]


def source_shares(puzzles: Asked) -> dict[str, float]:
    """The share of each source in a set."""
    names, counts = np.unique(puzzles.source, return_counts=True)
    return {str(name): int(count) / len(puzzles) for name, count in zip(names, counts, strict=True)}


def _apportion(n: int, shares: dict[str, float]) -> dict[str, int]:
    """Whole numbers that sum to ``n``, by largest remainders."""
    exact = {name: n * share for name, share in shares.items()}
    counts = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (counts[name] - exact[name], name))
    for name in by_remainder[: n - sum(counts.values())]:
        counts[name] += 1
    return {name: count for name, count in counts.items() if count}
