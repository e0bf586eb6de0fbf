"""What flat and gradual curves look like in noise: the null distributions behind `find_jumps`.

Both statistics are ratios of residuals, so their null distributions depend on the number of points, the
autocorrelation phi of the noise and, for gradual curves, the size of the fall in noise units; on nothing else. They
are simulated once for a grid of phi and kept.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from hrm_probe.dynamics.doubles import Floats
from hrm_probe.dynamics.jump_shapes import Families, best_fit, ramp, two_best

PHI_GRID = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
# Falls of gradual nulls, in standard deviations of the noise: see `NullTable`.
FALL_SIZES = (0.0, 2.0, 3.0, 4.0, 6.0)
PHI_BINS = np.linspace(-1.0, 1.0, 21)
EM_ROUNDS = 50
PRIOR_CURVES = 4.0  # the weight of the prior over phi, in curves
ROUNDING = 1e-12  # a share of the sum of squares that says nothing
SAME_CHANGE = 1e-6  # changes this close are one: equally good fits differ by rounding


def noise(n: int, steps: int, phi: float | Floats, rng: np.random.Generator) -> Floats:
    """Stationary AR(1) noise of variance one, [n, steps]; its autocorrelation is one for all, or [n]."""
    innovations = rng.standard_normal((n, steps))
    values = np.empty((n, steps))
    values[:, 0] = innovations[:, 0]
    for t in range(1, steps):
        values[:, t] = phi * values[:, t - 1] + np.sqrt(1 - phi**2) * innovations[:, t]
    return values


@dataclass(frozen=True)
class Fits:
    """Best step and best gradual shape of every curve, and the two statistics.

    Attributes:
        step_shape, step_r: [n], number of the best step and its correlation with the curve.
        gradual_shape, gradual_r: the same of the best gradual shape.
        change: [n], 1 - RSS_best / TSS.
        step_like: [n], ln(RSS_gradual / RSS_step).
    """

    step_shape: NDArray[np.int64]
    step_r: Floats
    gradual_shape: NDArray[np.int64]
    gradual_r: Floats
    change: Floats
    step_like: Floats


def fit(curves: Floats, families: Families, floor: Floats | float = 0.0) -> Fits:
    """Fit steps and gradual shapes to curves [n, steps]; no residual sum of squares below ``floor`` [n] is believed."""
    unit, total = _unit(curves)
    s, rs = best_fit(unit, families.sudden, families.direction)
    g, rg = best_fit(unit, families.gradual, families.direction)
    with np.errstate(divide="ignore", invalid="ignore"):
        rss_s, rss_g = (np.maximum(total * (1 - r**2), 0.0) + floor for r in (rs, rg))
        change = np.where(total > 0, 1 - np.minimum(rss_s, rss_g) / (total + floor), 0.0)
        step_like = np.where(total > 0, np.log(rss_g / rss_s), 0.0)
    return Fits(step_shape=s, step_r=rs, gradual_shape=g, gradual_r=rg, change=change, step_like=step_like)


def autocorrelations(curves: Floats, families: Families, floor: Floats | float = 0.0) -> Floats:
    """Lag-one autocorrelation of what two shapes leave of curves [n, steps]; NaN where they leave nothing, [n].

    One shape would leave lack of fit, which passes for autocorrelation: hyperbolas would look like noise.
    """
    unit, total = _unit(curves)
    left = unit - two_best(unit, families.every)
    unexplained = (left**2).sum(axis=1)
    told = (total * unexplained > 2 * np.asarray(floor)) & (unexplained > ROUNDING)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(told, (left[:, 1:] * left[:, :-1]).sum(axis=1) / unexplained, np.nan)


def _unit(curves: Floats) -> tuple[Floats, Floats]:
    """Curves centred and scaled to length one (or zero), and their total sums of squares: [n, steps], [n]."""
    centred = curves - curves.mean(axis=1, keepdims=True)
    total = (centred**2).sum(axis=1)
    return centred / np.where(total > 0, np.sqrt(total), 1.0)[:, None], total


@dataclass(frozen=True)
class NullTable:
    """Simulated nulls for one length of curve.

    Attributes:
        phi: [phi], the grid of autocorrelations.
        change: [phi, simulation], of flat curves, sorted.
        step_like: [phi, fall, simulation], sorted, of the narrowest ramps that count as gradual, at falls of 0 to 6
            noise units: wider ramps and larger falls are less step-like, so the worst of these bounds them all.
        phi_likelihood: [phi, bin], of the estimated phi.
    """

    phi: Floats
    change: Floats
    step_like: Floats
    phi_likelihood: Floats

    def p_flat(self, change: Floats, weights: Floats) -> Floats:
        """P(flat noise changes as much), [n]; weights [n, phi]."""
        tails = np.stack([_tail(simulations, change) for simulations in self.change], axis=1)
        return (weights * tails).sum(axis=1)

    def p_gradual(self, step_like: Floats, weights: Floats) -> Floats:
        """P(a gradual curve looks as step-like), the fall least favourable to us, [n]; weights [n, phi]."""
        worst = [np.max([_tail(falls, step_like) for falls in of_phi], axis=0) for of_phi in self.step_like]
        return (weights * np.stack(worst, axis=1)).sum(axis=1)

    def phi_weights(self, estimates: Floats) -> Floats:
        """Posterior over the grid of phi for each curve, [n, phi], by empirical Bayes.

        One curve of 16 points says little of its autocorrelation, all curves together say much: the prior is
        itself fitted to the curves (EM on the grid), with the weight of a few curves kept on a spread prior that
        favours small phi. Curves without an estimate (NaN) get the prior.
        """
        spread = (1 - self.phi) / (1 - self.phi).sum()
        known = ~np.isnan(estimates)
        bins = np.clip(np.digitize(np.where(known, estimates, 0.0), PHI_BINS) - 1, 0, len(PHI_BINS) - 2)
        likelihood = np.where(known[:, None], self.phi_likelihood[:, bins].T, 1.0)
        prior = spread
        for _ in range(EM_ROUNDS):
            weights = prior * likelihood
            weights /= weights.sum(axis=1, keepdims=True)
            prior = (PRIOR_CURVES * spread + weights[known].sum(axis=0)) / (PRIOR_CURVES + known.sum())
        weights = prior * likelihood
        return weights / weights.sum(axis=1, keepdims=True)


def _tail(sorted_simulations: Floats, observed: Floats) -> Floats:
    """(1 + simulations at least as large) / (1 + simulations)."""
    m = len(sorted_simulations)
    return (1 + m - np.searchsorted(sorted_simulations, observed, side="left")) / (m + 1)


@lru_cache(maxsize=32)
def null_table(families: Families, phi: float | None, simulations: int, seed: int) -> NullTable:
    """Simulate the nulls for curves that these families are fitted to; phi None: the whole grid."""
    steps, narrowest = families.steps, families.narrowest
    rng = np.random.default_rng(seed)
    grid = np.array(PHI_GRID if phi is None else (phi,))
    change = np.empty((len(grid), simulations))
    step_like = np.empty((len(grid), len(FALL_SIZES), simulations))
    likelihood = np.empty((len(grid), len(PHI_BINS) - 1))

    def simulated(value: float, size: float) -> Floats:
        curves = noise(simulations, steps, value, rng)
        if size > 0:
            sign = -1.0 if families.direction == "down" else 1.0
            onsets = rng.uniform(0, max(steps - 1 - narrowest, 0.0), simulations)
            curves += sign * size * ramp(steps, onsets, narrowest)
        return curves

    for k, value in enumerate(grid):
        for j, size in enumerate(FALL_SIZES):
            curves = simulated(float(value), size)
            fits = fit(curves, families)
            step_like[k, j] = np.sort(fits.step_like)
            if size == 0:
                change[k] = np.sort(fits.change)
                estimates = autocorrelations(curves, families)
                counts = np.histogram(estimates[~np.isnan(estimates)], bins=PHI_BINS)[0]
                likelihood[k] = (counts + 0.5) / (counts + 0.5).sum()
    return NullTable(grid, change, step_like, likelihood)


def p_shuffled(flags: Floats, change: Floats, families: Families, simulations: int, seed: int) -> Floats:
    """P(the two values of a row, in random order, change as much), [n]; exact where the orders are few.

    Args:
        flags: [n, steps], rows of two values.
        change: [n], of `fit`.
        families: as given to `fit`.
        simulations: orders that are drawn where there are more.
        seed: for the draws.
    """
    upper = (flags > flags.min(axis=1, keepdims=True)).sum(axis=1)
    p = np.ones(len(flags))
    for count in np.unique(upper):
        rows = upper == count
        null = _shuffled_changes(families, int(count), simulations, seed)
        p[rows] = (len(null) - np.searchsorted(null, change[rows] - SAME_CHANGE)) / len(null)
    return p


@lru_cache(maxsize=256)
def _shuffled_changes(families: Families, upper: int, simulations: int, seed: int) -> Floats:
    """Sorted ``change`` of all orders of `upper` ones among zeros, or of some and the observed one, which counts."""
    steps = families.steps
    few = comb(steps, upper) <= simulations
    if few:
        places = np.array(list(combinations(range(steps), upper)))
    else:
        places = np.random.default_rng(seed).random((simulations, steps)).argsort(axis=1)[:, :upper]
    curves = np.zeros((len(places), steps))
    np.put_along_axis(curves, places, 1.0, axis=1)
    changes = fit(curves, families).change
    return np.sort(changes if few else np.append(changes, np.inf))
