"""The rules are checked without answers."""

import numpy as np

from hrm_probe.reasoning.runs.lawful import keeps_the_rules
from hrm_probe.sudoku import generate

puzzles = generate(20, "easy", "4x4", seed=0)


def test_right_answers_keep_the_rules_and_unfinished_ones_do_not():
    assert keeps_the_rules(puzzles, puzzles.answers).all()
    assert not keeps_the_rules(puzzles, puzzles.tokens).any()


def test_a_digit_twice_in_a_row_breaks_them():
    twice = np.where(np.arange(16) == 0, puzzles.answers[:, 1:2], puzzles.answers)
    assert not keeps_the_rules(puzzles, twice).any()


def test_a_lawful_grid_that_overwrites_clues_breaks_them_and_several_are_checked_at_once():
    other = (puzzles.answers - 2 + 1) % 4 + 2
    both = keeps_the_rules(puzzles, np.stack([other, puzzles.answers]))
    assert both.tolist() == [[False] * 20, [True] * 20]
