"""The summary: what the finished model solves, after its last segment and on the way there."""

from pathlib import Path

import numpy as np
import pytest

from hrm_probe.sudoku import Puzzles, generate
from hrm_probe.training import train
from tests.training.tiny_runs import fewer_solved_from_segment_to_segment, tiny


def test_puzzles_count_as_solved_by_the_answer_after_the_last_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, test_set = generate(10, "minimal", "4x4", seed=1), tmp_path / "test.csv"
    Puzzles(plain.tokens, plain.answers, ["odd", "even"] * 5, np.array([5, 2] * 5)).to_csv(test_set)
    fewer_solved_from_segment_to_segment(monkeypatch)  # only the first of the ten in the end
    found = train(tiny(steps=5, test_set=str(test_set)), tmp_path / "run").summary["accuracy"]
    assert (found["all"]["solved"], found["all"]["puzzles"]) == (1, 10)
    by_part = {
        parts: {name: (part["solved"], part["puzzles"]) for name, part in found[parts].items()}
        for parts in ("by_source", "by_rating")
    }
    assert by_part["by_source"] == {"even": (0, 5), "odd": (1, 5)}
    assert by_part["by_rating"] == {"2-3": (0, 5), "4-7": (1, 5)}
    assert found["by_segment"] == [1.0, 0.9, 0.8, 0.1]
