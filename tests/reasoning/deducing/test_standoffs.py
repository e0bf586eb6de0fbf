"""Two cells that break a rule: one gives way when the other says its digit plainly, where the model has the rule."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from hrm_probe.errors import InputError
from hrm_probe.models import Tasks
from hrm_probe.reasoning import standoffs
from hrm_probe.reasoning.deducing.standoffs import KINDS, RUNS
from hrm_probe.reasoning.runs.relations import standoff_pairs
from hrm_probe.sudoku import Board, candidates, generate, solve
from tests.reasoning.planted_grids import Showing
from tests.reasoning.planted_rules import PLAIN, Ruled

BOARD = Board.of("9x9")
PUZZLES = generate(60, "minimal", "9x9", seed=1)
ANSWERS = PUZZLES.answers - 1


@pytest.fixture(scope="module")
def ruled():
    return standoffs(Ruled(BOARD), PUZZLES, groups="class")


# ---------------------------------------------------------------- what was planted


def test_cells_that_say_their_digit_faintly_stand_off_until_one_says_it_plainly(ruled):
    assert ruled.unsolved == ruled.compared == len(PUZZLES)
    assert ruled.broken.estimate == ruled.plain.estimate == ruled.other.estimate == 1
    assert ruled.told.estimate == 0
    assert ruled.runs["run"].tolist() == list(RUNS)
    assert (ruled.in_time["told"] == 0).all()
    assert (ruled.in_time[["plain", "other"]] == 1).all(axis=None)
    assert (ruled.at, ruled.held, ruled.segments, ruled.reads, len(ruled.in_time)) == (4, 2, 8, 2, 4)
    assert "made to hold the very digit that it shows, in 0.0%" in str(ruled)


def test_in_a_model_without_the_rule_nobody_gives_way():
    found = standoffs(Ruled(BOARD, heard=np.zeros((81, 81), bool)), PUZZLES)
    assert found.told.estimate == found.plain.estimate == 1


def test_a_model_that_hears_late_gives_way_late():
    found = standoffs(Ruled(BOARD, late=True), PUZZLES, at=2, held=1)
    assert found.in_time["told"].to_list() == [1, 0]


def test_how_sure_the_head_is_of_faint_digits_is_told(ruled):
    """Stablemax of one logit of 1 among ten of 0: twice the weight of each other."""
    assert ruled.conviction["kind"].tolist() == list(KINDS)
    assert ruled.conviction["probability"].to_numpy() == pytest.approx(2 / 12)
    assert ruled.conviction["share"].sum() == pytest.approx(1)
    assert ruled.table[["probability", "probability_listener"]].to_numpy() == pytest.approx(2 / 12)


class OneShort(Ruled):
    """Right but for one blank cell, which shows the digit of its first blank peer until one of those says it plainly.

    A mark in the prefix of z_H keeps that it was said: so a run that is told once stays solved.
    """

    def update_H(self, state):
        answers = torch.from_numpy(solve(self.clues)).long()
        blank = torch.from_numpy(self.clues == 0)
        rows, peers_of = torch.arange(len(answers)), torch.tensor(self.board.peers)
        first = blank.int().argmax(1)
        peers = peers_of[first] & blank
        short = peers.int().argmax(1)  # the cell that is wrong, and the digit that it shows
        digit = answers[rows, first]
        read = state.z_L[:, 1:].argmax(-1) - 1
        by_right = (read == digit[:, None]) & (answers == digit[:, None]) & blank
        marked = (by_right & peers_of[short]).any(1) | (state.z_H[:, 0, 0] > 0)
        shown = answers.clone()
        shown[rows, short] = torch.where(marked, answers[rows, short], digit)
        z = F.pad(PLAIN * F.one_hot(shown + 1, self.config.vocab).float(), (0, 0, 1, 0))
        z[:, 0, 0] = marked.float()
        return z


def test_what_one_plain_word_is_worth_is_told():
    found = standoffs(OneShort(BOARD), PUZZLES, at=3, held=1)
    right = found.table["right"].to_numpy()
    assert 0 < right.mean() < 1
    assert not found.table["solved_plain"].any()
    assert not found.table["solved_other"].any()
    assert (found.table["solved_told"] == right).all()
    assert found.rescued.estimate == 1
    assert found.rescued.n == right.sum()
    assert found.runs.set_index("run").loc["told", "solved"] == right.mean()
    assert "telling its digit solves 100.0%" in str(found)


# ---------------------------------------------------------------- which pairs


def test_a_standoff_is_two_blank_cells_of_a_unit_with_one_digit(ruled):
    shown = candidates(PUZZLES.grids) * Ruled(BOARD).liking[None]
    shown = np.where(PUZZLES.blanks, np.where(shown > 0, shown, -1).argmax(-1) + 1, PUZZLES.grids)
    pairs = standoff_pairs(PUZZLES, shown)
    for puzzle in range(0, 60, 9):
        for one, other in np.argwhere(pairs[puzzle]):
            assert shown[puzzle, one] == shown[puzzle, other]
            assert PUZZLES.blanks[puzzle, [one, other]].all()
            assert BOARD.peers[one, other]
        count = sum(
            shown[puzzle, one] == shown[puzzle, other]
            for one in np.flatnonzero(PUZZLES.blanks[puzzle])
            for other in np.flatnonzero(PUZZLES.blanks[puzzle] & BOARD.peers[one])
        )
        assert pairs[puzzle].sum() == count
    for row in ruled.table.itertuples():
        assert pairs[row.puzzle, row.speaker, row.listener]
        assert row.digit == shown[row.puzzle, row.speaker]
        assert row.right == (ANSWERS[row.puzzle, row.speaker] == row.digit)


def test_no_digit_is_no_standoff():
    assert not standoff_pairs(PUZZLES, np.zeros_like(PUZZLES.grids)).any()


class WrittenDown(Ruled):
    """Shows a digit in each cell of each of ``PUZZLES``, as strongly as was written down for it."""

    def __init__(self, digits, strength):
        super().__init__(BOARD)
        self.digits, self.strength = torch.as_tensor(digits).long(), torch.as_tensor(strength).float()

    def update_H(self, state):
        row = (self.clues[:, None] == PUZZLES.grids).all(-1).argmax(-1)
        shown = self.strength[row][..., None] * F.one_hot(self.digits[row] + 1, self.config.vocab)
        return F.pad(shown, (0, 0, 1, 0))


def test_kinds_of_cells_by_hand():
    """Puzzle 0 has a standoff and is right elsewhere; puzzle 1 is wrong in one cell that breaks no rule."""
    shown, strength = ANSWERS.copy(), np.full(ANSWERS.shape, 8.0)
    blanks = [np.flatnonzero(PUZZLES.blanks[puzzle]) for puzzle in range(2)]
    one = blanks[0][0]
    other = blanks[0][BOARD.peers[one][blanks[0]]][0]
    shown[0, one] = shown[0, other]
    strength[0, [one, other]] = 1, 2
    lone = blanks[1][0]
    of_peers = shown[1, BOARD.peers[lone] & PUZZLES.blanks[1]]
    shown[1, lone] = np.setdiff1d(np.arange(1, 10), [*of_peers, ANSWERS[1, lone]])[0]
    strength[1, lone] = 3
    standing = np.flatnonzero(standoff_pairs(PUZZLES[:1], shown[:1])[0].any(1))
    assert {one, other} <= set(standing)
    probability = (strength + 1) / (strength + 11)  # stablemax of one logit among ten of 0
    found = standoffs(WrittenDown(shown, strength), PUZZLES).conviction.set_index("kind")
    right = [1 - len(standing) / len(blanks[0]), 1 - 1 / len(blanks[1])]
    assert found["probability"].to_dict() == pytest.approx(
        dict(zip(KINDS, [probability[0, standing].mean(), 4 / 14, 9 / 19], strict=True))
    )
    assert found["share"].to_dict() == pytest.approx(
        dict(zip(KINDS, [(1 - right[0]) / 2, (1 - right[1]) / 2, sum(right) / 2], strict=True))
    )


def test_a_kind_that_no_cell_is_of_is_left_out():
    shown = ANSWERS.copy()
    one, *others = np.flatnonzero(PUZZLES.blanks[0])
    shown[0, one] = shown[0, next(cell for cell in others if BOARD.peers[one, cell])]
    found = standoffs(WrittenDown(shown, np.full(shown.shape, 8.0)), PUZZLES)
    assert found.conviction["kind"].tolist() == ["in a standoff", "right elsewhere"]


# ---------------------------------------------------------------- how it is asked


def test_the_draw_is_the_seed_s():
    model = Ruled(BOARD)
    one, same, another = (standoffs(model, PUZZLES[:30], seed=seed).table for seed in (0, 0, 1))
    assert one.equals(same)
    assert not one.equals(another)


def test_batches_are_of_no_consequence():
    whole, parts = (standoffs(Ruled(BOARD, late=True), PUZZLES[:30], batch_size=size) for size in (128, 7))
    assert whole.table.equals(parts.table)
    assert whole.summary() == parts.summary()
    assert (whole.puzzles, whole.resampled) == (30, "puzzle")


def test_what_cannot_be_asked_is_said():
    solves = Showing(PUZZLES, PUZZLES.answers[:, None], 4)
    with pytest.raises(
        InputError, match=r"At segment 2, 60 of 60 puzzles are solved, and in no other .*; give more"
    ):
        standoffs(solves, PUZZLES)
    model = Ruled(BOARD)
    for given in ({"at": 8}, {"at": 0}, {"at": 7, "held": 2}, {"segments": 1}):
        with pytest.raises(InputError, match=r"at|held|segments"):
            standoffs(model, PUZZLES, **given)
    with pytest.raises(InputError, match="by rules of Sudoku, which Tasks do not have"):
        standoffs(model, Tasks(PUZZLES.tokens, PUZZLES.answers, PUZZLES.tokens == 1))
