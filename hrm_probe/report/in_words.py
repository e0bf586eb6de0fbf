"""Shares and differences in words, each with its interval; and what they were measured on."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hrm_probe.dynamics.intervals import Interval


def rounded(interval: Interval) -> str:
    """A share in whole percent, "61% [55%, 67%]"; with one decimal near 0 and 1, where it matters."""
    if interval.n == 0 or not np.isfinite(interval.estimate):
        return "an unknown share"
    if not np.isfinite([interval.low, interval.high]).all():
        return f"{interval.estimate:.0%} (of too few for an interval)"
    digits = 1 if min(interval.estimate, 1 - interval.estimate) < 0.05 else 0
    return interval.in_percent(digits)


def points(difference: Interval) -> str:
    """A difference of shares: "+25 [+18, +32] percentage points"."""
    values = [100 * value for value in (difference.estimate, difference.low, difference.high)]
    return "{:+.0f} [{:+.0f}, {:+.0f}] percentage points".format(*values)


def sample(told: Mapping[str, Any]) -> str:
    """What provenance tells of a sample: "200 6x6 puzzles", or "200 tasks of 900 cells"."""
    if "board" in told:
        return f"{told['puzzles']} {told['board']} puzzles"
    return f"{told['puzzles']} tasks of {told['cells']} cells"
