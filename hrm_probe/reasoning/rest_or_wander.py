"""Settle or wander: do failing runs come to rest, and do Lyapunov exponents tell what drift and halting do not?"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.dynamics.settling import settle
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number, whole_numbers
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked, check_asked, puzzle_ids_of
from hrm_probe.reasoning.curves import Curves, curves_of
from hrm_probe.reasoning.drawn_puzzles import drawn_by_outcome
from hrm_probe.reasoning.drift_tables import Reading, drift_table, settled_table, threshold_table
from hrm_probe.reasoning.finite_time_exponents import finite_time_exponents
from hrm_probe.reasoning.foretelling_failure import ALL, BASE, LEADING, auc_table, held_out_failures
from hrm_probe.reasoning.long_runs import LongRun, run_long
from hrm_probe.reasoning.rest_rule import LATE
from hrm_probe.reasoning.result import Groups, group_labels, share_of
from hrm_probe.reasoning.wandering_result import Wandering

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
        threshold: of settling; found by ``hrm_probe.dynamics.settle`` at the first horizon if None.
        tolerance: root mean square distance; states have a root mean square of 1.
        folds, repeats: of the cross-validation (ridge-penalised logistic regression on the log of late drift, the
            halting value, and exponents); repeats are fold draws.
        groups: puzzles that belong together in intervals and folds: None, "class" or labels [puzzle].
        batch_size: puzzles at once; an ``exponents``-th of it where exponents are computed.
        curves: of the same model and puzzles to the first horizon, if they are at hand.
        seed: of draws, frames, folds and resampling.
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
    readings = [Reading(horizons[0], found.late, solved, solved, labels)]
    # The same seed for both draws puts the smaller sample into the larger.
    rows = drawn_by_outcome(solved, long_puzzles if len(horizons) > 1 else 0, np.random.default_rng(seed))
    crept = np.zeros(len(table), bool)
    if len(rows):
        long = run_long(model, puzzles[rows], horizons, batch_size=batch_size, progress=progress)
        readings += _later(table, rows, long, horizons, found.threshold, labels)
        crept[rows] = long.changed[:, horizons[0] :].any(1) | (long.moved.max(1) > tolerance)
    in_long = np.isin(np.arange(len(table)), rows)
    last = readings[-1]

    def settle_share(reading: Reading, among: np.ndarray, factor: float = 1.0) -> Interval:
        return share_of(reading.late <= factor * found.threshold, reading.labels, among, seed)

    if exponents < 1:
        exponent_puzzles = 0
    rows = drawn_by_outcome(solved, exponent_puzzles, np.random.default_rng(seed))
    error = None
    if len(rows):
        some = max(1, batch_size // exponents)

        def spectrum(of: np.ndarray, seed: int) -> np.ndarray:
            some_puzzles = puzzles[of]
            return finite_time_exponents(
                model,
                some_puzzles.tokens,
                exponents,
                horizons[0],
                puzzle_ids=puzzle_ids_of(some_puzzles),
                batch_size=some,
                seed=seed,
                progress=progress,
            )

        values = spectrum(rows, seed)
        names = [f"exponent_{i + 1}" for i in range(exponents)]
        table = table.join(pd.DataFrame(values, index=rows, columns=names))
        again = drawn_by_outcome(solved, min(TWICE, len(rows)), np.random.default_rng(seed))
        both = values[np.searchsorted(rows, again), 0], spectrum(again, seed + len(puzzles))[:, 0]
        gap = both[0] - both[1]
        error = float(np.abs(gap - gap.mean()).mean())  # what shifts all alike ranks none above another
    held, why = held_out_failures(table, rows, labels, folds, repeats, seed)
    return Wandering(
        table=table,
        drift=drift_table(readings),
        settled=settled_table(readings, found.threshold, seed),
        by_threshold=threshold_table(readings, seed),
        failures_settle=settle_share(last, last.failures),
        successes_settle=settle_share(last, last.successes),
        failures_settle_short=settle_share(readings[0], ~solved),
        successes_settle_short=settle_share(readings[0], solved),
        spread=(
            settle_share(last, last.failures, 1 / FACTOR).estimate,
            settle_share(last, last.failures, FACTOR).estimate,
        ),
        creeping=share_of(crept, labels, in_long & ~solved & found.settled, seed),
        exponent_error=error,
        auc=auc_table(table, rows, labels, seed),
        models=pd.DataFrame() if held is None else held.table(seed),
        no_models=why,
        exponents_add=None if held is None else held.gain(ALL, BASE, seed),
        exponents_add_auc=None if held is None else held.gain_in_auc(ALL, BASE, seed),
        leading_adds=None if held is None else held.gain(LEADING, BASE, seed),
        leading_adds_auc=None if held is None else held.gain_in_auc(LEADING, BASE, seed),
        threshold=found.threshold,
        rule=found.rule,
        horizons=tuple(reading.segments for reading in readings),
        tolerance=tolerance,
        folds=folds,
        repeats=repeats,
        puzzles=len(puzzles),
        long_puzzles=int(in_long.sum()),
        exponent_puzzles=len(rows),
        seed=seed,
        resampled=resampled,
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
            f"These curves have {curves.segments} segments, but the first horizon is {horizons[0]}; make them equal."
        )
    whole_number(folds, "folds", least=2)
    return tuple(horizons)


def _later(
    table: pd.DataFrame,
    rows: np.ndarray,
    long: LongRun,
    horizons: Sequence[int],
    threshold: float,
    labels: np.ndarray | None,
) -> list[Reading]:
    """Readings at the later horizons; the table's columns about them are filled in."""
    solved_first = table["solved"].to_numpy(bool)[rows]
    readings = []
    for number, horizon in enumerate(horizons[1:], start=1):
        late = long.displacement[:, horizon - LATE : horizon].max(1).astype(float)
        right = long.solved[:, horizon - 1]
        for name, values in (
            ("drift", late),
            ("settled", late <= threshold),
            ("solved", right),
            ("moved", long.moved[:, number]),
        ):
            table.loc[rows, f"{name}_{horizon}"] = values.astype(float)
        readings.append(Reading(horizon, late, right, solved_first, None if labels is None else labels[rows]))
    table.loc[rows, "grid_changed"] = long.changed[:, horizons[0] :].any(1).astype(float)
    return readings
