"""An interval from what a number is without each of the units behind it."""

import numpy as np
import pytest

from hrm_probe.dynamics.jackknife import jackknifed
from hrm_probe.errors import InputError


def leaving_out(values, statistic):
    return np.array([statistic(np.delete(values, i)) for i in range(len(values))])


def test_it_takes_away_the_bias_of_a_mean_of_logarithms():
    """The geometric mean is a mean of logarithms, of which the jackknife leaves the estimate alone."""

    def geometric(some):
        return np.exp(np.log(some).mean())

    values = np.random.default_rng(0).lognormal(size=30)
    found = jackknifed(geometric(values), leaving_out(values, geometric))
    assert found.estimate == pytest.approx(geometric(values))
    spread = np.log(values).std(ddof=1) / np.sqrt(30)
    assert np.log(found.high / found.low) == pytest.approx(2 * 2.0452 * spread, rel=1e-3)


def test_its_intervals_cover():
    hits = 0
    for seed in range(200):
        values = np.random.default_rng(seed).exponential(size=20)
        found = jackknifed(values.mean(), leaving_out(values, np.mean))
        hits += found.low < 1 < found.high
    assert 0.88 <= hits / 200 <= 0.99


def test_a_wider_level_gives_a_wider_interval():
    narrow, wide = (jackknifed(2.0, np.array([1.8, 2.0, 2.2]), level) for level in (0.5, 0.95))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_what_is_infinite_or_unknown_stays_so():
    assert jackknifed(np.inf, np.array([np.inf, 3.0])).estimate == np.inf
    assert jackknifed(4.0, np.array([np.inf, 3.0])).high == np.inf
    assert np.isnan(jackknifed(np.nan, np.array([1.0, 3.0])).estimate)


def test_a_level_is_between_0_and_1():
    with pytest.raises(InputError, match="level"):
        jackknifed(1.0, np.array([1.0, 1.0]), level=1)
