"""Tasks of any kind, as the models see them: tokens, and the answers that are asked for. No rules, no symmetries."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.models.checking import check_board, check_rows, check_shapes
from hrm_probe.models.config import ModelConfig
from hrm_probe.sudoku.puzzles import NOT_RATED, Puzzles, sample_rows

PADDING = 0  # what stands where no answer is asked for
IGNORED = -100  # the label of such a cell in published code


@dataclass(frozen=True, eq=False)
class Tasks:
    """Tasks that are not Sudokus (mazes, ARC, your own), for every question that needs no board rules.

    >>> tasks = hrm_probe.load_tasks("data/maze-30x30-hard-1k/test", n=200)            # doctest: +SKIP
    >>> print(hrm_probe.reasoning.jumps(model, tasks))                                 # doctest: +SKIP
    >>> Tasks(tokens, answers)                                    # from your own arrays    # doctest: +SKIP

    Answers are tokens from 1 (of bits, say, 1 and 2), for a cell whose answer is 0 is not asked for. A task is solved
    when every cell that is asked for has its answer; what a model says elsewhere is not looked at.

    Attributes:
        tokens: int64 [task, cell], from 0.
        answers: int64 [task, cell], tokens; 0 (padding) where nothing is asked. Given, -100 means that too.
        asked: bool [task, cell], the cells that count; those whose answer is neither 0 nor -100 if None is given.
        puzzle_ids: int64 [task], which puzzle embedding of the model; all 0 if None is given.
        group: int64 [task], for ``groups=tasks.group``: tasks made from one original share a number; each its own if
            None is given.
        source: str [task], any label; "" if None is given.
        rating: int64 [task], any measure of hardness; -1 (not known) if None is given.

    Raises:
        InputError: shapes that differ, numbers that are not whole, a cell that is asked for without an answer, a task
            of which nothing is asked, or a token or puzzle id below 0.
    """

    tokens: np.ndarray
    answers: np.ndarray
    asked: np.ndarray = None  # type: ignore[assignment]
    puzzle_ids: np.ndarray = None  # type: ignore[assignment]
    group: np.ndarray = None  # type: ignore[assignment]
    source: np.ndarray = None  # type: ignore[assignment]
    rating: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        tokens, answers = _whole(self.tokens, "tokens"), _whole(self.answers, "answers")
        if tokens.ndim != 2:
            raise InputError(f"Tokens have the shape [task, cell]; these have {list(tokens.shape)}.")
        n = len(tokens)
        given = (answers != PADDING) & (answers != IGNORED)
        asked = given if self.asked is None else np.asarray(self.asked)
        held: dict[str, np.ndarray] = {
            "tokens": tokens,
            "answers": answers,
            "asked": asked,
            "puzzle_ids": np.zeros(n, np.int64) if self.puzzle_ids is None else _whole(self.puzzle_ids, "puzzle_ids"),
            "group": np.arange(n) if self.group is None else _whole(self.group, "group"),
            "source": np.full(n, "") if self.source is None else np.asarray(self.source, str),
            "rating": np.full(n, NOT_RATED) if self.rating is None else _whole(self.rating, "rating"),
        }  # fmt: skip
        check_shapes(held, tokens.shape)
        if asked.dtype != bool:
            raise InputError(
                f"asked must say of every cell whether it counts, True or False; it holds {asked.dtype}."
            )
        _check_answers(tokens, answers, asked, held["puzzle_ids"])
        held["answers"] = np.where(asked, answers, PADDING)
        for name, value in held.items():
            object.__setattr__(self, name, value)

    @property
    def blanks(self) -> np.ndarray:
        """The cells that a model has to fill, bool [task, cell]: all that are asked for."""
        return self.asked

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, which: int | slice | Sequence[int] | np.ndarray) -> "Tasks":
        """The tasks at an index, a slice, a list of indices or a boolean mask; always ``Tasks``."""
        if isinstance(which, int | np.integer):
            if not -len(self) <= which < len(self):
                raise IndexError(f"There is no task {which}; there are {len(self)}.")
            which = [int(which)]
        rows = np.arange(len(self))[which]
        return Tasks(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def sample(self, n: int, seed: int = 0) -> "Tasks":
        """``n`` tasks drawn without replacement, kept in their order.

        Raises:
            InputError: there are fewer, or the seed is negative.
        """
        return self[sample_rows(len(self), n, seed)]

    def check_fit(self, config: ModelConfig) -> None:
        """Raise an InputError where a model has other cells than these tasks, or lacks their answers or embeddings."""
        check_board(self.tokens.shape[1], config)
        if self.answers.max() >= config.vocab:
            raise InputError(
                f"These answers run up to token {self.answers.max()}; this model knows 0 to {config.vocab - 1}."
            )
        check_rows(len(self), config, self.puzzle_ids, None)

    def __repr__(self) -> str:
        asked = f", {self.asked.sum(1).mean():,.1f} of them asked for on average" if len(self) else ""
        return f"Tasks({len(self):,} of {self.tokens.shape[1]} cells{asked})"


Asked = Puzzles | Tasks
"""What models are asked: Sudokus, or tasks, whose rules are not known here."""


def puzzle_ids_of(puzzles: Asked) -> np.ndarray | None:
    """The puzzle embedding of each, int64 [puzzle]; None for Sudokus, which share the first."""
    return puzzles.puzzle_ids if isinstance(puzzles, Tasks) else None


def _whole(values: Any, name: str) -> np.ndarray:
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"{name} has rows of several lengths; give each the same number of cells.") from None
    if array.dtype.kind not in "iu":
        raise InputError(f"{name} must be whole numbers; these are {array.dtype}.")
    return np.ascontiguousarray(array, np.int64)


def _check_answers(
    tokens: np.ndarray, answers: np.ndarray, asked: np.ndarray, puzzle_ids: np.ndarray
) -> None:
    faults = (
        ((tokens < 0).any(1), "a token is below 0"),
        (
            (asked & (answers <= PADDING)).any(1),
            "a cell that is asked for has no token above 0 for its answer",
        ),
        (~asked.any(1), "nothing is asked for; leave it out"),
        (puzzle_ids < 0, "its puzzle id is below 0"),
    )
    for faulty, fault in faults:
        if faulty.any():
            raise InputError(f"In task {int(faulty.argmax())}: {fault}.")
