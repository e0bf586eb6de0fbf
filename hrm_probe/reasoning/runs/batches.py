"""Puzzles go through a model some at a time, and whoever waits sees how far they have come."""

from collections.abc import Iterator

import numpy as np

from hrm_probe.progress import track


def in_batches(
    n: int, size: int, what: str = "", progress: bool = False, unit: str = "puzzles"
) -> Iterator[slice]:
    """Slices that cover ``n`` rows in their order, ``size`` at a time; the last one may reach beyond the end.

    >>> [(rows.start, rows.stop) for rows in in_batches(5, 2)]
    [(0, 2), (2, 4), (4, 6)]

    Args:
        n: rows in all.
        size: rows of a batch, at least 1.
        what: what is done with them, in a word or two; needed where progress is shown.
        progress: show a bar.
        unit: what a row is.
    """
    slices = [slice(first, first + size) for first in range(0, n, size)]
    return track(slices, what, n, unit, each=size, show=progress)


def even_batches(n: int, size: int, least: int = 1) -> list[np.ndarray]:
    """Numbers of ``n`` rows in their order, in batches nearly equal: about ``size`` at most, ``least`` at least.

    Where a puzzle needs others beside it, for a mean or as its donor, no batch may be left with one alone.

    >>> [rows.tolist() for rows in even_batches(5, 4)]
    [[0, 1, 2], [3, 4]]
    >>> [len(rows) for rows in even_batches(5, 2, least=2)]
    [3, 2]

    Args:
        n: rows in all.
        size: rows of a batch; more only where a batch would have fewer than ``least``.
        least: fewest rows of a batch, unless there are not so many.

    Returns:
        int [row] each.
    """
    return np.array_split(np.arange(n), max(1, min(-(-n // size), n // least)))
