"""Pairs differ by one clue, and both have one solution."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning.inside.clue_pairs import one_clue_changed
from hrm_probe.sudoku import count_solutions, generate

PUZZLES = generate(20, "minimal", "4x4", seed=0)


def test_one_clue_is_another_and_both_are_puzzles() -> None:
    receivers, donors = one_clue_changed(PUZZLES, seed=1)
    assert len(receivers) > 10
    different = receivers.tokens != donors.tokens
    assert (different.sum(1) == 1).all()
    assert not (different & (receivers.blanks | donors.blanks)).any()
    assert (count_solutions(donors.grids) == 1).all()
    assert (donors.answers != receivers.answers).any(1).all()  # the rules are checked by the solver's count


def test_whoever_can_have_a_partner_gets_one() -> None:
    receivers, _ = one_clue_changed(PUZZLES)
    kept = {row.tobytes() for row in receivers.tokens}
    for grid, tokens in zip(PUZZLES.grids, PUZZLES.tokens, strict=True):
        others = []
        for cell in np.flatnonzero(grid):
            for digit in set(range(1, 5)) - {int(grid[cell])}:
                other = grid.copy()
                other[cell] = digit
                others.append(other)
        possible = (count_solutions(np.array(others)) == 1).any()
        assert possible == (tokens.tobytes() in kept)


def test_seeds_draw_the_clue() -> None:
    first, again, other = (one_clue_changed(PUZZLES, seed)[1].tokens for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_full_grids_have_no_partner() -> None:
    solved = PUZZLES[:2]
    full = type(PUZZLES)(solved.answers, solved.answers)
    with pytest.raises(InputError, match="take minimal puzzles"):
        one_clue_changed(full)
