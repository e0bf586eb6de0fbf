"""ARC as the released code builds it: tasks, their test inputs, and the augmented copies that a model is asked."""

import json
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.files import path_of
from hrm_probe.given_numbers import whole_number
from hrm_probe.models.published.arc_copies import COLOURS, LARGEST, Copy, cropped, grid_bytes
from hrm_probe.models.published.tasks import PublishedFolder, read_folder
from hrm_probe.models.tasks import Tasks
from hrm_probe.sudoku.puzzles import sample_rows
from hrm_probe.sudoku.readers import INPUTS
from hrm_probe.wording import counted

NAMES = "identifiers.json"  # the name of the puzzle of each embedding
TESTS = "test_puzzles.json"  # the tasks as they are published; TRM's builder writes it, HRM's does not
SPLIT = "test"


class Pair(NamedTuple):
    """A test input of a task and its true output, uint8 [row, column] of colours."""

    input: np.ndarray
    output: np.ndarray


@dataclass(frozen=True, eq=False)
class ArcTests:
    """Tasks of ARC, and the copies of their test inputs in a published data set.

    >>> tests = hrm_probe.load_arc("data/arc1concept-aug-1000", n=40, copies=20)       # doctest: +SKIP
    >>> print(hrm_probe.reasoning.arc_score(model, tests))                             # doctest: +SKIP

    Attributes:
        pairs: by task, its test inputs and their true outputs.
        rows: int64 [example], where in the folder the examples that are asked lie.
        copies: by example, the copy that it belongs to.
        puzzle_ids: int64 [example], the puzzle embedding of that copy.
        folder: what is read when it is asked for.
    """

    pairs: dict[str, tuple[Pair, ...]]
    rows: np.ndarray
    copies: list[Copy]
    puzzle_ids: np.ndarray
    folder: PublishedFolder

    def __len__(self) -> int:
        return len(self.rows)

    def examples(self, which: slice) -> Tasks:
        """Some of the examples, read from disk."""
        return self.folder.tasks(self.rows[which])

    def __repr__(self) -> str:
        inputs = counted(sum(len(pairs) for pairs in self.pairs.values()), "test input")
        return f"ArcTests({counted(len(self.pairs), 'task')} with {inputs}, {counted(len(self), 'example')} of copies)"


def load_arc(path: str | Path, n: int | None = None, copies: int | None = None, seed: int = 0) -> ArcTests:
    """Read the test split of a data set of ARC that the released HRM or TRM code built.

    >>> hrm_probe.load_arc("data/arc1concept-aug-1000")                                # doctest: +SKIP
    ArcTests(400 tasks with 419 test inputs, 419,391 examples of copies)

    Args:
        path: the folder of the data set, or its folder ``test``. ``identifiers.json``, beside or above it, names the
            copies; ``test_puzzles.json`` the tasks and their true outputs. Without the latter, which only TRM's builder
            writes, tasks and outputs are those of the copies that are unaltered.
        n: take a random sample of this many tasks.
        copies: ask about only the first copies of each task, this many, the task itself among them; all if None. (The
            released builders make 1,000.)
        seed: for the sample.

    Returns:
        ArcTests. Examples stay on disk until they are asked for.

    Raises:
        InputError: a file that is missing or is not what its name says, copies that cannot be undone, or tasks that
            the other files do not know.

    Layout: ``dataset/build_arc_dataset.py`` of the code released with arXiv 2506.21734 (copies are named
    ``TASK_t3_0213456789``) and with arXiv 2510.04871 (``TASK|||t3|||0213456789``).
    """
    folder = _split_of(path_of(path))
    published = read_folder(folder)
    side = math.isqrt(published.tokens.shape[1])
    if side**2 != published.tokens.shape[1] or side > LARGEST:
        raise InputError(
            f"{folder} holds tasks of {published.tokens.shape[1]} cells, which are not ARC grids; load_tasks() reads "
            "other tasks."
        )
    of_puzzles = [Copy.of(name) for name in _names_of(folder, published.identifiers)]
    written = _beside_or_above(folder, TESTS)
    pairs = _pairs_of_originals(published, of_puzzles) if written is None else _read_pairs(written)
    for copy in of_puzzles:
        if copy.task not in pairs:
            raise InputError(
                f'{folder} has copies of the task "{copy.task}", of which '
                + (f"{written} knows nothing." if written else f"it lacks the unaltered one, and {TESTS}.")
            )
    names = list(pairs)
    chosen = {name: pairs[name] for name in (names[row] for row in sample_rows(len(names), n, seed))}
    asked = _first_copies(of_puzzles, chosen, None if copies is None else whole_number(copies, "copies"))
    puzzle = published.puzzle(np.arange(len(published)))
    rows = np.flatnonzero(asked[puzzle])
    if not len(rows):
        raise InputError(f"{folder} holds no example of {counted(len(chosen), 'task')}; build it again.")
    return ArcTests(
        chosen, rows, [of_puzzles[at] for at in puzzle[rows]], published.identifiers[puzzle[rows]], published
    )


def is_arc(path: str | Path) -> bool:
    """Does this folder hold a split of ARC, or of tasks like it: grids whose puzzles have names?"""
    folder = _split_of(path_of(path))
    if not (folder / INPUTS).exists() or (file := _beside_or_above(folder, NAMES)) is None:
        return False
    try:
        names = _read_json(file)
    except InputError:
        return False
    return isinstance(names, list) and len(names) > 1


def _split_of(folder: Path) -> Path:
    within = folder / SPLIT
    return within if (within / INPUTS).exists() and not (folder / INPUTS).exists() else folder


def _beside_or_above(folder: Path, name: str) -> Path | None:
    return next(
        (place / name for place in (folder, folder.absolute().parent) if (place / name).exists()), None
    )


def _names_of(folder: Path, identifiers: np.ndarray) -> list[str]:
    """The name of each puzzle of a folder."""
    file = _beside_or_above(folder, NAMES)
    if file is None:
        raise InputError(
            f"{folder} lacks {NAMES}, beside or above it, which names the copies of ARC's tasks; without it only "
            "load_tasks() can read the folder."
        )
    names = _read_json(file)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(f"{file} must be a list of names, one for each puzzle embedding.")
    if len(identifiers) and not 0 <= identifiers.min() <= identifiers.max() < len(names):
        raise InputError(
            f"{folder} has puzzle embeddings {identifiers.min()} to {identifiers.max()}, but {file} names "
            f"{len(names)}; they belong to different data sets."
        )
    return [names[identifier] for identifier in identifiers]


def _read_pairs(file: Path) -> dict[str, tuple[Pair, ...]]:
    """Tasks and their true outputs as TRM's builder writes them."""
    told = _read_json(file)
    try:
        pairs = {
            name: tuple(Pair(_grid(pair["input"]), _grid(pair["output"])) for pair in task["test"])
            for name, task in told.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        pairs = {}
    if not pairs or not all(pairs.values()):
        raise InputError(
            f'{file} must hold tasks by name, each with its pairs of input and output grids under "test".'
        )
    return pairs


def _grid(rows: Any) -> np.ndarray:
    grid = np.array(rows)
    if grid.ndim != 2 or grid.dtype.kind != "i" or max(grid.shape) > LARGEST:
        raise ValueError
    if grid.min() < 0 or grid.max() >= COLOURS:
        raise ValueError
    return grid.astype(np.uint8)


def _pairs_of_originals(published: PublishedFolder, of_puzzles: list[Copy]) -> dict[str, tuple[Pair, ...]]:
    """Tasks and their true outputs by the copies that are unaltered, as HRM's evaluation takes them."""
    pairs = {}
    for puzzle, copy in enumerate(of_puzzles):
        if copy.is_original and copy.task not in pairs:
            rows = slice(*published.of_puzzles[puzzle : puzzle + 2])
            found = tuple(
                map(Pair, *(cropped(np.asarray(held[rows])) for held in (published.tokens, published.labels)))
            )
            inputs = {grid_bytes(pair.input) for pair in found if pair.input.size}
            if len(inputs) < len(found):
                raise InputError(
                    f'The task "{copy.task}" has an input twice, or shifted away from the top left, as training '
                    "examples are; name the folder test."
                )
            if found:
                pairs[copy.task] = found
    return pairs


def _first_copies(of_puzzles: list[Copy], chosen: dict[str, Any], most: int | None) -> np.ndarray:
    """Which puzzles are asked about: bool [puzzle]."""
    seen: Counter[str] = Counter()
    asked = np.zeros(len(of_puzzles), bool)
    for puzzle, copy in enumerate(of_puzzles):
        if copy.task in chosen:
            seen[copy.task] += 1
            asked[puzzle] = most is None or seen[copy.task] <= most
    return asked


def _read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{file} could not be read as JSON.") from None
