"""Puzzles told by how hard they are: ratings in ranges that double."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def rating_ranges(rating: np.ndarray) -> "pd.Categorical[str]":
    """The range that each rating falls into: 0, 1, 2-3, 4-7, ...; "unrated" for negative ones.

    >>> list(rating_ranges(np.array([0, 1, 3, 9])))
    ['0', '1', '2-3', '8-15']
    """
    import pandas as pd

    doublings = np.floor(np.log2(np.maximum(rating, 1))).astype(int)
    names = [_range(int(r), int(d)) for r, d in zip(rating, doublings, strict=True)]
    order = sorted(set(names), key=_start)
    return pd.Categorical(names, categories=order, ordered=True)


def _range(rating: int, doubling: int) -> str:
    if rating < 0:
        return "unrated"
    return str(rating) if rating < 2 else f"{2**doubling}-{2 ** (doubling + 1) - 1}"


def _start(name: str) -> int:
    return -1 if name == "unrated" else int(name.split("-")[0])
