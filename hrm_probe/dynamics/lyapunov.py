"""Lyapunov exponents of a map along trajectories: how fast neighbouring states part or meet."""

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats
from torch import Tensor

from hrm_probe.dynamics.linearise import Step, as_points, as_tensor, jvps, random_directions
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import number_within, whole_number
from hrm_probe.wording import counted


@dataclass(frozen=True)
class LyapunovSpectrum:
    """Finite-time Lyapunov exponents, in nats a step, largest first.

    ``local`` holds each step's own growth rates; ``exponents`` are their means, ``standard_errors`` come from the
    means of consecutive blocks, and ``low``, ``high`` bound the confidence interval (`lyapunov_spectrum` says how).
    Intervals are NaN with fewer than four blocks: then there is too little time to judge the error.
    """

    exponents: np.ndarray  # [n, k]
    standard_errors: np.ndarray  # [n, k]
    low: np.ndarray  # [n, k]
    high: np.ndarray  # [n, k]
    local: np.ndarray  # [steps, n, k]
    end_points: Tensor  # [n, d]
    blocks: int
    level: float

    @property
    def running(self) -> np.ndarray:
        """Exponents as they would have been after 1, 2, ... steps: [steps, n, k]; NaN once the state is not finite."""
        return np.cumsum(self.local, axis=0) / np.arange(1, len(self.local) + 1)[:, None, None]

    def __repr__(self) -> str:
        starts, shown = len(self.exponents), 5
        lines = [
            f"LyapunovSpectrum(of {counted(starts, 'start')} over {counted(len(self.local), 'step')}; nats a step, "
            f"{self.level:.0%} intervals)"
        ]
        for row in range(min(starts, shown)):
            ends = zip(self.exponents[row], self.low[row], self.high[row], strict=True)
            lines.append(
                f"  start {row}: " + ", ".join(f"{e:.3g} [{low:.3g}, {high:.3g}]" for e, low, high in ends)
            )
        return "\n".join(lines + ([f"  and {starts - shown} more"] if starts > shown else []))


def lyapunov_spectrum(
    step: Step,
    starts: Tensor,
    k: int,
    steps: int,
    *,
    discard: int | None = None,
    blocks: int | None = None,
    level: float = 0.95,
    seed: int = 0,
    at_once: int | None = None,
    tangents: Tensor | None = None,
) -> LyapunovSpectrum:
    """The k largest Lyapunov exponents along the trajectory of every start, in nats a step.

    An orthonormal frame of k tangent vectors is carried along by Jacobian-vector products and made orthonormal
    again at every step by a QR decomposition; the exponents are the mean logs of |R|'s diagonal.

    >>> import torch
    >>> from hrm_probe.dynamics.maps import linear
    >>> halving = linear(torch.diag(torch.tensor([0.5, 0.25], dtype=torch.float64)))
    >>> spectrum = lyapunov_spectrum(halving, torch.ones(1, 2, dtype=torch.float64), k=2, steps=100)
    >>> spectrum.exponents.round(4).tolist()                 # ln 0.5, ln 0.25
    [[-0.6931, -1.3863]]

    Args:
        step: the map, differentiable in forward mode.
        starts: [n, d].
        k: how many exponents, 1..d.
        steps: steps that are averaged over.
        discard: steps taken first and left out, in which the trajectory reaches its attractor and the frame
            turns into place; by default a tenth of ``steps``. 0 gives finite-time exponents from the start.
        blocks: number of blocks for the standard error, as equal as they can be; by default min(20, steps // 10).
            Blocks should be longer than the memory of the trajectory.
        level: for the confidence interval.
        seed: for the first frame.
        at_once: tangents that share one vectorised pass; None: all k. 1 for maps that vmap does not support.
        tangents: [n, k, d] to begin with, independent of one another; random ones if None.

    Returns:
        LyapunovSpectrum. A trajectory that does not stay finite has no exponents: they are NaN, with a
        warning; ``local`` and ``running`` keep what was measured until then. A direction that the map destroys
        altogether has -inf.

    Raises:
        InputError: k outside 1..d, fewer than one step, starts not [n, d], not finite or in 16 bits.

    Method: Benettin et al. (1980), Meccanica 15; Shimada and Nagashima (1979). The interval reaches to either side
    by t * standard error (Student's t over the blocks), or by what the sum of the local rates wanders from a straight
    line, divided by ``steps``, if that is more (a cycle seen at an odd moment, in blocks that are all alike); and
    further by the mean of c / time, where local rates draw near their limit like that and their exponents like
    log(steps) / steps (shears, defective Jacobians, the tori of twist maps): c is fitted to the blocks, less its
    standard error.
    Known inaccuracy: the order and values hold in the limit of many steps. Over a dozen steps the exponents
    depend on the first frame (discard > 0 or several seeds show how much), and the block errors are too small
    when the trajectory remembers longer than a block. Of 95% intervals over 40 to 1,000 steps (50 to 400
    starts each) these cover the truth: logistic map at 4 100%, Hénon 97-98%, skew tents 95-98%, Baker 95-97%, cycles
    of 2, 3, 4 and 8 points 100%, a shear 94-100%, a Jordan block 96-100%, tori of the standard map at K = 0.2 93-99%.
    Intervals of chaotic maps are a tenth wider for it; by a third to two thirds where few steps follow a discard as
    long (Hénon, 100 steps and 40 after 100), for then nothing shows whether rates still fall like 1 / time.
    """
    x = as_points(starts, "starts")
    if x.dtype.itemsize < torch.float32.itemsize:
        raise InputError(
            f"starts are {x.dtype}, too coarse for growth rates; give them in float32 or float64."
        )
    n, d = x.shape
    k, steps = whole_number(k, "k", 1, d), whole_number(steps, "steps")
    skip = steps // 10 if discard is None else whole_number(discard, "discard", 0)
    number_within(level, "level", above=0, below=1)
    if blocks is not None:
        whole_number(blocks, "blocks", 0)
    if at_once is not None:
        at_once = whole_number(at_once, "at_once")
    tangents = random_directions((n, k, d), x, seed) if tangents is None else as_tensor(tangents, "tangents")
    if tangents.shape != (n, k, d):
        raise InputError(f"tangents have shape {list(tangents.shape)}; they must be {[n, k, d]}.")
    frame = torch.linalg.qr(tangents.to(x).transpose(1, 2))[0]  # [n, d, k]
    local = np.empty((steps, n, k))
    finite = x.new_zeros(n, dtype=torch.int64)  # steps after which the state was finite
    for t in range(skip + steps):
        x, products = jvps(step, x, frame.permute(2, 0, 1).contiguous(), at_once)
        finite += torch.isfinite(x).all(dim=1)
        frame, r = torch.linalg.qr(products.permute(1, 2, 0))
        if t >= skip:
            growth = r.diagonal(dim1=1, dim2=2).abs().double().log()
            local[t - skip] = growth.cpu().numpy()
    lasted = finite.cpu().numpy()
    # A lost trajectory must not look like a destroyed direction.
    local[np.arange(skip, skip + steps)[:, None] >= lasted] = np.nan
    _tell_lost(lasted, skip + steps)
    # In a finite time the frame's order need not be the order of the means.
    order = np.argsort(-local.mean(axis=0), axis=1, kind="stable")
    local = np.take_along_axis(local, order[None], axis=2)
    n_blocks = min(20, steps // 10) if blocks is None else min(blocks, steps)
    errors, half = _errors(local, n_blocks, level, skip)
    exponents = local.mean(axis=0)
    return LyapunovSpectrum(
        exponents=exponents,
        standard_errors=errors,
        low=exponents - half,
        high=exponents + half,
        local=local,
        end_points=x,
        blocks=max(n_blocks, 0),
        level=level,
    )


def _tell_lost(lasted: np.ndarray, steps: int) -> None:
    """Warn of trajectories whose state was finite after fewer steps than were taken; ``lasted`` [n]."""
    lost = lasted < steps
    if lost.any():
        warnings.warn(
            f"{lost.sum()} of {len(lost)} trajectories stopped being finite, the first at step "
            f"{lasted.min() + 1} of {steps} (discarded ones included), and have NaN exponents: take fewer steps, "
            "or other starts.",
            RuntimeWarning,
            stacklevel=3,
        )


def _errors(local: np.ndarray, blocks: int, level: float, skip: int) -> tuple[np.ndarray, np.ndarray]:
    """Standard errors from the means of consecutive blocks, and half widths of the interval; [n, k] each."""
    if blocks < 4:
        nan = np.full(local.shape[1:], np.nan)
        return nan, nan
    steps = len(local)
    starts = np.arange(blocks) * steps // blocks
    lengths = np.diff(starts, append=steps)
    slowing = 1 / (skip + np.arange(1, steps + 1))
    means = np.add.reduceat(local, starts) / lengths[:, None, None]
    with np.errstate(invalid="ignore"):  # -inf - -inf: a destroyed direction has no error
        errors = means.std(axis=0, ddof=1) / np.sqrt(blocks)
        wandered = np.ptp(np.cumsum(local - local.mean(axis=0), axis=0), axis=0) / steps
        chance = np.maximum(float(stats.t.ppf(0.5 + level / 2, blocks - 1)) * errors, wandered)
        slope = _sure_slope(np.add.reduceat(slowing, starts) / lengths, means)
    return errors, chance + slope * slowing.mean()


def _sure_slope(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Size of the slope of y [m, ...] on x [m] by least squares, less its standard error; 0 if that is more."""
    x = x - x.mean()
    slope = np.tensordot(x, y, axes=1) / (x @ x)
    left = y - y.mean(axis=0) - np.multiply.outer(x, slope)
    error = np.sqrt((left**2).sum(axis=0) / (len(x) - 2) / (x @ x))
    return np.maximum(np.abs(slope) - error, 0.0)
