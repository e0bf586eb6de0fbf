"""Kinds that differ are told apart; kinds whose models differ as much among themselves are not."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hrm_probe.dynamics.intervals import Interval, wilson
from hrm_probe.errors import InputError
from hrm_probe.report.comparing import Comparison, compare
from hrm_probe.report.measures import MEASURES, Measure, rest
from hrm_probe.report.plan import Plan
from hrm_probe.report.subject import Subject
from hrm_probe.report.topics import TOPICS
from hrm_probe.sudoku import generate
from tests.reasoning.planted_fates import Divided, roams, settles_wrong
from tests.reasoning.planted_segments import keeps


class Run:
    """What a comparison reads of a report beside its measures."""

    horizons = (16, 64)


def measured(*values: float, n: int = 400) -> list[tuple[str, dict]]:
    """Models whose one measure has these values, each measured on ``n`` puzzles."""
    return [
        (f"seed {i}", {"wandering": Run, "effect": wilson(round(n * value), n), "value": value})
        for i, value in enumerate(values)
    ]


EFFECT = Measure("effect", "an effect", lambda results, horizon: results["effect"])


def verdict(first: list, second: list, measure: Measure = EFFECT) -> tuple[str, Comparison]:
    found = compare({"one": first, "other": second}, [measure])
    return found.differences["verdict"][0], found


def test_kinds_that_differ_clearly():
    said, found = verdict(measured(0.9, 0.92, 0.95), measured(0.1, 0.15, 0.08))
    assert said == "holds"
    row = found.differences.iloc[0]
    assert row["low"] < 0.813 < row["high"]
    assert row["p_value"] < 0.001
    assert "[holds] an effect: one 0.90, 0.92, 0.95; other 0.10, 0.15, 0.08." in str(found)


def test_seeds_that_differ_as_much_as_kinds():
    assert verdict(measured(0.9, 0.1, 0.5), measured(0.2, 0.85, 0.4))[0] == "does not hold"


@pytest.mark.parametrize("swapped", [False, True])
def test_models_of_either_kind_that_differ_while_kinds_overlap(swapped):
    alike, unlike = measured(0.5, 0.51), measured(0.45, 0.9)
    assert verdict(*((unlike, alike) if swapped else (alike, unlike)))[0] == "does not hold"


def test_a_difference_of_shares_lies_between_minus_one_and_one():
    row = verdict(measured(0.01, 0.99), measured(0.02, 0.98))[1].differences.iloc[0]
    assert (row["low"], row["high"]) == (-1, 1)


def test_models_that_no_measurement_tells_apart_decide_nothing():
    said, found = verdict(measured(0.5, 0.51, 0.49), measured(0.5, 0.52, 0.48))
    assert said == "undecided"
    assert "No two models differ" in found.differences["reason"][0]


def test_kinds_that_do_not_overlap_by_chance():
    """Two wide triples: apart, but three each is too few to exclude chance."""
    said, found = verdict(measured(0.2, 0.4, 0.6), measured(0.65, 0.8, 0.99))
    assert said == "undecided"
    assert found.differences["apart"][0]
    assert found.differences["low"][0] < 0 < found.differences["high"][0]


def test_seeds_that_agree_by_luck_are_not_believed_to():
    """Equal estimates on few puzzles: the variance is what measuring leaves, not 0."""
    few, many = (
        verdict(measured(0.5, 0.5, 0.5, n=n), measured(0.6, 0.6, 0.6, n=n))[1].differences.iloc[0]
        for n in (10, 10_000)
    )
    assert few["p_value"] > 0.05
    assert many["p_value"] < 0.001


def test_a_verdict_that_hangs_on_a_convention_is_undecided():
    def upside_down(results, horizon):
        return Interval(1 - results["value"], 0, 1, 0.95, 9, "")

    def level(results, horizon):
        return Interval(0.5, 0, 1, 0.95, 9, "")

    far = measured(0.9, 0.92, 0.95), measured(0.1, 0.15, 0.08)
    assert verdict(*far, Measure("effect", "", EFFECT.of, (upside_down,)))[0] == "holds"
    assert verdict(*far, Measure("effect", "", EFFECT.of, (level,)))[0] == "undecided"


def test_many_measures_are_corrected_for():
    near = measured(0.70, 0.72, 0.74), measured(0.60, 0.64, 0.66)
    assert verdict(*near)[0] == "holds"
    found = compare(dict(zip(("one", "other"), near, strict=True)), [EFFECT] * 20)
    assert set(found.differences["verdict"]) == {"undecided"}


def test_equal_kinds_are_rarely_told_apart():
    rng = np.random.default_rng(0)
    decided = 0
    for _ in range(200):
        values = rng.normal(0.5, 0.1, 6).clip(0, 1)
        decided += verdict(measured(*values[:3]), measured(*values[3:]))[0] == "holds"
    assert decided <= 14  # 5% of 200, and a little chance


def test_what_no_report_measures_is_not_testable():
    nothing = Measure("effect", "", lambda results, horizon: Interval(float("nan"), 0, 1, 0.95, 0, ""))
    assert verdict(measured(0.1, 0.2), measured(0.3, 0.4), nothing)[0] == "not testable"


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        ({"one": measured(0.1, 0.2)}, "of two kinds of at least 2 models each, not of 2 one"),
        ({"one": measured(0.1, 0.2), "other": measured(0.3)}, "1 other"),
        (
            {"one": ["nowhere", "nothing"], "other": measured(0.3, 0.4)},
            "There are no saved results at nowhere",
        ),
    ],
)
def test_what_cannot_be_compared_is_said(kinds, says):
    with pytest.raises(InputError, match=says):
        compare(kinds, [EFFECT])


def run_to(*ends: int) -> type:
    return type("Run", (), {"horizons": ends})


def ran(*horizons: tuple[int, ...]) -> list[tuple[str, dict]]:
    values = measured(*[0.5] * len(horizons))
    return [
        (name, r | {"wandering": run_to(*ends)}) for (name, r), ends in zip(values, horizons, strict=True)
    ]


def test_reports_of_different_length_are_compared_where_all_of_them_ran():
    asked = []

    def effect(results, horizon):
        asked.append(horizon)
        return results["effect"]

    compare(
        {"one": ran((16, 64), (16, 64, 256)), "other": ran((16, 64), (16, 64))},
        [Measure("effect", "", effect)],
    )
    assert set(asked) == {64}


def test_reports_without_a_common_length_are_not_compared():
    with pytest.raises(InputError, match="seed 1 to 8 and 32"):
        compare({"one": ran((16, 64), (8, 32)), "other": ran((16, 64), (16, 64))}, [EFFECT])


def lasting(factor: float, right: bool, horizon: int = 64) -> tuple[float, int]:
    """Share at rest, and of how many, in runs that are written down; the last puzzle did not run on."""
    nan = float("nan")
    table = pd.DataFrame(
        {
            "solved": [True, True, True, False, False, False, True],
            "late_drift": [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0],
            "solved_64": [1.0, 1.0, 0.0, 0.0, 0.0, 1.0, nan],
            "drift_64": [0.015, 0.004, 0.0, 0.016, 0.044, 0.0, nan],
        }
    )
    run = SimpleNamespace(table=table, horizons=(16, 64), seed=0, resampled="class")
    found = rest({"wandering": run, "settling_groups": None}, horizon, right, factor)
    return found.estimate, found.n


def test_who_lasts_is_right_or_wrong_at_both_horizons_and_rests_below_the_threshold_times_a_factor():
    assert lasting(1.0, right=True) == (1.0, 2)  # the third is lost on the way
    assert lasting(1 / 3, right=True) == (0.5, 2)
    assert lasting(1.0, right=False) == (0.0, 2)  # the sixth is solved on the way
    assert lasting(3.0, right=False) == (1.0, 2)
    assert lasting(1.0, right=True, horizon=16) == (0.75, 4)


class TestMeasures:
    """Planted models whose failures rest, and whose failures wander, in every measure that knows of it."""

    PLAN = Plan(long=16, horizons=(16, 64), exponents=0, divided=4, starts=4, plane=2, landscape=3)

    def results(self, fate) -> dict:
        puzzles = generate(60, "easy", "4x4", seed=0)
        subject = Subject("planted", Divided(keeps, fate), puzzles, self.PLAN, None, progress=False)
        return dict(TOPICS["settling"].gather(subject))

    def test_failures_that_rest_and_failures_that_wander(self):
        resting, wandering = self.results(settles_wrong), self.results(roams)
        assert rest(resting, 64, right=False).estimate == 1
        assert rest(wandering, 64, right=False).estimate == 0
        for results in (resting, wandering):
            assert rest(results, 64, right=True).estimate == 1
            assert rest(results, 16, right=True).n == 36  # of 60; the long runs are a sample
        drift = next(measure for measure in MEASURES if measure.name == "drift_tells_failure")
        assert drift.of(wandering, 64).estimate > 0.9
        assert drift.of(wandering, 64).low > drift.of(resting, 64).estimate

    def test_without_exponents_theirs_is_unknown(self):
        exponent = next(measure for measure in MEASURES if measure.name == "exponent_tells_failure")
        assert np.isnan(exponent.of(self.results(roams), 64).estimate)
