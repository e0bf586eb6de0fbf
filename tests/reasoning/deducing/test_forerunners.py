"""What follows from a cell is what cannot be deduced as early without it."""

import numpy as np
import pytest

from hrm_probe.reasoning.deducing.forerunners import NONE, forerunners
from hrm_probe.sudoku import Puzzles, deduction_rounds, generate

PUZZLES = generate(30, "minimal", "6x6", seed=0)
FOUND = forerunners(PUZZLES)
USED = np.flatnonzero(FOUND.held >= 0)


def test_most_minimal_puzzles_have_a_cell_to_hold():
    assert len(USED) > 20
    assert ((FOUND.held >= 0) == (FOUND.idle >= 0)).all()
    assert (FOUND.rounds[USED, FOUND.held[USED]] == 1).all()


def test_followers_come_later_without_the_held_cell_and_the_others_do_not():
    withheld = np.zeros(PUZZLES.tokens.shape, bool)
    withheld[USED, FOUND.held[USED]] = True
    rounds, without = deduction_rounds(PUZZLES.grids), deduction_rounds(PUZZLES.grids, withheld)
    later = (without < 0) | (without > rounds)
    assert later[FOUND.matched].all()
    assert not later[FOUND.compared & ~FOUND.matched].any()


def test_nothing_follows_from_the_idle_cell():
    withheld = np.zeros(PUZZLES.tokens.shape, bool)
    withheld[USED, FOUND.idle[USED]] = True
    rounds, without = deduction_rounds(PUZZLES.grids), deduction_rounds(PUZZLES.grids, withheld)
    withheld[rounds < 0] = True
    assert (without == rounds)[~withheld].all()
    assert PUZZLES.blanks[USED, FOUND.idle[USED]].all()
    assert not FOUND.compared[USED, FOUND.idle[USED]].any()  # held, it has no delay of its own


def test_each_stratum_has_followers_and_others_of_one_round_alike_in_being_peers():
    for i in USED:
        for stratum in np.unique(FOUND.strata[i][FOUND.compared[i]]):
            here = FOUND.strata[i] == stratum
            assert {True, False} == set(FOUND.follows[i][here])
            assert len(set(FOUND.rounds[i][here])) == len(set(FOUND.peers[i][here])) == 1
            assert FOUND.rounds[i][here].min() > 1
    assert (FOUND.strata[~FOUND.compared] == NONE).all()


def test_peers_share_a_row_column_or_box():
    i, cell = USED[0], FOUND.held[USED[0]]
    units = [unit for unit in PUZZLES.board.units.tolist() if cell in unit]
    assert np.flatnonzero(FOUND.peers[i]).tolist() == sorted({c for unit in units for c in unit} - {cell})


def test_puzzles_without_chains_have_no_cell_to_hold():
    answers = PUZZLES.answers[:3]
    found = forerunners(Puzzles(np.where(np.arange(36) == 0, 1, answers), answers))  # one blank
    assert (found.held == NONE).all()
    assert not found.compared.any()


@pytest.mark.parametrize("seed", [0, 1])
def test_the_choice_is_one_of_the_clues_and_the_seed_alone(seed):
    first, again = forerunners(PUZZLES, seed), forerunners(PUZZLES, seed)
    assert (first.idle == again.idle).all()
    assert (first.held == FOUND.held).all()
    assert seed == 0 or (first.idle != FOUND.idle).any()
