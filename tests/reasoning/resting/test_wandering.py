"""Runs planted to rest, roam or creep are told apart, and exponents are credited with what only they know."""

import json
import math

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.reasoning import follow, wandering
from hrm_probe.reasoning.resting.finite_time_exponents import finite_time_exponents
from hrm_probe.sudoku import generate
from tests.models.variants import VARIANTS, lively, tokens_for
from tests.reasoning.planted_fates import (
    RMS,
    Divided,
    comes_late,
    creeps,
    goes_to,
    logistic,
    roams,
    settles_wrong,
)
from tests.reasoning.planted_segments import Planted, keeps

puzzles = generate(30, "easy", "4x4", seed=0)
longer = {"horizons": (16, 64, 256), "long_puzzles": 12, "exponents": 0, "threshold": 0.01}
shorter = {"horizons": (8,), "exponents": 2, "exponent_puzzles": 30, "threshold": 0.01, "repeats": 5}


@pytest.fixture(scope="module")
def resting():
    return wandering(Divided(keeps, settles_wrong), puzzles, **longer)


@pytest.fixture(scope="module")
def roaming():
    return wandering(Divided(keeps, roams), puzzles, **longer)


@pytest.fixture(scope="module")
def creeping():
    return wandering(Divided(keeps, creeps), puzzles, **longer)


@pytest.fixture(scope="module")
def expanding():
    """Failures and successes rest alike, halt alike, and differ in how they would leave."""
    model = Divided(goes_to(0.2, 0.9), goes_to(0.8, 3.0), u=0.0, halts=False)
    return wandering(model, puzzles, **shorter)


@pytest.fixture(scope="module")
def alike():
    """The halting value tells failures; the derivative is everywhere the same."""
    return wandering(Divided(goes_to(0.2, 1.2), goes_to(0.8, 1.2), u=0.0), puzzles, **shorter)


def test_failures_that_settle_and_failures_that_roam_have_different_numbers(resting, roaming):
    assert 6 <= (~resting.table["solved"]).sum() <= 24
    assert resting.failures_settle.estimate == resting.failures_settle_short.estimate == 1
    assert roaming.failures_settle.estimate == roaming.failures_settle_short.estimate == 0
    assert roaming.failures_settle.high < resting.failures_settle.low
    for found in (resting, roaming):
        assert found.successes_settle.estimate == found.successes_settle_short.estimate == 1
    assert resting.spread == (1, 1)
    assert roaming.spread == (0, 0)


def test_the_rule_finds_the_threshold_between_rest_and_roaming():
    found = wandering(Divided(keeps, roams), puzzles, **{**longer, "horizons": (16,), "threshold": None})
    assert found.rule == "two modes"
    assert np.array_equal(found.table["settled"], found.table["solved"])


def test_every_threshold_is_shown_with_its_counts(roaming, resting):
    table = roaming.by_threshold
    assert table.groupby("segments").size().to_dict() == {16: 25, 64: 25, 256: 25}
    solved = roaming.table["solved"]
    at_first = table[table["segments"] == 16]
    assert (at_first["settled_wrong"] + at_first["wandering_wrong"] == (~solved).sum()).all()
    assert (at_first["settled_right"] + at_first["wandering_right"] == solved.sum()).all()
    between = at_first[(at_first["threshold"] > 1e-4) & (at_first["threshold"] < 1e-2)]
    assert len(between)
    assert (between[["settled_wrong", "wandering_right"]] == 0).all().all()
    assert at_first["failures_share"].iloc[[0, -1]].tolist() == [0, 1]
    assert (resting.by_threshold["failures_share"].diff().dropna() >= 0)[:24].all()


def test_slow_creeping_is_not_settling(creeping, resting):
    assert creeping.failures_settle_short.estimate == 1  # so it seems
    assert creeping.creeping.estimate == 1
    assert resting.creeping.estimate == 0
    assert resting.creeping.n == creeping.creeping.n == 6
    sample = creeping.table.dropna(subset="moved_256")
    failures = sample[~sample["solved"]]
    assert failures["moved_64"].to_numpy() == pytest.approx(0.048 * RMS, rel=1e-3)
    assert failures["moved_256"].to_numpy() == pytest.approx(0.240 * RMS, rel=1e-3)
    assert failures["drift_256"].to_numpy() == pytest.approx(0.001 * RMS, rel=1e-3)
    assert (failures["grid_changed"] == 0).all()


def test_only_what_had_settled_can_creep():
    """Failures that roam are elsewhere later, but were never called settled."""
    found = wandering(Divided(keeps, roams), puzzles, **longer, tolerance=1e-3)
    assert (found.table["moved_256"].dropna()[~found.table["solved"]] > 1e-3).all()
    assert (found.creeping.n, found.failures_settle_short.estimate) == (0, 0)


def test_what_the_last_segment_of_the_first_horizon_changes_is_no_creeping():
    """Slowly from right to wrong, over the ridge at the sixteenth segment, and at rest from then on."""

    def stops_beyond_the_ridge(u):
        return torch.where(u < 0.5, u + 0.001, u)

    found = wandering(Divided(stops_beyond_the_ridge, stops_beyond_the_ridge, u=0.4845), puzzles, **longer)
    curves = follow(Divided(stops_beyond_the_ridge, stops_beyond_the_ridge, u=0.4845), puzzles, 16)
    assert curves.solved[:, :-1].all()
    assert not curves.solved[:, -1].any()
    assert found.failures_settle_short.estimate == 1
    assert (found.creeping.n, found.creeping.estimate) == (12, 0)


def test_late_drift_is_the_most_of_the_last_three_segments():
    """A leap at the first of three, both before the first horizon (of 16) and before the second (of 64)."""

    def leaps(u):
        at = ((u - 0.713).abs() < 5e-4) | ((u - 0.860).abs() < 5e-4)  # after 13 segments, and after 61
        return u + torch.where(at, 0.1, 0.001)

    table = wandering(Divided(keeps, leaps), puzzles, **{**longer, "horizons": (16, 64)}).table
    leaping = table[~table["solved"]].dropna()
    assert len(leaping)
    for column in ("late_drift", "drift_64"):
        assert leaping[column].to_numpy() == pytest.approx(0.1 * RMS, rel=1e-2)


def test_what_counts_as_creeping_is_the_tolerance():
    model = Divided(keeps, creeps)
    found = wandering(model, puzzles, **{**longer, "horizons": (16, 64)})
    assert found.creeping.estimate == 0
    found = wandering(model, puzzles, **{**longer, "horizons": (16, 64)}, tolerance=0.02)
    assert found.creeping.estimate == 1


def test_a_late_solver_is_not_a_failure_that_settled():
    found = wandering(Divided(keeps, comes_late), puzzles, **{**longer, "horizons": (16, 64)})
    rows = found.settled.set_index(["segments", "outcome"])
    assert rows.loc[(16, "failures"), "solved"] == 0
    assert rows.loc[(64, "failures"), ["n", "settled", "solved"]].tolist() == [6, 1, 1]
    assert rows.loc[(64, "still failures"), "n"] == 0
    assert math.isnan(found.failures_settle.estimate)
    assert found.creeping.estimate == 1  # they changed their grid


def test_drift_is_told_in_quartiles(roaming, creeping):
    rows = creeping.drift.set_index(["segments", "outcome"])
    assert rows.loc[(256, "failures"), "median"] == pytest.approx(0.001 * RMS, rel=1e-3)
    assert rows.loc[(16, "successes"), "upper_quartile"] < 1e-4
    assert (roaming.drift["lower_quartile"] <= roaming.drift["upper_quartile"]).all()


def test_leading_exponents_are_those_of_the_planted_flows():
    settings = {**shorter, "horizons": (32,)}
    table = wandering(Divided(keeps, logistic(4)), puzzles[:12], **settings).table
    assert table[~table["solved"]]["exponent_1"].mean() == pytest.approx(math.log(2), abs=0.12)
    assert table[table["solved"]]["exponent_1"].mean() == pytest.approx(math.log(0.5), abs=0.03)
    assert table["exponent_2"].to_numpy() == pytest.approx(math.log(0.5), abs=0.05)


def test_exponents_get_the_credit_where_only_they_know(expanding):
    table = expanding.auc.set_index(["among", "score"])
    assert table.loc[("exponent sample", "leading_exponent"), "auc"] == 1
    assert table.loc[("all", "late_drift"), "auc"] == 0.5
    assert table.loc[("all", "minus_q_halt"), "auc"] == 0.5
    assert expanding.leading_adds.low > 0.3
    assert expanding.exponents_add.low > 0.3
    assert expanding.exponents_add_auc.low > 0.3
    models = expanding.models.set_index("model")
    assert models.loc["exponents", "auc"] == 1
    assert models.loc["drift + halting", "log_loss"] == pytest.approx(math.log(2), abs=0.05)
    assert 0 < expanding.exponent_error < 0.3  # gap ln (3 / 0.9) = 1.2


def test_exponents_get_none_where_they_know_nothing(alike):
    table = alike.auc.set_index(["among", "score"])
    leading = table.loc[("exponent sample", "leading_exponent")]
    assert leading["low"] < 0.5 < leading["high"]
    assert table.loc[("exponent sample", "minus_q_halt"), "auc"] == 1
    assert alike.leading_adds.low <= 0
    assert alike.exponents_add.low <= 0
    assert alike.exponents_add_auc.estimate <= 0
    assert alike.models.set_index("model").loc["exponents", "auc_low"] < 0.5


def test_groups_are_drawn_together_and_stay_in_one_fold():
    model = Divided(goes_to(0.2, 0.9), goes_to(0.8, 3.0), u=0.0, halts=False)
    found = wandering(model, puzzles, **shorter, groups=np.arange(30) // 2)
    assert found.resampled == "given groups"
    assert found.exponents_add.n == 15
    few = wandering(model, puzzles, **{**shorter, "exponents": 1}, groups=np.arange(30) // 10)
    assert few.no_models == "3 groups with failures are too few for 5 folds"


@pytest.mark.parametrize("failing", [keeps, settles_wrong])
def test_one_outcome_only_is_said_and_not_raised(failing):
    one_fate = wandering(Planted(failing, 0.7), puzzles[:10], horizons=(8, 12), exponents=2, long_puzzles=6)
    assert one_fate.exponents_add is None
    assert one_fate.models.empty
    assert "are too few for 5 folds" in one_fate.no_models
    assert one_fate.no_models in str(one_fate)
    assert one_fate.auc["auc"].isna().all()
    assert json.loads(json.dumps(one_fate.summary()))["leading_adds"] is None


def test_the_answer_can_be_printed_and_written(roaming, expanding):
    assert "At segment 256, still failures: 0.0% of 6 settled" in str(roaming)
    assert "No exponents" in str(roaming)
    assert "adds" in str(expanding)
    written = json.loads(json.dumps(roaming.summary()))
    assert written["horizons"] == [16, 64, 256]
    assert written["no_models"] == "no exponents were computed"


def test_where_nothing_fails_no_share_of_failures_is_told():
    told = str(wandering(Planted(keeps), puzzles, **{**longer, "horizons": (16, 64)}))
    assert "At the end an unknown share (none to judge) of the lasting failures have settled." in told
    assert "nan" not in told


def test_curves_at_hand_give_the_same_answer(resting):
    model = Divided(keeps, settles_wrong)
    again = wandering(model, puzzles, **longer, curves=follow(model, puzzles, 16))
    assert again.table.equals(resting.table)
    with pytest.raises(InputError, match="8 segments, but the first horizon is 16"):
        wandering(model, puzzles, curves=follow(model, puzzles, 8))


@pytest.mark.parametrize("horizons", [(), (2, 16), (16, 16), (64, 16)])
def test_horizons_that_make_no_sense_are_refused(horizons):
    with pytest.raises(InputError, match="ascend from 3"):
        wandering(Planted(keeps), puzzles, horizons=horizons)


def test_one_fold_is_refused():
    with pytest.raises(InputError, match="folds is 1; it must be at least 2"):
        wandering(Planted(keeps), puzzles, folds=1)


def test_the_exponents_of_a_puzzle_owe_nothing_to_the_others():
    model = lively(VARIANTS["hrm_rope"])
    tokens = tokens_for(model, 4).numpy()
    together = finite_time_exponents(model, tokens, 2, 4)
    for other in (
        finite_time_exponents(model, tokens, 2, 4, batch_size=1),
        finite_time_exponents(model, tokens[::-1].copy(), 2, 4)[::-1],
    ):
        assert other == pytest.approx(together, abs=1e-4)
