"""How much of a training is done: counted in steps, or in minutes."""

import time


class Budget:
    """Steps or minutes, as a share from 0 to 1 that learning rate and curricula follow.

    In minutes, a part at the end is kept back for the last evaluation and for saving, so that the finished model
    is there when the time is over. Minutes already spent by a run that was interrupted count.

    >>> budget = Budget(steps=100)
    >>> budget.progress(step=25)
    0.25

    Args:
        steps: the budget where ``minutes`` is None.
        minutes: the budget in minutes of wall time, start and end of the run included.
        spent: seconds that an interrupted run had used.
    """

    def __init__(self, steps: int, minutes: float | None = None, spent: float = 0.0) -> None:
        self.steps = steps
        self.minutes = minutes
        self._spent = spent
        self._started = time.monotonic()
        self._kept_back = 0.0

    def keep_back(self, seconds: float) -> None:
        """Keep so many seconds for what comes after the last step; the largest amount asked for stands.

        Never more than a third of the budget: a tiny budget still trains.
        """
        if self.minutes is not None:
            self._kept_back = min(max(self._kept_back, seconds), 60 * self.minutes / 3)

    def elapsed(self) -> float:
        """Seconds used, earlier runs included."""
        return self._spent + time.monotonic() - self._started

    def progress(self, step: int) -> float:
        """Share used after ``step`` steps, 0..1."""
        if self.minutes is None:
            return min(step / self.steps, 1.0)
        return min(self.elapsed() / max(60 * self.minutes - self._kept_back, 1e-9), 1.0)

    def seconds_left(self, step: int, rate: float) -> float:
        """Seconds of training left, at ``rate`` steps a second."""
        if self.minutes is None:
            return (self.steps - step) / rate if rate > 0 else float("inf")
        return max(60 * self.minutes - self._kept_back - self.elapsed(), 0.0)
