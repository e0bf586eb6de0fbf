"""Every pair of cells is of one kind: by the rules where there are rules, by distance where there are none."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import Tasks
from hrm_probe.reasoning.runs.whereabouts import whereabouts
from hrm_probe.sudoku import generate


def tasks(cells):
    grids = np.ones((2, cells), int)
    return Tasks(grids, grids)


@pytest.mark.parametrize("puzzles", [generate(2, "minimal", "6x6", seed=0), tasks(49)])
def test_each_pair_is_of_one_kind_and_the_same_both_ways(puzzles):
    where = whereabouts(puzzles)
    assert (sum(where.kinds.values()) == 1).all()
    assert all((among == among.T).all() for among in where.kinds.values())
    assert (where.kinds["itself"] == np.eye(len(where.joined), dtype=bool)).all()
    assert not (where.joined & where.apart).any()
    assert not where.joined.diagonal().any()


def test_on_a_sudoku_peers_are_joined_and_all_others_apart():
    puzzles = generate(2, "minimal", "6x6", seed=0)
    where = whereabouts(puzzles)
    assert (where.joined == puzzles.board.peers).all()
    assert (where.apart == ~(puzzles.board.peers | np.eye(36, dtype=bool))).all()
    assert where.kinds["row"].sum(1).tolist() == [3] * 36  # two more share the box, too
    assert where.kinds["box"].sum(1).tolist() == [2] * 36


def test_on_a_grid_without_rules_cells_are_told_apart_by_steps():
    where = whereabouts(tasks(49))
    corner = {kind: int(among[0].sum()) for kind, among in where.kinds.items()}
    assert corner == {"itself": 1, "beside": 2, "two steps away": 3, "near": 4 + 5 + 6, "far": 49 - 21}
    assert where.joined[24].nonzero()[0].tolist() == [17, 23, 25, 31]  # of the middle
    assert "beside" in where.joined_in_words


def test_a_small_grid_has_no_cells_far_away():
    assert not whereabouts(tasks(9)).apart.any()


def test_tasks_that_fill_no_square_are_refused():
    with pytest.raises(InputError, match="12 cells, which fill no square grid"):
        whereabouts(tasks(12))
