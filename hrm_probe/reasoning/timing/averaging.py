"""An average of sudden falls looks gradual: the averaged curve, plain and aligned at the jumps."""

import numpy as np
import pandas as pd


def average_curve(values: np.ndarray, jump_segment: np.ndarray) -> pd.DataFrame:
    """The mean curve, segment by segment.

    Args:
        values: [n, segment], one curve a row.
        jump_segment: int [n], 1-based, 0 for none.

    Returns:
        One row per segment (1-based): mean, low_quartile, high_quartile, jumped (share of curves that have jumped).
    """
    segments = np.arange(1, values.shape[1] + 1)
    empty = not len(values)
    quartiles = np.full((2, len(segments)), np.nan) if empty else np.quantile(values, [0.25, 0.75], axis=0)
    jumped = (jump_segment[:, None] > 0) & (jump_segment[:, None] <= segments)
    return pd.DataFrame(
        {
            "segment": segments,
            "mean": np.full(len(segments), np.nan) if empty else values.mean(0),
            "low_quartile": quartiles[0],
            "high_quartile": quartiles[1],
            "jumped": np.full(len(segments), np.nan) if empty else jumped.mean(0),
        }
    )


def aligned_curve(values: np.ndarray, jump_segment: np.ndarray, reach: int = 6) -> pd.DataFrame:
    """The mean curve of those that jump, counted from each one's own jump.

    Returns:
        One row per offset (0 is the first segment after the jump): mean, n (curves that reach so far).
    """
    segments = values.shape[1]
    offsets = np.arange(-reach, reach + 1)
    jumpers = np.flatnonzero(jump_segment > 0)
    places = jump_segment[jumpers][:, None] - 1 + offsets  # [jumper, offset]
    inside = (places >= 0) & (places < segments)
    picked = np.where(inside, values[jumpers[:, None], places.clip(0, segments - 1)], np.nan)
    count = inside.sum(0)
    return pd.DataFrame(
        {"offset": offsets, "mean": np.nansum(picked, axis=0) / np.where(count, count, np.nan), "n": count}
    )


def steepest_share(values: np.ndarray) -> np.ndarray:
    """Largest fall within one segment, as a share of the fall from first to last: [n, segment] -> [n].

    1 for a step, 1 / (segments - 1) for a straight ramp, more than 1 where a curve rose before it fell; NaN where
    it did not fall.
    """
    fall = values[:, 0] - values[:, -1]
    largest = (values[:, :-1] - values[:, 1:]).max(1)
    return np.where(fall > 0, largest / np.where(fall > 0, fall, 1), np.nan)
