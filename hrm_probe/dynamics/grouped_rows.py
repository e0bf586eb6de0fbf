"""Rows that belong together: which ones do, and what they tell of a mean, less than as many independent ones."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hrm_probe.dynamics.doubles import Floats
from hrm_probe.errors import InputError


def rows_by_group(groups: ArrayLike, n: int) -> list[NDArray[np.int64]]:
    """Row indices of each group.

    >>> [rows.tolist() for rows in rows_by_group(["a", "b", "a"], 3)]
    [[0, 2], [1]]

    Args:
        groups: [n] labels.
        n: rows.

    Raises:
        InputError: not a label for each row.
    """
    labels = np.asarray(groups)
    if labels.shape != (n,):
        raise InputError(f"groups must give one label for each of the {n} rows, not shape {labels.shape}.")
    if pd.isna(labels).any():
        raise InputError("Some groups are NaN or None; give each row a label, or leave it out.")
    order = np.argsort(labels, kind="stable")
    boundaries = np.flatnonzero(labels[order][1:] != labels[order][:-1]) + 1
    return [part for part in np.split(order, boundaries) if len(part)]


def kish_effect(sizes: NDArray[np.int64], alike: float) -> float:
    """How many times the variance of a mean grows by grouping: 1 + (mean size of a row's group - 1) ``alike``.

    >>> kish_effect(np.array([10, 10]), alike=1.0)
    10.0

    Args:
        sizes: rows of each group, [group]; one row at least.
        alike: correlation between rows of one group.

    Source: Kish (1965), Survey Sampling, section 5.4.
    """
    return 1 + (float((sizes**2).sum()) / int(sizes.sum()) - 1) * alike


def variance_of_mean(residuals: Floats, rows: int) -> float:
    """Variance of a mean over rows by how its groups differ: G / (G - 1) sum_g residual_g^2 / n^2.

    Args:
        residuals: of each group the sum of its rows' differences from the mean, [group]; two groups at least.
        rows: n, of all groups together.

    Source: Korn and Graubard (1998), Surv. Methodol. 24, 193-201.
    """
    groups = len(residuals)
    return groups / (groups - 1) * float((residuals**2).sum()) / rows**2
