"""Taking time, on a clock that the works themselves move."""

import numpy as np
import pytest
import torch

from hrm_probe.bench import timing
from hrm_probe.bench.timing import Timing, in_turns, ratio, timed

CPU = torch.device("cpu")


class Clock:
    """Stands in for the module ``time``: it goes on only when a work says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.order: list[str] = []

    def perf_counter(self) -> float:
        return self.now

    def process_time(self) -> float:
        return 2 * self.now  # two threads at work

    def work(self, name: str, seconds: float):
        def do() -> None:
            self.now += seconds
            self.order.append(name)

        return do


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timing, "time", clock)
    return clock


def test_calls_are_summed(clock: Clock) -> None:
    assert timed(clock.work("a", 0.25), CPU, calls=4) == pytest.approx(1.0)


def test_seconds_are_those_of_one_call(clock: Clock) -> None:
    timings = in_turns(
        {"slow": clock.work("slow", 0.2), "fast": clock.work("fast", 0.01)}, CPU, seconds=7, turns=7
    )
    assert timings["slow"].seconds == pytest.approx(0.2)
    assert timings["fast"].seconds == pytest.approx(0.01)
    assert np.allclose(timings["fast"].cpu, 0.02)


def test_every_work_gets_its_seconds(clock: Clock) -> None:
    in_turns({"slow": clock.work("slow", 0.2), "fast": clock.work("fast", 0.01)}, CPU, seconds=7, turns=7)
    assert clock.order.count("slow") * 0.2 == pytest.approx(7, rel=0.1)
    assert clock.order.count("fast") * 0.01 == pytest.approx(7, rel=0.1)


def test_works_take_turns_forwards_and_backwards(clock: Clock) -> None:
    in_turns({name: clock.work(name, 1.0) for name in "ab"}, CPU, seconds=4, turns=4)
    assert "".join(clock.order[2:]) == "abbaabba"  # after one call of each that tells how long it takes


def test_what_takes_longer_than_its_time_still_gets_three_turns(clock: Clock) -> None:
    timings = in_turns({"long": clock.work("long", 100.0)}, CPU, seconds=1.0, turns=7)
    assert len(timings["long"].wall) == 3


def test_a_ratio_compares_turn_with_turn() -> None:
    load = np.array([1.0, 5.0, 2.0, 1.0, 3.0])  # other work on the machine, which falls on both
    fast, slow = Timing(load, load, 1), Timing(3 * load, load, 1)
    assert ratio(slow, fast).estimate == ratio(slow, fast).low == ratio(slow, fast).high == pytest.approx(3.0)
    assert ratio(slow, fast, processor=True).estimate == pytest.approx(1.0)


def test_the_spread_is_told() -> None:
    told = Timing(np.array([1.0, 2.0, 9.0]), np.ones(3), calls=5).to_dict()
    assert (told["median_s"], told["fastest_s"], told["slowest_s"]) == (2, 1, 9)
    assert told["interval_s"] == [1, 9]
    assert (told["turns"], told["calls_a_turn"]) == (3, 5)
