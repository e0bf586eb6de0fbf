"""Two cells share a row, a column, a box, a box and a line, or nothing; shares are of what is counted by that."""

import numpy as np
import pytest

from hrm_probe.reasoning.runs.relations import RELATIONS, relations, shares_by_relation, shares_in_time
from hrm_probe.sudoku import Board


@pytest.mark.parametrize("board", ["4x4", "6x6", "9x9"])
def test_relations_by_the_units_one_by_one(board):
    board = Board.of(board)
    found = relations(board)
    rows, columns, boxes = np.split(board.units, 3)
    for one in range(board.cells):
        for other in set(range(board.cells)) - {one}:
            row, column, box = (
                any({one, other} <= set(unit.tolist()) for unit in units) for units in (rows, columns, boxes)
            )
            expected = (
                "box and line" if box and (row or column)
                else "row" if row else "column" if column else "box" if box else "unrelated"
            )  # fmt: skip
            assert RELATIONS[found[one, other]] == expected
    others = ~np.eye(board.cells, dtype=bool)
    assert np.array_equal((found != RELATIONS.index("unrelated")) & others, board.peers)


def test_shares_are_sums_over_cells_and_what_is_not_compared_does_not_count():
    kind = np.array([[0, 0, 1, 4], [0, 1, 4, 4]])  # rows are puzzles
    targets = np.array([[True, True, True, True], [True, True, True, False]])
    held = np.zeros((2, 2, 4))
    otherwise = np.zeros((2, 2, 4))
    held[0, :, 0] = 1  # of a row, in both reads
    otherwise[0, :, :2] = 1
    otherwise[1, 0, 0] = 1
    held[1, 1, 2] = 1  # unrelated, in the second read only
    otherwise[0, 1, 3] = 1
    otherwise[1, :, 3] = 1  # not compared
    table, found = shares_by_relation(held, otherwise, targets, kind, np.array([True, False]), None, 0)
    rows = table.set_index(["puzzles_of", "relation"])
    row = rows.loc["all", "row"]
    assert (row["puzzles"], row["cells"]) == (2, 3)
    assert row["held"] == pytest.approx(1 / 3)
    assert row["otherwise"] == pytest.approx(2.5 / 3)
    assert row["excluded"] == found["all", "row"].estimate == pytest.approx(1 - 1 / 2.5)
    assert row["excluded_low"] <= row["excluded"] <= row["excluded_high"]
    assert np.isnan(rows.loc["all", "column"]["excluded"])
    assert rows.loc["all", "unrelated"]["excluded"] == 0
    assert rows.loc["unsolved", "row"]["excluded"] == 1
    assert rows.loc["solved", "peers"]["cells"] == 3
    assert ("all", "box") not in rows.index
    in_time = shares_in_time(held, otherwise, targets, kind).set_index(["relation", "read"])
    assert in_time.loc[("row", 1), "excluded"] == pytest.approx(1 - 1 / 3)
    assert in_time.loc[("row", 2), "excluded"] == pytest.approx(1 - 1 / 2)
    assert in_time.loc[("unrelated", 2), "held"] == pytest.approx(1 / 2)
