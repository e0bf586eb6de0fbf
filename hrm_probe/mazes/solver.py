"""Solving mazes, and putting a wall in the way."""

from typing import NamedTuple

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.mazes.routes import ways
from hrm_probe.mazes.tokens import GOAL, PATH, SPACE, START, WALL
from hrm_probe.models.tasks import Tasks
from hrm_probe.models.turning import side_of
from hrm_probe.sudoku.seeds import generator_of


class Solutions(NamedTuple):
    """What comes of mazes.

    Attributes:
        answers: int64 [maze, cell], tokens with the cells of all shortest ways as path.
        steps: int64 [maze], to the goal; -1 where no way leads there.
        number: int64 [maze], of shortest ways: 0, 1, or 2 for several.
    """

    answers: np.ndarray
    steps: np.ndarray
    number: np.ndarray


def solve(tokens: np.ndarray) -> Solutions:
    """The shortest ways from start to goal.

    >>> solve(np.array([[3, 2, 4, 2, 2, 2, 2, 2, 2]])).answers.tolist()
    [[3, 5, 4, 2, 2, 2, 2, 2, 2]]

    Args:
        tokens: [maze, cell], with one start and one goal.

    Raises:
        InputError: the cells make no square, or a maze has not one start and one goal.
    """
    side = side_of(tokens.shape[1])
    grids = np.asarray(tokens).reshape(-1, side, side)
    free, start, goal = grids != WALL, grids == START, grids == GOAL
    if not (np.stack([start, goal]).sum((2, 3)) == 1).all():
        raise InputError("A maze has one start and one goal; some of these have not.")
    there, back = ways(free, start), ways(free, goal)
    steps, number = there.steps[goal], there.number[goal]
    reached = steps[:, None, None] >= 0
    on_the_way = reached & (there.steps >= 0) & (there.steps + back.steps == steps[:, None, None])
    answers = np.where(on_the_way & (grids == SPACE), PATH, grids)
    return Solutions(answers.reshape(-1, side * side).astype(np.int64), steps, number)


def with_wall_in_the_way(mazes: Tasks, seed: int = 0) -> tuple[Tasks, np.ndarray]:
    """Mazes with a wall at one cell of the way, where another shortest way is left.

    >>> made = generate(100)                                                        # doctest: +SKIP
    >>> blocked, rows = with_wall_in_the_way(made)                                  # doctest: +SKIP
    >>> (blocked.tokens != made[rows].tokens).sum(1)                                # one cell each # doctest: +SKIP

    Args:
        mazes: with answers.
        seed: which of the cells is taken, of those that leave exactly one shortest way.

    Returns:
        The mazes that have such a cell, blocked and with their new answers, and which they were, int64 [blocked].
        Source, group and embedding are those of the mazes; ``rating`` is the new number of steps.

    Raises:
        InputError: a negative seed.
    """
    rng = generator_of(seed)
    way = mazes.answers == PATH
    order = np.argsort(
        np.where(way, rng.random(way.shape), 2.0), axis=1
    )  # cells of the way in random order, first
    tokens, answers, steps = mazes.tokens.copy(), mazes.answers.copy(), mazes.rating.copy()
    done = np.zeros(len(mazes), bool)
    for turn in range(int(way.sum(1).max(initial=0))):
        rows = np.flatnonzero(~done & (way.sum(1) > turn))
        tried = mazes.tokens[rows].copy()
        tried[np.arange(len(rows)), order[rows, turn]] = WALL
        found = solve(tried)
        left = found.number == 1
        tokens[rows[left]], answers[rows[left]] = tried[left], found.answers[left]
        steps[rows[left]] = found.steps[left]
        done[rows[left]] = True
    which = np.flatnonzero(done)
    blocked = Tasks(
        tokens[which],
        answers[which],
        puzzle_ids=mazes.puzzle_ids[which],
        group=mazes.group[which],
        source=mazes.source[which],
        rating=steps[which],
    )
    return blocked, which
