"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")

SECONDS_BETWEEN_LINES = 15.0


class Display:
    """What is said of long work on stderr: a bar on a terminal, lines elsewhere, nothing where it is closed.

    >>> with Display("counting", total=10) as display:                               # doctest: +SKIP
    ...     display.show(5, "5 of 10", "2.5/s")

    Args:
        title: what the work is, in a word or two.
        total: what ``show`` comes to in the end; None where nobody knows.
        silent: show and say nothing.
        passing: no line before some time has gone by, and no bar left when all is done.
    """

    def __init__(
        self, title: str, total: float | None = 1.0, *, silent: bool = False, passing: bool = False
    ) -> None:
        self.title = title
        self._silent = silent or sys.stderr is None  # closed; with None a line would go to stdout
        self._next_line = time.monotonic() + (SECONDS_BETWEEN_LINES if passing else 0.0)
        self._bar = _bar(passing) if not self._silent and sys.stderr.isatty() else None
        self._task = None if self._bar is None else self._bar.add_task(title, total=total, told="")

    @property
    def due(self) -> bool:
        """Is it time to show something: always on a bar, now and then in lines?"""
        return self._bar is not None or (not self._silent and time.monotonic() >= self._next_line)

    def show(self, completed: float, *told: str) -> None:
        """Move the bar, with words beside it; or say them in a line, which need not be due."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=completed, told=" ".join(told))
        else:
            self._next_line = time.monotonic() + SECONDS_BETWEEN_LINES
            self.say(f"{self.title}: {', '.join(filter(None, told))}")

    def say(self, line: str) -> None:
        """Print a line that stays."""
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)
        elif not self._silent:
            print(line, file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def track(
    iterable: Iterable[T],
    description: str,
    total: int | None = None,
    unit: str = "puzzles",
    each: int = 1,
    status: Callable[[], str] | None = None,
    show: bool = True,
) -> Iterator[T]:
    """Pass ``iterable`` on, showing on stderr how far it has come, how fast, and how long is left.

    Args:
        iterable: what to go through.
        description: what the work is, in a word or two.
        total: number of units in all; taken from ``len(iterable) * each`` where that is known.
        unit: what is counted.
        each: units in one item (the batch size, say).
        status: gives what else there is to say, asked for when progress is shown.
        show: whether to; if not, items only pass.
    """
    if total is None and isinstance(iterable, Sized):
        total = len(iterable) * each
    started = time.monotonic()
    with Display(description, total, silent=not show, passing=True) as display:
        for done, item in enumerate(iterable, start=1):
            yield item
            if not display.due:
                continue
            # The last item may hold fewer units than the others.
            count = done * each if total is None else min(done * each, total)
            rate = done * each / max(time.monotonic() - started, 1e-9)
            of = "" if total is None else f" of {total:,}"
            left = "" if total is None else f"about {(total - count) / rate:,.0f} s left"
            said = "" if status is None else status()
            display.show(count, f"{count:,}{of} {unit}", f"{_rate(rate)} {unit}/s", left, said)


def _bar(passing: bool) -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}", markup=False)
    return Progress(*columns, console=Console(stderr=True), transient=passing)


def _rate(rate: float) -> str:
    """Units a second; of slow work two digits."""
    return f"{rate:,.1f}" if rate >= 1 else f"{rate:.2g}"
