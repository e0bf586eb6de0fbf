"""Settle or wander: do failing runs come to rest, and do Lyapunov exponents tell what drift and halting do not?"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.dynamics.settling import settle
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import number_within, whole_number, whole_numbers
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.reasoning.asking import Asked, check_asked, tokens_sha256
from hrm_probe.reasoning.resting.drift_tables import Reading, drift_table, settled_table, threshold_table
from hrm_probe.reasoning.resting.finite_time_exponents import finite_time_exponents
from hrm_probe.reasoning.resting.foretelling_failure import auc_table, foretold
from hrm_probe.reasoning.resting.rest_rule import LATE
from hrm_probe.reasoning.resting.wandering_result import Wandering
from hrm_probe.reasoning.result import Groups, group_labels, labels_of, share_of
from hrm_probe.reasoning.runs.curves import Curves, curves_of
from hrm_probe.reasoning.runs.drawn_puzzles import drawn_by_outcome
from hrm_probe.reasoning.runs.long_runs import LongRun, run_long
from hrm_probe.wording import counted

TWICE = 8  # puzzles whose exponents are found from a second frame
FACTOR = 3.0


def wandering(
    model: RecursiveReasoner,
    puzzles: Asked,
    *,
    horizons: Sequence[int] = (16, 64, 256),
    long_puzzles: int = 48,
    exponents: int = 8,
    exponent_puzzles: int = 96,
    threshold: float | None = None,
    tolerance: float = 0.1,
    folds: int = 5,
    repeats: int = 20,
    groups: Groups = None,
    batch_size: int = 128,
    curves: Curves | None = None,
    seed: int = 0,
    progress: bool = False,
) -> Wandering:
    """Do failing runs settle or wander, and do Lyapunov exponents tell failures beyond drift and halting value?

    >>> print(wandering(load("hrm-6x6"), load_puzzles("6x6-test", 300)))             # doctest: +SKIP

    A run has settled after S segments when z_H moved no more than ``threshold`` in each of the last three: its late
    drift, the largest of the three root mean square displacements, is at or below it. One threshold serves all
    horizons. A run that settled by the first horizon crept on if later the grid changed, or z_H was found further
    than ``tolerance`` from where it was, at one of the later horizons. Failures settle as far as ``failures_settle``
    and its ``spread`` are high and ``creeping`` is low. Exponents add something if the interval of ``leading_adds``
    or ``exponents_add`` lies above 0.

    Args:
        model: any recursive reasoner.
        puzzles: what to solve, or ``Tasks``.
        horizons: segments at which runs are read off, ascending, the first at least 3. All puzzles run to the
            first, a sample to the last.
        long_puzzles: size of that sample, half of it failures where there are so many; 0 for no longer run.
        exponents: how many Lyapunov exponents of the joint state (z_H, z_L), over the segments to the first
            horizon, from the initial state; 0 for none.
        exponent_puzzles: how many puzzles they are computed for, drawn in the same way; the smaller sample is part
            of the larger.
        threshold: movement a segment below which a run has settled; found by ``hrm_probe.dynamics.settle`` at the
            first horizon if None.
        tolerance: root mean square distance; states have a root mean square of 1.
        folds, repeats: of the cross-validation (ridge-penalised logistic regression on the log of late drift, the
            halting value, and exponents); repeats are fold draws.
        groups: puzzles that belong together in intervals and folds: None, "class" or labels [puzzle].
        batch_size: puzzles at once; an ``exponents``-th of it where exponents are computed.
        curves: of the same model and puzzles to the first horizon, if they are at hand.
        seed: for draws, frames, folds and resampling.
        progress: show bars.

    Returns:
        Wandering; intervals at 95%.

    Raises:
        InputError: horizons that do not ascend from 3 or more, curves of another length, fewer than two folds.

    Costs (first horizon) x puzzles + (last horizon) x long_puzzles segments, and for the exponents about
    2 x exponents x (first horizon) x exponent_puzzles more. Memory does not grow with the horizons.

    Formula: exponents are means of ln |R_ii| over segments, R from the QR decomposition of the frame that Jacobian-
    vector products carry along (Benettin et al. 1980, Meccanica 15). Late drift and logistic regression are defined
    above; AUC is the chance that a failure scores above a success.

    Known inaccuracy: a random frame in d dimensions meets the most stretched direction at about 1 / sqrt(d), so over
    S segments the leading exponent falls short by up to ln(d) / 2S nats (0.3 at 6x6, S = 16), much the same for every
    puzzle, and varies with the frame (``exponent_error``). It blends transient and end: a growth rate of this run,
    not an invariant of its attractor. Samples are balanced by outcome, so log losses are not those of the whole set;
    guessing costs about ln 2 = 0.69. Many exponents can lower the held-out score by overfitting: ``leading_adds`` is
    the sharper test. Creeping slower than ``tolerance`` over the last horizon passes for rest. A model in bfloat16
    has exponents of its float32 run.
    """
    check_asked(model, puzzles, batch_size, seed)
    horizons = _checked(horizons, curves, folds)
    tolerance = number_within(tolerance, "tolerance", least=0)
    whole_number(repeats, "repeats")
    for name, count in {
        "exponents": exponents,
        "long_puzzles": long_puzzles,
        "exponent_puzzles": exponent_puzzles,
    }.items():
        whole_number(count, name, 0)
    labels, resampled = group_labels(puzzles, groups)
    curves = curves_of(model, puzzles, horizons[0], curves, batch_size=batch_size, progress=progress)
    found = settle(curves.displacement, threshold=threshold, late=LATE, seed=seed)
    solved = curves.solved[:, -1]
    table = pd.DataFrame(
        {
            "solved": solved,
            "settled": found.settled,
            "late_drift": found.late,
            "q_halt": curves.q_halt[:, -1],
            "entropy": curves.entropy[:, -1],
        }
    )
    # The same seed for both draws puts the smaller sample into the larger.
    sizes = long_puzzles if len(horizons) > 1 else 0, exponent_puzzles if exponents > 0 else 0
    run_on, linearised = (drawn_by_outcome(solved, size, np.random.default_rng(seed)) for size in sizes)

    readings = [Reading(horizons[0], found.late, solved, solved, labels)]
    crept, error = np.zeros(len(table), bool), None
    if len(run_on):
        long = run_long(model, puzzles[run_on], horizons, batch_size=batch_size, progress=progress)
        later = _later_readings(long, horizons, solved[run_on], labels_of(labels, run_on))
        table = table.join(_long_columns(long, horizons[0], later, found.threshold, run_on))
        readings += later
        crept[run_on] = long.changed[:, horizons[0] :].any(1) | (long.moved.max(1) > tolerance)
    if len(linearised):
        again = drawn_by_outcome(solved, min(TWICE, len(linearised)), np.random.default_rng(seed))
        frames = seed, seed + len(puzzles)
        spectra, error = _exponents(
            model, puzzles, linearised, again, exponents, horizons[0], batch_size, frames, progress
        )
        table = table.join(spectra)
    in_long = np.isin(np.arange(len(table)), run_on)
    return Wandering(
        table=table,
        **_rest(readings, found.threshold, seed),
        creeping=share_of(crept, labels, in_long & ~solved & found.settled, seed),
        exponent_error=error,
        auc=auc_table(table, linearised, labels, seed),
        **foretold(table, linearised, labels, folds, repeats, seed),
        threshold=found.threshold,
        rule=found.rule,
        horizons=tuple(reading.segments for reading in readings),
        tolerance=tolerance,
        folds=folds,
        repeats=repeats,
        puzzles=len(puzzles),
        long_puzzles=len(run_on),
        exponent_puzzles=len(linearised),
        seed=seed,
        resampled=resampled,
        asked_of=tokens_sha256(puzzles),
    )


def _checked(horizons: Sequence[int], curves: Curves | None, folds: int) -> tuple[int, ...]:
    horizons = whole_numbers(horizons, "horizons")
    ascend = all(a < b for a, b in pairwise(horizons))
    if not horizons or horizons[0] < LATE or not ascend:
        raise InputError(
            f"Settling is judged by the last {LATE} segments; horizons must ascend from {LATE} or more, not "
            f"{horizons}."
        )
    if curves is not None and curves.segments != horizons[0]:
        raise InputError(
            f"These curves have {counted(curves.segments, 'segment')}, but the first horizon is {horizons[0]}; make "
            "them equal."
        )
    whole_number(folds, "folds", least=2)
    return tuple(horizons)


def _later_readings(
    long: LongRun, horizons: Sequence[int], solved_first: np.ndarray, labels: np.ndarray | None
) -> list[Reading]:
    """The long runs at each horizon after the first."""
    return [
        Reading(
            horizon,
            long.displacement[:, horizon - LATE : horizon].max(1).astype(float),
            long.solved[:, horizon - 1],
            solved_first,
            labels,
        )
        for horizon in horizons[1:]
    ]


def _long_columns(
    long: LongRun, first: int, later: Sequence[Reading], threshold: float, rows: np.ndarray
) -> pd.DataFrame:
    """The table's columns about the long runs, of the puzzles that have them."""
    columns: dict[str, Any] = {}
    for number, reading in enumerate(later, start=1):
        columns |= {
            f"drift_{reading.segments}": reading.late,
            f"settled_{reading.segments}": reading.late <= threshold,
            f"solved_{reading.segments}": reading.solved,
            f"moved_{reading.segments}": long.moved[:, number],
        }
    columns["grid_changed"] = long.changed[:, first:].any(1)
    return pd.DataFrame(columns, index=rows).astype(float)


def _exponents(
    model: RecursiveReasoner,
    puzzles: Asked,
    rows: np.ndarray,
    again: np.ndarray,
    k: int,
    segments: int,
    batch_size: int,
    frames: tuple[int, int],
    progress: bool,
) -> tuple[pd.DataFrame, float]:
    """The table's columns of exponents, and by how much another first frame moves the leading ones of ``again``."""

    def spectra(of: np.ndarray, frame: int) -> np.ndarray:
        some = puzzles[of]
        return finite_time_exponents(
            model,
            some.tokens,
            k,
            segments,
            puzzle_ids=puzzle_ids_of(some),
            batch_size=max(1, batch_size // k),
            seed=frame,
            progress=progress,
        )

    first = spectra(rows, frames[0])
    gap = first[np.searchsorted(rows, again), 0] - spectra(again, frames[1])[:, 0]
    error = float(np.abs(gap - gap.mean()).mean())  # what shifts all alike ranks none above another
    return pd.DataFrame(first, index=rows, columns=[f"exponent_{i + 1}" for i in range(k)]), error


def _rest(readings: Sequence[Reading], threshold: float, seed: int) -> dict[str, Any]:
    """What :class:`Wandering` tells of runs that settle, from the runs as they stand at each horizon."""
    first, last = readings[0], readings[-1]

    def settled(reading: Reading, among: np.ndarray, factor: float = 1.0) -> Interval:
        return share_of(reading.late <= factor * threshold, reading.labels, among, seed)

    return {
        "drift": drift_table(readings),
        "settled": settled_table(readings, threshold, seed),
        "by_threshold": threshold_table(readings, seed),
        "failures_settle": settled(last, last.failures),
        "successes_settle": settled(last, last.successes),
        "failures_settle_short": settled(first, first.failures),
        "successes_settle_short": settled(first, first.successes),
        "spread": tuple(settled(last, last.failures, factor).estimate for factor in (1 / FACTOR, FACTOR)),
    }
