"""Single linkage, the one way this room groups points."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from hrm_probe.dynamics.doubles import Floats


def single_linkage(points: NDArray[Any]) -> Floats:
    """SciPy's single-linkage tree [n - 1, 4] of points [n, d]; n^2 d work, n^2 / 2 distances in memory."""
    return np.asarray(linkage(np.asarray(points, dtype=np.float64), method="single"))


def single_linkage_labels(
    points: NDArray[Any], distance: float, tree: Floats | None = None
) -> NDArray[np.int64]:
    """Labels [n] of the groups whose chains have no link longer than ``distance``, largest group first."""
    n = len(points)
    if n < 2:
        return np.zeros(n, dtype=np.int64)
    raw = fcluster(single_linkage(points) if tree is None else tree, distance, criterion="distance")
    return by_size(raw)


def by_size(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Renumber labels 0, 1, ... from the largest group to the smallest; ties in order of appearance."""
    names, first, inverse, counts = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.lexsort((first, -counts))] = np.arange(len(names))
    return rank[inverse]
