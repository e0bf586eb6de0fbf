"""Sets of positions: what a cell is to the pair."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import Tasks
from hrm_probe.reasoning.inside.patched_positions import NAMED, position_masks
from hrm_probe.sudoku import Puzzles, parse_grids

RECEIVER = Puzzles.from_grids(
    parse_grids(["1...............".replace(".", "0")]), parse_grids(["1234341221434321"])
)
DONOR = Puzzles.from_grids(
    parse_grids(["2...............".replace(".", "0")]), parse_grids(["2134341212434321"])
)
DISPUTED = RECEIVER.blanks & (RECEIVER.answers != DONOR.answers)


def cells_of(positions, prefix: int = 2) -> dict[str, list[int]]:
    masks = position_masks(positions, RECEIVER, DONOR, DISPUTED, prefix)
    return {name: (np.flatnonzero(mask[0]) - prefix).tolist() for name, mask in masks.items()}


def test_every_name_says_which_cells() -> None:
    every, prefix = list(range(16)), [-2, -1]
    disputed = [1, 8, 9]
    assert cells_of(NAMED) == {
        "all": prefix + every,
        "prefix": prefix,
        "cells": every,
        "clues": [0],
        "blanks": every[1:],
        "changed": [0],
        "peers": [1, 2, 3, 4, 5, 8, 12],
        "disputed": disputed,
        "elsewhere": prefix + [c for c in every if c not in [0, *disputed]],
    }


def test_each_cell_is_a_set_of_its_own() -> None:
    sets = cells_of(["each cell", "prefix"])
    assert list(sets.values()) == [[c] for c in range(16)] + [[-2, -1]]
    assert list(sets)[5] == "row 2, column 2"


def test_all_are_meant_where_none_is_named_and_one_is_as_good_as_several() -> None:
    assert cells_of(None) == cells_of("all") == cells_of(["all", "all"])


def test_of_tasks_the_blanks_are_asked_for_and_the_prefix_changes_with_the_embedding() -> None:
    tokens, answers = np.array([[1, 2, 3, 4]] * 2), np.array([[5, 5, 0, 0]] * 2)
    receivers = Tasks(tokens, answers, puzzle_ids=np.array([0, 1]))
    donors = Tasks(tokens + [[0, 0, 1, 0]], answers, puzzle_ids=np.array([0, 2]))
    disputed = np.array([[False, True, False, False]] * 2)
    names = [name for name in NAMED if name not in ("clues", "peers")]
    masks = position_masks([*names, "each cell"], receivers, donors, disputed, 2)
    cells = {name: [(np.flatnonzero(row) - 2).tolist() for row in mask] for name, mask in masks.items()}
    assert cells == {
        "all": [[-2, -1, 0, 1, 2, 3]] * 2,
        "prefix": [[-2, -1]] * 2,
        "cells": [[0, 1, 2, 3]] * 2,
        "blanks": [[0, 1]] * 2,
        "changed": [[2], [-2, 2]],
        "disputed": [[1]] * 2,
        "elsewhere": [[-2, -1, 0, 3], [-1, 0, 3]],
        **{f"cell {cell}": [[cell]] * 2 for cell in range(4)},
    }


def test_a_model_without_a_prefix_has_no_embedding_that_could_change() -> None:
    tokens = np.array([[1, 2]])
    pair = (Tasks(tokens, tokens, puzzle_ids=np.array([k])) for k in (0, 1))
    masks = position_masks(["changed", "elsewhere"], *pair, np.zeros((1, 2), bool), 0)
    assert {name: mask.tolist() for name, mask in masks.items()} == {
        "changed": [[False, False]],
        "elsewhere": [[True, True]],
    }


def test_masks_are_of_cells_or_of_positions_for_all_pairs_or_each() -> None:
    cells, positions = np.arange(16) == 3, np.arange(18) < 2
    assert cells_of({"a": cells, "b": positions, "c": cells[None]}) == {"a": [3], "b": [-2, -1], "c": [3]}


@pytest.mark.parametrize(
    "mask",
    [np.ones(16), np.ones((2, 16), bool), np.ones(17, bool), np.ones((1, 1, 16), bool), np.bool_(True)],
)
def test_other_masks_are_refused(mask: np.ndarray) -> None:
    with pytest.raises(InputError, match="The positions 'mine'"):
        cells_of({"mine": mask})
