"""What one cell is to another: by the rules of Sudoku, or by how far apart they are on a square grid."""

from math import isqrt
from typing import NamedTuple

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.models.tasks import Tasks
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.runs.relations import RELATIONS, relations
from hrm_probe.sudoku import Board

ITSELF = "itself"
DISTANCES = {"beside": 1, "two steps away": 2, "near": 5}  # and "far"


class Whereabouts(NamedTuple):
    """What cells are to one another.

    Attributes:
        kinds: by name, bool [cell, cell]; every pair is of one kind, a cell to itself "itself".
        joined: pairs of different cells that belong together: a row, column or box, or cells beside each other.
        apart: pairs that do not: "unrelated", or "far".
        joined_in_words, apart_in_words: what such cells are to the one that is spoken of.
    """

    kinds: dict[str, np.ndarray]
    joined: np.ndarray
    apart: np.ndarray
    joined_in_words: str
    apart_in_words: str


def whereabouts(puzzles: Asked) -> Whereabouts:
    """Those of the puzzles' board; cells of tasks are taken as those of a square grid, row by row.

    Raises:
        InputError: tasks whose cells do not fill a square.
    """
    if isinstance(puzzles, Tasks):
        return _on_a_grid(puzzles.tokens.shape[1])
    return _by_the_rules(puzzles.board)


def _by_the_rules(board: Board) -> Whereabouts:
    kind = relations(board)
    other = ~np.eye(len(kind), dtype=bool)
    kinds = {name: (kind == i) & other for i, name in enumerate(RELATIONS)}
    return Whereabouts(
        {ITSELF: ~other, **kinds},
        other & ~kinds["unrelated"],
        kinds["unrelated"],
        "the others of its row, column or box",
        "cells that no rule joins to it",
    )


def _on_a_grid(cells: int) -> Whereabouts:
    side = isqrt(cells)
    if side * side != cells:
        raise InputError(
            f"These tasks have {cells} cells, which fill no square grid, so that it is not known which are beside each "
            "other; give tasks on a square grid."
        )
    row, column = np.divmod(np.arange(cells), side)
    steps = np.abs(row[:, None] - row) + np.abs(column[:, None] - column)
    kinds, from_ = {ITSELF: steps == 0}, 0
    for name, to in DISTANCES.items():
        kinds[name] = (steps > from_) & (steps <= to)
        from_ = to
    kinds["far"] = steps > from_
    return Whereabouts(kinds, kinds["beside"], kinds["far"], "the cells beside it", "cells far away")
