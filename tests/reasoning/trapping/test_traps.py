"""Traps planted on purpose are found, and wanderers are not called trapped."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.reasoning.runs.curves import follow
from hrm_probe.reasoning.trapping.traps import traps
from hrm_probe.sudoku import generate
from tests.reasoning.planted_updates import (
    Planted,
    by_blanks,
    follows_input,
    stuck,
    two_attractors,
    wanders,
)

puzzles = generate(40, "easy", "4x4", seed=0)
few = puzzles.blanks.sum(1) <= 9
small = {"long_segments": 24, "long_puzzles": 10, "restarted": 12, "starts": 2, "copies": 2}


@pytest.fixture(scope="module")
def trapped():
    return traps(Planted(by_blanks(follows_input, two_attractors, 9)), puzzles, **{**small, "starts": 8})


@pytest.fixture(scope="module")
def wandering():
    return traps(Planted(by_blanks(follows_input, wanders, 9)), puzzles, **small)


def test_trapped_failures_settle_and_wandering_ones_do_not(trapped, wandering):
    for found in (trapped, wandering):
        assert np.array_equal(found.table["solved"], few)
        assert found.settled_successes.estimate == 1
    assert trapped.settled_failures.estimate == 1
    assert wandering.settled_failures.estimate == 0
    assert wandering.settled_failures.high < trapped.settled_failures.low


def test_drift_separates_without_a_threshold(trapped, wandering):
    assert wandering.drift_auc.estimate == 1
    assert trapped.drift_auc.estimate == 0.5


def test_the_threshold_is_swept(wandering):
    sweep = wandering.by_threshold
    assert (sweep["successes_share"] == 1).all()
    assert sweep["failures_share"].iloc[0] == 0
    assert sweep["failures_share"].iloc[-1] == 1


def test_the_longer_run_says_whether_it_was_creeping(trapped, wandering):
    for found, share in ((trapped, 1), (wandering, 0)):
        rows = found.settled.set_index(["segments", "outcome"])
        assert rows.loc[(24, "failures"), "settled"] == share
        assert rows.loc[(24, "failures"), "n"] == 5


def test_a_trap_is_held_for_ever(trapped, wandering):
    assert trapped.trapped.estimate == (~few).mean()
    assert trapped.first_is_last.estimate == 1
    assert trapped.escape_rate.estimate == 0
    assert wandering.trapped.estimate == 0
    assert wandering.escape_rate is None


def test_a_trap_that_lets_go_is_escaped_from():
    # Held for five segments, at risk from the third on: left at the third step of three.
    lets_go = Planted(lambda s: stuck(s).where(s.number[:, None] <= 5, s.answers))
    found = traps(lets_go, puzzles, dwell=3, restarted=0, long_segments=None)
    assert found.trapped.estimate == 1
    assert found.first_is_last.estimate == 0
    assert found.escape_right.estimate == pytest.approx(1 / 3)
    assert set(found.table["trap_length"]) == {5}


@pytest.mark.parametrize("too_few", [0, 2])
def test_a_longer_run_too_short_to_judge_is_refused_by_its_name(too_few):
    with pytest.raises(InputError, match=f"long_segments is {too_few}; .* or None for no longer run"):
        traps(Planted(stuck), puzzles, long_segments=too_few)


def test_noise_across_the_ridge_rescues_and_shows_both_attractors(trapped):
    rows = trapped.restarts.set_index(["source", "scale"])
    # The planted ridge lies at 0.5, so a start is beyond it with probability 1 - Phi(0.5 / scale).
    for scale, known in ((0.5, 0.159), (1.0, 0.309), (2.0, 0.401)):
        row = rows.loc[("start", scale)]
        assert row["low"] - 0.03 < known < row["high"] + 0.03
        assert row["lost"] == 0
    assert rows.loc[("copy", 0.0), "rescued"] == 0
    assert trapped.rescued.estimate > 0.8
    probed = trapped.table.dropna(subset="answers")
    failures = probed[~probed["solved"].astype(bool)]
    assert set(failures["right_attractors"] + failures["wrong_attractors"]) <= {1, 2}
    assert (failures["wrong_attractors"] == 1).all()
    assert (probed[probed["solved"]]["wrong_attractors"] == 0).all()


def test_the_plain_run_is_no_restart_and_rescues_nothing():
    """Solved from its own start, where the memory is 0, and from no start whose memory is disturbed."""
    fragile = Planted(lambda s: torch.where((s.memory == 0)[:, None], s.answers, s.renamed(1)))
    found = traps(fragile, puzzles, **{**small, "copies": 0})
    assert found.table["solved"].all()
    assert (found.table["rescued"].dropna() == 0).all()
    assert found.restarts["lost"].tolist() == [1.0] * len(found.restarts)


def test_wanderers_have_no_attractor_and_are_not_rescued(wandering):
    probed = wandering.table.dropna(subset="answers")
    failures = probed[~probed["solved"].astype(bool)]
    assert (failures["wrong_attractors"] == 0).all()
    assert wandering.rescued.estimate == 0
    assert (failures["answers"] > 1).all()


def test_the_answer_can_be_printed_and_written(trapped):
    assert "rescue" in str(trapped)
    assert json.loads(json.dumps(trapped.summary()))["dwell"] == 3


def test_a_model_that_never_fails_has_no_traps_and_says_so():
    told = str(traps(Planted(follows_input), puzzles, **small))
    assert "their drift cannot be compared" in told
    assert "nan" not in told


def test_runs_that_never_move_are_at_rest():
    curves = follow(Planted(stuck), puzzles)
    never = replace(curves, displacement=np.zeros_like(curves.displacement))
    found = traps(Planted(stuck), puzzles, curves=never, long_segments=None, restarted=0)
    assert found.settled_failures.estimate == 1
    assert found.settled["settled"].tolist()[0] == 1


def test_groups_count_in_every_table(wandering):
    model = Planted(by_blanks(follows_input, wanders, 9))
    grouped = traps(model, puzzles, **small, groups=np.arange(40) // 10)
    for table, column in (
        ("by_threshold", "failures_{}"),
        ("by_threshold", "successes_{}"),
        ("restarts", "{}"),
    ):
        alone, together = (
            getattr(found, table)[column.format("high")] - getattr(found, table)[column.format("low")]
            for found in (wandering, grouped)
        )
        assert (together > alone + 0.05).all()
