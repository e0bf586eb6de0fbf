"""Time in a recursion, made explicit: ticks, what selects them, and the clock that hook points share."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hrm_probe.models.hooks import Hook


class Tick(NamedTuple):
    """Where an update stands in time, all 1-based.

    ``L_cycle`` 0 is the H-update that ends a cycle; ``H_cycle`` 0 is what happens once a segment (input
    embedding, logits, halting values).
    """

    segment: int
    H_cycle: int = 0
    L_cycle: int = 0


TicksFilter = Collection[Tick] | Callable[[Tick], bool] | None


@dataclass
class Clock:
    """The time that all hook points of a model share; it ticks only while somebody listens.

    A hook's function may run the model itself. What it runs is heard by the hooks that it attaches, not by those that
    it is called from, and time stands still for these: ``depth`` counts the functions that are being called.
    """

    segment: int = 1
    tick: Tick = field(default_factory=lambda: Tick(1))
    listeners: int = 0
    depth: int = 0
    attached_within: list["Hook"] = field(default_factory=list)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Around the call of a hook's function."""
        before = self.segment, self.tick
        self.depth += 1
        try:
            yield
        finally:
            self.segment, self.tick = before
            self.depth -= 1
            # What the function leaves attached is for the run that it is called from.
            for hook in self.attached_within:
                hook.depth = min(hook.depth, self.depth)
            if not self.depth:
                self.attached_within.clear()
