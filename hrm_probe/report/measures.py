"""What models are compared by: each measure read from a report's results, between 0 and 1."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.reasoning.easy.single_blank import SingleBlank
from hrm_probe.reasoning.resting.wandering_result import Wandering
from hrm_probe.reasoning.result import share_of
from hrm_probe.report.claim import Results
from hrm_probe.report.effects import complement, labels_as_resampled
from hrm_probe.report.topics.settling import LEADING

RESTING = 0.015  # root mean square movement of z_H a segment; states have size 1
SWEPT = (1 / 3, 3)
UNKNOWN = Interval(float("nan"), 0.0, 1.0, 0.95, 0, "bootstrap")


@dataclass(frozen=True)
class Measure:
    """One number of a model.

    Attributes:
        name: short, without spaces.
        title: what it is, for a table or an axis.
        of: results of a report, and how many segments the longest runs may be -> estimate and interval.
        swept: the same with other choices of what is a convention; empty where nothing is.
    """

    name: str
    title: str
    of: Callable[[Results, int], Interval]
    swept: tuple[Callable[[Results, int], Interval], ...] = ()


def rest(results: Results, horizon: int, right: bool, factor: float = 1.0) -> Interval:
    """Of the puzzles that are right (or wrong) at the first horizon and at this one, the share at rest by then.

    One threshold for all models, ``factor`` times 0.015 of a state's size a segment, so that they can be compared: a
    hundredth of a typical first displacement, which is where a single model's threshold falls back to.
    """
    found: Wandering = results["wandering"]
    table, labels = found.table, labels_as_resampled(results["settling_groups"], found.resampled)
    among, drift = table["solved"].to_numpy(bool) == right, table["late_drift"].to_numpy(float)
    if horizon != found.horizons[0]:
        among &= (
            table[f"solved_{horizon}"].to_numpy(float) == right
        )  # NaN, and so neither, where it did not run
        drift = table[f"drift_{horizon}"].to_numpy(float)
    return share_of(np.nan_to_num(drift, nan=np.inf) <= factor * RESTING, labels, among, found.seed)


def wrong_singles(results: Results) -> Interval:
    """Single blanks that are wrong at the end; unknown for models whose tasks are not Sudokus."""
    singles: SingleBlank | None = results["singles"]
    return UNKNOWN if singles is None else complement(singles.last)


def auc_of(results: Results, among: str, score: str) -> Interval:
    """The chance that a failure scores above a success."""
    table = results["wandering"].auc
    row = table[(table["among"] == among) & (table["score"] == score)]
    if not len(row):
        return UNKNOWN
    first = row.iloc[0]
    return Interval(
        float(first["auc"]), float(first["low"]), float(first["high"]), 0.95, int(first["n"]), "bootstrap"
    )


MEASURES = (
    Measure(
        "failures_rest",
        "lasting failures at rest",
        partial(rest, right=False),
        tuple(partial(rest, right=False, factor=factor) for factor in SWEPT),
    ),
    Measure(
        "successes_rest",
        "lasting successes at rest",
        partial(rest, right=True),
        tuple(partial(rest, right=True, factor=factor) for factor in SWEPT),
    ),
    Measure(
        "drift_tells_failure",
        "late drift is larger for failures (AUC)",
        lambda results, horizon: auc_of(results, "all", "late_drift"),
    ),
    Measure(
        "exponent_tells_failure",
        "leading exponent is larger for failures (AUC)",
        lambda results, horizon: auc_of(results, "exponent sample", LEADING),
    ),
    Measure(
        "answers_jump", "late answers that come in one jump", lambda results, horizon: results["jumps"].share
    ),
    Measure(
        "single_blanks_fail",
        "single blanks wrong at the end",
        lambda results, horizon: wrong_singles(results),
    ),
    Measure(
        "starts_wander",
        "disturbed starts that never come to rest",
        lambda results, horizon: results["attractors"].wandering,
    ),
)
"""What is compared if nothing else is asked.

That successes rest was added after two seeds had been seen; the others were chosen before.
"""
