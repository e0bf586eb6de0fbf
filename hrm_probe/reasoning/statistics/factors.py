"""Does an outcome depend on a factor, such as the cell or the digit? Permutation tests that respect the grids."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

MOST_LEVELS = 6  # of a factor that belongs to the puzzle; more values are cut at their quantiles


def factor_tests(
    table: pd.DataFrame, flags: np.ndarray, factors: Sequence[str], each: int, permutations: int, seed: int
) -> pd.DataFrame:
    """Test each factor by itself, and correct for their number after Holm (1979).

    The statistic is the variance of the flags that the factor explains, between 0 and 1. For its distribution
    without dependence, the factor's values are exchanged between whole grids, and within each grid between its
    runs, which leaves the likeness of runs of one grid untouched; a grid's own property is exchanged between
    grids only. Cells must be drawn alike in all grids.

    Args:
        table: one row per run, the ``each`` runs of one grid together.
        flags: bool [run].
        factors: columns.
        each: runs of one grid.
        permutations: how many; the smallest possible p-value is 1 / (permutations + 1).
        seed: for the permutations.

    Returns:
        A row per factor: factor, levels, statistic, p_value, p_holm. Where the flags or the factor's values are all
        alike there is nothing to explain: the statistic is 0 and p is 1.
    """
    y = flags.reshape(-1, each).astype(float)
    rng = np.random.default_rng(seed)
    rows = []
    for factor in factors:
        levels, codes = _levels(table[factor])
        x = codes.reshape(-1, each)
        own = bool((x == x[:, :1]).all())  # a property of the grid
        observed = _explained(x, y, levels)
        at_least = 0
        for _ in range(permutations if observed > 0 else 0):
            shuffled = x[rng.permutation(len(x))]
            if not own:
                shuffled = rng.permuted(shuffled, axis=1)
            at_least += _explained(shuffled, y, levels) >= observed - 1e-12
        p = (at_least + 1) / (permutations + 1) if observed > 0 else 1.0
        rows.append({"factor": factor, "levels": levels, "statistic": observed, "p_value": p})
    tests = pd.DataFrame(rows)
    tests["p_holm"] = holm(tests["p_value"].to_numpy())
    return tests


def holm(p_values: np.ndarray) -> np.ndarray:
    """p-values corrected for their number, so that the chance of any false one stays bounded; Holm (1979).

    >>> holm(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])
    """
    order = np.argsort(p_values)
    steps = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(steps, 1.0)
    return corrected


def _levels(values: pd.Series) -> tuple[int, np.ndarray]:
    """Number of levels, and the level of each row from 0."""
    array = values.to_numpy()
    if values.name == "rating" and len(np.unique(array)) > MOST_LEVELS:
        array = np.digitize(array, np.unique(np.quantile(array, np.arange(1, MOST_LEVELS) / MOST_LEVELS)))
    names, codes = np.unique(array, return_inverse=True)
    return len(names), codes


def _explained(x: np.ndarray, y: np.ndarray, levels: int) -> float:
    """Share of the variance of y that lies between the levels of x."""
    variance = float(y.var())
    if variance == 0:
        return 0.0
    counts = np.bincount(x.ravel(), minlength=levels)
    sums = np.bincount(x.ravel(), weights=y.ravel(), minlength=levels)
    means = sums / np.maximum(counts, 1)
    return float((counts * (means - y.mean()) ** 2).sum() / y.size / variance)
