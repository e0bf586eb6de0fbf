"""What something changes, with an interval that never claims more than the puzzles can say."""

import numpy as np
import pytest

from hrm_probe.dynamics import bootstrap
from hrm_probe.reasoning.statistics.changes import mean_change

RNG = np.random.default_rng(0)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    held = []
    for seed in range(200):
        before, after = RNG.random(60) < 0.4, RNG.random(60) < 0.6
        found = mean_change(before, after, seed=seed, resamples=400)
        held.append(found.low <= 0.2 <= found.high)
    assert 0.9 <= np.mean(held) <= 0.99


@pytest.mark.parametrize(("after", "estimate"), [(False, 0.0), (True, 1.0)])
def test_changes_that_are_all_alike_leave_a_doubt(after: bool, estimate: float) -> None:
    found = mean_change(np.zeros(50, bool), np.full(50, after))
    assert found.estimate == estimate
    assert found.high - found.low >= 0.07  # none of 50 changed otherwise: up to 7% may
    assert -1 <= found.low <= estimate <= found.high <= 1
    fewer = mean_change(np.zeros(2, bool), np.full(2, after))
    assert fewer.high - fewer.low > found.high - found.low


@pytest.mark.parametrize(("gained", "may_be_chance"), [(1, True), (5, True), (6, False), (15, False)])
def test_few_changes_in_one_direction_are_judged_as_by_a_sign_test(gained: int, may_be_chance: bool) -> None:
    after = np.arange(200) < gained
    found = mean_change(np.zeros(200, bool), after)
    assert (found.low <= 0) == may_be_chance
    assert found.low < gained / 200 < found.high
    lost = mean_change(after, np.zeros(200, bool))
    assert (lost.high >= 0) == may_be_chance


def test_many_changes_have_the_interval_of_their_bootstrap() -> None:
    before, after = RNG.random(200) < 0.4, RNG.random(200) < 0.6
    found = mean_change(before, after, resamples=4000)
    known = bootstrap(np.mean, after.astype(float) - before, resamples=4000)
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=0.01)


def test_flags_change_by_one_at_most() -> None:
    before, after = np.array([0, 0, 1, 1] * 3, bool), np.array([1, 1, 1, 0] * 3, bool)
    found = mean_change(before, after, labels=np.repeat([0, 1], 6))
    assert -1 <= found.low < found.high <= 1


def test_numbers_may_change_by_more() -> None:
    found = mean_change(np.zeros(30), RNG.normal(5, 1, 30))
    assert 4 < found.low < found.estimate < found.high < 6


@pytest.mark.parametrize("groups", [6, 40])
def test_puzzles_of_a_group_are_drawn_together_and_count_one_by_one(groups: int) -> None:
    rng = np.random.default_rng(3)
    labels = np.repeat(np.arange(groups), rng.integers(1, 30, groups))
    change = rng.normal(size=groups)[labels] + 0.1 * rng.normal(size=len(labels))
    found = mean_change(np.zeros(len(labels)), change, labels)
    known = bootstrap(np.mean, change, groups=labels, resamples=4000)  # widened where groups are few
    assert (found.estimate, found.n) == (pytest.approx(change.mean()), groups)
    width = known.high - known.low
    assert found.low == pytest.approx(known.low, abs=0.05 * width)
    assert found.high == pytest.approx(known.high, abs=0.05 * width)
