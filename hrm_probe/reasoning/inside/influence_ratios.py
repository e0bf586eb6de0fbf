"""How much more of a disturbance arrives in some cells than in others."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.dynamics.jackknife import jackknifed


class Ratio(NamedTuple):
    """A ratio of means over puzzles, and what it is without each puzzle, or group of them: [unit]."""

    whole: float
    without: np.ndarray

    @property
    def interval(self) -> Interval:
        return jackknifed(self.whole, self.without)

    def over(self, other: "Ratio") -> "Ratio":
        """This ratio over another one of the same puzzles."""
        with np.errstate(invalid="ignore"):  # of two infinite ones
            return Ratio(float(np.divide(self.whole, other.whole)), self.without / other.without)


def influence_by_kind(
    reached: np.ndarray, kinds: Mapping[str, np.ndarray], asked: np.ndarray
) -> dict[str, float]:
    """Mean influence by what a cell is to the disturbed one; NaN of a kind that no pair is of.

    Args:
        reached: [puzzle, cell disturbed, cell changed].
        kinds: by name, bool [cell, cell].
        asked: bool [puzzle, cell], which changed cells are looked at.
    """
    means = {kind: _of_each_puzzle(reached, among, asked) for kind, among in kinds.items()}
    return {
        kind: float(np.nanmean(of_each)) if np.isfinite(of_each).any() else float("nan")
        for kind, of_each in means.items()
    }


def influence_ratio(
    reached: np.ndarray, joined: np.ndarray, apart: np.ndarray, asked: np.ndarray, units: np.ndarray
) -> Ratio:
    """Mean influence on joined cells over that on cells apart.

    Args:
        reached, asked: as of :func:`influence_by_kind`.
        joined, apart: bool [cell, cell].
        units: [puzzle], which puzzles are left out together.
    """
    each = np.stack([_of_each_puzzle(reached, among, asked) for among in (joined, apart)])
    each = np.where(np.isfinite(each).all(0), each, 0.0)  # a puzzle that lacks either counts in neither
    _, unit = np.unique(units, return_inverse=True)
    sums = np.stack([np.bincount(unit, weights) for weights in each])
    totals = sums.sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):  # nothing arrives apart, or nothing is left
        ratio = np.divide(*totals)
        without = np.divide(*(totals[:, None] - sums))
    return Ratio(float(ratio), without)


def _of_each_puzzle(reached: np.ndarray, among: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Mean over pairs [puzzle], NaN where a puzzle has none."""
    pairs = among & asked[:, None]
    with np.errstate(invalid="ignore"):
        return np.asarray((reached * pairs).sum((1, 2)) / pairs.sum((1, 2)))
