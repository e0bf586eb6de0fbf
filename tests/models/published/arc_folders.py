"""Make-believe ARC in the published layouts: grids as tokens, tasks, and copies made here, cell by cell."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tests.models.published.folders import write_folder

SIDE = 7  # of the published data sets it is 30
AS_IT_IS = "0123456789"
ORIGINAL = (0, AS_IT_IS)

# Which cell of a grid of n rows and m columns comes to row i, column j of each symmetric copy.
COMES_FROM = (
    lambda i, j, n, m: (i, j),
    lambda i, j, n, m: (j, m - 1 - i),
    lambda i, j, n, m: (n - 1 - i, m - 1 - j),
    lambda i, j, n, m: (n - 1 - j, i),
    lambda i, j, n, m: (i, m - 1 - j),
    lambda i, j, n, m: (n - 1 - i, j),
    lambda i, j, n, m: (j, i),
    lambda i, j, n, m: (n - 1 - j, m - 1 - i),
)
LYING = (1, 3, 6, 7)  # rows become columns

Example = tuple[np.ndarray, np.ndarray]
Plan = tuple[int, str]  # a symmetry, and the new colour of each old one


def grid(*rows: str) -> np.ndarray:
    """Colours from rows of digits."""
    return np.array([[int(colour) for colour in row] for row in rows], np.uint8)


def copied(original: np.ndarray, plan: Plan) -> np.ndarray:
    """A symmetric copy in other colours."""
    symmetry, colours = plan
    n, m = original.shape
    high, wide = (m, n) if symmetry in LYING else (n, m)
    return np.array(
        [
            [int(colours[original[COMES_FROM[symmetry](i, j, n, m)]]) for j in range(wide)]
            for i in range(high)
        ],
        np.uint8,
    )


def as_tokens(colours: np.ndarray, side: int = SIDE, shift: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Tokens [cell]: colours from 2, an end (1) below and to the right of the grid, padding (0) elsewhere."""
    (n, m), (top, left) = colours.shape, shift
    square = np.zeros((side + 1, side + 1), np.int64)
    square[top : top + n, left : left + m] = colours + 2
    square[top + n, left : left + m] = 1
    square[top : top + n, left + m] = 1
    return square[:side, :side].reshape(-1)


def named(task: str, plan: Plan, by: str) -> str:
    return task if plan == ORIGINAL else f"{task}{by}t{plan[0]}{by}{plan[1]}"


def write_arc(
    root: Path,
    tasks: Mapping[str, Sequence[Example]],
    plans: Sequence[Plan],
    by: str = "|||",
    shift: tuple[int, int] = (0, 0),
) -> Path:
    """A data set whose tasks have one group each, of one puzzle for every plan; by "_" as HRM's builder writes it.

    Puzzle embeddings count from 1 in the order of tasks and then of plans.
    """
    names, tokens, labels, starts = ["<blank>"], [], [], [0]
    for task, examples in tasks.items():
        for plan in plans:
            names.append(named(task, plan, by))
            tokens += [as_tokens(copied(asked, plan), shift=shift) for asked, _ in examples]
            labels += [as_tokens(copied(answer, plan), shift=shift) for _, answer in examples]
            starts.append(len(tokens))
    write_folder(
        root / "test",
        np.array(tokens),
        np.array(labels),
        identifiers=np.arange(1, len(names)),
        starts=starts,
        groups=np.arange(0, len(names), len(plans)),
    )
    (root / "identifiers.json").write_text(json.dumps(names))
    if by == "|||":
        write_tests(root / "test_puzzles.json", tasks)
    return root


def write_tests(file: Path, tasks: Mapping[str, Sequence[Example]]) -> None:
    """Tasks as they are published, with their true outputs."""
    told = {
        task: {
            "train": [],
            "test": [{"input": asked.tolist(), "output": answer.tolist()} for asked, answer in examples],
        }
        for task, examples in tasks.items()
    }
    file.write_text(json.dumps(told))
