"""Shortest ways, and what is left when a wall is put into one."""

from dataclasses import replace

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


@pytest.mark.parametrize("rows", [("  G", "   ", "   "), ("S G", "S  ", "   "), ("S G", "  G", "   ")])
def test_no_start_and_two_of_a_kind_are_refused(rows: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="one start and one goal"):
        solve(tokens(*rows))


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
    assert (again.steps == blocked.rating).all()


def test_where_there_is_one_way_only_none_is_left() -> None:
    blocked, rows = with_wall_in_the_way(generate(20, "tree-maze", "9x9"))
    assert len(blocked) == len(rows) == 0
    assert len(with_wall_in_the_way(blocked)[0]) == 0  # nor of none


@pytest.mark.parametrize(
    ("rows", "after"),
    [
        (("SoG", "   ", "###"), ("S#G", "ooo", "###")),
        (("SoooG", "#   #", "#####", "#####", "#####"), ("So#oG", "#ooo#", "#####", "#####", "#####")),
    ],
)
def test_the_only_cell_that_leaves_a_way_is_found_with_any_seed(
    rows: tuple[str, ...], after: tuple[str, ...]
) -> None:
    answers = tokens(*rows)
    mazes = Tasks(np.where(answers == PATH, SPACE, answers), answers)
    for seed in range(8):
        assert with_wall_in_the_way(mazes, seed)[0].answers.tolist() == tokens(*after).tolist()


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(InputError, match="seed is -1"):
        with_wall_in_the_way(generate(5, "maze", "7x7"), seed=-1)


def test_the_cell_is_drawn_with_the_seed() -> None:
    made = generate(80, "maze", "9x9", seed=3)
    one, again, other = (with_wall_in_the_way(made, seed)[0] for seed in (0, 0, 1))
    assert (one.tokens == again.tokens).all()
    assert len(one) == len(other)  # which mazes have such a cell does not depend on it
    assert (one.tokens != other.tokens).any()


def test_mazes_keep_what_is_told_of_them() -> None:
    made = replace(
        generate(40, "maze", "9x9", seed=3), puzzle_ids=np.arange(40) % 7, group=np.arange(40) // 3
    )
    blocked, rows = with_wall_in_the_way(made)
    assert isinstance(blocked, Tasks)
    assert set(blocked.source) == {"maze"}
    assert blocked.puzzle_ids.tolist() == (rows % 7).tolist()
    assert blocked.group.tolist() == (rows // 3).tolist()
