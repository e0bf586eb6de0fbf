"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TypeVar

T = TypeVar("T")

SECONDS_BETWEEN_LINES = 15.0


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
    if not show or sys.stderr is None:  # closed
        yield from iterable
    elif sys.stderr.isatty():
        yield from _bar(iterable, description, total, unit, each, status)
    else:
        yield from _lines(iterable, description, total, unit, each, status)


def _bar(
    iterable: Iterable[T],
    description: str,
    total: int | None,
    unit: str,
    each: int,
    status: Callable[[], str] | None,
) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[status]}"),
    )
    started = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(description, total=total, rate="", status="")
        for done, item in enumerate(iterable, start=1):
            yield item
            rate = done * each / max(time.monotonic() - started, 1e-9)
            said = "" if status is None else status()
            completed = _count(done, each, total)
            progress.update(task, completed=completed, rate=f"{_rate(rate)} {unit}/s", status=said)


def _lines(
    iterable: Iterable[T],
    description: str,
    total: int | None,
    unit: str,
    each: int,
    status: Callable[[], str] | None,
) -> Iterator[T]:
    started = last_line = time.monotonic()
    for done, item in enumerate(iterable, start=1):
        yield item
        now = time.monotonic()
        if now - last_line >= SECONDS_BETWEEN_LINES:
            last_line = now
            count, rate = _count(done, each, total), done * each / (now - started)
            left = "" if total is None else f", about {(total - count) / rate:,.0f} s left"
            of = "" if total is None else f" of {total:,}"
            said = "" if status is None else f", {status()}"
            print(f"{description}: {count:,}{of} {unit}, {_rate(rate)} {unit}/s{left}{said}", file=sys.stderr)


def _rate(rate: float) -> str:
    """Units a second; of slow work two digits."""
    return f"{rate:,.1f}" if rate >= 1 else f"{rate:.2g}"


def _count(done: int, each: int, total: int | None) -> int:
    """Units done; the last item may hold fewer than the others."""
    return done * each if total is None else min(done * each, total)
