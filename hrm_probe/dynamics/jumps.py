"""Does a curve jump, fall gradually, or stay? A change-point test for short noisy curves.

What `find_jumps` was measured to do: at alpha 0.05, on 4,000 curves of each kind, of 16 points in noise of deviation 1
where no other numbers are named.

Flat curves that are called anything, and in brackets called jumps:

- white noise: 4%
- AR(1) noise: 2-3% at phi 0.3 to 0.7 (below 1%), 11% at phi 0.9
- Student-t noise of 3 degrees: 7% (4%); exponential noise: 9% (6%)
- one curve asked about alone: 8% at phi 0.5, 18% at phi 0.7 (1%)
- remembering curves among white ones, half of all: 9% at phi 0.5 (1%), 14% at phi 0.7 (1%)
- remembering curves among white ones, 5% of all: 26% at phi 0.5 (2%), 42% at phi 0.7 (2%)
- 8 points: 1% in white noise, 12% at phi 0.7 (at most 2%)
- noise whose deviation drops from 5 to 1, called jumps: after a quarter of 8, 16, 64 points 12%, 23% and 20%, after
  half of them 3-6%

Changes that are called jumps:

- steps of size 3, 5, 8, 10: 29%, 68%, 95%, 98%; at phi 0.5: 11%, 48%, 88%, 96%
- falls over 2 steps, half in each: 13-20%
- ramps over 4 or more steps: at most 5% (size 3), 0.5% (size 8)

Rows of flags, or of two values a grain apart. A clean step with m of its s points on one side has p_flat
2 / binomial(s, m), or half of that in one direction; so at alpha 0.05 it is called where m, on the smaller side, is

- 3 or more in 8 points, 2 in 10 points, 1 in 40 points; never in fewer than 8 points

What has no step in it is called a jump in

- random flags (shares of ones 0.03 to 0.5, 6 to 40 points, 4,000 rows each): 0-2.4% of rows; up to 17% without the
  rule that they be rarer than the same flags in random order
- two neighbouring fractions (shares near 0 or 1 of 4, 10, 81 parts, 6 to 40 points): up to 2%
- two halves, which are taken for measurements, unless ``resolution`` is given: 29% at 6 points, 19% at 8, 7% at 16
- two whole numbers more than 1 apart, likewise: random rows of 0 and 2, one in ten a 2: 12% at 8 points, 6% at 16,
  11% at 40; none with ``resolution=2``
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hrm_probe.dynamics.doubles import Floats, as_doubles
from hrm_probe.dynamics.intervals import Interval, share
from hrm_probe.dynamics.jump_null import Fits, autocorrelations, fit, null_table, p_shuffled
from hrm_probe.dynamics.jump_shapes import Families, best_fit
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import finite_number, number_within, whole_number

FEWEST_POINTS = 5
FLOAT_NOISE = 1e-7  # relative size of rounding in values that were float32 once
OFF_GRID = 1e-3  # the most, in spacings, that a gap of a grid is off a whole number of them
FINEST_GRID = 1e-3  # of the range of a row: rounding to less changes nothing
FEWEST_PARTS, MOST_PARTS = 3, 1000  # of a fraction; 0 and a half are two levels of a measurement


def find_jumps(
    curves: ArrayLike,
    *,
    alpha: float = 0.05,
    direction: str = "both",
    gradual_width: float = 4.0,
    margin: int = 1,
    resolution: float | None = None,
    autocorrelation: float | None = None,
    simulations: int = 4000,
    seed: int = 0,
) -> pd.DataFrame:
    """Call each curve a jump, gradual, or neither, with a false-alarm rate of at most about ``alpha``.

    Three families of curves are fitted by least squares: flat; a step from one level to another between two
    neighbouring points; a gradual change (straight ramps over ``gradual_width`` or more steps, exponential decays
    and their mirror images, wherever they begin). Then

    - "none": a flat curve in noise changes as much with probability above alpha (``p_flat`` > alpha);
    - "jump": it does not; a gradual change in noise looks as step-like with probability at most alpha
      (``p_gradual`` <= alpha); and the best-fitting shape, narrow ramps included, makes more than half of its
      change in a single step (``sharpness`` > 0.5);
    - "gradual": everything else that changes. A jump too small for its noise lands here: in doubt a
      change is called gradual.

    >>> import numpy as np
    >>> table = find_jumps(np.array([[9, 9, 9, 9, 9, 9, 0, 0, 0, 0], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [5] * 10]))
    >>> table[["kind", "step"]].values.tolist()
    [['jump', 6], ['gradual', 5], ['none', -1]]

    Args:
        curves: [n, steps], one curve a row (losses, error counts; logs of losses often suit better).
        alpha: rate of false alarms a curve for each of the two tests; there is no correction for many curves, so
            of n flat curves about alpha * n are called.
        direction: "down", "up", or "both"; the sign of ``size`` says which.
        gradual_width: the narrowest fall that is surely gradual, in steps. Falls between one step and this are
            called jumps only where more than half of them falls in one step.
        margin: fewest points on either side of a step. With 1 a jump at the last point is allowed, though nothing
            tells it from an outlier there; 2 excludes it.
        resolution: the grain of the values; rounding noise of resolution^2 / 12 is allowed for. None: each row by
            itself, where it holds more than two values: 1 for whole numbers (a count), the spacing of the grid that
            all of them lie on (tenths, eighty-firsts), else 0. A row of two neighbouring whole numbers (a flag,
            bools too), or of two neighbouring fractions of 3 to 1,000 parts (0.9 and 1), must then also be rarer than
            its shuffled self, see below.
        autocorrelation: lag-one autocorrelation of the noise, in [0, 1); None: estimated from what two shapes leave
            of the curves, all of them together and each (`NullTable.phi_weights`).
        simulations: simulated curves a null distribution; the smallest p-value is 1 / (simulations + 1).
        seed: for the simulations.

    Returns:
        DataFrame, a row per curve, in order: ``curve`` (row number), ``kind``, ``step`` (0-based index of the first
        point after the jump, or past the middle of a gradual change; -1 for none), ``size`` (level after minus
        level before, fitted), ``sharpness`` (share of the change that the best-fitting shape makes in its largest
        single step: 1 for a step, 1/w for a ramp over w steps; NaN for none), ``p_value`` (of the call: the larger
        of p_flat and p_gradual for a jump, p_flat otherwise), ``p_flat``, ``p_gradual``, ``noise`` (standard
        deviation of the residuals), ``phi`` (their autocorrelation as used). Curves of fewer than 5 points can
        show nothing: kind "none", p_value 1.

    Raises:
        InputError: curves not [n, steps], NaN or infinite values, settings out of range.

    Method: both statistics, 1 - RSS_best / TSS and ln(RSS_gradual / RSS_step), are compared with Gaussian AR(1)
    simulations of flat curves and of the least favourable gradual curves (ramps of exactly ``gradual_width``, fall of
    0 to 6 noise units, the worst of them), in the manner of Cox (1961) for families that are not nested.
    Flags are no Gaussian noise, nor are two values a grain apart, (j / k, (j + 1) / k) in 0..1 with a whole k from 3
    to 1,000: for them ``p_flat`` is at least the probability that the same flags in random order change as much.
    ``resolution=0`` lifts this: every clean step is called, a lone flag at an end too. Other rows of two values are
    taken for measurements, whose every clean step is called: 0 and 9, 0.7 and 0.9, 1 and 1.25, and 0 and 0.5 or 0.5
    and 1, for halves are more often levels than counts of two.

    Measured at alpha 0.05 in white noise of deviation 1, 16 points: 4% of flat curves are called anything; steps of
    size 3, 5, 8 are called jumps in 29%, 68%, 95%. ``help(hrm_probe.dynamics.jumps)`` lists other noise, lengths, ramps
    and flags. Made for curves of some tens of points: time goes with the square of their length and more (one curve of
    100 takes 3 s, of 300 half a minute); average longer ones over blocks first.

    Known inaccuracy: changes below 1e-7 of a row's largest magnitude count as rounding, for most curves were float32
    once: take a large offset off first. Noise is taken as Gaussian with one variance along the curve. More false alarms
    are raised by strongly autocorrelated noise (phi above 0.7) and random walks, which cannot be told from changes in
    16 points, and by noise that dies down. The autocorrelation of a curve leans on those beside it, so that remembering
    curves are called more often among white ones: ask about curves of different noise apart, or give
    ``autocorrelation``. Curves that fall and rise again are neither jumps nor gradual: most are called none, though
    they are not flat. One row of flags cannot tell a state that flips from odds that change gradually.
    """
    values = _checked(curves, alpha, direction, gradual_width, margin, autocorrelation, simulations, seed)
    if resolution is not None:
        finite_number(resolution, "resolution", least=0)
    n, steps = values.shape
    if n == 0 or steps < max(FEWEST_POINTS, 2 * margin):
        return _nothing(n)
    grain = _grains(values) if resolution is None else np.full(n, float(resolution))
    floor = steps * np.maximum(grain**2 / 12, (FLOAT_NOISE * np.abs(values).max(axis=1)) ** 2)

    families = Families(steps, margin, gradual_width, direction)
    fits = fit(values, families, floor)
    table = null_table(families, autocorrelation, simulations, seed)
    weights = table.phi_weights(autocorrelations(values, families, floor))
    p_flat = table.p_flat(fits.change, weights)
    if resolution is None:
        states = _are_states(values)
        shuffled = p_shuffled(values[states], fits.change[states], families, simulations, seed)
        p_flat[states] = np.maximum(p_flat[states], shuffled)
    p_gradual = table.p_gradual(fits.step_like, weights)
    sharpness = _sharpness(values, families)

    total = ((values - values.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    constant = total <= floor
    p_flat, p_gradual = np.where(constant, 1.0, p_flat), np.where(constant, 1.0, p_gradual)
    changes = p_flat <= alpha
    jumps = changes & (p_gradual <= alpha) & (sharpness > 0.5)
    step, size, noise = _described(fits, total, families, jumps)
    return pd.DataFrame(
        {
            "curve": np.arange(n),
            "kind": np.where(jumps, "jump", np.where(changes, "gradual", "none")).astype(object),
            "step": np.where(changes, step, -1),
            "size": np.where(constant, 0.0, size),
            "sharpness": np.where(changes, sharpness, np.nan),
            "p_value": np.where(jumps, np.maximum(p_flat, p_gradual), p_flat),
            "p_flat": p_flat,
            "p_gradual": p_gradual,
            "noise": np.where(constant, 0.0, noise),
            "phi": weights @ table.phi,
        }
    )


def jump_share(
    table: pd.DataFrame,
    *,
    of: str = "changed",
    groups: ArrayLike | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Share of jumps among the curves that change, or among all, with its interval.

    The interval is for the share of curves *called* jumps; it does not undo the two error rates of the calls.

    >>> import numpy as np
    >>> print(jump_share(find_jumps(np.repeat([[9.0, 0.0]], 8, axis=1).repeat(20, axis=0))))
    1 [0.839, 1]

    Args:
        table: from `find_jumps`.
        of: "changed" (jump or gradual) or "all".
        groups: [n] labels of curves that belong together (relabelled copies, one solution class); whole groups are
            then resampled. Without, Wilson's interval.
        level: confidence level.
        seed: for the bootstrap.

    Raises:
        InputError: unknown ``of``, or groups of another length than the table.
    """
    if of not in ("changed", "all"):
        raise InputError(f"of must be 'changed' or 'all', not {of!r}.")
    counted = (table["kind"] != "none").to_numpy() if of == "changed" else np.ones(len(table), dtype=bool)
    labels = None if groups is None else np.asarray(groups)
    if labels is not None and labels.shape != (len(table),):
        raise InputError(f"groups must give one label for each of the {len(table)} curves.")
    flags = (table["kind"] == "jump").to_numpy()[counted]
    return share(flags, groups=None if labels is None else labels[counted], level=level, seed=seed)


def _checked(
    curves: ArrayLike,
    alpha: float,
    direction: str,
    gradual_width: float,
    margin: int,
    autocorrelation: float | None,
    simulations: int,
    seed: int,
) -> Floats:
    values = as_doubles(curves, "curves")
    if values.ndim != 2:
        raise InputError(
            f"curves must have shape [n, steps], a row for each curve, not {list(values.shape)}."
        )
    bad = ~np.isfinite(values).all(axis=1)
    if bad.any():
        raise InputError(
            f"{bad.sum()} curves hold NaN or infinity (the first is row {bad.argmax()}); leave them out or "
            "cut all curves to the steps that were measured."
        )
    if direction not in ("down", "up", "both"):
        raise InputError(f"direction must be 'down', 'up' or 'both', not {direction!r}.")
    number_within(alpha, "alpha", above=0, below=1)
    number_within(gradual_width, "gradual_width", least=2)
    whole_number(margin, "margin")
    whole_number(simulations, "simulations")
    whole_number(seed, "seed", 0)
    if values.shape[1] >= FEWEST_POINTS and gradual_width > values.shape[1] - 1:
        raise InputError(
            f"gradual_width={gradual_width:g} does not fit into curves of {values.shape[1]} points; lower it."
        )
    if autocorrelation is not None:
        number_within(autocorrelation, "autocorrelation", least=0, below=1)
    return values


def _grains(values: Floats) -> Floats:
    """Spacing of the grid that all values of a row lie on; 0 without a grid, or of two values or fewer, [n].

    1 for whole numbers, whichever of them occur: they are counts.
    """
    gaps = _gaps(values)
    span = np.ptp(values, axis=1, keepdims=True)
    rises = gaps > FLOAT_NOISE * np.maximum(span, np.abs(values).max(axis=1, keepdims=True))
    spacing = np.where(rises, gaps, np.inf).min(axis=1, keepdims=True)
    multiples = np.where(rises, gaps / spacing, 0.0)
    on_grid = (np.abs(multiples - np.round(multiples)) < OFF_GRID).all(axis=1)
    grain = np.where(on_grid & (spacing > FINEST_GRID * span)[:, 0], spacing[:, 0], 0.0)
    return np.where(rises.sum(axis=1) > 1, np.where(_are_whole(values), 1.0, grain), 0.0)


def _are_states(values: Floats) -> NDArray[np.bool_]:
    """Does the row hold two values a single grain apart, as flags do: whole numbers, or fractions of parts? [n]."""
    low, gap = values.min(axis=1), np.ptp(values, axis=1)
    parts = np.round(1 / np.maximum(gap, 1 / MOST_PARTS))
    counted = parts * low
    off = np.maximum(np.abs(counted - np.round(counted)), np.abs(parts * gap - 1)) > FLOAT_NOISE * parts
    fractions = ~off & (parts >= FEWEST_PARTS) & (low >= 0) & (low + gap <= 1 + FLOAT_NOISE)
    of_two = (_gaps(values) > 0).sum(axis=1) == 1
    return of_two & (fractions | (_are_whole(values) & (gap == 1)))


def _are_whole(values: Floats) -> NDArray[np.bool_]:
    return np.asarray((values == np.round(values)).all(axis=1))


def _gaps(values: Floats) -> Floats:
    """From each value of a row to the next larger, [n, steps - 1]; 0 between equal ones."""
    return np.diff(np.sort(values, axis=1), axis=1)


def _sharpness(values: Floats, families: Families) -> Floats:
    """Largest single-step share of the best shape of all, [n]."""
    every = families.every
    centred = values - values.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    which, _ = best_fit(centred / np.where(length > 0, length, 1.0), every, families.direction)
    return every.largest[which]


def _described(
    fits: Fits, total: Floats, families: Families, jumps: np.ndarray
) -> tuple[np.ndarray, Floats, Floats]:
    """Step, size and residual deviation by the family that the call names; by the better fit where none is."""
    sharp, soft = families.sudden, families.gradual
    # A change called gradual is described as one, even where the step fits a little better.
    step = np.where(jumps, sharp.first[fits.step_shape], soft.first[fits.gradual_shape])
    size = np.sqrt(total) * np.where(
        jumps, fits.step_r * sharp.span[fits.step_shape], fits.gradual_r * soft.span[fits.gradual_shape]
    )
    r = np.where(np.abs(fits.step_r) > np.abs(fits.gradual_r), fits.step_r, fits.gradual_r)
    noise = np.sqrt(np.maximum(total * (1 - r**2), 0.0) / (families.steps - 2))
    return step, size, noise


def _nothing(n: int) -> pd.DataFrame:
    """The table for curves too short to show anything."""
    unknown, one, zero = np.full(n, np.nan), np.ones(n), np.zeros(n)
    return pd.DataFrame(
        {
            "curve": np.arange(n),
            "kind": np.full(n, "none", dtype=object),
            "step": np.full(n, -1),
            "size": zero,
            "sharpness": unknown,
            "p_value": one,
            "p_flat": one,
            "p_gradual": one,
            "noise": zero,
            "phi": zero,
        }
    )
