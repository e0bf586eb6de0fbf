"""Effects that are made from others."""

from dataclasses import replace

from hrm_probe.dynamics.intervals import Interval


def complement(share: Interval) -> Interval:
    """The share of the others: 1 minus the estimate and its ends.

    >>> from hrm_probe.dynamics import wilson
    >>> print(complement(wilson(8, 10)))
    0.2 [0.0567, 0.51]
    """
    return replace(share, estimate=1 - share.estimate, low=1 - share.high, high=1 - share.low)
