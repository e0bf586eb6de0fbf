import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hrm_probe.errors import InputError
from hrm_probe.sudoku import BOARDS, Board, draw_grid, format_grids, parse_grid, parse_grids

from .known import ANSWER, QUESTION


def test_a_blank_is_a_dot_or_a_zero():
    assert (parse_grids([QUESTION]) == parse_grids([QUESTION.replace(".", "0")])).all()


@given(
    st.sampled_from(BOARDS).flatmap(
        lambda b: st.lists(st.integers(0, b.side), min_size=b.cells, max_size=b.cells)
    )
)
def test_any_grid_survives_being_written_drawn_and_read(digits):
    grid = np.array(digits, np.int8)
    assert (parse_grids(format_grids(grid)) == grid).all()
    assert (parse_grid(draw_grid(grid)) == grid).all()


def test_boxes_are_drawn_apart():
    assert draw_grid(parse_grid(ANSWER)).splitlines()[:4] == [
        "5 3 4 | 6 7 8 | 9 1 2",
        "6 7 2 | 1 9 5 | 3 4 8",
        "1 9 8 | 3 4 2 | 5 6 7",
        "------+-------+------",
    ]


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([], "no puzzles"),
        ([QUESTION, QUESTION[:-1]], "row 2: 80 characters"),
        (["123"], "row 1: 3 characters"),
        ([QUESTION, "x" + QUESTION[1:]], r"row 2: unknown character 'x' in row 1, column 1"),
        (["....é" + "." * 31], "unknown character 'é' in row 1, column 5"),
        (["7" + "." * 35], "unknown character '7'.* digits 1-6"),
    ],
)
def test_bad_text_is_told_by_row_and_place(texts, told):
    with pytest.raises(InputError, match=told):
        parse_grids(texts)


def test_the_number_of_cells_gives_the_board():
    for board in BOARDS:
        assert Board.of(parse_grids(["." * board.cells]).shape[1]) == board


def test_padding_that_a_model_answered_is_a_question_mark():
    grid = np.array([-1] * 15 + [4])
    assert format_grids(grid) == ["?" * 15 + "4"]
    assert draw_grid(grid).splitlines()[-1] == "? ? | ? 4"


@pytest.mark.parametrize("write", [format_grids, draw_grid])
@pytest.mark.parametrize(
    ("digit", "told"),
    [
        (7, r"run from 7 to 7 \(these look like tokens: subtract 1\)"),
        (11, "run from -1 .padding. to 6; these run from 11 to 11"),
        (-2, "run from -1 .padding. to 6"),
        (1.5, "whole numbers"),
    ],
)
def test_what_is_no_digit_is_not_written(write, digit, told):
    with pytest.raises(InputError, match=told):
        write(np.full(36, digit))


def test_a_grid_of_no_board_is_not_written():
    with pytest.raises(InputError, match="fits no board"):
        format_grids(np.ones((1, 5), int))
