"""Kept and lost solutions, counted on curves that are written down."""

import json

import numpy as np
import pytest

from hrm_probe.dynamics.intervals import percentile_interval, resampled_counts
from hrm_probe.errors import InputError
from hrm_probe.reasoning.easy.keeping import keeping, shares_by_segment
from hrm_probe.reasoning.statistics.survival import survival_curve
from hrm_probe.sudoku import generate
from tests.reasoning.planted_segments import curves_of

CURVES = [
    "..######",  # kept
    ".##.####",  # lost once and found again
    "###.....",  # lost for good
    "........",  # never
    "......##",  # late
    "##.##.#.",  # in and out
]


@pytest.fixture(scope="module")
def result():
    puzzles = generate(6, "minimal", "4x4", seed=0)
    return keeping(curves_of(CURVES), puzzles, "planted", at=3, horizons=(4, 6, 99))


def test_each_puzzle_has_its_history(result):
    table = result.table
    assert table["first_solved"].tolist() == [3, 2, 1, 0, 7, 1]
    assert table["first_lost"].tolist() == [0, 4, 4, 0, 0, 3]
    assert table["times_lost"].tolist() == [0, 1, 1, 0, 0, 3]
    assert table["kept"].tolist() == [True, False, False, False, True, False]
    assert table["segments_solved"].tolist() == [6, 6, 3, 0, 2, 5]
    # The planted displacement of segment s is s.
    assert table["displacement_at_loss"].tolist()[1] == 4
    assert np.isnan(table["displacement_at_loss"][0])


def test_shares_have_the_right_denominators(result):
    assert result.ever.estimate == pytest.approx(5 / 6)
    assert result.at.estimate == pytest.approx(3 / 6)
    assert result.last.estimate == pytest.approx(3 / 6)
    assert result.kept.estimate == pytest.approx(1 / 3)  # of puzzles 1, 2 and 3
    assert result.kept_since_first.estimate == pytest.approx(1 / 4)  # of puzzles 1, 2, 3 and 6
    assert result.lost.estimate == pytest.approx(3 / 5)
    assert result.regained.estimate == pytest.approx(1 / 3)


def test_retention_tells_kept_from_solved_again(result):
    rows = result.retention.set_index(["since", "to"])
    assert rows.loc[("3", 4), "kept"] == pytest.approx(1 / 3)
    assert rows.loc[("3", 6), "kept"] == pytest.approx(1 / 3)
    assert rows.loc[("3", 6), "solved"] == pytest.approx(2 / 3)
    assert rows.loc[("first", 4), "puzzles"] == 4
    assert rows.loc[("first", 4), "kept"] == pytest.approx(1 / 4)
    assert rows.index.tolist() == [("first", t) for t in (4, 6, 8)] + [("3", t) for t in (4, 6, 8)]


def test_segments_are_counted_one_by_one(result):
    by = result.by_segment
    assert by["segment"].tolist() == [*range(1, 9)]
    assert (by["solved"] * 6).round().tolist() == [2, 3, 3, 2, 3, 2, 4, 3]
    assert (by["lost"] * 6).round().tolist() == [0, 0, 1, 2, 1, 2, 1, 2]
    assert by["displacement_solved"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_the_summary_is_json(result):
    assert json.loads(json.dumps(result.summary()))["kept"]["estimate"] == pytest.approx(1 / 3)
    assert str(result).startswith("Planted (6)")


def test_segments_count_from_1():
    with pytest.raises(InputError, match="at is 0; it must be from 1 to 2"):
        keeping(curves_of(["##"]), generate(1, "minimal", "4x4"), "planted", at=0)


def test_survival_is_kaplan_and_meiers():
    # Lifetimes 1, 2, 3+ and 1+ segments, + for "still solved when the run ended".
    curves = np.array([[1, 0, 0, 0], [1, 1, 0, 1], [0, 1, 1, 1], [0, 0, 0, 1]], bool)
    table = survival_curve(curves, None, seed=0)
    assert table["at_risk"].tolist() == [4, 3, 2]
    assert table["survival"].tolist() == pytest.approx([1, 2 / 3, 2 / 3 * 1 / 2])
    assert (table["low"] <= table["survival"]).all()
    assert (table["survival"] <= table["high"]).all()
    assert table["low"][0] < 1  # four puzzles prove nothing


def test_survival_recovers_a_constant_hazard():
    rng = np.random.default_rng(0)
    starts, lives = rng.integers(0, 30, 2000), rng.geometric(0.1, 2000)
    segment = np.arange(40)
    solved = (segment >= starts[:, None]) & (segment < (starts + lives)[:, None])
    table = survival_curve(solved, None, seed=0).iloc[:25]
    truth = 0.9 ** table["age"]
    assert ((table["low"] <= truth) & (truth <= table["high"])).mean() > 0.8
    assert table["survival"].to_numpy() == pytest.approx(truth.to_numpy(), abs=0.04)


def test_survival_of_nothing_is_empty():
    assert len(survival_curve(np.zeros((3, 4), bool), None, seed=0)) == 0


def test_survival_within_one_group_says_nothing_of_others():
    rng = np.random.default_rng(0)
    half = np.stack([np.ones(100, bool), rng.random(100) < 0.5], axis=1)
    for solved in (half, np.ones((100, 2), bool)):
        table = survival_curve(solved, np.zeros(100, int), seed=0)
        assert table["high"][1] - table["low"][1] > 0.7
    five = survival_curve(half, np.repeat(np.arange(5), 20), seed=0)
    alone = survival_curve(half, None, seed=0)
    assert five["low"][1] >= 0
    assert five["high"][1] - five["low"][1] > 0
    assert alone["high"][1] - alone["low"][1] < 0.25


def test_survival_over_few_groups_is_as_unsure_as_a_share_over_them():
    groups = np.repeat(np.arange(6), [4, 10, 6, 12, 8, 10])
    kept = np.arange(50) % 10 < np.array([2, 9, 4, 6, 8, 5])[groups]
    row = survival_curve(np.stack([np.ones(50, bool), kept], axis=1), groups, seed=1).loc[1]
    sums, sizes = np.bincount(groups, kept), np.bincount(groups)
    drawn = resampled_counts(6, 1000, seed=1)
    of_share = percentile_interval(kept.mean(), (drawn @ sums) / (drawn @ sizes), 0.95, 6, grouped=True)
    assert row["survival"] == pytest.approx(kept.mean())
    assert (row["low"], row["high"]) == pytest.approx((max(of_share.low, 0), min(of_share.high, 1)))


def test_shares_by_segment_count_what_is_lost():
    solved = np.array([[0, 1, 0], [0, 1, 1], [0, 0, 0], [1, 1, 1]], bool)
    table = shares_by_segment(solved)
    assert list(table["solved"]) == [0.25, 0.75, 0.5]
    assert list(table["ever"]) == [0.25, 0.75, 0.75]
    assert list(table["lost"]) == [0, 0, 0.25]
    assert (table["solved_low"] <= table["solved"]).all()
