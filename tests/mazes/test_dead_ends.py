"""Dead ends are filled from their tips, and nothing else is."""

import numpy as np
import pytest

from hrm_probe.mazes import GOAL, PATH, START, WALL, filling_rounds, generate
from tests.mazes.test_routes import at, free_of


def test_a_branch_is_filled_from_its_tip() -> None:
    free = free_of("    ", "##  ", "    ")
    ends = at(free.shape, 0, 0) | at(free.shape, 2, 3)
    assert filling_rounds(free, ends).tolist() == [[[0, 0, 0, 0], [0, 0, 0, 0], [1, 2, 0, 0]]]


def test_a_fork_is_filled_once_both_its_arms_are() -> None:
    free = free_of("     ", "# ###", "  ###", "# ###", "# ###")
    ends = at(free.shape, 0, 0) | at(free.shape, 0, 4)
    rounds = filling_rounds(free, ends)[0]
    assert rounds[2, 0] == 1
    assert [rounds[row, 1] for row in (4, 3, 2, 1)] == [1, 2, 3, 4]
    assert (rounds[0] == 0).all()


def test_a_loop_is_never_filled() -> None:
    free = free_of("   ", " # ", "   ")
    ends = at(free.shape, 0, 0) | at(free.shape, 0, 1)
    assert (filling_rounds(free, ends) == 0).all()


def test_a_cell_without_neighbours_is_filled_at_once() -> None:
    free = free_of("  #", "###", "## ")
    ends = at(free.shape, 0, 0) | at(free.shape, 0, 1)
    assert filling_rounds(free, ends).tolist() == [[[0, 0, 0], [0, 0, 0], [0, 0, 1]]]


def test_of_no_mazes_nothing_is_filled() -> None:
    none = np.zeros((0, 5, 5), bool)
    assert filling_rounds(none, none).shape == (0, 5, 5)


def test_start_and_goal_are_not_filled_though_they_be_tips() -> None:
    free = free_of("   ")
    ends = at(free.shape, 0, 0) | at(free.shape, 0, 1)
    assert filling_rounds(free, ends).tolist() == [[[0, 0, 1]]]


@pytest.mark.parametrize(("kind", "solved"), [("tree-maze", 40), ("maze", 0)])
def test_it_solves_trees_and_not_all_mazes(kind: str, solved: int) -> None:
    made = generate(40, kind, "9x9", seed=2)
    tokens, answers = (part.reshape(-1, 9, 9) for part in (made.tokens, made.answers))
    free, ends = tokens != WALL, np.isin(tokens, (START, GOAL))
    left = free & (filling_rounds(free, ends) == 0)
    way = ends | (answers == PATH)
    assert (way <= left).all()
    assert (left == way).all((1, 2)).sum() >= solved
    if kind == "maze":
        assert (left > way).any((1, 2)).sum() > 5
