"""A verdict needs the whole interval on one side, and the controls that guard it."""

import math

import pytest

from hrm_probe.dynamics.intervals import Interval, wilson
from hrm_probe.errors import InputError
from hrm_probe.report.power import power, power_of, sample_size
from hrm_probe.report.verdicts import Control, decide, enough, same_side, untestable


def interval(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 0.95, 100, "wilson")


@pytest.mark.parametrize(
    ("low", "high", "above", "below"),
    [
        (0.6, 0.8, "holds", "does not hold"),
        (0.2, 0.4, "does not hold", "holds"),
        (0.4, 0.6, "undecided", "undecided"),
        (0.5, 0.7, "undecided", "undecided"),
    ],
)
def test_the_whole_interval_decides(low, high, above, below):
    assert decide(interval(low, high), 0.5, "").verdict == above
    assert decide(interval(low, high), 0.5, "", claims="below").verdict == below


def test_a_failed_control_leaves_it_undecided_and_is_named():
    judged = decide(interval(0.6, 0.8), 0.5, "", [Control("power", True, ""), Control("sweep", False, "")])
    assert judged.verdict == "undecided"
    assert "sweep" in judged.reason
    assert "power" not in judged.reason


@pytest.mark.parametrize(
    ("guards", "if_high", "if_low"),
    [("holds", "undecided", "does not hold"), ("does not hold", "holds", "undecided")],
)
def test_a_control_of_one_verdict_does_not_stop_the_other(guards, if_high, if_low):
    control = Control("one-sided", False, "", guards)
    assert decide(interval(0.6, 0.8), 0.5, "", [control]).verdict == if_high
    assert decide(interval(0.1, 0.2), 0.5, "", [control]).verdict == if_low


def test_nothing_measured_is_not_testable():
    assert decide(wilson(0, 0), 0.5, "").verdict == "not testable"
    assert decide(Interval(0.9, 0.8, 1.0, 0.95, 0, ""), 0.5, "").verdict == "not testable"
    assert untestable("Why.").reason == "Why."


@pytest.mark.parametrize(("low", "high"), [(-math.inf, math.inf), (0.6, math.inf), (-math.inf, 0.4)])
def test_an_endless_interval_is_undecided(low, high):
    assert decide(Interval(0.9, low, high, 0.95, 1, ""), 0.5, "").verdict == "undecided"


def test_controls_say_what_they_saw():
    assert not enough(3, 20, "failures").passed
    assert enough(20, 20, "failures").passed
    assert "3 failures" in enough(3, 20, "failures").sentence
    assert same_side([0.6, 0.9], 0.5, "").passed
    assert not same_side([0.4, 0.9], 0.5, "").passed
    assert same_side([0.3, 0.5], 0.5, "").passed  # a claim above a threshold does not hold at it
    assert not same_side([0.5, 0.9], 0.5, "").passed
    assert not same_side([math.nan], 0.5, "").passed


def test_power_agrees_with_simulation():
    import numpy as np

    counts = np.random.default_rng(0).binomial(40, 0.75, 20_000)
    decided = np.array([wilson(k, 40).low > 0.5 for k in range(41)])
    assert power(40, 0.5, 0.75) == pytest.approx(decided[counts].mean(), abs=0.01)
    assert power(40, 0.75, 0.5) > 0.8  # a share below the threshold is told as well


def test_the_sample_size_reaches_the_power_and_one_fewer_does_not():
    n = sample_size(0.5, 0.75)
    assert power(n, 0.5, 0.75) >= 0.9 > min(power(k, 0.5, 0.75) for k in range(n - 12, n))
    assert power_of("x", n, 0.5, 0.75).needed == n
    assert power(0, 0.5, 0.75) == 0
    with pytest.raises(InputError, match="two different shares"):
        power(10, 0.5, 0.5)
    with pytest.raises(InputError, match="More than"):
        sample_size(0.5, 0.5001)
