"""Writing tasks in the layout of the released code, which trains on them as it stands."""

import json
from pathlib import Path

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.files import check_folder, path_of, writing
from hrm_probe.models.published.tasks import GROUPS, IDENTIFIERS, METADATA, PUZZLES, RATINGS, SOURCES
from hrm_probe.models.tasks import PADDING, Tasks
from hrm_probe.sudoku.readers import INPUTS, LABELS

FILES = {INPUTS, LABELS, IDENTIFIERS, PUZZLES, GROUPS, SOURCES, RATINGS, METADATA}
LARGEST = int(np.iinfo(np.int32).max)
SET = "all"  # the name of the only one, which the files begin with


def save_tasks(tasks: Tasks, folder: str | Path) -> Path:
    """Write tasks as a split (``train`` or ``test``) that :func:`load_tasks` and the released code read.

    >>> from hrm_probe import mazes
    >>> save_tasks(mazes.generate(2000, "maze", "11x11", seed=1), "data/mazes/test")    # doctest: +SKIP

    A split that is there is replaced. Each task is a puzzle with one example. Cells that are not asked for are
    labelled 0, the label that is ignored; so no answer is token 0 (see :class:`hrm_probe.models.Tasks`). Source and
    rating have files of their own, which the released code does not look at.

    Args:
        tasks: those of a group side by side.
        folder: a new one, or one that holds such a split.

    Returns:
        The folder.

    Raises:
        InputError: there is no task, the folder holds something else, the tasks of a group lie apart, or a number is
            too large for the layout.
    """
    if not isinstance(tasks, Tasks):
        raise InputError(
            f"save_tasks() writes hrm_probe.models.Tasks, not type {type(tasks).__name__}; Puzzles have to_csv()."
        )
    target = check_folder(folder)
    if not len(tasks):
        raise InputError("There is no task to write; give at least one.")
    others = (
        sorted(file.name for file in target.iterdir() if file.name not in FILES) if target.exists() else []
    )
    if others:
        raise InputError(
            f"{target} holds {others[0]}, which is no part of a set of tasks; name another folder."
        )
    starts = np.flatnonzero(np.diff(tasks.group, prepend=tasks.group[0] - 1))
    if len(np.unique(tasks.group)) != len(starts):
        raise InputError(
            "Tasks of one group lie apart; sort them: tasks[np.argsort(tasks.group, kind='stable')]."
        )
    for name in ("tokens", "answers", "puzzle_ids"):
        if (largest := int(getattr(tasks, name).max())) > LARGEST:
            raise InputError(
                f"{name} run up to {largest}, which the layout cannot hold; number them from 0, without gaps."
            )
    vocab = 1 + int(max(tasks.tokens.max(), tasks.answers.max()))
    codes = np.uint8 if vocab <= 256 else np.int32
    arrays = {
        INPUTS: tasks.tokens.astype(codes),
        LABELS: tasks.answers.astype(codes),
        IDENTIFIERS: tasks.puzzle_ids.astype(np.int32),
        PUZZLES: np.arange(len(tasks) + 1, dtype=np.int32),
        GROUPS: np.append(starts, len(tasks)).astype(np.int32),
        SOURCES: tasks.source,
        RATINGS: tasks.rating,
    }
    told = {
        "pad_id": PADDING, "ignore_label_id": PADDING, "blank_identifier_id": 0, "vocab_size": vocab,
        "seq_len": tasks.tokens.shape[1], "num_puzzle_identifiers": 1 + int(tasks.puzzle_ids.max()),
        "total_groups": len(starts), "mean_puzzle_examples": 1.0, "sets": [SET],
    }  # fmt: skip
    with writing(path_of(folder)) as beside:
        beside.mkdir()
        for name, array in arrays.items():
            np.save(beside / name, array, allow_pickle=False)
        (beside / METADATA).write_text(json.dumps(told, indent=2) + "\n")
    return target
