"""Of many verdicts some are wrong by chance; those that stand after correction are not."""

import math

import numpy as np
import pytest

from hrm_probe.dynamics.intervals import Interval, wilson
from hrm_probe.report.correction import LEAST, corrections, p_value
from hrm_probe.report.verdicts import decide, untestable


def test_p_agrees_with_the_interval():
    """Where the interval ends at the threshold p is 5%."""
    effect = wilson(30, 50)
    for end in (effect.low, effect.high):
        assert p_value(effect, end) == pytest.approx(0.05)
    assert p_value(wilson(30, 50, level=0.8), wilson(30, 50, level=0.8).low) == pytest.approx(0.2)
    assert p_value(effect, effect.low - 0.01) < 0.05 < p_value(effect, effect.low + 0.01)


def test_p_is_never_smaller_than_resamples_can_show():
    assert p_value(Interval(1.0, 1.0, 1.0, 0.95, 9, "bootstrap"), 0.5) == LEAST
    assert p_value(wilson(10_000, 10_000), 0.1) == LEAST
    assert p_value(Interval(0.5, 0.5, 0.5, 0.95, 9, "bootstrap"), 0.5) == 1  # at the threshold itself


def test_where_nothing_is_known_nothing_is_surprising():
    assert p_value(Interval(0.5, -math.inf, math.inf, 0.95, 1, ""), 0.1) == 1
    assert p_value(wilson(3, 9), math.nan) == 1


def test_one_narrow_verdict_stands_alone_and_falls_among_many():
    narrow = decide(wilson(61, 100), 0.5, "")
    assert narrow.verdict == "holds"
    assert corrections({"alone": narrow})["alone"].stands
    among = corrections({f"claim {i}": narrow for i in range(14)})
    assert not any(c.stands for c in among.values())


def test_clear_verdicts_stand_and_undecided_ones_are_no_question():
    judged = {
        "clear": decide(wilson(95, 100), 0.5, ""),
        "open": decide(wilson(52, 100), 0.5, ""),
        "nothing": untestable("Why."),
    }
    found = corrections(judged)
    assert found["clear"].stands is True
    assert found["open"].stands is None
    assert "nothing" not in found


def test_false_verdicts_that_stand_are_as_rare_as_promised():
    """Fourteen claims whose truth is their threshold: a report with any standing verdict is a false alarm."""
    rng = np.random.default_rng(0)
    alarms = plain = 0
    for _ in range(300):
        judged = {str(i): decide(wilson(int(rng.binomial(400, 0.3)), 400), 0.3, "") for i in range(14)}
        plain += any(j.verdict != "undecided" for j in judged.values())
        alarms += any(c.stands for c in corrections(judged).values())
    assert plain > 100  # without correction about half of them
    assert alarms < 30
