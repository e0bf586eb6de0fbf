"""The best shipped model of a board is one that is shipped, and of that board."""

import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import bundled_models, default_model, load
from hrm_probe.models.bundled import RANKING
from hrm_probe.sudoku import Board


@pytest.mark.parametrize("board", RANKING)
def test_all_that_are_ranked_are_shipped(board: str) -> None:
    assert set(RANKING[board]) <= set(bundled_models())


@pytest.mark.parametrize("board", RANKING)
def test_the_best_of_a_board_is_for_that_board(board: str) -> None:
    assert load(default_model(board), device="cpu").config.cells == Board.of(board).cells


def test_a_board_that_no_model_is_shipped_for_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(
        InputError, match="No model for '4x4' boards is shipped; there are models for 6x6, 9x9"
    ):
        default_model("4x4")


@pytest.mark.parametrize("board", ["2x3", 36, (2, 3)])
def test_so_is_whatever_else_names_it(board: str | int | tuple[int, int]) -> None:
    assert default_model(board) == default_model("6x6")


def test_what_is_no_board_is_told() -> None:
    with pytest.raises(InputError, match='There is no board "7x7"; choose one of'):
        default_model("7x7")


def test_a_board_is_as_good_as_its_name() -> None:
    assert default_model(Board.of("6x6")) == default_model("6x6")
