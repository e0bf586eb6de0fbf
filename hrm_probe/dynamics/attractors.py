"""Where many runs end: attractors, the sizes of their basins, or the finding that there are none."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hrm_probe.dynamics.clusters import by_size, single_linkage, single_linkage_labels
from hrm_probe.dynamics.doubles import Floats, as_doubles, finite_points
from hrm_probe.dynamics.intervals import share
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import number_within, whole_number
from hrm_probe.wording import counted, listed


@dataclass(frozen=True)
class Attractors:
    """Groups of end points, numbered from the largest.

    Attributes:
        labels: [n], each end point's group; -1: in none.
        centres: [m, d], the mean of each group.
        counts: [m], its members.
        spread: [m], root mean square distance of the members from their centre.
        distances: [m], from each centre to the nearest other one; the scale if there is no other.
        linkage: chains with links up to this length were joined; NaN where no cut was believed.
        gap: the next longer link (or the scale) over the longest link kept; NaN where no gap was looked for, or none
            believed.
        scale: size of the problem: see `cluster_attractors`.
    """

    labels: NDArray[np.int64]
    centres: Floats
    counts: NDArray[np.int64]
    spread: Floats
    distances: Floats
    linkage: float
    gap: float
    scale: float

    def __len__(self) -> int:
        return len(self.centres)

    def __repr__(self) -> str:
        ends, none = counted(len(self.labels), "end"), int((self.labels < 0).sum())
        held = f" with {listed(self.counts.tolist())} members" if len(self) else ""
        return f"Attractors({len(self)}{held} among {ends}, {none:,} of them in none)"


def cluster_attractors(
    end_points: ArrayLike,
    *,
    settled: ArrayLike | None = None,
    starts: ArrayLike | None = None,
    tolerance: float | None = None,
    gap: float = 10.0,
    min_size: int = 2,
    resolution: float = 1e-6,
) -> Attractors:
    """Find the points that runs end at; find nothing when runs end everywhere.

    End points are joined by single linkage. With a ``tolerance``, links up to it are joined. Without, the tree is
    cut in the widest gap (in ratio) between successive link lengths, counting a last link as long as the *scale*
    of the problem, provided that the gap is at least ``gap``, that the groups of ``min_size`` or more hold at
    least half of the points, that each group's spread is at most 1/``gap`` of the scale and of the distance to the
    nearest other centre, and that there are two groups at least where no ``starts`` tell the scale. If no cut qualifies
    there are no attractors: every label is -1.

    >>> import numpy as np
    >>> ends = np.array([[1.0], [1.0001], [-1.0], [-1.0001], [0.9999]])
    >>> cluster_attractors(ends).labels.tolist()
    [0, 0, 1, 1, 0]

    Args:
        end_points: [n, d].
        settled: bool [n]; rows that have not settled get label -1 and take no part. Recommended: a wanderer that
            happens to stand near an attractor is not in it.
        starts: [m, d], where the runs began. Scale is their root mean square distance from their mean; without
            starts it is that of the end points, which can show several attractors, but not that there is one.
        tolerance: link length to join up to; None: by gap.
        gap: see above.
        min_size: smallest group that counts; smaller ones get -1.
        resolution: links shorter than this times the scale count as that long: below it differences are rounding.

    Returns:
        Attractors.

    Raises:
        InputError: arrays of the wrong shape or not finite; settings out of range.

    Known inaccuracy: finds points, not cycles or chaotic sets; a cycle of few points looks like as many attractors
    (follow one run over several segments to see which). Three or four ends in one dimension can lie close by chance.
    Attractors closer than ``gap`` times their spread are joined or rejected, as are those closer than ``resolution``
    of the scale; those near one another are joined where another lies far off, for the widest gap decides. Without
    starts, a cloud whose nearest other group is ten times its size away passes for an attractor. Memory grows with
    n^2 / 2 distances. Deterministic: no seed; intervals come with `basin_sizes`.
    """
    points = finite_points(end_points, "end_points", settled)
    number_within(gap, "gap", above=1)
    whole_number(min_size, "min_size")
    number_within(resolution, "resolution", above=0, below=1)
    if tolerance is not None:
        number_within(tolerance, "tolerance", above=0)
    taking_part = np.ones(len(points), dtype=bool) if settled is None else np.asarray(settled, dtype=bool)
    inside = points[taking_part]
    begun = None if starts is None else finite_points(starts, "starts")
    if begun is not None and begun.shape[1] != points.shape[1]:
        raise InputError(f"starts have {begun.shape[1]} dimensions, the end points {points.shape[1]}.")
    scale = _scale(inside, begun)
    chosen = (
        _by_gap(inside, scale, gap, min_size, resolution, fewest=2 if begun is None else 1)
        if tolerance is None
        else (tolerance, float("nan"))
    )
    labels = np.full(len(points), -1, dtype=np.int64)
    if chosen is None or len(inside) == 0:
        return _measured(points, labels, float("nan"), float("nan"), scale)
    labels[taking_part] = _keep_large(single_linkage_labels(inside, chosen[0]), min_size)
    return _measured(points, labels, *chosen, scale)


def basin_sizes(
    attractors: Attractors, *, groups: ArrayLike | None = None, level: float = 0.95, seed: int = 0
) -> pd.DataFrame:
    """Share of the runs that end in each attractor: a row each, and one (label -1) for those that end in none.

    A share of runs is the size of a basin only under the distribution the starts were drawn from.

    Args:
        attractors: from `cluster_attractors`.
        groups: [n] labels of runs that belong together; whole groups are resampled. Without, Wilson's interval.
        level: for each row's interval, not of all together.
        seed: for the bootstrap.

    Returns:
        DataFrame with columns label, count, share, low, high.
    """
    rows = []
    for label in [*range(len(attractors)), -1]:
        flags = attractors.labels == label
        interval = share(flags, groups=groups, level=level, seed=seed)
        rows.append((label, int(flags.sum()), interval.estimate, interval.low, interval.high))
    return pd.DataFrame(rows, columns=["label", "count", "share", "low", "high"])


def nearest_attractor(trajectories: ArrayLike, centres: ArrayLike, radius: float) -> NDArray[np.int64]:
    """Label of the centre within ``radius`` (the nearest one), -1 for none: [..., d] to [...].

    Turns trajectories [n, segments, d] into labels over time, for `dwell_times`.

    >>> nearest_attractor([[0.1, 0.0], [3.0, 3.0]], centres=[[0.0, 0.0], [1.0, 0.0]], radius=0.5).tolist()
    [0, -1]

    Args:
        trajectories: states [..., d].
        centres: [attractor, d].
        radius: distance up to which a state counts as being there.

    Raises:
        InputError: trajectories and centres of different d.
    """
    states = as_doubles(trajectories, "trajectories")
    middles = finite_points(centres, "centres")
    if states.ndim < 1 or states.shape[-1] != middles.shape[1]:
        raise InputError(
            f"trajectories must have shape [..., {middles.shape[1]}], as the centres have, not {list(states.shape)}."
        )
    number_within(radius, "radius", above=0)
    labels = np.full(states.shape[:-1], -1, dtype=np.int64)
    closest = np.full(states.shape[:-1], float(radius))
    for label, centre in enumerate(middles):  # one centre at a time: d may be large
        distance = np.linalg.norm(states - centre, axis=-1)
        nearer = distance <= closest
        labels[nearer], closest[nearer] = label, distance[nearer]
    return labels


def _by_gap(
    points: Floats, scale: float, gap: float, min_size: int, resolution: float, fewest: int
) -> tuple[float, float] | None:
    """Link length and gap of the widest admissible gap that leaves `fewest` groups, or None."""
    if len(points) < 2 or scale == 0:
        return None
    tree = single_linkage(points)
    links = np.append(np.maximum(tree[:, 2], resolution * scale), scale)
    ratios = links[1:] / links[:-1]
    for i in np.argsort(-ratios, kind="stable"):
        if ratios[i] < gap:
            return None
        cut = float(np.sqrt(links[i] * links[i + 1]))
        labels = _keep_large(single_linkage_labels(points, cut, tree), min_size)
        groups = _measured(points, labels, cut, float(ratios[i]), scale)
        widest = np.minimum(groups.distances, scale) / gap
        if len(groups) >= fewest and (labels >= 0).mean() >= 0.5 and (groups.spread <= widest).all():
            return cut, float(ratios[i])
    return None


def _keep_large(labels: NDArray[np.int64], min_size: int) -> NDArray[np.int64]:
    """Labels from 0 for groups of min_size or more, -1 for the rest."""
    kept = np.bincount(labels)[labels] >= min_size if len(labels) else np.zeros(0, dtype=bool)
    result = np.full(len(labels), -1, dtype=np.int64)
    if kept.any():
        result[kept] = by_size(labels[kept])
    return result


def _measured(
    points: Floats, labels: NDArray[np.int64], linkage: float, gap: float, scale: float
) -> Attractors:
    m = int(labels.max(initial=-1)) + 1
    members = [points[labels == label] for label in range(m)]
    centres = np.array([group.mean(axis=0) for group in members]).reshape(m, points.shape[1])
    spread = np.array(
        [np.sqrt(((g - c) ** 2).sum(axis=1).mean()) for g, c in zip(members, centres, strict=True)]
    )
    distances = np.full(m, scale)
    if m > 1:
        apart = np.linalg.norm(centres[:, None] - centres[None], axis=-1) + np.diag(np.full(m, np.inf))
        distances = apart.min(axis=1)
    counts = np.array([len(group) for group in members], dtype=np.int64)
    return Attractors(
        labels=labels,
        centres=centres,
        counts=counts,
        spread=spread,
        distances=distances,
        linkage=linkage,
        gap=gap,
        scale=scale,
    )


def _scale(points: Floats, starts: Floats | None) -> float:
    spread_out = points if starts is None else starts
    if not len(spread_out):
        return 0.0
    return float(np.sqrt(((spread_out - spread_out.mean(axis=0)) ** 2).sum(axis=1).mean()))
