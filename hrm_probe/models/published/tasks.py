"""Data sets in the layout of the released code: what published checkpoints for mazes and ARC were trained on.

A folder (``train`` or ``test``) holds ``dataset.json`` and five arrays. Examples lie puzzle by puzzle, puzzles group by
group: a puzzle of ARC has several examples and one embedding, and its augmented copies, each with an embedding of its
own, make a group.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.files import path_of
from hrm_probe.models.tasks import IGNORED, Tasks
from hrm_probe.sudoku.board import Board, is_board
from hrm_probe.sudoku.puzzles import sample_rows
from hrm_probe.sudoku.readers import is_puzzle, locate, read_official_arrays

METADATA = "dataset.json"
IDENTIFIERS = "all__puzzle_identifiers.npy"  # [puzzle], its embedding
PUZZLES = "all__puzzle_indices.npy"  # [puzzle + 1], where its examples begin
GROUPS = "all__group_indices.npy"  # [group + 1], where its puzzles begin
SOURCES, RATINGS = "all__sources.npy", "all__ratings.npy"  # [example], where save_tasks() wrote them


def load_tasks(path: str | Path, n: int | None = None, seed: int = 0) -> Tasks:
    """Read a data set that the released HRM or TRM code built, whatever its tasks are.

    >>> model = hrm_probe.import_checkpoint("maze/step_26041")                         # doctest: +SKIP
    >>> tasks = hrm_probe.load_tasks("data/maze-30x30-hard-1k/test", n=200)            # doctest: +SKIP
    >>> print(hrm_probe.reasoning.jumps(model, tasks))                                 # doctest: +SKIP

    Args:
        path: its folder ``train`` or ``test``, with ``dataset.json`` and ``all__*.npy``. (``load_puzzles`` reads those
            of Sudoku as ``Puzzles``, whose rules further questions need.)
        n: take a random sample of this many examples, in the order of the folder; only these are held in memory, where
            each takes 17 bytes per cell.
        seed: for that sample.

    Returns:
        Tasks, one for each example. Cells whose label is the data set's ``ignore_label_id`` are not asked for. Source
        and rating are known of a folder that ``save_tasks`` wrote.

    Raises:
        InputError: no such folder, or one that lacks a file, or whose files contradict each other.

    Layout: ``PuzzleDataset`` of the code released with arXiv 2506.21734, also used by that of arXiv 2510.04871.
    Known inaccuracy: here each example counts by itself. ARC's own score, by votes of all copies of a task, is
    ``hrm_probe.reasoning.arc_score``.
    """
    published = read_folder(path_of(path))
    return published.tasks(sample_rows(len(published), n, seed))


@dataclass(frozen=True, eq=False)
class PublishedFolder:
    """What a split of a published data set holds; tokens and labels stay on disk until they are indexed.

    Attributes:
        tokens, labels: [example, cell].
        ignored: the label of cells that are not asked for, None if there is none.
        identifiers: int64 [puzzle], its embedding.
        of_puzzles: int64 [puzzle + 1], where its examples begin.
        of_groups: int64 [group + 1], where its puzzles begin.
        sources, ratings: [example], None where the folder does not say.
    """

    tokens: np.ndarray
    labels: np.ndarray
    ignored: int | None
    identifiers: np.ndarray
    of_puzzles: np.ndarray
    of_groups: np.ndarray
    sources: np.ndarray | None = None
    ratings: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.tokens)

    def puzzle(self, rows: np.ndarray) -> np.ndarray:
        """Which puzzle each of these examples belongs to."""
        return np.searchsorted(self.of_puzzles, rows, side="right") - 1

    def tasks(self, rows: np.ndarray) -> Tasks:
        """These examples, read from disk."""
        puzzle = self.puzzle(rows)
        answers = np.asarray(self.labels[rows], np.int64)
        return Tasks(
            np.asarray(self.tokens[rows]),
            answers,
            asked=(answers != IGNORED) & (answers != self.ignored if self.ignored is not None else True),
            puzzle_ids=self.identifiers[puzzle],
            group=np.searchsorted(self.of_groups, puzzle, side="right") - 1,
            source=None if self.sources is None else self.sources[rows],  # type: ignore[arg-type]
            rating=None if self.ratings is None else self.ratings[rows],  # type: ignore[arg-type]
        )


def read_folder(folder: Path) -> PublishedFolder:
    """A split of a published data set.

    Raises:
        InputError: no such folder, or one that lacks a file, or whose files contradict each other.
    """
    if not folder.is_dir():
        raise InputError(
            f"There is no folder {folder}; name the folder train or test of a published data set."
        )
    tokens, labels = read_official_arrays(folder)
    ignored = _ignored_label(folder)
    identifiers, of_puzzles, of_groups = (
        _read_index(folder / name) for name in (IDENTIFIERS, PUZZLES, GROUPS)
    )
    _check_starts(of_puzzles, len(identifiers), len(tokens), folder / PUZZLES)
    _check_starts(of_groups, max(len(of_groups) - 1, 0), len(identifiers), folder / GROUPS)
    sources, ratings = (
        _read_beside(folder / name, len(tokens), kinds) for name, kinds in ((SOURCES, "U"), (RATINGS, "iu"))
    )
    return PublishedFolder(
        tokens=tokens,
        labels=labels,
        ignored=ignored,
        identifiers=identifiers,
        of_puzzles=of_puzzles,
        of_groups=of_groups,
        sources=sources,
        ratings=ratings,
    )


def tasks_folder(name_or_path: str | Path) -> Path | None:
    """The folder of a published data set whose tasks lack the cells, or the tokens, of a board; None for puzzles.

    What ``save_tasks`` wrote are tasks, whatever their cells and tokens.

    Raises:
        InputError: there is nothing by that name, or the folder lacks its arrays.
    """
    if is_puzzle(str(name_or_path)) or not (folder := locate(name_or_path)).is_dir():
        return None
    tokens, _ = read_official_arrays(folder)
    if (folder / SOURCES).exists():  # save_tasks() wrote it
        return folder
    of_board = is_board(tokens.shape[1]) and _vocab(folder) in (None, Board.of(tokens.shape[1]).vocab)
    return None if of_board else folder


def _vocab(folder: Path) -> int | None:
    """How many tokens the data set says that it knows, None if it does not say."""
    try:
        told = json.loads((folder / METADATA).read_text())["vocab_size"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return told if isinstance(told, int) else None


def _ignored_label(folder: Path) -> int | None:
    """The label of cells that are not asked for, None if there is none."""
    try:
        told = json.loads((folder / METADATA).read_text())
        ignored = told["ignore_label_id"]
    except FileNotFoundError:
        raise _lacks(folder / METADATA) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{folder / METADATA} does not tell ignore_label_id, the label of cells that do not count."
        ) from None
    if ignored is not None and not isinstance(ignored, int):
        raise InputError(
            f"{folder / METADATA} says ignore_label_id {ignored!r}; it must be a whole number or null."
        )
    return ignored


def _read_beside(file: Path, examples: int, kinds: str) -> np.ndarray | None:
    """What is told of each example, if it is."""
    if not file.exists():
        return None
    told = _read(file)
    if told.shape != (examples,) or told.dtype.kind not in kinds:
        raise InputError(
            f"{file} must tell something of each of {examples} examples; it holds {told.dtype} of {list(told.shape)}."
        )
    return told


def _read(file: Path) -> np.ndarray:
    try:
        return np.load(file, allow_pickle=False)
    except (OSError, EOFError, ValueError):
        raise InputError(f"{file} could not be read as a numpy array.") from None


def _read_index(file: Path) -> np.ndarray:
    if not file.exists():
        raise _lacks(file)
    index = _read(file)
    if index.ndim != 1 or index.dtype.kind not in "iu":
        raise InputError(
            f"{file} must hold whole numbers in one row; it holds {index.dtype} of {list(index.shape)}."
        )
    return index.astype(np.int64)


def _lacks(file: Path) -> InputError:
    return InputError(f"{file.parent} lacks {file.name}, which a published data set has; build it again.")


def _check_starts(starts: np.ndarray, parts: int, whole: int, file: Path) -> None:
    """Raise an InputError unless these are the places where parts of a whole begin, and its end."""
    if len(starts) != parts + 1 or starts[0] != 0 or starts[-1] != whole or (np.diff(starts) < 0).any():
        raise InputError(
            f"{file} must ascend from 0 to {whole} in {parts + 1} numbers, as the other files of its folder have it."
        )
