"""Taking the time of work that is compared: in turns, in blocks long enough to be measured."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from hrm_probe.dynamics.intervals import Interval, bootstrap

Work = Callable[[], object]
LEAST_TURNS = 3


@dataclass(frozen=True)
class Timing:
    """Seconds of one call, measured over and over.

    Attributes:
        wall: [turn], wall seconds a call.
        cpu: [turn], processor seconds a call, all threads together. On a machine that does other work too they
            tell more of the program than wall seconds do; of work on a GPU they tell nothing.
        calls: calls in a turn.
    """

    wall: np.ndarray
    cpu: np.ndarray
    calls: int

    @property
    def seconds(self) -> float:
        """Median wall seconds of a call."""
        return float(np.median(self.wall))

    def interval(self, seed: int = 0) -> Interval:
        """95% bootstrap interval of the median.

        It takes turns as independent, which they are not where the machine's load drifts.
        """
        return bootstrap(np.median, self.wall, seed=seed)

    def to_dict(self) -> dict[str, float | int | list[float]]:
        """Medians and their spread over turns, ready for JSON."""
        interval = self.interval()
        return {
            "median_s": interval.estimate,
            "interval_s": [interval.low, interval.high],
            "fastest_s": float(self.wall.min()),
            "slowest_s": float(self.wall.max()),
            "median_cpu_s": float(np.median(self.cpu)),
            "turns": len(self.wall),
            "calls_a_turn": self.calls,
        }


def in_turns(
    works: Mapping[str, Work], device: torch.device, seconds: float = 5.0, turns: int = 7
) -> dict[str, Timing]:
    """Time several works in turns, so that whatever else the machine does falls on all of them alike.

    >>> timings = in_turns({"plain": plain, "fused": fused}, torch.device("cpu"))       # doctest: +SKIP
    >>> ratio(timings["plain"], timings["fused"])                                       # doctest: +SKIP

    Args:
        works: by name; every one must have been warmed up (and compiled) by the caller.
        device: where they run.
        seconds: of each work, over all turns; one that takes longer for three calls takes longer.
        turns: how many, fewer where a single call is long. Every second turn goes through the works backwards.
    """
    calls, first = {}, {}
    for name, work in works.items():
        first[name] = timed(work, device)
        calls[name] = max(1, int(seconds / turns / first[name]))
    longest = max(first.values())
    turns = max(LEAST_TURNS, min(turns, int(seconds / longest)))
    wall: dict[str, list[float]] = {name: [] for name in works}
    cpu: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(turns):
        for name in list(works)[:: 1 if turn % 2 == 0 else -1]:
            began = time.process_time()
            wall[name].append(timed(works[name], device, calls[name]) / calls[name])
            cpu[name].append((time.process_time() - began) / calls[name])
    return {name: Timing(np.array(wall[name]), np.array(cpu[name]), calls[name]) for name in works}


def timed(work: Work, device: torch.device, calls: int = 1) -> float:
    """Wall seconds of this many calls. On CUDA between two events: the host waits before and after, not between."""
    if device.type != "cuda":
        began = time.perf_counter()
        for _ in range(calls):
            work()
        return time.perf_counter() - began
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize(device)
    begin.record()
    for _ in range(calls):
        work()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) / 1000


def ratio(of: Timing, to: Timing, seed: int = 0, processor: bool = False) -> Interval:
    """How many times the seconds of ``to`` those of ``of`` are: the median over turns of the ratio within a turn.

    With its 95% bootstrap interval over turns.

    Args:
        of, to: from the same call of :func:`in_turns`.
        seed: for the bootstrap.
        processor: compare processor seconds instead of wall seconds.
    """
    a, b = (of.cpu, to.cpu) if processor else (of.wall, to.wall)
    return bootstrap(np.median, a / b, seed=seed)
