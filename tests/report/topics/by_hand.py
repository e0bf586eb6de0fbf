"""Results that are written by hand, for the rules that judge them."""

import math
from types import SimpleNamespace

from hrm_probe.dynamics.intervals import Interval


def around(estimate, reach=0.05, n=100):
    """An estimate and its interval to both sides."""
    return Interval(estimate, estimate - reach, estimate + reach, 0.95, n, "planted")


UNKNOWN = Interval(math.nan, math.nan, math.nan, 0.95, 0, "planted")


def ruled(judge, results, **changes):
    """The verdict on results whose only entry is changed so."""
    ((name, found),) = results.items()
    return judge({name: SimpleNamespace(**{**vars(found), **changes})}).verdict
