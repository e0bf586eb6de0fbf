"""A plan shrinks to its budget, keeps what everything rests on, and says what it costs."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from hrm_probe.reasoning.easy.blanks import usual_counts
from hrm_probe.report import audit, plan
from hrm_probe.report.plan import EXPONENT_COST, LANDSCAPE_STARTS, LEAST, SPARED, UNRESTED, Plan
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


def test_every_part_costs_its_runs():
    plan = Plan(
        puzzles=2, blanks=3, singles=5, masked=7, masked_segments=11, divided=13, starts=2, plane=3, landscape=4,
        long=17, horizons=(16, 19), exponents=23, tangents=2, deduced=29, supposed=31,
        spread=37,
    )  # fmt: skip
    assert plan.cost(segments=16, cells=16) == {
        "puzzles": 2 * 16,
        "blanks": 3 * 6 * 16,
        "singles": 5 * 16 + 16 * 16,  # and every cell of one grid
        "masked": 7 * 11 + 7 * 11,  # and as many puzzles as given
        "divided": pytest.approx(13 * (1 + 2 + 9) * UNRESTED * 16),  # the usual start, the others, the plane
        "landscape": pytest.approx((1 + LANDSCAPE_STARTS + 16) * UNRESTED * 16),
        "long": 17 * 19,
        "exponents": 23 * (16 + 2 * 16 * EXPONENT_COST),
        "deduced": 29 * 16,
        "spread": 37 * 16 * 4,  # and in three untrained networks
        "supposed": 31 * 16 * 5,  # plainly, with two guesses, and the two runs that these come from
    }


def test_minutes_are_those_of_the_runs_and_of_what_comes_beside_them():
    assert WHOLE.minutes(0.01, 16, 36) == pytest.approx(seconds(WHOLE, 0.01) / 60 / SPARED)


@pytest.mark.parametrize(
    ("longest", "horizons", "masked"),
    [(256, (16, 64, 256), 128), (64, (16, 64), 64), (32, (16, 32), 32), (1000, (16, 64, 256), 128)],
)
def test_no_run_is_longer_than_asked(longest, horizons, masked):
    plan = WHOLE.cut_at(longest)
    assert (plan.horizons, plan.masked_segments) == (horizons, masked)


class Clock:
    """Time that passes only where a model runs: first 100 s, then as given for each run."""

    def __init__(self, monkeypatch, *seconds):
        self.now, self.asked = 0.0, []
        passing = iter((100.0, *seconds))

        def follow(model, sample, segments):
            self.asked.append((len(sample), segments))
            self.now += next(passing)

        monkeypatch.setattr(plan, "follow", follow)
        monkeypatch.setattr(plan, "perf_counter", lambda: self.now)


MODEL = SimpleNamespace(device=torch.device("cpu"))


def test_the_time_of_a_segment_is_a_median_after_a_first_run(monkeypatch):
    clock = Clock(monkeypatch, 5.0, 1.0, 4.0, 2.0, 3.0)
    assert plan.seconds_per_segment(MODEL, PUZZLES) == 3.0 / (40 * 2)
    assert clock.asked == [(8, 1)] + [(40, 2)] * 5


def test_a_slow_model_is_not_run_again_when_patience_is_over(monkeypatch):
    clock = Clock(monkeypatch, 12.0, 8.0)
    assert plan.seconds_per_segment(MODEL, PUZZLES) == 10.0 / (40 * 2)
    assert len(clock.asked) == 3


@pytest.mark.parametrize("board", ["6x6", "9x9"])
def test_grids_with_few_blanks_are_counted_as_blanks_will_try_them(board):
    given = generate(8, "minimal", board, seed=0)
    tried = usual_counts(float(np.median(given.blanks.sum(1))))
    cost = WHOLE.cost(16, given.board.cells)
    assert cost["blanks"] == WHOLE.blanks * len(tried) * 16


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


def test_puzzles_keep_their_three_tenths_where_other_parts_can_shrink():
    plan = WHOLE.fitted(0.0028, 5, 16, 36)
    assert plan.puzzles == int(0.3 * 300 * SPARED / 0.0028 / 16) < WHOLE.puzzles
    assert plan.landscape == WHOLE.landscape  # one picture, drawn whole or coarsely
    assert plan.divided > LEAST["divided"]


def test_only_the_parts_named_are_shrunk():
    assert WHOLE.shrunk(0.5, ("masked", "long")) == replace(WHOLE, masked=48, long=32)


def test_a_topic_alone_takes_its_own_parts():
    each = {part: WHOLE.minutes(1.0, 16, 36, (part,)) for part in WHOLE.cost(16, 36)}
    assert sum(each.values()) == pytest.approx(WHOLE.minutes(1.0, 16, 36))
    assert WHOLE.minutes(1.0, 16, 36, TOPICS["jumps"].parts) == pytest.approx(each["puzzles"])
    assert {part for topic in TOPICS.values() for part in topic.parts} == each.keys()


def test_no_part_promises_more_puzzles_than_there_are():
    few = WHOLE.among(50)
    drawn = ("puzzles", "blanks", "singles", "masked", "long", "exponents", "deduced", "supposed", "spread")
    assert {name: getattr(few, name) for name in drawn} == dict.fromkeys(drawn, 50)
    assert few.divided == WHOLE.divided  # no more than that
    assert few.horizons == WHOLE.horizons
    assert "50 single blanks" in str(few)
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
