"""What is kept back of a budget in minutes: enough for what comes beside the steps, and never the training itself."""

import pytest

from hrm_probe.training import budget, forecast
from hrm_probe.training.budget import Budget
from hrm_probe.training.forecast import AT_THE_END, CAUTION, SECONDS_TO_SAVE, Forecast


class Clock:
    """Time that passes only where it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(budget, "time", clock)
    return clock


def test_the_last_evaluation_is_as_slow_as_the_slowest_that_tells_of_it(clock: Clock) -> None:
    minutes = Budget(1, minutes=60)
    foreseen = Forecast(minutes, held_out=100)
    foreseen.evaluated(10, 20.0, as_kept=True)
    assert minutes.kept_back == CAUTION * (200 + SECONDS_TO_SAVE)
    foreseen.evaluated(10, 5.0)  # of the model in training, which is quicker
    assert minutes.kept_back == CAUTION * (200 + SECONDS_TO_SAVE)
    foreseen.evaluated(10, 30.0)
    assert minutes.kept_back == CAUTION * (300 + SECONDS_TO_SAVE)


def test_a_slow_disk_is_remembered(clock: Clock) -> None:
    minutes = Budget(1, minutes=60)
    foreseen = Forecast(minutes, held_out=100)
    foreseen.saved(0.1)
    foreseen.saved(30.0)
    foreseen.saved(0.1)
    foreseen.evaluated(10, 1.0)
    assert minutes.kept_back == CAUTION * (10 + 30)


def test_minutes_leave_time_for_the_last_answers(clock: Clock) -> None:
    kept_back = []
    for keep, answers in ((0, 0), (3, 18)):
        minutes = Budget(1, minutes=60)
        Forecast(minutes, held_out=20, keep=keep, answers=answers).evaluated(10, 20.0)
        kept_back.append(minutes.kept_back)
    assert kept_back[1] - kept_back[0] == pytest.approx(CAUTION * 2.0 * 3 * 18)


@pytest.mark.parametrize(("minutes", "times"), [(60, 5), (20, 2), (3, 0)])
def test_no_more_is_asked_for_than_there_is_time_for(clock: Clock, minutes: float, times: int) -> None:
    given = Budget(1, minutes=minutes)
    foreseen = Forecast(given, held_out=20, keep=5, answers=90)
    foreseen.evaluated(10, 10.0)  # so 90 s for each of the five
    assert foreseen.askings == times
    assert given.kept_back <= 60 * minutes / 3


def test_answers_take_as_long_as_the_model_in_training_takes_not_as_the_one_that_is_kept(
    clock: Clock,
) -> None:
    minutes = Budget(1, minutes=60)
    foreseen = Forecast(minutes, held_out=20, keep=5, answers=90)
    foreseen.evaluated(10, 10.0)
    foreseen.evaluated(10, 30.0, as_kept=True)  # in float32, say
    assert foreseen.seconds_to_ask == 90
    assert minutes.kept_back == pytest.approx(CAUTION * (20 * 3.0 + SECONDS_TO_SAVE + 5 * 90))


def test_in_steps_the_last_evaluations_are_counted() -> None:
    foreseen = Forecast(Budget(steps=65), held_out=20, every=10, keep=3)
    asked = [step for step in range(10, 70, 10) if foreseen.is_among_the_last(step)]
    assert asked == [40, 50, 60]


def test_in_minutes_the_last_evaluations_are_foreseen(clock: Clock) -> None:
    foreseen = Forecast(Budget(1, minutes=10), held_out=20, keep=2)
    foreseen.begins()
    asked = []
    for minute in range(1, 10):
        clock.now = 60.0 * minute
        asked.append(foreseen.is_among_the_last(step=minute))
    # Where less than one, times the caution, is to come beside the finished model.
    assert asked == [False] * 8 + [True]


def test_the_finished_model_is_asked_while_there_is_time(clock: Clock) -> None:
    foreseen = Forecast(Budget(1, minutes=10), held_out=20, keep=1, answers=90)
    foreseen.evaluated(10, 10.0)
    clock.now = 509.0
    assert foreseen.can_ask_at_the_end()
    clock.now = 511.0
    assert not foreseen.can_ask_at_the_end()


def test_the_last_evaluation_is_of_what_there_is_time_for(clock: Clock) -> None:
    foreseen = Forecast(Budget(1, minutes=10), held_out=100)
    assert foreseen.puzzles_of_the_last_evaluation() == 100  # before it is known how long one takes
    foreseen.evaluated(10, 10.0)
    for now, number in ((0.0, 100), (560.0, int(40 / AT_THE_END)), (700.0, 1)):
        clock.now = now
        assert foreseen.puzzles_of_the_last_evaluation() == number


def test_the_last_evaluation_takes_as_long_as_the_model_that_is_kept_whatever_was_quicker_since(
    clock: Clock,
) -> None:
    foreseen = Forecast(Budget(1, minutes=10), held_out=100)
    foreseen.evaluated(10, 20.0, as_kept=True)
    foreseen.evaluated(10, 5.0)
    clock.now = 600 - 46.0
    assert AT_THE_END * 2.0 * 20 == 46.0
    assert foreseen.puzzles_of_the_last_evaluation() == 20


def test_in_steps_nothing_is_kept_back_and_all_is_asked() -> None:
    steps = Budget(steps=10)
    foreseen = Forecast(steps, held_out=100, keep=5, answers=90)
    foreseen.evaluated(10, 1000.0)
    assert steps.kept_back == 0
    assert foreseen.askings == 5
    assert foreseen.puzzles_of_the_last_evaluation() == 100
    assert foreseen.can_ask_at_the_end()


def test_the_first_look_is_short(clock: Clock) -> None:
    foreseen = Forecast(Budget(1, minutes=10), held_out=100)
    assert foreseen.puzzles_of_the_first_look(1.0) == forecast.FIRST_LOOK * 600
    assert foreseen.puzzles_of_the_first_look(100.0) == 1


def test_a_late_first_step_is_not_made_later_by_compiling_ahead(clock: Clock) -> None:
    foreseen = Forecast(Budget(1, minutes=10), held_out=100)
    clock.now = 600 * forecast.COMPILING_AHEAD - 1
    assert foreseen.can_compile_ahead()
    clock.now += 2
    assert not foreseen.can_compile_ahead()
    assert Forecast(Budget(steps=1), held_out=100).can_compile_ahead()


def test_what_an_earlier_process_took_does_not_keep_this_one_from_compiling_ahead(clock: Clock) -> None:
    assert Forecast(Budget(1, minutes=10, spent=300.0), held_out=1).can_compile_ahead()
