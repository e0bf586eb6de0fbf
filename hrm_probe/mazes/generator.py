"""Making mazes."""

import math
import re

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number, whole_numbers
from hrm_probe.mazes.routes import ways
from hrm_probe.mazes.solver import solve
from hrm_probe.mazes.tokens import GOAL, SPACE, START, WALL
from hrm_probe.models.tasks import Tasks
from hrm_probe.models.turning import turned_alike

BROKEN = {
    "maze": 0.1,
    "tree-maze": 0.0,
}  # share of the walls between rooms that are broken once all are joined
KINDS = tuple(BROKEN)
SMALLEST, LARGEST = 5, 99  # sides
AT_ONCE = 500
FRUITLESS_BATCHES = 20


def generate(
    n: int,
    kind: str = "maze",
    shape: str | int = "11x11",
    seed: int = 0,
    steps: tuple[int, int] | None = None,
) -> Tasks:
    """Make ``n`` distinct mazes, in each of which one way from start to goal is the shortest.

    >>> mazes = generate(100, "maze", "11x11", seed=1)
    >>> print(picture(mazes.answers[0]))                                                    # doctest: +SKIP

    Rooms lie at every other cell of every other row, walls between them; there is no wall around. A spanning tree of
    random weights joins the rooms. By kind

    - "tree-maze": that is all, so that one way leads from any cell to any other, and filling dead ends finds it;
    - "maze": of the walls that are left between two rooms 10% are broken, so that several ways may lead to the goal.

    Start and goal are two rooms, at least as many steps apart as a side has cells, or as ``steps`` has it.

    Args:
        n: how many.
        kind: "maze" or "tree-maze"; it becomes their ``source``.
        shape: a side, or "11x11"; odd.
        seed: equal seeds give equal mazes.
        steps: least and most steps from start to goal, both included; (2, 2) are the easiest, neighbouring rooms.

    Returns:
        Tasks in the tokens of the published mazes: 1 wall, 2 space, 3 start, 4 goal, 5 path (in answers only). All
        cells are asked for; ``rating`` is the number of steps. None is a turned or mirrored copy of another.

    Raises:
        InputError: unknown kind, no such side, a negative seed, no range of steps, or no more new mazes turn up.

    Known difference: the published mazes (arXiv 2506.21734, section 3.1) are 30x30 with walls at random and several
    shortest ways in some; here the answer is the only one.
    """
    side = _side(shape)
    if kind not in KINDS:
        raise InputError(f'There is no kind of maze "{kind}"; choose {" or ".join(KINDS)}.')
    whole_number(n, "n")
    least, most = (side, side * side) if steps is None else _range(steps)
    rng = np.random.default_rng(whole_number(seed, "seed", 0))
    known: set[bytes] = set()
    kept: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    fruitless = 0
    while len(known) < n:
        tokens, answers, lengths = _mazes(AT_ONCE, side, BROKEN[kind], least, most, rng)
        new = []
        for row, form in enumerate(turned_alike(tokens.astype(np.uint8))):
            if form.tobytes() not in known and len(known) < n:
                known.add(form.tobytes())
                new.append(row)
        kept.append((tokens[new], answers[new], lengths[new]))
        fruitless = 0 if new else fruitless + 1
        if fruitless == FRUITLESS_BATCHES:
            raise InputError(
                f"Only {len(known):,} distinct {kind}s of {side}x{side} turned up; ask for fewer than {n:,}."
            )
    tokens, answers, lengths = (np.concatenate(part) for part in zip(*kept, strict=True))
    return Tasks(tokens, answers, source=np.full(n, kind), rating=lengths)


def _range(steps: tuple[int, int]) -> tuple[int, int]:
    given = whole_numbers(steps, "steps")
    if len(given) != 2 or given[0] > given[1]:
        raise InputError(f"steps is {steps!r}; give the least number and the most, such as (4, 8).")
    least, most = given
    return least, most


def _side(shape: str | int) -> int:
    side: object = shape
    if isinstance(shape, str):
        told = re.fullmatch(r"(\d+)x(\d+)", shape.strip())
        side = int(told[1]) if told and told[1] == told[2] else shape
    if isinstance(side, str) or whole_number(side, "shape", SMALLEST, LARGEST) % 2 == 0:
        raise InputError(f'A maze has an odd side, like "11x11" or "15x15", not {shape!r}.')
    return int(str(side))


def _mazes(
    n: int, side: int, broken: float, least: int, most: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As many of ``n`` mazes as have two rooms so far apart, joined by one shortest way: tokens, answers, steps."""
    free = np.stack([_joined_rooms(side, broken, rng) for _ in range(n)])
    room = np.zeros((side, side), bool)
    room[::2, ::2] = True
    start = _one_of_each(np.broadcast_to(room, free.shape), rng)
    steps, number = ways(free, start)
    possible = room & (number == 1) & (steps >= least) & (steps <= most)
    usable = possible.any(axis=(1, 2))
    free, start, steps, possible = free[usable], start[usable], steps[usable], possible[usable]
    goal = _one_of_each(possible, rng)
    tokens = np.where(start, START, np.where(goal, GOAL, np.where(free, SPACE, WALL))).reshape(
        -1, side * side
    )
    answers, lengths, _ = solve(tokens)
    return tokens, answers, lengths


def _joined_rooms(side: int, broken: float, rng: np.random.Generator) -> np.ndarray:
    """Where one can walk: bool [side, side]."""
    rooms = (side + 1) // 2
    number = np.arange(rooms * rooms).reshape(rooms, rooms)
    one = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])  # of each pair of neighbours ...
    other = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    weights = rng.random(len(one)) + 1.0  # none is 0, which would be no edge
    tree = minimum_spanning_tree(coo_array((weights, (one, other)), shape=(number.size,) * 2)).tocoo()
    doors = rng.random(len(one)) < broken
    doors |= np.isin(one * number.size + other, tree.row.astype(np.int64) * number.size + tree.col)
    free = np.zeros((side, side), bool)
    free[::2, ::2] = True
    # ... the door lies half way, in steps of two cells.
    free[(one // rooms + other // rooms)[doors], (one % rooms + other % rooms)[doors]] = True
    return free


def _one_of_each(possible: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One of the possible cells of each maze, drawn uniformly: bool [maze, row, column]."""
    order = np.where(possible, rng.random(possible.shape), -1.0).reshape(
        len(possible), math.prod(possible.shape[1:])
    )
    chosen = np.zeros(order.shape, bool)
    chosen[np.arange(len(order)), order.argmax(axis=1)] = True
    return chosen.reshape(possible.shape)
