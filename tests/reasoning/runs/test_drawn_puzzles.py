"""Puzzles drawn within each outcome."""

import numpy as np

from hrm_probe.reasoning.runs.drawn_puzzles import drawn_by_outcome


def test_half_the_draw_are_failures_where_there_are_so_many():
    solved = np.array([True] * 90 + [False] * 10)
    rng = np.random.default_rng(0)
    assert (~solved[drawn_by_outcome(solved, 12, rng)]).sum() == 6
    assert (~solved[drawn_by_outcome(solved, 40, rng)]).sum() == 10
    assert len(drawn_by_outcome(solved[:3], 12, rng)) == 3
    assert len(drawn_by_outcome(solved[90:], 12, rng)) == 10
