"""The learning rate over a training."""

import math


def learning_rate_factor(progress: float, warmup: float = 0.0, min_ratio: float = 0.0) -> float:
    """Linear warm-up, then half a cosine down to ``min_ratio``, as a factor of the full learning rate.

    >>> [round(learning_rate_factor(p, warmup=0.1, min_ratio=0.2), 2) for p in (0.0, 0.05, 0.1, 0.55, 1.0)]
    [0.0, 0.5, 1.0, 0.6, 0.2]

    Args:
        progress: share of the budget used, 0..1; steps or minutes, whichever the training is measured in.
        warmup: share of the budget spent warming up.
        min_ratio: the factor at the end; 1 keeps the rate constant after the warm-up.

    Known inaccuracy: a training's first step has progress 0, so with a warm-up it changes no weight: a step lost. The
    published code counts the step before it looks up its rate.
    """
    if progress < warmup:
        return progress / warmup
    done = (min(progress, 1.0) - warmup) / max(1.0 - warmup, 1e-12)
    return min_ratio + (1.0 - min_ratio) * 0.5 * (1.0 + math.cos(math.pi * done))
