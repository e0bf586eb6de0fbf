"""Budgets: shares of steps, shares of minutes, and the time kept back for the end."""

import pytest

from hrm_probe.training import budget as module
from hrm_probe.training.budget import Budget


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_steps() -> None:
    budget = Budget(steps=200)
    assert [budget.progress(step) for step in (0, 50, 200, 300)] == [0.0, 0.25, 1.0, 1.0]
    assert budget.seconds_left(100, rate=10.0) == 10.0


def test_minutes_count_from_the_start_and_ignore_steps(clock: Clock) -> None:
    budget = Budget(steps=1, minutes=2)
    budget.begin()
    clock.now += 30
    assert budget.progress(step=10**6) == 0.25
    clock.now += 500
    assert budget.progress(step=0) == 1.0


def test_time_is_kept_back_for_the_last_evaluation(clock: Clock) -> None:
    budget = Budget(steps=1, minutes=2)
    budget.begin()
    budget.keep_back(20)
    budget.keep_back(10)  # the largest amount stands
    clock.now += 50
    assert budget.progress(0) == 0.5
    assert budget.seconds_left(0, rate=1.0) == 50
    budget.keep_back(10**6)  # never more than a third
    assert budget.progress(0) == 50 / 80


def test_a_resumed_run_has_only_the_rest_of_its_minutes(clock: Clock) -> None:
    budget = Budget(steps=1, minutes=1, spent=45)
    budget.begin()
    clock.now += 6
    assert budget.elapsed() == 51
    assert budget.progress(0) == 0.85


def test_nothing_is_kept_back_from_steps() -> None:
    budget = Budget(steps=10)
    budget.keep_back(1e9)
    assert budget.progress(5) == 0.5


def test_loading_and_compiling_take_minutes_but_no_share_of_the_training(clock: Clock) -> None:
    budget = Budget(steps=1, minutes=2)
    clock.now += 20
    assert budget.progress(0) == 0.0
    budget.begin()
    assert budget.progress(0) == 0.0
    clock.now += 50
    assert budget.progress(0) == 0.5
    assert budget.seconds_left(0, rate=1.0) == 50
    again = Budget(steps=1, minutes=2, spent=budget.elapsed(), setup=budget.setup)
    clock.now += 10
    again.begin()  # the second process had to set up, too
    assert again.setup == 30
    assert again.progress(0) == 50 / 90


def test_so_does_compiling_in_mid_run(clock: Clock) -> None:
    budget = Budget(steps=1, minutes=2)
    budget.begin()
    clock.now += 30
    with budget.setting_up():
        clock.now += 60
    assert budget.progress(0) == 30 / 60  # of two minutes there is one to train in
    clock.now += 15
    assert budget.progress(0) == 45 / 60
    clock.now += 15
    assert budget.progress(0) == 1
    assert (budget.setup, budget.left_in_all) == (60, 0)


def test_processor_time_counts_training_steps_alone(clock: Clock) -> None:
    clock.process_time = clock.monotonic  # type: ignore[attr-defined]
    budget = Budget(steps=1, minutes=1, clock="cpu")
    clock.now += 500  # loading
    assert (budget.elapsed(), budget.progress(0)) == (0.0, 0.0)
    budget.begin()
    clock.now += 15
    with budget.aside():
        clock.now += 100  # evaluating
        assert budget.elapsed() == 15  # as a checkpoint that is written meanwhile must say
    budget.keep_back(10)
    assert budget.elapsed() == 15
    assert budget.progress(0) == 0.25


def test_processor_time_does_not_begin_with_what_comes_before_the_first_step(clock: Clock) -> None:
    clock.process_time = clock.monotonic  # type: ignore[attr-defined]
    budget = Budget(steps=1, minutes=1, spent=60, clock="cpu")  # a finished run, taken up again
    clock.now += 500
    with budget.aside():
        clock.now += 100
    clock.now += 7
    assert budget.elapsed() == 60


def test_what_time_was_kept_back_for_leaves_the_share_where_it_is(clock: Clock) -> None:
    budget = Budget(steps=1, minutes=2)
    budget.begin()
    budget.keep_back(20)
    clock.now += 50
    before = budget.progress(0), budget.seconds_left(0, 1.0)
    with budget.using_kept_back():
        clock.now += 15
    assert (budget.progress(0), budget.seconds_left(0, 1.0)) == before == (0.5, 50.0)
    clock.now += 50
    assert budget.progress(0) == 1.0
    assert budget.left_in_all == 5.0  # of the 20
