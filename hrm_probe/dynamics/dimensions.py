"""In how many directions a cloud of points spreads, and how much of that is said by the number of points alone.

The participation ratio of a covariance C is tr(C)^2 / tr(C^2): k where variance is shared by k directions equally.
Written as sums over pairs of points, tr(C^2) pairs each point with itself, too. A point overlaps with itself fully,
whatever the cloud, so that few points seem to lie in few directions. Pairs of points that are independent of one
another have no such share, and their sums are estimates without that bias.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from hrm_probe.dynamics.doubles import Floats
from hrm_probe.dynamics.grouped_rows import rows_by_group
from hrm_probe.dynamics.intervals import Interval
from hrm_probe.dynamics.jackknife import jackknifed
from hrm_probe.errors import InputError

NOTHING = 1e-12  # of overlap, beside rounding


@dataclass(frozen=True)
class ParticipationRatio:
    """In how many directions points spread.

    Attributes:
        corrected: the ratio from pairs of different units, with its jackknife interval over units; infinite where
            these units overlap so little that no number can be told, NaN where there is one unit, or no spread.
        plain: the ratio of the points' own covariance, as it is usually told; never more than the points, less one.
        points, units: how many there are.
        d: coordinates of a point, the most that the ratio of very many points can be.
    """

    corrected: Interval
    plain: float
    points: int
    units: int
    d: int


@dataclass(frozen=True)
class Overlaps:
    """What the participation ratio of points is made of, by the units that they belong to.

    Attributes:
        points: [unit], how many there are.
        spread: [unit], summed squared distance of a unit's points from the mean of all points.
        shared: [unit, unit], summed squared inner products between the points of two units, from that mean.
        apart: how far below 0 the inner product of points of different units is expected, because their own mean was
            taken from them.
    """

    points: NDArray[np.int64]
    spread: Floats
    shared: Floats
    apart: float

    @property
    def plain(self) -> float:
        """tr(C)^2 / tr(C^2) of all the points; NaN where they are all one point."""
        whole = self.shared.sum()
        return float(self.spread.sum() ** 2 / whole) if whole > 0 else float("nan")

    @property
    def corrected(self) -> float:
        """The same from pairs of different units alone."""
        return float(self._of_pairs(np.ones((1, len(self.points))))[0])

    @property
    def without_each(self) -> Floats:
        """:attr:`corrected` without one of the units, [unit]."""
        return self._of_pairs(1 - np.eye(len(self.points)))

    def _of_pairs(self, taken: Floats) -> Floats:
        """The corrected ratio of the units ``taken``, [choice, unit] of 0 and 1: [choice]."""
        by_chance = np.outer(self.points, self.points) * self.apart**2
        above = _other(taken, np.outer(self.spread, self.spread))
        below = _other(taken, self.shared - by_chance)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where((below <= NOTHING * above) & (above > 0), np.inf, above / below)


def participation_ratio(
    points: ArrayLike | Tensor, units: ArrayLike | None = None, *, level: float = 0.95
) -> ParticipationRatio:
    """In how many directions do these points spread?

    >>> found = participation_ratio(np.random.default_rng(0).normal(size=(40, 200)))    # 40 points, 200 directions
    >>> round(found.plain)
    33
    >>> found.corrected.low < 200 < found.corrected.high
    True

    Args:
        points: [n, d].
        units: [n] labels of points that come from one source and are alike, such as the states of one puzzle's run;
            None: every point is independent of the others.
        level: of the interval.

    Raises:
        InputError: fewer than two points, points that are not finite, or not one label for each of them.

    Formula: with y_i a point less the mean of all, corrected = sum_{u != v} t_u t_v / sum_{u != v} (T_uv - n_u n_v b^2)
    over pairs of units, t_u = sum_{i in u} |y_i|^2, T_uv = sum_{i in u, j in v} (y_i . y_j)^2, n_u the points of u, and
    b the trace of the covariance of the units' means over the number of units, the inner product that taking the mean
    brings about by itself; plain takes all pairs, and b = 0. Of n independent points 1 / plain is about
    1 / n + 1 / corrected. The interval is a jackknife of the logarithm. Sources: Gao et al. (2017), bioRxiv 214262, on
    the ratio; Chun, Canatar, Chung and Lee, ICLR 2026, on its bias and on leaving out what is not independent.
    Known inaccuracy: of 95% intervals 90% to 100% covered the truth (Gaussian clouds of 14 to 1,000 directions, 10 to
    100 units, of one point or of eight that are alike, 400 samples each); most misses lie above the truth, where few
    directions hold most of the variance.
    """
    found = overlaps(points, units)
    return ParticipationRatio(
        corrected=jackknifed(found.corrected, found.without_each, level),
        plain=found.plain,
        points=int(found.points.sum()),
        units=len(found.points),
        d=torch.as_tensor(points).shape[1],
    )


def overlaps(points: ArrayLike | Tensor, units: ArrayLike | None = None) -> Overlaps:
    """What :func:`participation_ratio` is made of, for whoever compares several clouds of the same units.

    Args:
        points, units: as there; units come in the order of their labels.

    Raises:
        InputError: as there.
    """
    x = _checked(points)
    members = rows_by_group(np.arange(len(x)) if units is None else units, len(x))
    mean = x.mean(0, dtype=torch.float64)
    few = len(members) * x.shape[1] ** 2 > len(x) ** 2
    spread, shared = (_by_products if few else _by_moments)(x, mean, members)
    sizes = np.array([len(rows) for rows in members])
    of_means = sum(float(y.mean(0).square().sum()) for y in _centred(x, mean, members))
    apart = of_means / max(len(members) - 1, 1) / len(members)
    return Overlaps(sizes, spread, shared, apart)


def _by_moments(x: Tensor, mean: Tensor, members: list[NDArray[np.int64]]) -> tuple[Floats, Floats]:
    """Spread and shared from the second moment of each unit, [unit, d, d]: for many points of few coordinates."""
    moments = torch.stack([y.T @ y for y in _centred(x, mean, members)])
    flat = moments.flatten(1)
    return torch.einsum("uii->u", moments).cpu().numpy(), (flat @ flat.T).cpu().numpy()


def _by_products(x: Tensor, mean: Tensor, members: list[NDArray[np.int64]]) -> tuple[Floats, Floats]:
    """The same from inner products between points: for few points of many coordinates."""
    ordered = torch.cat(list(_centred(x, mean, members)))
    starts = np.cumsum([0, *(len(rows) for rows in members[:-1])])
    shared = np.empty((len(members), len(members)))
    for u, start in enumerate(starts):  # with the units from u on; the others are the same mirrored
        products = ordered[start : start + len(members[u])] @ ordered[start:].T
        sums = np.add.reduceat(products.square().sum(0).cpu().numpy(), starts[u:] - start)
        shared[u, u:] = shared[u:, u] = sums
    return np.add.reduceat(ordered.square().sum(1).cpu().numpy(), starts), shared


def _centred(x: Tensor, mean: Tensor, members: list[NDArray[np.int64]]) -> Iterator[Tensor]:
    """The points of each unit from the mean, in float64."""
    for rows in members:
        yield x[torch.from_numpy(rows).to(x.device)].double() - mean


def _other(taken: Floats, pairs: Floats) -> Floats:
    """The sum over pairs of different units of ``pairs`` [unit, unit], of each choice of units."""
    others = pairs.copy()
    np.fill_diagonal(others, 0)
    return np.einsum("ru,ru->r", taken @ others, taken)


def _checked(points: ArrayLike | Tensor) -> Tensor:
    x = points.detach() if isinstance(points, Tensor) else torch.from_numpy(np.asarray(points, float))
    if x.ndim != 2 or len(x) < 2:
        raise InputError(
            f"A participation ratio needs points [n, d], two at least, not shape {tuple(x.shape)}."
        )
    if not x.isfinite().all():
        raise InputError("Some of the points are not finite; leave these out.")
    return x
