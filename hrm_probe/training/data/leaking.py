"""Does a test set give itself away in the training set? Of Sudokus up to symmetry, of other tasks as they stand."""

from dataclasses import dataclass

import numpy as np

from hrm_probe.models import Tasks
from hrm_probe.models.turning import turned_alike
from hrm_probe.sudoku import Leaks
from hrm_probe.wording import counted


@dataclass(frozen=True)
class TaskLeaks(Leaks):
    """Test tasks that a training set holds as well; ``len`` counts them.

    Attributes:
        test_rows: int64 [leak], their indices, ascending.
        train_rows: int64 [leak], for each the first training task that is the same.
        exact: bool [leak], whether the training set holds it as it stands, not turned or mirrored.
        of: number of test tasks.
    """

    def __str__(self) -> str:
        are = "is" if len(self) == 1 else "are"
        told = f"{len(self):,} of {counted(self.of, 'test task')} {are} in the training set"
        turned = len(self) - int(self.exact.sum())
        told += f", {turned:,} of them turned or mirrored." if turned else "."
        if not len(self):
            return told
        return f"{told} The first is task {self.test_rows[0] + 1:,}, which is training task {self.train_rows[0] + 1:,}."


def task_leaks(train: Tasks, test: Tasks, turns: bool) -> TaskLeaks:
    """Find the test tasks whose tokens are those of a training task, whatever is asked of either.

    >>> task_leaks(train, test, turns=True)                             # doctest: +SKIP

    Args:
        train, test: of the same number of cells.
        turns: whether a turned or mirrored copy is the same task.
    """
    seen = {form.tobytes(): row for row, form in reversed(list(enumerate(_forms(train, turns))))}
    rows = [
        (row, seen[key]) for row, form in enumerate(_forms(test, turns)) if (key := form.tobytes()) in seen
    ]
    test_rows, train_rows = (np.array([pair[side] for pair in rows], np.int64) for side in (0, 1))
    as_they_stand = {row.tobytes() for row in train.tokens}
    exact = np.array([test.tokens[row].tobytes() in as_they_stand for row in test_rows], bool)
    return TaskLeaks(test_rows, train_rows, exact, len(test))


def _forms(tasks: Tasks, turns: bool) -> np.ndarray:
    return turned_alike(tasks.tokens) if turns else tasks.tokens
