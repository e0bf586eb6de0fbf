"""What changes while a model trains: how deep the recursion goes, and how much each segment counts.

Both schedules are those of CGAR (Qasim and Zhang, arXiv 2511.08653), for HRM and TRM alike.
"""

from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import finite_number, whole_number


@dataclass(frozen=True)
class Stage:
    """Depth of the recursion in one part of the training, from the end of the stage before.

    Attributes:
        until: where the stage ends, as a share of the training, in (0, 1].
        L_cycles: L-updates before each H-update.
        H_cycles: H-updates of a segment.

    Raises:
        InputError: cycles that are not whole numbers of at least 1, or an end that is not a number.
    """

    until: float
    L_cycles: int
    H_cycles: int

    def __post_init__(self) -> None:
        finite_number(self.until, "until")
        whole_number(self.L_cycles, "L_cycles")
        whole_number(self.H_cycles, "H_cycles")


@dataclass(frozen=True)
class ProgressiveDepth:
    """Recursion that deepens in stages as training goes on, which saves computation early.

    >>> depth = ProgressiveDepth.cgar()
    >>> depth.depth(0.1), depth.depth(0.45), depth.depth(0.9)
    ((2, 1), (4, 2), (6, 3))
    >>> round(depth.flops_saved(), 3)
    0.414

    Args:
        stages: in order; the last one ends at 1 and has the full depth, if any has.
        L_layers: blocks of the module that makes L-updates.
        H_layers: blocks of the module that makes H-updates; in TRM the same module, so the same number.
        full: the full depth, where training never reaches it; the last stage's if None.

    Raises:
        InputError: stages that do not end at rising shares of the training, or not with the whole of it; modules
            without blocks.

    Source: CGAR, arXiv 2511.08653, section 3 (progressive depth curriculum).
    """

    stages: tuple[Stage, ...]
    L_layers: int = 2
    H_layers: int = 2
    full: Stage | None = None

    def __post_init__(self) -> None:
        whole_number(self.L_layers, "L_layers")
        whole_number(self.H_layers, "H_layers")
        if not all(isinstance(stage, Stage) for stage in self.stages):
            raise InputError("stages must be Stages: Stage(until, L_cycles, H_cycles) each.")
        ends = [stage.until for stage in self.stages]
        if not ends or ends != sorted(set(ends)) or ends[0] <= 0 or ends[-1] != 1.0:
            raise InputError(
                f"stages end at {ends}; they must end at rising shares of the training, the last at 1."
            )

    @classmethod
    def cgar(
        cls, L_cycles: int = 6, H_cycles: int = 3, L_layers: int = 2, H_layers: int | None = None
    ) -> "ProgressiveDepth":
        """The published schedule: (L, H) = (2, 1) to 30% of training, (4, 2) to 60%, then (6, 3).

        For another full depth the stages have a third, two thirds and all of the cycles, rounded up as the
        published code does: ``(max(2, ceil(L/3)), ceil(H/3))``, ``(ceil(2L/3), ceil(2H/3))``, ``(L, H)``. No stage
        goes deeper than the full depth.

        >>> [(stage.until, stage.L_cycles, stage.H_cycles) for stage in ProgressiveDepth.cgar(7, 4).stages]
        [(0.3, 3, 2), (0.6, 5, 3), (1.0, 7, 4)]

        Args:
            L_cycles, H_cycles: the full depth, 1 or more each.
            L_layers, H_layers: blocks of the two modules; ``H_layers`` is taken equal to ``L_layers`` if not given.

        Source: CGAR, arXiv 2511.08653, section 3, and its code.
        """
        L_cycles, H_cycles = whole_number(L_cycles, "L_cycles"), whole_number(H_cycles, "H_cycles")
        first = Stage(0.3, min(L_cycles, max(2, ceil(L_cycles / 3))), ceil(H_cycles / 3))
        second = Stage(0.6, max(first.L_cycles, ceil(2 * L_cycles / 3)), ceil(2 * H_cycles / 3))
        full = Stage(1.0, L_cycles, H_cycles)
        return cls((first, second, full), L_layers, L_layers if H_layers is None else H_layers)

    @classmethod
    def constant(
        cls, L_cycles: int, H_cycles: int, L_layers: int = 2, H_layers: int = 2
    ) -> "ProgressiveDepth":
        """Full depth from the first step on: training without this curriculum, which saves nothing.

        >>> depth = ProgressiveDepth.constant(6, 3)
        >>> depth.depth(0.0), depth.flops_saved()
        ((6, 3), 0.0)

        Args:
            L_cycles, H_cycles: the full depth.
            L_layers, H_layers: blocks of the two modules.
        """
        return cls((Stage(1.0, L_cycles, H_cycles),), L_layers, H_layers)

    @classmethod
    def shallow(
        cls, L_cycles: int, H_cycles: int, L_layers: int = 2, H_layers: int = 2
    ) -> "ProgressiveDepth":
        """The first depth of :meth:`cgar` throughout: a control for how much the growing of depth adds.

        >>> depth = ProgressiveDepth.shallow(6, 3)
        >>> depth.depth(0.99), round(depth.flops_saved(), 3)
        ((2, 1), 0.857)

        Args:
            L_cycles, H_cycles: the full depth, which training never reaches.
            L_layers, H_layers: blocks of the two modules.
        """
        stages = cls.cgar(L_cycles, H_cycles).stages
        return cls((replace(stages[0], until=1.0),), L_layers, H_layers, full=stages[-1])

    def stage(self, progress: float) -> Stage:
        """The stage that runs at ``progress`` (0..1); a stage's end already belongs to the next one.

        Raises:
            InputError: progress above 1 (as a number of steps would be), below 0, or not a number.
        """
        if not 0 <= finite_number(progress, "progress") <= 1:
            raise InputError(f"progress is {progress}; it is a share of the training, from 0 to 1.")
        return next((stage for stage in self.stages if progress < stage.until), self.stages[-1])

    def depth(self, progress: float) -> tuple[int, int]:
        """(L_cycles, H_cycles) at ``progress`` (0..1)."""
        stage = self.stage(progress)
        return stage.L_cycles, stage.H_cycles

    def observe(self, progress: float, loss: float) -> None:
        """How the loss stands at ``progress``: these stages go by the clock and do not listen."""

    def state_dict(self) -> dict[str, Any]:
        """What later stages depend on, for a checkpoint: nothing."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what :meth:`state_dict` returned."""

    def effective_depth(self, stage: Stage) -> int:
        """Blocks that a segment passes through: each cycle has L_cycles L-updates and one H-update.

        ``H_cycles * (L_cycles * L_layers + H_layers)``; with one module of n blocks this is the published
        ``H (L + 1) n`` (CGAR, arXiv 2511.08653, section 3).

        >>> depth = ProgressiveDepth.cgar()
        >>> [depth.effective_depth(stage) for stage in depth.stages]
        [6, 20, 42]
        """
        return stage.H_cycles * (stage.L_cycles * self.L_layers + self.H_layers)

    def flops_saved(self) -> float:
        """Share of the forward computation saved against training at full depth throughout; 0.414 for ``cgar()``.

        One minus the mean effective depth over the training, divided by the full one; for ``cgar()``
        ``1 - (0.3 * 6 + 0.3 * 20 + 0.4 * 42) / 42``. Every block costs the same, and all steps have the same batch.
        Embedding, output head, loss and optimiser are left out, and so is the backward pass, which in all stages
        covers the last updates only: the share of a whole step that is saved, and of wall time, is smaller.
        """
        begins = (0.0, *(stage.until for stage in self.stages))
        mean = sum(
            (stage.until - begin) * self.effective_depth(stage)
            for begin, stage in zip(begins, self.stages, strict=False)
        )
        return 1.0 - mean / self.effective_depth(self.full or self.stages[-1])


WeightingMode = Literal["row", "published"]


@dataclass(frozen=True)
class SupervisionWeighting:
    """How much the loss of a segment counts, decaying from the first segment on.

    >>> weighting = SupervisionWeighting.cgar()
    >>> round(weighting.weight(2) / weighting.weight(1), 6)
    0.7
    >>> round(sum(weighting.weight(t) for t in range(1, 17)), 6)
    1.0

    The paper's weight is ``decay^(t-1) / Z`` for segment t, Z making the weights of all segments sum to one
    (arXiv 2511.08653, section 3). In training the rows of a batch stand at different segments, and each row's loss
    (its halting terms too) is multiplied by the weight of its own segment: ``mode="row"``. The published code
    instead multiplies the whole batch by ``decay^m``, unnormalised, m being the mean number of segments that the
    rows had run before this step, rounded down, rows that had just finished included: ``mode="published"``.
    In that mode every segment of a batch counts the same; only the scale of the loss moves, which Adam removes
    but for its moments.

    Args:
        decay: the ratio of a segment's weight to that of the one before; 1 weighs all alike.
        segments: the largest number of segments.
        normalised: divide by Z.
        mode: see above.

    Raises:
        InputError: a decay that is not a number greater than 0, no segments, or an unknown mode.
    """

    decay: float = 1.0
    segments: int = 16
    normalised: bool = False
    mode: WeightingMode = "row"

    def __post_init__(self) -> None:
        finite_number(self.decay, "decay", above=0)
        whole_number(self.segments, "segments")
        if self.mode not in get_args(WeightingMode):
            raise InputError(
                f"mode is {self.mode!r}; it must be one of {', '.join(get_args(WeightingMode))}."
            )

    @classmethod
    def cgar(cls, segments: int = 16, decay: float = 0.7) -> "SupervisionWeighting":
        """The paper's weighting: ``decay^(t-1) / Z``, by each row's own segment t.

        ``Z = (1 - decay^segments) / (1 - decay)`` makes the weights of all segments sum to one.

        >>> weighting = SupervisionWeighting.cgar()
        >>> round(weighting.weight(1), 4), round(weighting.weight(16), 4)
        (0.301, 0.0014)

        Args:
            segments: the largest number of segments.
            decay: the ratio of a segment's weight to that of the one before.

        Source: CGAR, arXiv 2511.08653, section 3 (hierarchical supervision weighting).
        """
        return cls(decay, segments, normalised=True)

    @classmethod
    def published(cls, segments: int = 16, decay: float = 0.7) -> "SupervisionWeighting":
        """The published code's weighting: the whole batch by ``decay^m``, not normalised.

        m is the mean number of segments that the rows had run before the step, rounded down.

        >>> running, before = torch.tensor([1, 4]), torch.tensor([0, 3])  # 1.5 segments on average: m = 1
        >>> SupervisionWeighting.published().row_weights(running, before)
        tensor([0.7000, 0.7000])

        Args:
            segments: the largest number of segments.
            decay: the factor of each further segment.

        Source: the code of CGAR (arXiv 2511.08653), which differs from the paper.
        """
        return replace(cls.cgar(segments, decay), normalised=False, mode="published")

    @classmethod
    def uniform(cls, segments: int = 16) -> "SupervisionWeighting":
        """Every segment counts 1, as in training without this curriculum.

        >>> SupervisionWeighting.uniform().weight(16)
        1.0

        Args:
            segments: the largest number of segments.
        """
        return cls(1.0, segments)

    def weight(self, segment: int) -> float:
        """The weight of a segment: ``decay^(segment - 1)``, divided by Z if normalised.

        Args:
            segment: counted from 1.

        Raises:
            InputError: not a whole number from 1 to ``segments``.
        """
        return self._first * self.decay ** (whole_number(segment, "segment", 1, self.segments) - 1)

    def row_weights(self, segments: Tensor, segments_before: Tensor) -> Tensor | None:
        """The factors of each row's loss, float32 [batch], without asking the device anything; None if all are 1.

        >>> running, before = torch.tensor([1, 4]), torch.tensor([0, 3])
        >>> SupervisionWeighting.cgar().row_weights(running, before)
        tensor([0.3010, 0.1032])

        Args:
            segments: the segment that each row is running, 1-based, int64 [batch].
            segments_before: segments each row of the batch had run when the step began, finished rows included.
        """
        if self.decay == 1.0 and not self.normalised:
            return None
        if self.mode == "published":
            mean = segments_before.float().mean().floor()
            return torch.full_like(segments, 1, dtype=torch.float32) * self.decay**mean
        # By a power, for a table would be copied to the device in every step.
        return self._first * self.decay ** (segments - 1)

    @property
    def _first(self) -> float:
        """The weight of the first segment: 1 / Z if normalised."""
        return 1.0 / sum(self.decay**t for t in range(self.segments)) if self.normalised else 1.0
