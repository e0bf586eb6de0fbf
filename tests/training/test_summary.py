"""The summary: what the finished model solves, after its last segment and on the way there."""

from pathlib import Path

import pytest

from hrm_probe.sudoku.rated import rating_ranges
from hrm_probe.training import train
from hrm_probe.training.data import load_data
from tests.training.tiny_runs import fewer_solved_from_segment_to_segment, tiny


def test_puzzles_count_as_solved_by_the_answer_after_the_last_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tiny(steps=5, test_set="generate 4x4 easy 10")
    test = load_data(recipe).test
    ranges = rating_ranges(test.rating)
    fewer_solved_from_segment_to_segment(monkeypatch)  # only the first of the ten in the end
    found = train(recipe, tmp_path).summary["accuracy"]
    assert (found["all"]["solved"], found["all"]["puzzles"]) == (1, 10)
    for parts, first in (("by_source", test.source[0]), ("by_rating", ranges[0])):
        solved = {name: part["solved"] for name, part in found[parts].items()}
        assert solved == {name: int(name == str(first)) for name in found[parts]}
    assert found["by_segment"] == [1.0, 0.9, 0.8, 0.1]
