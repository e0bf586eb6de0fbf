"""Sets of positions: what a cell is to the pair."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning.patched_positions import NAMED, position_masks
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
