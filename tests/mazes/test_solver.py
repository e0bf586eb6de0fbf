"""Shortest ways, and what is left when a wall is put into one."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.mazes import GOAL, PATH, SPACE, START, WALL, anatomy, generate, solve, with_wall_in_the_way
from hrm_probe.models import Tasks

CODES = {"#": WALL, " ": SPACE, "S": START, "G": GOAL, "o": PATH}


def tokens(*rows: str) -> np.ndarray:
    return np.array([[CODES[sign] for row in rows for sign in row]])


@pytest.mark.parametrize(
    ("rows", "answer", "steps", "number"),
    [
        (("S  ", "## ", "G  "), ("Soo", "##o", "Goo"), 6, 1),
        (("S  ", " # ", "  G"), ("Soo", "o#o", "ooG"), 4, 2),  # of several all
        (("SG ", "   ", "   "), ("SG ", "   ", "   "), 1, 1),
        (("S# ", "## ", "  G"), ("S# ", "## ", "  G"), -1, 0),
    ],
)
def test_shortest_ways(rows: tuple[str, ...], answer: tuple[str, ...], steps: int, number: int) -> None:
    found = solve(tokens(*rows))
    assert found.answers.tolist() == tokens(*answer).tolist()
    assert (found.steps.tolist(), found.number.tolist()) == ([steps], [number])


def test_what_was_made_is_solved_as_it_was_made() -> None:
    made = generate(50, "maze", "9x9", seed=3)
    found = solve(made.tokens)
    assert (found.answers == made.answers).all()
    assert (found.steps == made.rating).all()
    assert (found.number == 1).all()


def test_no_start_is_refused() -> None:
    with pytest.raises(InputError, match="one start and one goal"):
        solve(tokens("  G", "   ", "   "))


def test_a_wall_in_the_way_leaves_another_way() -> None:
    made = generate(80, "maze", "9x9", seed=3)
    blocked, rows = with_wall_in_the_way(made)
    assert 10 < len(rows) < 80
    changed = blocked.tokens != made.tokens[rows]
    assert (changed.sum(1) == 1).all()
    assert (blocked.tokens[changed] == WALL).all()
    assert (made.answers[rows][changed] == PATH).all()
    assert (blocked.rating >= made.rating[rows]).all()
    anatomy(blocked)  # a way that is one
    again = solve(blocked.tokens)
    assert (again.number == 1).all()
    assert (again.answers == blocked.answers).all()


def test_where_there_is_one_way_only_none_is_left() -> None:
    blocked, rows = with_wall_in_the_way(generate(20, "tree-maze", "9x9"))
    assert len(blocked) == len(rows) == 0


def test_the_cell_is_drawn_with_the_seed() -> None:
    made = generate(80, "maze", "9x9", seed=3)
    one, again, other = (with_wall_in_the_way(made, seed)[0] for seed in (0, 0, 1))
    assert (one.tokens == again.tokens).all()
    assert len(one) == len(other)  # which mazes have such a cell does not depend on it
    assert (one.tokens != other.tokens).any()


def test_mazes_keep_what_is_told_of_them() -> None:
    made = generate(40, "maze", "9x9", seed=3)
    blocked, _ = with_wall_in_the_way(made)
    assert isinstance(blocked, Tasks)
    assert set(blocked.source) == {"maze"}
