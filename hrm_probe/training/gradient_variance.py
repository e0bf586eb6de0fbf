"""How much the gradient varies over segments and over batches, and what supervision weighting changes about it.

CGAR claims that its weighting lowers the gradient's variance by 40% and so improves the signal in stochastic
gradients (arXiv 2511.08653, abstract and section 3.5), which may be read in three ways; all are measured. Let
``g[b, t]`` be the gradient of the mean loss of segment t over the rows of batch b, in the published truncated form,
all rows running all segments; ``w[t]`` the weights, and ``c = w g`` the contributions. Each measure is free of
scale, since multiplying all weights by one number changes nothing for Adam:

- ``norms``: the variance over segments of the norm of c, over its squared mean over segments;
- ``segments``: the trace of the covariance of c over segments, over the squared norm of its mean;
- ``batches``: the trace of the covariance over batches of the whole gradient (the sum of c over segments), over
  the squared norm of its mean: the noise of a stochastic gradient, the inverse of its signal-to-noise ratio.

All follow from inner products of gradients, so that resampling batches costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hrm_probe.dynamics.intervals import Interval, percentile_interval, resampled_counts
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.sudoku import Puzzles
from hrm_probe.training.curriculum import SupervisionWeighting
from hrm_probe.training.data.stream import Batch, PuzzleStream
from hrm_probe.training.recipe import Recipe
from hrm_probe.training.segment import empty_carry, run_segment
from hrm_probe.wording import counted

MEASURES = ("norms", "segments", "batches")
NEVER = 2**30  # least segments of a row that may not halt before the last one


@dataclass(frozen=True)
class WeightingEffect:
    """One measure with all segments alike and weighted; ``change`` is weighted over alike, minus one."""

    alike: Interval
    weighted: Interval
    change: Interval

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: getattr(self, name).to_dict() for name in ("alike", "weighted", "change")}


@dataclass(frozen=True)
class GradientVariance:
    """The three measures, and the mean norm of the unweighted gradient at each segment [segment]."""

    norms: WeightingEffect
    segments: WeightingEffect
    batches: WeightingEffect
    norm_by_segment: list[float]
    weights: list[float]
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        measured: dict[str, Any] = {name: getattr(self, name).to_dict() for name in MEASURES}
        return measured | {
            "norm_by_segment": self.norm_by_segment,
            "weights": self.weights,
            "seed": self.seed,
        }


def measure_gradient_variance(
    model: RecursiveReasoner,
    recipe: Recipe,
    puzzles: Puzzles,
    weighting: SupervisionWeighting | None = None,
    *,
    batches: int = 8,
    seed: int = 0,
) -> GradientVariance:
    """Measure a model's gradients on batches drawn as in its training.

    >>> found = measure_gradient_variance(model, recipe, puzzles)               # doctest: +SKIP
    >>> found.batches.change.estimate                    # published: -0.4      # doctest: +SKIP

    Args:
        model: its weights are left as they are, its gradients are not touched.
        recipe: batch size, loss, gradient, augmentation and hints.
        puzzles: the training set.
        weighting: by row; the paper's if None.
        batches: at least 2.
        seed: for the batches and the bootstrap.

    Known inaccuracy: in training, rows that halt make room for fresh ones, so late segments hold the harder
    puzzles; here every puzzle runs every segment, as in the paper's formula. The intervals are those of few groups; of
    250 simulated samples of 8 batches they held the truth in 86% to 88% for ``norms``, 94% and 95% for ``segments``
    and 99% for ``batches``.
    """
    weighting = SupervisionWeighting.cgar(recipe.max_segments) if weighting is None else weighting
    stream = PuzzleStream(
        puzzles, recipe.batch_size, seed, model.device, recipe.augment, recipe.hint_fraction, recipe.hint_min_blanks
    )  # fmt: skip
    gradients = torch.stack([segment_gradients(model, recipe, stream.draw()) for _ in range(batches)])
    weights = [weighting.weight(t) for t in range(1, recipe.max_segments + 1)]
    return gradient_variance(gradients, weights, seed=seed)


def segment_gradients(model: RecursiveReasoner, recipe: Recipe, puzzles: Batch) -> Tensor:
    """The gradient of each segment's loss, halting terms included, unweighted: float32 [segment, parameter]."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    carry = empty_carry(model, puzzles)
    uniform = SupervisionWeighting.uniform(recipe.max_segments)
    least = torch.full_like(puzzles.puzzle_ids, NEVER)
    gradients = []
    for _ in range(recipe.max_segments):
        loss, carry, _ = run_segment(model, recipe, uniform, carry, puzzles, least)
        parts = torch.autograd.grad(loss, parameters, allow_unused=True, materialize_grads=True)
        gradients.append(torch.cat([part.flatten().float() for part in parts]))
    return torch.stack(gradients)


def gradient_variance(
    gradients: Tensor, weights: Sequence[float], *, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> GradientVariance:
    """The three measures of given gradients, with percentile bootstrap intervals over batches.

    >>> one = torch.tensor([[[1.0], [0.5]], [[1.0], [0.5]]])            # two batches, two segments, one parameter
    >>> found = gradient_variance(one, weights=[1.0, 0.0])
    >>> round(found.norms.alike.estimate, 4)                            # (0.25 / 0.75) squared
    0.1111
    >>> found.norms.weighted.estimate, found.batches.weighted.estimate
    (1.0, 0.0)

    Args:
        gradients: [batch, segment, parameter].
        weights: of each segment; only their ratios matter.
        level, resamples, seed: for the bootstrap.

    Raises:
        InputError: fewer than two batches, or another number of weights than of segments.

    The squared norm of the mean over batches is estimated without bias, from pairs of different batches alone.
    Known inaccuracy: with few batches that estimate may come near zero or below, and ``batches`` is then useless:
    it is NaN where it is not positive, and resamples with NaN are left out of the interval.
    """
    n, segments = gradients.shape[:2]
    if n < 2:
        raise InputError(f"Gradients of {n} batch were given; a variance needs at least 2.")
    if len(weights) != segments:
        raise InputError(
            f"{counted(len(weights), 'weight')} for {counted(segments, 'segment')} will not do; give one for each."
        )
    flat = gradients.flatten(0, 1).double()
    products = (flat @ flat.T).reshape(n, segments, n, segments).cpu().numpy()
    w = np.asarray(weights, float)
    pair = [_Parts.of(products, np.full(segments, 1 / segments)), _Parts.of(products, w / w.sum())]
    draws = resampled_counts(n, resamples, seed).astype(float)
    found = [(parts.measures(np.ones(n)), [parts.measures(draw) for draw in draws]) for parts in pair]
    norms = np.sqrt(np.einsum("btbt->bt", products)).mean(axis=0)
    compared = {name: _compare(name, found, level, n) for name in MEASURES}
    return GradientVariance(**compared, norm_by_segment=norms.tolist(), weights=w.tolist(), seed=seed)


@dataclass(frozen=True)
class _Parts:
    """What the measures are made of, for one weighting: arrays [batch], and ``totals`` [batch, batch]."""

    norm: NDArray[np.float64]  # mean over segments of the norm
    square: NDArray[np.float64]  # ... of its square
    mean_square: NDArray[np.float64]  # squared norm of the mean over segments
    totals: NDArray[np.float64]  # inner products of the sums over segments

    @classmethod
    def of(cls, products: NDArray[np.float64], weights: NDArray[np.float64]) -> "_Parts":
        squares = np.einsum("btbt->bt", products) * weights**2
        totals = np.einsum("t,btcs,s->bc", weights, products, weights)
        return cls(
            np.sqrt(squares).mean(1), squares.mean(1), np.diag(totals) / products.shape[1] ** 2, totals
        )

    def measures(self, counts: NDArray[np.float64]) -> dict[str, float]:
        """The measures where batch b counts ``counts[b]`` times."""
        share = counts / counts.sum()
        square, mean_norm = share @ self.square, share @ self.norm**2
        own = np.diag(self.totals)
        whole, pairs = share @ own, counts.sum() ** 2 - counts @ counts
        signal = (counts @ self.totals @ counts - counts**2 @ own) / pairs if pairs > 0 else 0.0
        return {
            "norms": (square - mean_norm) / mean_norm,
            "segments": square / (share @ self.mean_square) - 1.0,
            "batches": whole / signal - 1.0 if signal > 0 else float("nan"),
        }


def _compare(
    name: str, found: list[tuple[dict[str, float], list[dict[str, float]]]], level: float, n: int
) -> WeightingEffect:
    (alike, alikes), (weighted, others) = found
    first = np.array([values[name] for values in alikes])
    second = np.array([values[name] for values in others])
    with np.errstate(divide="ignore", invalid="ignore"):
        changes, change = second / first - 1.0, np.float64(weighted[name]) / alike[name] - 1.0
    return WeightingEffect(
        _interval(alike[name], first, level, n),
        _interval(weighted[name], second, level, n),
        _interval(float(change), changes, level, n),
    )


def _interval(estimate: float, values: NDArray[np.float64], level: float, n: int) -> Interval:
    found = percentile_interval(float(estimate), values, level, n, grouped=True)
    return replace(found, method="bootstrap over batches")
