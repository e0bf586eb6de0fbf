"""A plan shrinks to its budget, keeps what everything rests on, and says what it costs."""

import re
from dataclasses import replace

import pytest

from hrm_probe.report import audit
from hrm_probe.report.plan import LEAST, Plan
from hrm_probe.report.topics import TOPICS
from hrm_probe.sudoku import generate
from tests.reasoning.planted_fates import Divided, settles_wrong
from tests.reasoning.planted_segments import keeps

WHOLE = Plan()
SMALL = Plan(
    puzzles=40, blanks=4, singles=12, masked=4, masked_segments=32, divided=2, long=8, exponents=8, tangents=1
)
PUZZLES = generate(40, "easy", "4x4", seed=0)


def seconds(plan: Plan, each: float, segments: int = 16, cells: int = 36) -> float:
    return each * sum(plan.cost(segments, cells).values())


def test_with_time_enough_nothing_is_cut():
    assert WHOLE.fitted(1e-5, 5, 16, 36) == WHOLE


def test_a_slow_model_gets_what_fits():
    for each in (0.002, 0.005, 0.008):
        plan = WHOLE.fitted(each, 5, 16, 36)
        assert seconds(plan, each) < 300
        assert seconds(plan, each) > 100  # and the time is used


def test_long_runs_are_given_up_before_samples_vanish():
    plan = WHOLE.fitted(0.02, 20, 16, 81)
    assert plan.horizons[-1] < WHOLE.horizons[-1]
    assert plan.masked_segments < WHOLE.masked_segments
    assert plan.puzzles >= 128


def test_no_sample_falls_below_its_least():
    plan = WHOLE.fitted(10.0, 1, 16, 81)
    assert {name: getattr(plan, name) for name in LEAST} == LEAST
    assert plan.puzzles == 128
    assert Plan(puzzles=40).fitted(10.0, 1, 16, 81).puzzles == 40


def test_a_topic_alone_takes_its_own_parts():
    each = {part: WHOLE.minutes(1.0, 16, 36, (part,)) for part in WHOLE.cost(16, 36)}
    assert sum(each.values()) == pytest.approx(WHOLE.minutes(1.0, 16, 36))
    assert WHOLE.minutes(1.0, 16, 36, TOPICS["jumps"].parts) == pytest.approx(each["puzzles"])
    assert {part for topic in TOPICS.values() for part in topic.parts} == each.keys()


def test_no_part_promises_more_puzzles_than_there_are():
    few = WHOLE.among(100)
    assert (few.puzzles, few.singles, few.blanks, few.long) == (100, 100, 100, 64)
    assert "100 single blanks" in str(few)
    assert WHOLE.among(10**6) == WHOLE


def test_sizes_are_told():
    assert "2048 puzzles" in str(WHOLE)
    assert WHOLE.to_dict()["horizons"] == [16, 64, 256]


def test_what_it_takes_is_told_beforehand():
    """Where even the least does not fit, that is said before it is run, not found out after."""
    told = []
    for asked in (60, 1e-6):
        audit(
            Divided(keeps, settles_wrong), PUZZLES, plan=SMALL, minutes=asked, topics=["jumps"], name="planted",
            say=told.append,
        )  # fmt: skip
    roomy, tight = (line for line in told if line.startswith("planted"))
    assert re.search(r"about \d+ min|less than a minute", roomy)  # which hangs on what else the machine does
    assert "blanks" not in roomy  # one topic tells its own sizes
    assert "too few" not in roomy
    assert "the 1e-06 asked for are too few" in tight


def test_a_large_board_keeps_two_hundred_puzzles_in_twenty_minutes():
    plan = replace(WHOLE, puzzles=200).fitted(0.0055, 20, 16, 81)
    assert plan.puzzles == 200
    assert plan.horizons[-1] >= 64
    assert plan.minutes(0.0055, 16, 81) < 20.5


def test_expected_minutes_follow_the_budget():
    for each in (0.002, 0.005, 0.008):
        assert 2 < WHOLE.fitted(each, 5, 16, 36).minutes(each, 16, 36) < 5.5
