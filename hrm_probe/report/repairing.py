"""Is what a model fails at done by its twin, which was trained with hints?"""

from collections.abc import Callable

import numpy as np

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.report.effects import labels_as_resampled
from hrm_probe.report.verdicts import Control, Judgement, decide, untestable

NO_TWIN = "There is no model trained with hints to compare with; name one with --twin."


def judge_repair(
    plain: np.ndarray,
    twin: np.ndarray,
    labels: np.ndarray | None,
    resampled: str,
    seed: int,
    *,
    tolerated: float,
    told: Callable[[float, float, Interval], str],
    room: str,
    nothing: str,
) -> Judgement:
    """Whether the twin succeeds more often, puzzle by puzzle; in points, above 0.

    Args:
        plain, twin: bool [puzzle], whether either model succeeds.
        labels: int64 [puzzle], which puzzles are resampled together; None for each alone.
        resampled: what the answer says that they are.
        seed: of the interval.
        tolerated: the share of failures below which there is nothing to repair.
        told: the sentence, of both shares and the gain.
        room: that there is something to repair, with ``{}`` for the share that fails.
        nothing: why the claim is not testable where there is not.
    """
    gain = mean_change(plain, twin, labels_as_resampled(labels, resampled), seed=seed)
    sentence = told(plain.mean(), twin.mean(), gain)
    control = Control("room", plain.mean() < 1 - tolerated, room.format(1 - plain.mean()))
    if not control.passed:
        return untestable(nothing, 0.0, "points", sentence, [control])
    return decide(gain, 0.0, sentence, [control], unit="points")
