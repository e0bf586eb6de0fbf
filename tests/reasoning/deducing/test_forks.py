"""Forks and what follows from their wrong digits, beside a slow deduction that shares no code."""

import numpy as np
import pytest

from hrm_probe.reasoning.deducing.forks import forks
from hrm_probe.sudoku import Puzzles, candidates, deduce, deduction_rounds, generate

PUZZLES = generate(30, "minimal", "9x9", seed=5)
FOUND = forks(PUZZLES)
ANSWERS = PUZZLES.answers - 1


def statements(fork: int, follows: bool | None = None):
    rows = FOUND.statements[FOUND.statements["fork"] == fork]
    return rows if follows is None else rows[(rows["round"] > 0) == follows]


def test_a_fork_is_a_cell_with_two_candidates_where_singles_end():
    assert (FOUND.stuck == deduce(PUZZLES.grids).grids).all()
    open_ = candidates(FOUND.stuck)
    assert (open_[FOUND.puzzle, FOUND.cell].sum(-1) == 2).all()
    assert len(FOUND) == (open_.sum(-1) == 2).sum() > 100
    assert (FOUND.right == ANSWERS[FOUND.puzzle, FOUND.cell]).all()
    assert open_[FOUND.puzzle, FOUND.cell, FOUND.wrong - 1].all()
    assert (FOUND.wrong != FOUND.right).all()


def test_puzzles_that_singles_solve_have_none():
    easy = PUZZLES[(deduction_rounds(PUZZLES.grids) >= 0).all(1)]
    found = forks(easy)
    assert len(easy) > 3
    assert (len(found), len(found.statements), len(found.refuted_in)) == (0, 0, 0)


def test_a_wrong_digit_is_followed_until_it_is_refuted():
    supposed = FOUND.stuck[FOUND.puzzle]
    supposed[np.arange(len(FOUND)), FOUND.cell] = FOUND.wrong
    rounds = deduction_rounds(supposed)
    assert (FOUND.refuted_in == deduce(supposed).refuted_in).all()
    assert 0.5 < (FOUND.refuted_in > 0).mean() < 1
    for fork in range(0, len(FOUND), 7):
        rows = statements(fork, follows=True)
        assert (rounds[fork, rows["cell"]] == rows["round"]).all()
        if FOUND.refuted_in[fork]:
            assert (rows["round"] < FOUND.refuted_in[fork]).all()


def test_a_first_conclusion_is_a_single_by_hand():
    """The fork's peers with two candidates, one of them its wrong digit, must take the other one."""
    open_ = candidates(FOUND.stuck)
    seen = 0
    for fork, (puzzle, cell, wrong) in enumerate(zip(FOUND.puzzle, FOUND.cell, FOUND.wrong, strict=True)):
        own = open_[puzzle] & PUZZLES.board.peers[cell][:, None]
        partners = np.flatnonzero((own.sum(1) == 2) & own[:, wrong - 1])
        concluded = statements(fork).set_index("cell")
        for partner in partners:
            other = next(digit for digit in np.flatnonzero(own[partner]) + 1 if digit != wrong)
            if (
                partner in concluded.index
                and other != ANSWERS[puzzle, partner]
                and FOUND.refuted_in[fork] != 1
            ):
                assert concluded.loc[[partner], ["digit", "round"]].to_numpy().tolist() == [[other, 1]]
                seen += 1
    assert seen > 50


def test_statements_are_wrong_digits_that_the_fork_leaves_open_each_kind_beside_the_other():
    open_ = candidates(FOUND.stuck)
    for fork in range(0, len(FOUND), 5):
        rows, puzzle, cell = statements(fork), FOUND.puzzle[fork], FOUND.cell[fork]
        assert (rows["digit"] != ANSWERS[puzzle, rows["cell"]]).all()
        assert open_[puzzle, rows["cell"], rows["digit"] - 1].all()
        assert (rows["cell"] != cell).all()
        peers = PUZZLES.board.peers[cell][rows["cell"]]
        assert (rows["digit"][peers] != FOUND.wrong[fork]).all()
        assert (rows["stratum"] == 2 * open_[puzzle, rows["cell"]].sum(-1) + peers).all()
        kinds = (rows["round"] > 0).groupby(rows["stratum"])
        assert (kinds.any() & ~kinds.all()).all()
        following, others = statements(fork, True), statements(fork, False)
        assert not set(following["cell"]) & set(others["cell"])


@pytest.mark.parametrize("board", ["4x4", "6x6"])
def test_smaller_boards(board):
    puzzles = generate(300, "minimal", board, seed=0)
    found = forks(puzzles)
    beyond = (deduction_rounds(puzzles.grids) < 0).any(1)
    assert set(found.puzzle) <= set(np.flatnonzero(beyond))
    assert isinstance(puzzles, Puzzles)
