"""What a maze is made of, seen from its answer: the way, dead ends beside it, and detours."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.mazes.dead_ends import filling_rounds
from hrm_probe.mazes.routes import around, neighbours, ways
from hrm_probe.mazes.tokens import GOAL, PATH, SPACE, START, WALL
from hrm_probe.models.tasks import Tasks
from hrm_probe.models.turning import side_of

NEVER = -1


@dataclass(frozen=True)
class Anatomy:
    """The parts of some mazes, each [maze, row, column].

    Attributes:
        free: bool, where one can walk.
        start, goal: bool, one cell of each maze.
        way: bool, the cells of the answer between them.
        steps: int64, of cells on the way from the start; -1 elsewhere.
        dead_ends: bool, cells that filling dead ends rules out.
        detours: bool, cells off the way that it does not: another way to the goal, or what hangs between two.
        opened: int64, of cells on the way the round of filling after which no side branch is left at them, 0 where
            there is none to begin with, and -1 where a detour leaves there; -1 off the way, too.
    """

    free: np.ndarray
    start: np.ndarray
    goal: np.ndarray
    way: np.ndarray
    steps: np.ndarray
    dead_ends: np.ndarray
    detours: np.ndarray
    opened: np.ndarray

    @property
    def ends(self) -> np.ndarray:
        """Start and goal."""
        return self.start | self.goal


def anatomy(mazes: Tasks) -> Anatomy:
    """Take mazes apart.

    >>> parts = anatomy(generate(10))                                                        # doctest: +SKIP
    >>> parts.way.sum((1, 2)) + 1 == mazes.rating                                            # doctest: +SKIP

    Args:
        mazes: in the tokens of the published ones, with one start and one goal, and a way between them as the answer.

    Raises:
        InputError: tasks that are no such mazes; the first is named.
    """
    side = side_of(mazes.tokens.shape[1])
    tokens, answers = (part.reshape(-1, side, side) for part in (mazes.tokens, mazes.answers))
    free, start, goal, way = tokens != WALL, tokens == START, tokens == GOAL, answers == PATH
    _refuse(~np.isin(tokens, (WALL, SPACE, START, GOAL)).all((1, 2)), "has tokens that no maze has")
    counts = np.stack([start, goal]).sum((2, 3))  # [end, maze]
    _refuse((counts != 1).any(0), "has not one start and one goal")
    _refuse(
        (answers != np.where(way & (tokens == SPACE), PATH, tokens)).any((1, 2)),
        "has an answer to another maze",
    )
    ends = start | goal
    _refuse(~is_way(way, ends), "has an answer that is no way from its start to its goal")
    steps = np.where(way, ways(way | ends, start).steps, NEVER)
    rounds = filling_rounds(free, ends)
    dead_ends = rounds > 0
    detours = free & ~dead_ends & ~way & ~ends
    last = around(rounds).max(0)
    opened = np.where(way, np.where(neighbours(detours) > 0, NEVER, last), NEVER)
    return Anatomy(
        free=free,
        start=start,
        goal=goal,
        way=way,
        steps=steps,
        dead_ends=dead_ends,
        detours=detours,
        opened=opened,
    )


def is_way(cells: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Do the cells make one way between the two ends, without branches, loops or gaps? bool [maze].

    Args:
        cells, ends: bool [maze, row, column]; two ends in each maze, which are none of the cells.
    """
    both = cells | ends
    beside = neighbours(both)
    flat = ends.reshape(len(ends), math.prod(ends.shape[1:]))
    one = np.arange(flat.shape[1]) == flat.argmax(1)[:, None]  # of the two ends
    joined = (ways(both, one.reshape(ends.shape)).steps >= 0) == both
    tips = (beside[ends].reshape(-1, 2) == 1).all(1)
    return np.asarray(joined.all((1, 2)) & tips & ((beside == 2) | ~cells).all((1, 2)))


def _refuse(faulty: Any, fault: str) -> None:
    if faulty.any():
        raise InputError(
            f"Task {int(faulty.argmax())} {fault}; give mazes in the tokens of the published ones."
        )
