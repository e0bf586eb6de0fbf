"""What a report draws from: puzzles, or tasks without rules; and which of them are not independent cases."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.models.published.tasks import load_tasks, tasks_folder
from hrm_probe.reasoning.asking import Asked, tokens_sha256
from hrm_probe.reasoning.result import Groups, group_labels
from hrm_probe.sudoku import Board, Puzzles, load_puzzles
from hrm_probe.sudoku.board import is_board
from hrm_probe.sudoku.readers import bundled_sets, read_official_arrays

FEWEST_GROUPS = 5  # with fewer solution classes nothing can be learnt from how they differ


def read_pool(puzzles: str | Path | Asked | None, cells: int, most: int, seed: int) -> Asked:
    """The puzzles or tasks that a report may draw from.

    Args:
        puzzles: at hand; a set's name, a file or a folder; the bundled test set of the board if None.
        cells: the model's.
        most: examples of a published data set to read; whole ones may not fit into memory.
        seed: for their draw.

    Raises:
        InputError: nothing there, or nothing of that name.
    """
    if puzzles is None:
        puzzles = test_set_for(cells)
    if isinstance(puzzles, Asked):
        pool = puzzles
    elif (folder := tasks_folder(puzzles)) is not None:
        tokens, _ = read_official_arrays(folder)
        pool = load_tasks(folder, min(most, len(tokens)) or None, seed)
    else:
        pool = load_puzzles(puzzles)
    if not len(pool):
        raise InputError("There are no puzzles in this set; a report needs a few hundred.")
    return pool


def test_set_for(cells: int) -> str:
    """The name of the bundled test set for a model's number of cells.

    Raises:
        InputError: its tasks are no Sudokus, or no set of their board is bundled.
    """
    if not is_board(cells):
        raise InputError(
            f"This model's tasks have {cells} cells, as no Sudoku has; name them with --puzzles, a folder train or "
            "test of a published data set."
        )
    return bundled_test_set(Board.of(cells))


def bundled_test_set(board: Board) -> str:
    """The name of the test set that travels with the package.

    Raises:
        InputError: none does.
    """
    name = f"{board.name}-test"
    if name not in bundled_sets():
        raise InputError(
            f"No {board.name} puzzles are bundled: make some with `hrm-probe data generate --board {board.name} "
            "--n 300 --out puzzles.csv` and name them with --puzzles."
        )
    return name


def belonging_together(puzzles: Asked) -> Groups:
    """By what puzzles or tasks may be alike: solution classes, or the groups of a published data set."""
    return "class" if isinstance(puzzles, Puzzles) else puzzles.group


def count_groups(puzzles: Asked) -> int:
    """Different solution classes among puzzles, or different groups among tasks."""
    labels, _ = group_labels(puzzles, belonging_together(puzzles))
    return 0 if labels is None else len(np.unique(labels))


def are_clustered(puzzles: Asked) -> bool:
    """Are there enough groups to resample, and tasks that share one?"""
    groups = count_groups(puzzles)
    return groups >= FEWEST_GROUPS and (isinstance(puzzles, Puzzles) or groups < len(puzzles))


def the_sample(about: Mapping[str, Any], puzzles: str | Path | Asked | None, folder: str | Path) -> Asked:
    """The puzzles of a saved report, drawn again and known by their sum.

    Args:
        about: what the report says of itself.
        puzzles: the set that they were drawn from, as :func:`read_pool` takes it.
        folder: the report's.

    Raises:
        InputError: those are others.
    """
    told = about["data"]["sample"]
    cells = Board.of(told["board"]).cells if "board" in told else told["cells"]
    every = read_pool(puzzles, cells, about.get("pool", told["puzzles"]), about["seed"])
    sample = every.sample(min(told["puzzles"], len(every)), about["seed"])
    if tokens_sha256(sample) != told["tokens_sha256"]:
        raise InputError(
            f"The report in {folder} is of other puzzles; name with --puzzles the set that it was made from."
        )
    return sample
