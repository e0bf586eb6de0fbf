"""Rounds of singles: counted as by hand, by a slow count that shares no code, and in agreement with the rating."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.sudoku import (
    Board,
    all_solutions,
    candidates,
    count_solutions,
    deduce,
    deduction_rounds,
    generate,
    parse_grids,
    rate,
    solve,
)
from hrm_probe.sudoku.deduction import BEYOND

KINDS = [("4x4", "minimal"), ("6x6", "minimal"), ("9x9", "minimal")]


def slow_rounds(board: Board, clues: np.ndarray) -> list[int]:
    """One grid, cell by cell and digit by digit."""
    grid, rounds = clues.tolist(), [0 if digit else -1 for digit in clues]
    units = board.units.tolist()

    def fits(cell: int, digit: int) -> bool:
        return grid[cell] == 0 and all(digit not in [grid[c] for c in unit] for unit in units if cell in unit)

    number = 0
    while True:
        number += 1
        found = {}
        for cell in range(board.cells):
            open_ = [digit for digit in range(1, board.side + 1) if fits(cell, digit)]
            for digit in open_:
                only_place = any(
                    cell in unit and not any(fits(other, digit) for other in unit if other != cell)
                    for unit in units
                )
                if len(open_) == 1 or only_place:
                    found[cell] = digit
        if not found:
            return rounds
        for cell, digit in found.items():
            grid[cell], rounds[cell] = digit, number


def test_a_chain_is_counted_link_by_link():
    """2 in row 2 has one place (round 1); so 3 is left alone for column 2's last row (2), and 1 for its first (3)."""
    grid = parse_grids(["..2.4..3.4.2...."])
    assert deduction_rounds(grid)[0].reshape(4, 4).tolist() == [
        [3, 3, 0, 1],
        [0, 1, 1, 0],
        [2, 0, 2, 0],
        [1, 2, 1, 2],
    ]


@pytest.mark.parametrize(("board", "kind"), KINDS)
def test_rounds_are_those_of_a_slow_count(board, kind):
    puzzles = generate(6, kind, board, seed=1)
    counted = [slow_rounds(puzzles.board, grid) for grid in puzzles.grids]
    assert deduction_rounds(puzzles.grids).tolist() == counted


@pytest.mark.parametrize(("board", "kind"), KINDS)
def test_singles_reach_every_cell_of_the_puzzles_that_rate_zero(board, kind):
    puzzles = generate(40, kind, board, seed=0)
    reached = (deduction_rounds(puzzles.grids) >= 0).all(1)
    assert (reached == (rate(puzzles.grids) == 0)).all()


def test_a_round_follows_from_those_before_it():
    """With all earlier rounds filled in, its cells are in the first; with the last of them missing, in the second."""
    puzzles = generate(10, "minimal", "6x6", seed=2)
    rounds = deduction_rounds(puzzles.grids)
    for number in (2, 3):
        filled = np.where((rounds >= 0) & (rounds < number), puzzles.answers - 1, 0)
        assert (deduction_rounds(filled)[rounds == number] == 1).all()
        before = np.where((rounds >= 0) & (rounds < number - 1), puzzles.answers - 1, 0)
        assert (deduction_rounds(before)[rounds == number] == 2).all()


def test_what_is_filled_in_stands_in_every_solution():
    """Grids of several solutions: the answer with most cells blanked, so that singles are few."""
    answers = generate(20, "minimal", "6x6", seed=3).answers - 1
    kept = np.random.default_rng(0).random(answers.shape) < 0.25
    grids = np.where(kept, answers, 0)
    found = deduce(grids)
    assert (found.rounds > 0).any(1).sum() > 5
    assert not found.refuted_in.any()
    for grid, rounds, clues in zip(found.grids, found.rounds, grids, strict=True):
        solutions = all_solutions(clues)
        assert (solutions[:, rounds >= 0] == grid[rounds >= 0]).all()


@pytest.mark.parametrize(
    ("rows", "refuted_in"),
    [
        ("12.. ..3. ..4. ....", 1),  # the third cell has no candidate
        ("11.. .... .... ....", 1),  # 1 twice in a row
        ("..2. 1... ...1 ....", 1),  # 1 has no place in the first row
        (".3.. 4.1. .2.. ....", 1),  # the first cell must be 1 (its row) and 2 (its column)
        ("12.. .... .... ....", 0),
    ],
)
def test_contradictions_by_hand(rows, refuted_in):
    assert deduce(parse_grids([rows.replace(" ", "")])).refuted_in.tolist() == [refuted_in]


@pytest.mark.parametrize(
    "grid",
    [
        "....33" + "." * 30,  # 6x6: 3 twice in a row, and a place for every digit
        "2..3....1.....4.",  # two cells of one unit would both be one digit
        "......1....21...",  # a digit has no place in a unit
        ".................1.....6.52.3....4..",  # 6x6: a cell has no candidate
        "......434...3...",  # a cell would be two digits
    ],
    ids=["clash", "twice", "no place", "no candidate", "two in one"],
)
def test_one_contradiction_of_any_kind_refutes_a_grid(grid):
    assert deduce(parse_grids([grid])).refuted_in.tolist() == [1]


def test_grids_that_end_at_different_rounds_are_deduced_as_each_alone():
    """The first is refuted at once; the others are one chain, of which the last may not fill a cell of round 1."""
    chain = "..2.4..3.4.2...."
    grids, withheld = parse_grids(["11" + "." * 14, chain, chain]), np.zeros((3, 16), bool)
    withheld[2, 6] = True
    together = deduce(grids, withheld)
    alone = [deduce(*one) for one in zip(grids, withheld, strict=True)]
    assert together.rounds[1:, 6].tolist() == [1, BEYOND]
    assert together.refuted_in.tolist() == [1, 0, 0]
    for name in ("grids", "rounds", "refuted_in"):
        assert np.array_equal(getattr(together, name), [getattr(one, name) for one in alone]), name


def test_what_is_refuted_has_no_solution_and_a_grid_of_none_is_never_filled():
    """Puzzles with one wrong digit."""
    puzzles = generate(60, "minimal", "6x6", seed=4)
    rng = np.random.default_rng(1)
    wrong = puzzles.grids.copy()
    for grid, answer in zip(wrong, puzzles.answers - 1, strict=True):
        cell = rng.choice(np.flatnonzero(grid == 0))
        grid[cell] = answer[cell] % 6 + 1
    found = deduce(wrong)
    refuted = found.refuted_in > 0
    assert refuted.sum() > 30
    assert (count_solutions(wrong)[refuted] == 0).all()
    assert ((found.grids == 0).any(1) | refuted).all()
    latest = found.rounds.max(1)
    assert (latest[refuted] == found.refuted_in[refuted] - 1).all()


def test_candidates_are_what_no_clue_rules_out():
    grid = np.zeros(16, int)
    grid[[1, 4, 12]] = 1, 2, 3
    told = candidates(grid)
    assert told.shape == (16, 4)
    assert np.flatnonzero(told[0]).tolist() == [3]  # digit 4
    assert np.flatnonzero(told[15]).tolist() == [0, 1, 3]
    assert not told[1].any()  # it is filled


def test_one_grid_is_answered_as_one():
    grid = generate(1, "minimal", "4x4", seed=0).grids[0]
    assert deduction_rounds(grid).shape == (16,)
    assert (deduction_rounds(solve(grid)) == 0).all()
    assert (deduction_rounds(np.zeros(16, int)) == -1).all()


def test_what_is_no_grid_is_refused():
    with pytest.raises(InputError, match="whole numbers"):
        deduction_rounds(np.zeros((1, 16)))
    with pytest.raises(InputError, match="fits no board"):
        candidates(np.zeros((1, 15), int))
