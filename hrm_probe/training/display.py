"""What a person sees while a model trains: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from types import TracebackType

SECONDS_BETWEEN_LINES = 15.0


class Display:
    """Progress, speed, time left and the latest numbers of a training, on stderr.

    >>> with Display("hrm-6x6") as display:              # doctest: +SKIP
    ...     display.update(0.5, 20.0, 60.0, "loss 0.71, accuracy 0.43")

    Args:
        title: what is training.
        silent: show and say nothing, as all processes but one where several train together.
    """

    def __init__(self, title: str, silent: bool = False) -> None:
        self.title = title
        self._silent = silent
        self._last_line = 0.0
        self._bar = _make_bar() if not silent and sys.stderr is not None and sys.stderr.isatty() else None
        self._task = self._bar.add_task(title, total=1.0, rate="", left="", news="") if self._bar else None

    def update(self, progress: float, steps_per_second: float, seconds_left: float, news: str) -> None:
        """Show how things stand; ``news`` is whatever else is worth saying."""
        rate, left = f"{steps_per_second:,.1f} steps/s", f"{_clock(seconds_left)} left"
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=progress, rate=rate, left=left, news=news)
        elif time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES or progress >= 1.0:
            self._last_line = time.monotonic()
            self.say(f"{self.title}: {progress:4.0%}, {rate}, {left}, {news}")

    def say(self, line: str) -> None:
        """Print a line that stays."""
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)
        elif not self._silent and sys.stderr is not None:  # with None it would print to stdout
            print(line, file=sys.stderr, flush=True)

    def __enter__(self) -> "Display":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _make_bar():  # type: ignore[no-untyped-def]
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    texts = (TextColumn(f"{{task.{name}}}") for name in ("fields[rate]", "fields[left]", "fields[news]"))
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), *texts, console=console
    )


def _clock(seconds: float) -> str:
    if seconds == float("inf"):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
