"""The shapes a curve may take between two levels, and the search of the best-fitting one.

A shape goes from 0 to 1. Fitting `level + size * shape` by least squares leaves the residual
TSS * (1 - r^2), r the correlation of curve and shape; so all fits of all curves are one matrix product.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hrm_probe.dynamics.doubles import Floats

Indices = NDArray[np.int64]

SAME_DIRECTION = 1e-6  # two unit shapes this close are one
CACHED = 2**20  # products of curves and shapes at once: so few that they stay in a processor's cache


@dataclass(frozen=True)
class Shapes:
    """A family of shapes over `steps` points.

    ``units`` [shape, steps] are the shapes centred and scaled to length one, ``span`` [shape] the rise from level
    to level of the unit shape (so that size = r * |curve| * span), ``first`` [shape] the index of the first
    point past the middle of the fall, ``largest`` [shape] the share of the fall made in its largest single step.
    """

    units: Floats
    span: Floats
    first: NDArray[np.int64]
    largest: Floats

    def __len__(self) -> int:
        return len(self.units)

    def __add__(self, other: "Shapes") -> "Shapes":
        return Shapes(
            np.concatenate([self.units, other.units]),
            np.concatenate([self.span, other.span]),
            np.concatenate([self.first, other.first]),
            np.concatenate([self.largest, other.largest]),
        )


def _family(rows: list[Floats], steps: int) -> Shapes:
    table = np.array(rows).reshape(-1, steps)
    ranges = np.ptp(table, axis=1) if len(table) else np.zeros(0)
    table = table[ranges > 0]
    ranges = ranges[ranges > 0]
    centred = table - table.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1)
    middle = table.min(axis=1, initial=1.0) + ranges / 2
    first = (table > middle[:, None] + 1e-12).argmax(axis=1) if len(table) else np.zeros(0, dtype=np.int64)
    largest = np.diff(table, axis=1).max(axis=1, initial=0.0) / ranges
    return Shapes(centred / lengths[:, None], ranges / lengths, first.astype(np.int64), largest)


def ramp(steps: int, onset: float | Floats, width: float | Floats) -> Floats:
    """0 up to `onset`, 1 from `onset + width`, straight between; [steps], or [n, steps] for onsets or widths [n]."""
    return np.clip((np.arange(steps) - np.asarray(onset)[..., None]) / np.asarray(width)[..., None], 0.0, 1.0)


def decay(steps: int, onset: float, tau: float) -> Floats:
    """0 up to `onset`, then 1 - exp(-t / tau)."""
    return 1 - np.exp(-np.maximum(np.arange(steps) - onset, 0.0) / tau)


def _widths(narrowest: float, steps: int) -> list[float]:
    """Widths from the narrowest to the whole curve, about a quarter apart."""
    widths, width = [], float(narrowest)
    while width < steps - 1:
        widths.append(width)
        width = max(width + 0.5, width * 1.25)
    return [*widths, float(steps - 1)] if steps - 1 >= narrowest else widths


@lru_cache(maxsize=32)
def step_shapes(steps: int, margin: int) -> Shapes:
    """Pure steps with at least `margin` points on either side."""
    return _family(
        [ramp(steps, s - 1, 1.0) for s in range(margin, steps - margin + 1) if 0 < s < steps], steps
    )


@lru_cache(maxsize=32)
def between_shapes(steps: int, narrowest: float) -> Shapes:
    """Falls that are neither: over before `narrowest` steps, but not in one."""
    rows = []
    for width in np.arange(1.0, narrowest, 0.25):
        onsets = np.arange(0, steps - 1, 0.25)
        rows += [
            shape
            for onset in onsets
            if onset + width <= steps - 1
            for shape in [ramp(steps, onset, width)]
            if np.diff(shape).max() < 1 - 1e-9
        ]
    return _family(rows, steps)


@lru_cache(maxsize=32)
def gradual_shapes(steps: int, narrowest: float) -> Shapes:
    """Ramps over `narrowest` or more steps, cut off by the end of the curve or not, and exponential decays.

    No shape makes more than 1 / narrowest of its fall in one step, except where the curve's end cuts it short:
    a shape must show at least `narrowest` of its steps.
    """
    rows = []
    for width in _widths(narrowest, steps):
        spacing = max(0.5, np.floor(width / 4) / 2)
        rows += [ramp(steps, onset, width) for onset in np.arange(0, steps - 1 - width + 1e-9, spacing)]
    for tau in np.array([1.0, 2.0, 4.0]) * (-1 / np.log(1 - 1 / narrowest)):
        last = steps - 1 - narrowest
        rows += [decay(steps, onset, tau) for onset in np.arange(0, last + 1e-9, max(1.0, np.floor(tau / 4)))]
        # The mirror image: a fall that gathers speed and then stops.
        rows += [
            1 - decay(steps, onset, tau)[::-1]
            for onset in np.arange(0, last + 1e-9, max(1.0, np.floor(tau / 4)))
        ]
    return _family(rows, steps)


@dataclass(frozen=True)
class Families:
    """The kinds of change that are told apart in curves of one length.

    Attributes:
        steps: points of a curve.
        margin: fewest points on either side of a step.
        narrowest: the narrowest fall that is surely gradual, in steps.
        direction: of the changes that count, "down", "up" or "both".
    """

    steps: int
    margin: int
    narrowest: float
    direction: str

    @property
    def sudden(self) -> Shapes:
        return step_shapes(self.steps, self.margin)

    @property
    def gradual(self) -> Shapes:
        return gradual_shapes(self.steps, self.narrowest)

    @property
    def every(self) -> Shapes:
        """Steps, gradual shapes, and what lies between."""
        return _every(self)


@lru_cache(maxsize=32)
def _every(families: Families) -> Shapes:
    return families.sudden + between_shapes(families.steps, families.narrowest) + families.gradual


def best_fit(curves: Floats, shapes: Shapes, direction: str) -> tuple[Indices, Floats]:
    """Best shape and its correlation for centred curves of length one; [n], [n].

    Args:
        curves: [n, steps], centred and scaled to length one (or zero).
        shapes: the family.
        direction: "down" takes negative correlations only, "up" positive ones, "both" either.
    """
    n, chunk = len(curves), max(1, CACHED // max(1, len(shapes)))
    which, r = np.zeros(n, dtype=np.int64), np.zeros(n)
    for start in range(0, n, chunk):
        part = slice(start, start + chunk)
        products = curves[part] @ shapes.units.T
        score = {"down": -products, "up": products}.get(direction)
        score = np.abs(products) if score is None else score
        which[part] = score.argmax(axis=1)
        best = np.take_along_axis(products, which[part][:, None], axis=1)[:, 0]
        right_way = {"down": best < 0, "up": best > 0}.get(direction, np.ones(len(best), dtype=bool))
        r[part] = np.where(right_way, best, 0.0)
    return which, r


def two_best(curves: Floats, shapes: Shapes) -> Floats:
    """What two shapes explain of centred curves: the best one, and the best for what it leaves; [n, steps].

    Args:
        curves: [n, steps], centred and scaled to length one (or zero).
        shapes: the family.
    """
    which, r = best_fit(curves, shapes, "both")
    first = shapes.units[which]
    left = curves - r[:, None] * first
    which, _ = best_fit(left, shapes, "both")
    second = shapes.units[which]
    second = second - (second * first).sum(axis=1, keepdims=True) * first
    length = np.linalg.norm(second, axis=1, keepdims=True)
    second /= np.where(length > SAME_DIRECTION, length, np.inf)
    return r[:, None] * first + (left * second).sum(axis=1, keepdims=True) * second
