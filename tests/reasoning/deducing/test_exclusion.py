"""A digit that one cell holds is given up where a model keeps the rule, along the relations that it knows."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, Tasks, build_model
from hrm_probe.reasoning import exclusion
from hrm_probe.reasoning.runs.relations import RELATIONS, relations
from hrm_probe.sudoku import Board, candidates, generate
from tests.reasoning.planted_grids import Showing
from tests.reasoning.planted_rules import FAINT, PLAIN, Ruled

BOARD = Board.of("9x9")
PUZZLES = generate(60, "minimal", "9x9", seed=1)
RELATED = relations(BOARD)
LINES = np.isin(RELATED, [RELATIONS.index("row"), RELATIONS.index("box and line")])


def of_all(found):
    return found.effects[found.effects["puzzles_of"] == "all"].set_index("relation")


# ---------------------------------------------------------------- what was planted


@pytest.fixture(scope="module")
def ruled():
    return exclusion(Ruled(BOARD), PUZZLES, groups="class")


def test_a_model_that_keeps_the_rule_tells_row_column_and_box_and_nobody_else(ruled):
    effects = of_all(ruled)
    assert (ruled.table["taken"] == 1).all()
    assert (effects.loc[["row", "column", "box", "box and line", "peers"], "held"] == 0).all()
    assert (effects.loc[["row", "column", "box", "box and line", "peers"], "excluded"] == 1).all()
    assert effects.loc["unrelated", "held"] == effects.loc["unrelated", "otherwise"] > 0.1
    assert (ruled.excluded.estimate, ruled.unrelated.estimate) == (1, 0)
    assert ruled.in_time.query("relation == 'peers'")["excluded"].eq(1).all()
    assert "excluded +100%" in str(ruled)


def test_one_that_hears_nobody_gives_nothing_up():
    found = exclusion(Ruled(BOARD, heard=np.zeros((81, 81), bool)), PUZZLES)
    assert (found.table["taken"] == 1).all()
    assert (of_all(found)["excluded"] == 0).all()


def test_one_that_knows_rows_only_is_told():
    same_row = BOARD.memberships[:, None, 0] == BOARD.memberships[None, :, 0]
    effects = of_all(exclusion(Ruled(BOARD, heard=same_row), PUZZLES))
    assert effects.loc["row", "excluded"] == 1
    assert (effects.loc[["column", "box", "unrelated"], "excluded"] == 0).all()
    assert 0 < effects.loc["box and line", "excluded"] < 1


def test_one_that_tells_everybody_is_told():
    everybody = ~np.eye(81, dtype=bool)
    effects = of_all(exclusion(Ruled(BOARD, heard=everybody), PUZZLES))
    assert (effects["excluded"] == 1).all()


def test_when_it_is_heard_is_told():
    found = exclusion(Ruled(BOARD, late=True), PUZZLES, since=3, segments=2)
    by_read = found.in_time.query("relation == 'peers'").set_index("read")["excluded"]
    assert by_read.to_list() == [0, 1, 1, 1]
    assert (found.since, found.segments, found.reads) == (3, 2, 2)
    assert "At the first read +0%" in str(found)


def test_states_that_nobody_looks_at_are_not_taken():
    found = exclusion(Showing(PUZZLES, PUZZLES.answers[:, None], 4), PUZZLES, batch_size=len(PUZZLES))
    assert found.taken.estimate < 0.6  # the cell shows its right digit, whatever it is made to hold
    assert found.excluded.estimate == 0
    assert found.excluded_unsolved is None


APART = np.array([9 * row + 3 * (row % 3) + row // 3 for row in range(9)])
"""Nine cells of which no two share a unit."""


class Doubting(Ruled):
    """Says its own digits plainly in nine cells, which do not hear one another, and faintly in all others."""

    def update_H(self, state):
        z = super().update_H(state)
        z[:, 1 + APART] *= PLAIN / FAINT
        return z.clamp_max(PLAIN)


def test_a_model_s_own_digits_are_heard_as_plainly_as_they_are_said():
    """What faint cells lend is nothing that others heed; what plain ones lend is; both are told by the head."""
    found = exclusion(Doubting(BOARD, late=True), PUZZLES, lent="blank", since=3)
    plain = np.isin(found.table["cell"], APART)
    assert found.lent == "blank"
    assert found.table.loc[plain, "probability"].to_numpy() == pytest.approx(9 / 19)
    assert found.table.loc[~plain, "probability"].to_numpy() == pytest.approx(2 / 12)
    assert (found.table["taken"] == 1).all()
    by_probability = found.by_probability.set_index("up_to")
    assert by_probability.index.tolist() == [0.4, 0.6]
    assert by_probability["digits"].tolist() == [2 * (~plain).sum(), 2 * plain.sum()]
    assert by_probability["cells"].sum() == 2 * found.table["cells"].sum()
    assert by_probability.loc[0.4, "excluded"] == 0
    assert by_probability.loc[0.6, "excluded_low"] > 0.7  # it is heard from the second read of eight on
    assert "up to 0.6" in str(found)


def test_blank_cells_lend_what_they_show_at_that_segment():
    model = Ruled(BOARD)
    found = exclusion(model, PUZZLES, lent="blank", since=2, segments=1)
    shown = model.run(PUZZLES.tokens, segments=2).predictions[-1].numpy() - 1
    for row in found.table.itertuples():
        for digit in (row.first, row.second):
            lending = (shown[:, row.cell] == digit) & PUZZLES.blanks[:, row.cell]
            assert lending[np.arange(60) != row.puzzle].any()
    assert found.excluded.estimate == 0  # it says nothing but clues plainly


# ---------------------------------------------------------------- which cells


def test_cells_and_digits_are_those_that_clues_leave_open(ruled):
    open_ = candidates(PUZZLES.grids)
    assert len(ruled.table) == ruled.compared > 50
    for row in ruled.table.itertuples():
        assert PUZZLES.blanks[row.puzzle, row.cell]
        assert row.first != row.second
        assert open_[row.puzzle, row.cell, [row.first - 1, row.second - 1]].all()
        both = open_[row.puzzle][:, [row.first - 1, row.second - 1]].all(1) & PUZZLES.blanks[row.puzzle]
        assert row.cells == (both & BOARD.peers[row.cell]).sum() > 0
    assert ruled.table["cells"].sum() == of_all(ruled).loc["peers", "cells"]


def test_the_draw_is_the_seed_s():
    model = Ruled(BOARD)
    one, same, another = (exclusion(model, PUZZLES[:40], segments=1, seed=seed).table for seed in (0, 0, 1))
    assert one.equals(same)
    assert not one.equals(another)


def test_batches_are_of_no_consequence():
    config = ModelConfig(cells=81, vocab=11, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=2)
    model = build_model(config, seed=3)
    whole, parts = (exclusion(model, PUZZLES[:40], batch_size=size, segments=2) for size in (128, 7))
    assert whole.summary() == parts.summary()
    assert (whole.puzzles, whole.reads, whole.resampled) == (40, config.H_cycles, "puzzle")


def test_what_cannot_be_asked_is_said():
    model = Ruled(BOARD)
    with pytest.raises(InputError, match=r"Of 2 puzzles none has a blank cell .*; give more"):
        exclusion(model, PUZZLES[:2])
    with pytest.raises(InputError, match=r'lent is .hint.; give "clue" or "blank"'):
        exclusion(model, PUZZLES, lent="hint")
    with pytest.raises(InputError, match="since"):
        exclusion(model, PUZZLES, since=0)
    with pytest.raises(InputError, match="by rules of Sudoku, which Tasks do not have"):
        exclusion(model, Tasks(PUZZLES.tokens, PUZZLES.answers, PUZZLES.tokens == 1))
