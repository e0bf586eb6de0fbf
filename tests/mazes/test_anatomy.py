"""The parts of a maze, drawn by hand and found again."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.mazes import GOAL, PATH, SPACE, START, WALL, anatomy, generate, is_way
from hrm_probe.models import Tasks

SIGNS = {"#": WALL, " ": SPACE, "S": START, "G": GOAL, "o": PATH}


def maze(*rows: str) -> Tasks:
    answers = np.array([[SIGNS[sign] for row in rows for sign in row]])
    return Tasks(np.where(answers == PATH, SPACE, answers), answers)


# The way goes straight on; one branch of two cells, one of four with a fork, and a detour that comes back.
DRAWN = maze(
    "       ",
    " ##### ",
    " ##### ",
    "SoooooG",
    "## # ##",
    "## #  #",
    "####  #",
)


def test_every_cell_is_a_part_of_the_maze() -> None:
    parts = anatomy(DRAWN)
    tokens = DRAWN.tokens.reshape(1, 7, 7)
    counted = parts.way.astype(int) + parts.dead_ends + parts.detours + parts.ends + (tokens == WALL)
    assert (counted == 1).all()
    assert parts.way.sum() == 5
    assert parts.dead_ends.sum() == 2
    assert (
        parts.detours.sum() == 11 + 5
    )  # a square of four cells is a loop, which filling leaves, and its stem


def test_steps_lead_from_the_start() -> None:
    parts = anatomy(DRAWN)
    assert parts.steps[0, 3].tolist() == [-1, 1, 2, 3, 4, 5, -1]


def test_a_way_is_open_once_its_branches_are_filled() -> None:
    parts = anatomy(DRAWN)
    assert parts.opened[0, 3].tolist() == [-1, 0, 2, 0, -1, 0, -1]


def test_steps_are_those_along_the_way_where_another_is_shorter() -> None:
    around = maze("S  G ", "o##o ", "oooo ", "#####", "#####")
    assert anatomy(around).steps[0, :3, :4].tolist() == [[-1] * 4, [1, -1, -1, 6], [2, 3, 4, 5]]


def test_of_two_branches_at_one_cell_the_longer_tells_when_it_is_open() -> None:
    parts = anatomy(maze("## ##", "## ##", "SoooG", "## ##", "#####"))
    assert parts.opened[0, 2].tolist() == [-1, 0, 2, 0, -1]


def test_a_way_never_opens_where_a_detour_leaves_though_a_dead_end_does_too() -> None:
    parts = anatomy(maze("#   #", "SoooG", "## ##", "## ##", "#####"))
    assert parts.dead_ends.sum() == 2
    assert parts.opened[0, 1, 2] == -1


def test_no_mazes_have_no_parts() -> None:
    assert anatomy(DRAWN[:0]).way.shape == (0, 7, 7)


def test_of_a_tree_nothing_is_a_detour() -> None:
    parts = anatomy(generate(30, "tree-maze", 9))
    assert not parts.detours.any()
    assert (parts.opened[parts.way] >= 0).all()


def test_parts_of_generated_mazes_are_those_of_their_answers() -> None:
    made = generate(30, "maze", 9)
    parts = anatomy(made)
    assert (parts.way.reshape(30, -1) == (made.answers == PATH)).all()
    assert (parts.way.sum((1, 2)) + 1 == made.rating).all()
    assert parts.detours.any()


@pytest.mark.parametrize(
    ("rows", "right"),
    [
        (("Soo", "##o", "##G"), True),
        (("SG ", "###", "###"), True),  # side by side
        (("So ", "##o", "##G"), False),  # a gap
        (("Soo", "#oo", "##G"), False),  # as wide as two
        (("Soo", "o#o", "##G"), False),  # a branch
        (("So#", "#G#", "##o"), False),  # a cell apart
        (("SoG##", "#####", "##ooo", "##o#o", "##ooo"), False),  # a ring apart
        (("ooo##", "o#o##", "ooSoG", "#####", "#####"), False),  # a ring at one end
    ],
)
def test_what_is_a_way(rows: tuple[str, ...], right: bool) -> None:
    signs = np.array([[list(row) for row in rows]])
    assert is_way(signs == "o", np.isin(signs, ("S", "G"))).tolist() == [right]


@pytest.mark.parametrize(
    ("tasks", "fault"),
    [
        (Tasks(np.full((1, 9), 7), np.full((1, 9), 7)), "Task 0 has tokens that no maze has"),
        (maze("So ", "##o", "##G"), "answer that is no way from its start to its goal"),
        (maze("Soo", "##S", "##G"), "has not one start and one goal"),
        (maze("Soo", "##o", "## "), "has not one start and one goal"),
        (
            Tasks(maze("SoG", "   ", "   ").tokens, maze("SoG", "  #", "   ").answers),
            "has an answer to another maze",
        ),
        (
            Tasks(maze("S#G", "   ", "###").tokens, maze("SoG", "   ", "###").answers),
            "has an answer to another maze",
        ),
        (Tasks(np.ones((1, 8), int), np.ones((1, 8), int)), "8 cells make no square"),
    ],
)
def test_what_is_no_maze_is_refused(tasks: Tasks, fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        anatomy(tasks)


def test_the_first_that_is_no_maze_is_named() -> None:
    right, gap = maze("Soo", "##o", "##G"), maze("So ", "##o", "##G")
    three = Tasks(
        *(np.concatenate([getattr(one, name) for one in (right, gap, gap)]) for name in ("tokens", "answers"))
    )
    with pytest.raises(InputError, match="Task 1 has an answer that is no way"):
        anatomy(three)
