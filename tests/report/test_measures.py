"""Measures: each is read from its own place in a report's results."""

import math
from types import SimpleNamespace
from typing import Any

import pandas as pd

from hrm_probe.dynamics.intervals import Interval, wilson
from hrm_probe.report.measures import MEASURES, rest

AUC = pd.DataFrame(
    {
        "among": ["exponent sample", "exponent sample", "all", "all"],
        "score": ["late_drift", "leading_exponent", "q_halt", "late_drift"],
        "auc": [0.2, 0.7, 0.1, 0.8], "low": [0.1, 0.6, 0.0, 0.75], "high": [0.3, 0.8, 0.2, 0.85], "n": [40, 40, 90, 90],
    }
)  # fmt: skip
RESULTS: dict[str, Any] = {
    "wandering": SimpleNamespace(auc=AUC),
    "jumps": SimpleNamespace(share=wilson(70, 80), gradual=wilson(5, 80)),
    "singles": SimpleNamespace(last=wilson(90, 100), ever=wilson(95, 100)),
    "attractors": SimpleNamespace(wandering=wilson(3, 30), rivals=wilson(9, 30)),
}


def measured(name: str) -> Interval:
    (measure,) = (measure for measure in MEASURES if measure.name == name)
    return measure.of(RESULTS, 64)


def test_scores_are_those_of_the_sample_that_was_asked() -> None:
    assert measured("drift_tells_failure") == Interval(0.8, 0.75, 0.85, 0.95, 90, "bootstrap")
    assert measured("exponent_tells_failure") == Interval(0.7, 0.6, 0.8, 0.95, 40, "bootstrap")


def test_shares_are_those_of_their_topics() -> None:
    assert measured("answers_jump") == wilson(70, 80)
    assert measured("starts_wander") == wilson(3, 30)
    failing = measured("single_blanks_fail")
    assert (round(failing.estimate, 9), failing.n) == (0.1, 100)
    assert failing.low < 0.1 < failing.high < 0.2


def test_a_run_too_short_for_late_drift_is_not_at_rest() -> None:
    table = pd.DataFrame({"solved": [True, True], "late_drift": [math.nan, 0.001]})
    run = SimpleNamespace(table=table, horizons=(2,), seed=0, resampled="class")
    assert rest({"wandering": run, "settling_groups": None}, 2, right=True).estimate == 0.5
