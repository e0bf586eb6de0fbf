"""Counting right answers, on curves whose truth is written down."""

import json

import numpy as np
import pytest

from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.solving.accuracy import evaluate
from hrm_probe.sudoku import generate


def planted(errors: list[list[int]], halted_at: list[int]) -> Curves:
    """Curves of puzzles whose error counts are given."""
    counts = np.array(errors)
    flat = np.zeros(counts.shape)
    predictions = np.zeros((*counts.shape, 16), int)
    return Curves(flat, counts, counts == 0, predictions, flat, flat, flat, np.array(halted_at), flat, flat)


@pytest.fixture
def accuracy():
    puzzles = generate(4, "minimal", "4x4", seed=0)
    puzzles.source[:] = ["minimal", "minimal", "hard", "hard"]
    puzzles.rating[:] = [0, 0, 3, 9]
    errors = [[4, 0, 0], [4, 0, 2], [8, 8, 8], [5, 3, 0]]  # kept, lost, never, late
    return evaluate(None, puzzles, curves=planted(errors, halted_at=[2, 2, 3, 2]))


def test_the_last_segment_decides(accuracy):
    assert accuracy.exact.estimate == 0.5
    assert accuracy.table["solved"].tolist() == [True, False, False, True]


def test_what_was_solved_and_lost_is_counted(accuracy):
    assert accuracy.ever.estimate == 0.75
    assert accuracy.summary()["counts"]["solved_then_lost"] == 1
    assert accuracy.by_segment["lost"].tolist() == [0, 0, 0.25]


def test_the_models_own_halting_segment_is_told_apart(accuracy):
    assert accuracy.table["solved_at_halt"].tolist() == [True, True, False, False]
    assert accuracy.at_halt.estimate == 0.5


def test_cells_are_counted_with_givens(accuracy):
    assert accuracy.cell == pytest.approx(1 - (0 + 2 + 8 + 0) / 4 / 16)


def test_sources_are_told_apart(accuracy):
    assert accuracy.by_source["exact"].to_dict() == {"hard": 0.5, "minimal": 0.5}
    assert accuracy.by_source.loc["hard", "cell"] == pytest.approx(1 - 4 / 16)


def test_ratings_are_told_apart(accuracy):
    assert accuracy.by_rating["puzzles"].to_dict() == {"0": 2, "2-3": 1, "8-15": 1}
    assert accuracy.by_rating["exact"].to_dict() == {"0": 0.5, "2-3": 0.0, "8-15": 1.0}
    assert accuracy.by_rating["cell"].to_dict() == {"0": 1 - 1 / 16, "2-3": 1 - 8 / 16, "8-15": 1.0}


def test_first_solved_is_1_based_and_0_for_never(accuracy):
    assert accuracy.table["first_solved"].tolist() == [2, 2, 0, 3]


def test_the_summary_is_json_and_holds_what_scripts_read(accuracy):
    summary = json.loads(json.dumps(accuracy.summary()))
    assert {"exact_accuracy", "cell_accuracy", "accuracy_by_segment", "counts"} <= summary.keys()
    assert summary["accuracy_by_segment"] == [0, 0.5, 0.5]


def test_every_puzzle_is_counted_in_one_range_of_ratings(accuracy):
    assert accuracy.by_rating["puzzles"].sum() == 4
    assert json.dumps(accuracy.summary()["by_rating"])
