import time

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.sudoku import (
    all_solutions,
    batches,
    count_solutions,
    load_puzzles,
    parse_grid,
    parse_grids,
    rate,
    solve,
)
from hrm_probe.sudoku.generator import grids_in_standard_names

from .known import ANSWER, GRID_4X4, HARD_SUDOKU, QUESTION, TWO_SOLUTIONS_4X4, needs_hard_sudoku


def test_the_best_known_puzzle_has_its_answer_and_no_other():
    question = parse_grid(QUESTION)
    assert (solve(question) == parse_grid(ANSWER)).all()
    assert count_solutions(question) == 1
    assert rate(question) == 0  # singles solve it


def test_a_board_with_exactly_two_solutions():
    grid = parse_grid(TWO_SOLUTIONS_4X4)
    assert count_solutions(grid, limit=100) == 2
    assert {tuple(s) for s in all_solutions(grid)} == {
        tuple(parse_grid(GRID_4X4)),
        tuple(parse_grid("2134341212434321")),
    }


@pytest.mark.parametrize(
    "impossible",
    ["11" + "." * 14, "1" + "." * 3 + "1" + "." * 11, "123." + "...4" + "." * 8],
    ids=["row clash", "column clash", "no digit left for a cell"],
)
def test_clues_that_nothing_fits_have_no_solution(impossible):
    grid = parse_grid(impossible)
    assert count_solutions(grid) == 0
    assert not solve(grid).any()


def test_there_are_288_grids_of_4x4():
    assert count_solutions(np.zeros(16, int), limit=1000) == 288
    assert len(np.unique(all_solutions(np.zeros(16, int)), axis=0)) == 288


def test_there_are_28200960_grids_of_6x6():
    # Naming the first row's digits 1 to 6 divides the count by 6! = 720.
    assert len(grids_in_standard_names("6x6")) * 720 == 28_200_960


def test_an_empty_9x9_board_has_more_solutions_than_any_limit():
    assert count_solutions(np.zeros(81, int), limit=5) == 5
    with pytest.raises(InputError, match="more than 10 solutions"):
        all_solutions(np.zeros(81, int), limit=10)


def test_a_guess_is_counted_for_every_candidate_tried():
    # One guess settles an empty board's first cell; a board of two solutions needs one as well.
    assert rate(parse_grid(TWO_SOLUTIONS_4X4)) == 1
    assert rate(np.stack([parse_grid(QUESTION), np.zeros(81, int)]))[0] == 0


def test_grids_of_several_batches_are_answered_as_each_alone(monkeypatch):
    grids = parse_grids([GRID_4X4, TWO_SOLUTIONS_4X4, "." * 16, "11" + "." * 14, "1..2" + "." * 12])
    monkeypatch.setattr(batches, "BATCH", 2)
    assert np.array_equal(solve(grids), [solve(grid) for grid in grids])
    assert count_solutions(grids, limit=5).tolist() == [1, 2, 5, 0, 5]
    assert rate(grids).tolist() == [rate(grid) for grid in grids] == [0, 1, 7, 0, 4]


def test_tokens_handed_in_for_digits_are_noticed():
    with pytest.raises(InputError, match="subtract 1"):
        solve(parse_grids([ANSWER]) + 1)
    with pytest.raises(InputError, match="whole numbers"):
        solve(np.zeros((2, 81)))


@needs_hard_sudoku
def test_the_hardest_published_puzzles_are_solved_right_and_fast():
    puzzles = load_puzzles(HARD_SUDOKU)
    solve(puzzles.grids[:1])  # compile
    started = time.process_time()
    solutions = solve(puzzles.grids)
    seconds = time.process_time() - started
    assert (solutions == puzzles.solutions).all()
    assert len(puzzles) / seconds > 1000
    assert (rate(puzzles.grids[::5]) == puzzles.rating[::5]).all()
    assert (count_solutions(puzzles.grids[::10]) == 1).all()


@needs_hard_sudoku
def test_published_17_clue_puzzles_have_17_clues_and_one_solution():
    puzzles = load_puzzles(HARD_SUDOKU)
    puzzles = puzzles[puzzles.source == "puzzles2_17_clue"]
    assert len(puzzles) == 84
    assert ((puzzles.grids > 0).sum(axis=1) == 17).all()
    assert (count_solutions(puzzles.grids) == 1).all()


@pytest.mark.parametrize("limit", [0, 1.5, float("nan"), "2", None])
def test_a_limit_is_a_whole_number_from_one(limit):
    with pytest.raises(InputError, match="limit"):
        count_solutions(parse_grid(QUESTION), limit=limit)
