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
    with pytest.raises(InputError, match=r"121 puzzles .* 120"):
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


def test_a_set_tells_its_sources_if_it_has_any(puzzles):
    assert repr(puzzles) == "Puzzles(3 of 9x9: 2 list, 1 solved)"
    assert repr(Puzzles(puzzles.tokens, puzzles.answers)) == "Puzzles(3 of 9x9)"
    some = Puzzles(puzzles.tokens, puzzles.answers, ["", "list", ""])
    assert repr(some) == "Puzzles(3 of 9x9: 2 of no source, 1 list)"


def test_a_negative_seed_is_bad_input(puzzles):
    with pytest.raises(InputError, match="The seed is -1; it must be a whole number from 0"):
        puzzles.sample(2, seed=-1)
