"""Planted keepers and losers get the numbers that they deserve."""

import pytest

from hrm_probe.reasoning import row_masking, solved_grids, stability
from hrm_probe.reasoning.runs.curves import follow
from hrm_probe.sudoku import generate
from tests.reasoning.planted_segments import Planted, keeps, loses


@pytest.fixture(scope="module")
def puzzles():
    return generate(20, "minimal", "4x4", seed=0)


@pytest.mark.parametrize("question", [stability, row_masking, solved_grids])
def test_a_keeper_keeps(puzzles, question):
    result = question(Planted(keeps, u=3.0), puzzles, segments=24)
    assert result.ever.estimate == result.last.estimate == result.kept.estimate == 1
    assert result.kept.low > 0.8
    assert result.lost.estimate == 0
    assert result.table["first_solved"].eq(3).all()  # 1.5, 0.75, 0.375
    assert result.survival["survival"].eq(1).all()


@pytest.mark.parametrize("question", [stability, row_masking, solved_grids])
def test_a_loser_loses(puzzles, question):
    result = question(Planted(loses, u=2.0**-19), puzzles, segments=24)
    assert result.at.estimate == result.ever.estimate == 1
    assert result.last.estimate == result.kept.estimate == 0
    assert result.kept.high < 0.2
    assert result.lost.estimate == 1
    lost_at = int(result.table["first_lost"].iloc[0])
    assert 16 < lost_at < 24
    assert result.survival["survival"].tolist() == [1] * (lost_at - 1) + [0]


def test_the_masked_unit_is_named_and_blank(puzzles):
    result = row_masking(Planted(keeps), puzzles, unit="box", index=1, segments=2)
    assert result.table["blanks"].eq(4).all()
    assert result.table["source"].eq("box 2 masked").all()
    assert result.condition == "grids with one masked box"


def test_solved_grids_have_no_blanks(puzzles):
    assert solved_grids(Planted(keeps), puzzles, segments=1).table["blanks"].eq(0).all()


def test_curves_at_hand_are_used(puzzles):
    curves = follow(Planted(loses, u=0.01), puzzles, 20)
    result = stability(Planted(keeps), puzzles, curves=curves, at=5)
    assert result.segments == 20
    assert result.kept.estimate == 0


def test_a_run_that_ends_before_training_did_is_judged_at_its_end(puzzles):
    assert stability(Planted(keeps), puzzles, segments=4).at_segment == 4
    assert stability(Planted(keeps), puzzles, segments=20).at_segment == 16


def test_horizons_are_the_rows_of_retention(puzzles):
    result = row_masking(Planted(keeps), puzzles, segments=64)
    since_first = result.retention[result.retention["since"] == "first"]
    assert since_first["to"].tolist() == [16, 32, 64]
    assert (since_first["kept"] == 1).all()
