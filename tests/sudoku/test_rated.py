"""Puzzles told by how hard they are."""

import numpy as np

from hrm_probe.sudoku.rated import rating_ranges


def test_ratings_are_gathered_in_doubling_ranges() -> None:
    ranges = rating_ranges(np.array([0, 1, 2, 3, 4, 7, 8, 1000, -1]))
    assert list(ranges) == ["0", "1", "2-3", "2-3", "4-7", "4-7", "8-15", "512-1023", "unrated"]
    assert list(ranges.categories) == ["unrated", "0", "1", "2-3", "4-7", "8-15", "512-1023"]
