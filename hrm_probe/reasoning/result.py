"""What every answer has in common: a table, and headline numbers that can be printed and written as JSON."""

import math
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from hrm_probe.dynamics.intervals import Interval, share
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.json_text import as_json
from hrm_probe.reasoning.asking import Asked, check_sudoku
from hrm_probe.sudoku.puzzles import sample_rows

Groups = str | np.ndarray | None

CLASS_ALIKE = 0.05
"""Correlation within a solution class that is assumed where all outcomes are equal: see ``share`` in dynamics.

Of 400 puzzles of 6x6-test in nine classes, outcomes of the bundled models have correlations around -0.01 to 0.00.
"""


class ClassLabels(np.ndarray):
    """Labels of solution classes: puzzles of one class are alike in part only, unlike runs of one puzzle."""


class Result:
    """Base of the frozen dataclasses that answer a question.

    ``table`` is a DataFrame, one row per puzzle or condition. Fields that are an :class:`Interval`, a plain value or
    a small table go into :meth:`summary`; arrays, and the tables named in ``_long``, do not.
    """

    table: pd.DataFrame
    _long: tuple[str, ...] = ("table",)

    def __init_subclass__(cls) -> None:
        """A result shows itself in the words it is printed in: ``@dataclass`` keeps a ``__repr__`` that is there."""
        super().__init_subclass__()
        if "__str__" in vars(cls):
            cls.__repr__ = cls.__str__  # type: ignore[method-assign]

    def summary(self) -> dict[str, Any]:
        """The headline numbers, ready for JSON; numbers that do not exist are None."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        kept = {name: value for name, value in values.items() if name not in self._long}
        return {name: as_json(value) for name, value in kept.items() if not _is_array(value)}


def group_labels(puzzles: Asked, groups: Groups) -> tuple[np.ndarray | None, str]:
    """Which puzzles are resampled together, and what to call that.

    Args:
        puzzles: n of them, or of ``Tasks``, which have no classes.
        groups: None: each puzzle is independent; "class": puzzles whose solutions are symmetric copies of one
            another belong together (6x6 has 49 such classes, so a set of many puzzles holds few); or labels [n].

    Returns:
        Labels [n] or None, and "puzzle", "class" or "given groups".
    """
    if groups is None:
        return None, "puzzle"
    if isinstance(groups, str):
        if groups != "class":
            raise InputError(f'groups is {groups!r}; give None, "class" or a label for each puzzle.')
        check_sudoku(
            puzzles,
            'groups="class" means solutions that are symmetric copies of one another',
            "give a label for each, such as tasks.group",
        )
        from hrm_probe.sudoku.canonical import class_keys

        labels = np.unique(class_keys(puzzles.answers), return_inverse=True)[1]
        return labels.view(ClassLabels), "class"
    labels = np.asarray(groups)
    if labels.shape != (len(puzzles),):
        raise InputError(f"groups must give one label for each of the {len(puzzles)} puzzles.")
    return labels, "given groups"


def sample_and_labels(
    puzzles: Asked, n: int | None, groups: Groups, seed: int
) -> tuple[Any, np.ndarray | None, str]:
    """``n`` of the puzzles, drawn with the seed, and what :func:`group_labels` says of them.

    Args:
        puzzles: all, or ``Tasks``.
        n: how many to take; all if None or there are fewer.
        groups: as in :func:`group_labels`; labels are of all the puzzles.
        seed: for the draw.

    Raises:
        InputError: ``n`` is not a number of puzzles, or there is not one label for each puzzle.
    """
    if n is not None and whole_number(n, "n") < len(puzzles):
        rows = sample_rows(len(puzzles), n, seed)
        if not (groups is None or isinstance(groups, str)):
            labels, _ = group_labels(puzzles, groups)
            groups = labels_of(labels, rows)
        puzzles = puzzles[rows]
    return puzzles, *group_labels(puzzles, groups)


def labels_of(labels: np.ndarray | None, rows: Any) -> np.ndarray | None:
    """Labels of some of the puzzles, chosen as an array's rows are; None where each puzzle stands for itself."""
    return None if labels is None else labels[rows]


def plain_labels(labels: np.ndarray | None, n: int) -> np.ndarray:
    """A label for each of ``n`` puzzles, its own number where each stands for itself.

    For rows of which a puzzle has several, its runs, say: they are more alike than puzzles of one class, so that what
    :class:`ClassLabels` says of their labels would not be true.
    """
    return np.arange(n) if labels is None else np.asarray(labels)


def share_of(
    flags: ArrayLike, labels: np.ndarray | None, among: ArrayLike | None = None, seed: int = 0
) -> Interval:
    """Share of true flags among the rows chosen, with its interval over the groups they fall into."""
    hits = np.asarray(flags, bool)
    rows = np.ones(len(hits), bool) if among is None else np.asarray(among, bool)
    return share(hits[rows], groups=labels_of(labels, rows), alike=alike(labels), seed=seed)


def alike(labels: np.ndarray | None) -> float:
    """The correlation that is assumed within a group where all outcomes are equal, and so cannot show it."""
    return CLASS_ALIKE if isinstance(labels, ClassLabels) else 1.0


def columns(name: str, intervals: list[Interval]) -> dict[str, list[float]]:
    """Three columns of a table: NAME, NAME_low, NAME_high."""
    return {
        name: [i.estimate for i in intervals],
        f"{name}_low": [i.low for i in intervals],
        f"{name}_high": [i.high for i in intervals],
    }


def ends(name: str, interval: Interval) -> dict[str, float]:
    """The same of one row."""
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}


def percent(interval: Interval) -> str:
    """An interval of shares for people: "75.0% [68.1%, 80.9%]"."""
    if math.isnan(interval.estimate):
        return "an unknown share (none to judge)"
    return interval.in_percent()


def _is_array(value: Any) -> bool:
    return hasattr(value, "shape") and not isinstance(value, pd.DataFrame | np.generic)
