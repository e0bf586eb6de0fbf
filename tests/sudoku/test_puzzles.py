import gzip

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.sudoku import Puzzles, load_puzzles, parse_grids

from .known import ANSWER, QUESTION


@pytest.fixture
def puzzles():
    grids = parse_grids([QUESTION, ANSWER, QUESTION])
    return Puzzles.from_grids(
        grids, parse_grids([ANSWER] * 3), ["list", "solved", "list"], np.array([5, 0, 7])
    )


def test_tokens_are_one_for_a_blank_and_a_digit_plus_one(puzzles):
    assert puzzles.tokens[0, :3].tolist() == [6, 4, 1]  # 5 3 .
    assert puzzles.answers[0, :3].tolist() == [6, 4, 5]  # 5 3 4
    assert puzzles.tokens.dtype == puzzles.answers.dtype == puzzles.rating.dtype == np.int64
    assert puzzles.board.name == "9x9"
    assert puzzles.blanks[0].sum() == QUESTION.count(".")


def test_any_selection_is_a_set_again(puzzles):
    assert puzzles[puzzles.source == "list"].rating.tolist() == [5, 7]
    assert puzzles[1:].rating.tolist() == [0, 7]
    assert puzzles[[2, 0]].rating.tolist() == [7, 5]
    assert puzzles[-1].tokens.shape == (1, 81)
    assert len(list(puzzles)) == 3
    with pytest.raises(IndexError):
        puzzles[3]


def test_a_sample_is_seeded_and_keeps_the_order(puzzles):
    many = Puzzles.join([puzzles] * 40)
    many = Puzzles(many.tokens, many.answers, many.source, np.arange(120))
    rows = many.sample(30, seed=1).rating
    assert (np.diff(rows) > 0).all()
    assert (rows == many.sample(30, seed=1).rating).all()
    assert (rows != many.sample(30, seed=2).rating).any()
    with pytest.raises(InputError, match="n is 121, but the set holds 120 puzzles"):
        many.sample(121)


@pytest.mark.parametrize("name", ["set.csv", "set.csv.gz"])
def test_a_written_set_reads_back_equal(puzzles, tmp_path, name):
    puzzles.to_csv(tmp_path / name)
    again = load_puzzles(tmp_path / name)
    for field in ("tokens", "answers", "source", "rating"):
        assert (getattr(again, field) == getattr(puzzles, field)).all()


def test_the_columns_are_those_of_sudoku_extreme(puzzles, tmp_path):
    puzzles.to_csv(tmp_path / "set.csv.gz")
    header, first, *_ = gzip.decompress((tmp_path / "set.csv.gz").read_bytes()).decode().splitlines()
    assert header == "source,question,answer,rating"
    assert first == f"list,{QUESTION},{ANSWER},5"


def test_rows_that_do_not_match_are_bad_input(puzzles):
    with pytest.raises(InputError, match="a row for every puzzle"):
        Puzzles(puzzles.tokens, puzzles.answers[:2])
    with pytest.raises(InputError, match="run from 1"):
        Puzzles(puzzles.grids, puzzles.solutions)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda tokens, answers: (tokens, answers - 1),
            "the answer has blanks.*Puzzles.from_grids",
        ),  # digits
        (lambda tokens, answers: (tokens, tokens), "In puzzle 1: the answer has blanks"),
        (
            lambda tokens, answers: (tokens, answers[:, ::-1]),
            "In puzzle 1: the answer contradicts the question",
        ),
        (lambda tokens, answers: (tokens, np.roll(answers, 1)), "the answer contradicts the question"),
        (lambda tokens, answers: (tokens, 0 * answers), "The answers .* run from 1"),  # padding
        (lambda tokens, answers: (tokens + 0.7, answers), "Tokens must be whole numbers"),
        (lambda tokens, answers: (tokens, answers.astype(str)), "Answers must be whole numbers"),
        (lambda tokens, answers: (tokens[None], answers[None]), r"shape \[1, 3, 81\]"),
    ],
)
def test_an_answer_is_a_whole_grid_that_keeps_the_clues(puzzles, spoil, told):
    with pytest.raises(InputError, match=told):
        Puzzles(*spoil(puzzles.tokens, puzzles.answers))


def test_the_first_puzzle_at_fault_is_named(puzzles):
    answers = puzzles.answers.copy()
    answers[2, 0] = answers[2, 0] % 9 + 2
    with pytest.raises(InputError, match="In puzzle 3: the answer contradicts"):
        Puzzles(puzzles.tokens, answers)


def test_digits_are_whole_numbers(puzzles):
    with pytest.raises(InputError, match="Grids must be whole numbers"):
        Puzzles.from_grids(puzzles.grids + 0.4, puzzles.solutions)


@pytest.mark.parametrize("rating", [[5, 2.7, 7], [5, np.nan, 7], [5, np.inf, 7], ["5", "0", "7"]])
def test_so_are_ratings(puzzles, rating):
    with pytest.raises(InputError, match="Ratings must be whole numbers, -1 where a puzzle has none"):
        Puzzles(puzzles.tokens, puzzles.answers, rating=rating)


def test_whole_ratings_may_come_as_floats(puzzles):
    asked = Puzzles(puzzles.tokens, puzzles.answers, rating=[5.0, -1.0, 7.0])
    assert (asked.rating.tolist(), asked.rating.dtype) == ([5, -1, 7], np.int64)


def test_reversed_arrays_are_as_good_as_any(puzzles):
    turned = Puzzles(puzzles.tokens[::-1, ::-1], puzzles.answers[::-1, ::-1])
    assert (turned.tokens == puzzles.tokens[::-1, ::-1]).all()
    assert turned.tokens.flags.c_contiguous
    assert turned.answers.flags.c_contiguous


@pytest.mark.parametrize("n", [2.0, "2"])
def test_a_sample_has_a_whole_number_of_puzzles(puzzles, n):
    with pytest.raises(InputError, match=r"n is .*; it must be a whole number"):
        puzzles.sample(n)


def test_a_set_tells_its_sources_if_it_has_any(puzzles):
    assert repr(puzzles) == "Puzzles(3 of 9x9: 2 list, 1 solved)"
    assert repr(Puzzles(puzzles.tokens, puzzles.answers)) == "Puzzles(3 of 9x9)"
    some = Puzzles(puzzles.tokens, puzzles.answers, ["", "list", ""])
    assert repr(some) == "Puzzles(3 of 9x9: 2 without a source, 1 list)"


def test_a_negative_seed_is_bad_input(puzzles):
    with pytest.raises(InputError, match="seed is -1; it must be at least 0"):
        puzzles.sample(2, seed=-1)
