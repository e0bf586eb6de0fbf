"""How much of a training is done: counted in steps, or in minutes."""

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal

Clock = Literal["wall", "cpu"]


class Budget:
    """Steps or minutes, as a share from 0 to 1 that learning rate and curricula follow.

    In minutes, a part at the end is kept back for the last evaluation and for saving, so that the finished model
    is there when the time is over. Minutes already spent by a run that was interrupted count. What comes before
    the first step (loading, compiling) takes from the minutes, but not from the share: that begins at 0 with the
    first step. So does what is compiled later, at a depth that comes new.

    The clock "cpu" is for comparing trainings on a machine that is busy with other things: it counts processor
    time of this process in training steps alone. Setting up, evaluating and saving are not counted, and nothing
    is kept back for them. With one thread, its minutes are those that an idle machine would show.

    >>> budget = Budget(steps=100)
    >>> budget.progress(step=25)
    0.25

    Args:
        steps: the budget where ``minutes`` is None.
        minutes: the budget in minutes of wall time, start and end of the run included.
        spent: seconds that an interrupted run had used; ``setup``: those of them before its first step.
        clock: what counts as time.
        kept_back: seconds that an interrupted run had kept back: with less, its share would fall again.
        used_of_kept_back: seconds of those that it had used before its end, for answers asked on the way.
    """

    def __init__(
        self,
        steps: int,
        minutes: float | None = None,
        spent: float = 0.0,
        setup: float = 0.0,
        clock: Clock = "wall",
        kept_back: float = 0.0,
        used_of_kept_back: float = 0.0,
    ) -> None:
        self.steps = steps
        self.minutes = minutes
        self._seconds = math.inf if minutes is None else 60 * minutes
        self.setup = setup
        self.clock = clock
        self._now = time.monotonic if clock == "wall" else time.process_time
        self._spent = spent
        self._started = self._now()
        self._setting_up = True
        self._stopped_at: float | None = self._started if clock == "cpu" else None
        self.kept_back = kept_back
        self.used_of_kept_back = used_of_kept_back

    def begin(self) -> None:
        """The first step of this process comes now."""
        self.setup = self._setup_so_far
        self._setting_up = False
        if self.clock == "cpu":
            self._started, self._stopped_at = self._now(), None

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What happens inside is not training: the clock "cpu" stands still meanwhile."""
        if self.clock == "wall":
            yield
            return
        stood, began = self._stopped_at, self._now()
        if stood is None:
            self._stopped_at = began
        try:
            yield
        finally:
            if stood is None:  # else the clock has not begun to run, and stands on
                self._started += self._now() - began
                self._stopped_at = None

    def setting_up(self) -> AbstractContextManager[None]:
        """What happens inside, such as compiling in mid-run, takes from the minutes, but not from the share."""
        return self._added_to("setup")

    def using_kept_back(self) -> AbstractContextManager[None]:
        """Time was kept back for what happens inside, though it comes before the end: the share stands still."""
        return self._added_to("used_of_kept_back")

    @contextmanager
    def _added_to(self, seconds: Literal["setup", "used_of_kept_back"]) -> Iterator[None]:
        """Time that passes inside is counted there, by the clock on the wall; the other stands still."""
        began = self._now()
        try:
            with self.aside():
                yield
        finally:
            if self.clock == "wall":
                setattr(self, seconds, getattr(self, seconds) + self._now() - began)

    def keep_back(self, seconds: float) -> None:
        """Keep so many seconds for what is not training; the most that was asked for stands, to ``most_kept_back``."""
        if self.keeps_back:
            self.kept_back = min(max(self.kept_back, seconds), self.most_kept_back)

    @property
    def keeps_back(self) -> bool:
        """Is any time kept back? Only of minutes by the clock on the wall."""
        return self.minutes is not None and self.clock == "wall"

    @property
    def most_kept_back(self) -> float:
        """Seconds that may be kept back: a third of the budget, so that a tiny one still trains; else endless."""
        return self._seconds / 3 if self.keeps_back else math.inf

    @property
    def left_in_all(self) -> float:
        """Seconds until the minutes are over, kept back or not; endless where nothing is kept back."""
        return self._seconds - self.elapsed() if self.keeps_back else math.inf

    def elapsed(self) -> float:
        """Seconds used, earlier runs included."""
        now = self._now() if self._stopped_at is None else self._stopped_at
        return self._spent + now - self._started

    @property
    def elapsed_here(self) -> float:
        """The same of this process alone."""
        return self.elapsed() - self._spent

    @property
    def trained(self) -> float:
        """Seconds used, without those that had been kept back."""
        return self.elapsed() - self.used_of_kept_back

    def progress(self, step: int) -> float:
        """Share used after ``step`` steps, 0..1."""
        if self.minutes is None:
            return min(step / self.steps, 1.0)
        setup = self._setup_so_far
        whole = self._seconds - self.kept_back - setup
        return min((self.trained - setup) / max(whole, 1e-9), 1.0)

    @property
    def _setup_so_far(self) -> float:
        if self.clock == "cpu" or not self._setting_up:
            return self.setup
        return self.setup + self._now() - self._started

    def seconds_left(self, step: int, rate: float) -> float:
        """Seconds of training left, at ``rate`` steps a second."""
        if self.minutes is None:
            return (self.steps - step) / rate if rate > 0 else math.inf
        return max(self._seconds - self.kept_back - self.trained, 0.0)
