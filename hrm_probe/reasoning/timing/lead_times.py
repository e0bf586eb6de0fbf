"""What precedes a jump: which signal, how many segments ahead, tells the puzzles about to jump from the rest?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hrm_probe.reasoning.result import plain_labels
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.statistics.ranking import auc

SIGNALS = ("displacement", "displacement_L", "entropy", "q_halt", "errors", "loss")
"""The last two need the answer: no model could act on them."""

FEWEST_JUMPS = 10
"""With fewer, a bootstrap of an AUC says nothing, and nothing is claimed."""


def lead_times(
    curves: Curves,
    jump_segment: np.ndarray,
    lags: Sequence[int] = (1, 2, 3),
    labels: np.ndarray | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Does a signal at segment s - lag foretell a jump at segment s?

    Compared are, at each segment, the puzzles that will jump ``lag`` segments later with those still unsolved
    that will not have jumped by then; so that a jump's being late or early does not count as foretelling it.

    Args:
        curves: of n puzzles; signals that were not recorded (NaN) are passed over.
        jump_segment: int [n], the 1-based segment of the jump, 0 for puzzles that do not jump.
        lags: in segments.
        labels: [n], puzzles resampled together.
        seed: for the resampling.

    Returns:
        One row per (signal, lag): auc, low, high (95%); foretells (the interval at 1 - 0.05 / rows, a Bonferroni
        correction, excludes 0.5, and there are 10 jumps or more to tell from); jumping and waiting (mean signal
        of both); jumps (how many had that many segments before them); needs_answer.
    """
    n, segments = curves.loss.shape
    known = [signal for signal in SIGNALS if not np.isnan(getattr(curves, signal).astype(float)).any()]
    unsolved = ~np.maximum.accumulate(curves.solved, axis=1)
    rows = []
    level = 1 - 0.05 / (len(known) * len(lags))
    puzzle, now = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(segments), indexing="ij"))
    groups = plain_labels(labels, n)[puzzle]
    when = np.where(jump_segment > 0, jump_segment - 1, segments + max(lags))[puzzle]  # 0-based
    for signal in known:
        values = getattr(curves, signal).astype(float).ravel()
        for lag in lags:
            # Up to the jump a puzzle is waiting, even if its answer was right by chance; without one, while unsolved.
            waiting = (when > now + lag) & (unsolved.ravel() | (when < segments)) & (now + lag < segments)
            jumping = when == now + lag
            kept = waiting | jumping
            given = (values[kept], jumping[kept], now[kept])
            score = auc(*given, groups=groups[kept], seed=seed)
            enough = jumping.sum() >= FEWEST_JUMPS
            strict = (
                auc(*given, groups=groups[kept], resamples=2000, seed=seed, level=level) if enough else score
            )
            rows.append(
                {
                    "signal": signal,
                    "lag": lag,
                    "auc": score.estimate,
                    "low": score.low,
                    "high": score.high,
                    "foretells": bool(enough and not strict.low <= 0.5 <= strict.high),
                    "jumping": values[jumping].mean() if jumping.any() else float("nan"),
                    "waiting": values[waiting].mean() if waiting.any() else float("nan"),
                    "jumps": int(jumping.sum()),
                    "needs_answer": signal in ("errors", "loss"),
                }
            )
    return pd.DataFrame(rows)
