"""Which rows are resampled together: labels of some puzzles, and of runs of which a puzzle has several."""

import numpy as np
import pytest

from hrm_probe.dynamics.intervals import share
from hrm_probe.reasoning.result import ClassLabels, group_labels, labels_of, plain_labels, share_of
from hrm_probe.sudoku import generate, symmetric_copies

PUZZLES = generate(6, "easy", "4x4", seed=0)


@pytest.mark.parametrize("rows", [np.array([3, 0]), slice(2), np.arange(6) % 2 == 0])
def test_some_puzzles_keep_their_labels(rows) -> None:
    labels = np.array(list("aabbcc"))
    assert labels_of(labels, rows).tolist() == labels[rows].tolist()
    assert labels_of(None, rows) is None


def test_some_puzzles_of_classes_are_of_classes_still() -> None:
    labels, resampled = group_labels(PUZZLES, "class")
    assert resampled == "class"
    assert isinstance(labels_of(labels, np.arange(3)), ClassLabels)


def test_copies_of_a_puzzle_are_of_its_class() -> None:
    rng = np.random.default_rng(0)
    one, copy = (group_labels(p, "class")[0] for p in (PUZZLES, symmetric_copies(PUZZLES, rng).puzzles))
    assert one.tolist() == copy.tolist()
    assert len(set(one.tolist())) > 1


def test_without_groups_a_puzzle_is_its_own() -> None:
    assert plain_labels(None, 4).tolist() == [0, 1, 2, 3]


def test_runs_of_a_puzzle_are_taken_for_more_alike_than_puzzles_of_a_class() -> None:
    """Where all outcomes are equal, nothing but the kind of labels says how many rows are worth one."""
    labels, flags = np.arange(40) // 20, np.ones(40, bool)
    classes = labels.view(ClassLabels)
    assert plain_labels(classes, 40).tolist() == labels.tolist()
    assert share_of(flags, plain_labels(classes, 40)) == share(flags, groups=labels)
    assert share_of(flags, classes).low > share_of(flags, plain_labels(classes, 40)).low
