"""Effects that are made from others."""

from dataclasses import replace

import numpy as np

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.reasoning.result import ClassLabels


def complement(share: Interval) -> Interval:
    """The share of the others: 1 minus the estimate and its ends.

    >>> from hrm_probe.dynamics import wilson
    >>> print(complement(wilson(8, 10)))
    0.2 [0.0567, 0.51]
    """
    return replace(share, estimate=1 - share.estimate, low=1 - share.high, high=1 - share.low)


def class_labels(labels: np.ndarray | None) -> np.ndarray | None:
    """Labels of solution classes as what they are, also when they come from a file; None stays None."""
    return None if labels is None else np.asarray(labels).view(ClassLabels)


def labels_as_resampled(labels: np.ndarray | None, resampled: str) -> np.ndarray | None:
    """Labels as an answer resampled them: of solution classes where it says so, else of other groups."""
    if labels is None:
        return None
    return class_labels(labels) if resampled == "class" else np.asarray(labels)
