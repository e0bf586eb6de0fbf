"""Recursion that deepens when the training loss stops falling, not by the clock."""

from dataclasses import dataclass, field
from typing import Any

from hrm_probe.given_numbers import number_within
from hrm_probe.training.curriculum import ProgressiveDepth, Stage

Reading = tuple[float, float]


@dataclass
class PlateauDepth:
    """The stages of a :class:`ProgressiveDepth`, each left when the loss has stopped falling in it.

    Criterion. The loss is the mean over all rows of the steps between two log lines, as the metrics file has it;
    it is looked at only there, so that no step waits for the device. Two windows lie behind each reading, each
    ``window`` of the budget long: the last one and the one before it. Once both lie wholly within the present
    stage, and the mean reading of the last is above ``1 - fall`` times that of the one before, the next stage
    begins. At ``latest`` of the budget the last stage begins, whatever the loss did: the training always ends at
    full depth. The same losses give the same stages.

    >>> depth = PlateauDepth(ProgressiveDepth.cgar(), window=0.05)
    >>> for share in range(12):                                  # the loss does not fall at all
    ...     depth.observe(share / 100, loss=1.0)
    >>> depth.depth(0.12), depth.depth(0.59), depth.depth(0.6)
    ((4, 2), (4, 2), (6, 3))

    The stages cost what they cost: how much computation is saved is known only afterwards (``switches``).

    Args:
        schedule: which depths, from shallow to full; when they end there does not matter.
        window: share of the budget over which readings are averaged.
        fall: the least relative fall from window to window that counts as falling.
        latest: share of the budget at which full depth begins at the latest.

    Known inaccuracy: with supervision weighting the loss is the weighted one, whose level also follows how many
    segments rows take; and where fewer than one reading falls into a window, only ``latest`` deepens.
    """

    schedule: ProgressiveDepth
    window: float = 0.05
    fall: float = 0.05
    latest: float = 0.6
    index: int = 0  # of the present stage
    switches: list[float] = field(default_factory=list)  # shares of the budget at which it deepened
    _readings: list[Reading] = field(default_factory=list)  # of the present stage, the last two windows

    def __post_init__(self) -> None:
        number_within(self.window, "window", above=0)
        number_within(self.latest, "latest", least=0, most=1)
        number_within(self.fall, "fall", least=0, below=1)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """From shallow to full."""
        return self.schedule.stages

    def stage(self, progress: float) -> Stage:
        """The stage in force at ``progress`` (0..1), after what was observed so far."""
        return self.stages[-1 if progress >= self.latest else self.index]

    def depth(self, progress: float) -> tuple[int, int]:
        """(L_cycles, H_cycles) at ``progress`` (0..1)."""
        stage = self.stage(progress)
        return stage.L_cycles, stage.H_cycles

    def observe(self, progress: float, loss: float) -> None:
        """Take a reading of the loss at ``progress``, and begin the next stage if it has stopped falling."""
        if self.index + 1 == len(self.stages) or progress >= self.latest:
            return
        self._readings.append((progress, loss))
        began = self.switches[-1] if self.switches else 0.0
        middle, begin = progress - self.window, progress - 2 * self.window
        self._readings = [reading for reading in self._readings if reading[0] > begin]
        last = [loss for at, loss in self._readings if at > middle]
        before = [loss for at, loss in self._readings if at <= middle]
        if begin < began or not before:
            return
        if sum(last) / len(last) > (1 - self.fall) * sum(before) / len(before):
            self.index += 1
            self.switches.append(progress)
            self._readings = []

    def state_dict(self) -> dict[str, Any]:
        """All that later stages depend on, for a checkpoint."""
        return {
            "index": self.index,
            "switches": list(self.switches),
            "readings": [list(reading) for reading in self._readings],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what :meth:`state_dict` returned."""
        self.index = state["index"]
        self.switches = list(state["switches"])
        self._readings = [(at, loss) for at, loss in state["readings"]]
