"""The rules by which puzzles and words are chosen."""

import numpy as np
import pandas as pd
import pytest

from hrm_probe.demo.evidence import Evidence
from hrm_probe.demo.exploring import explore, fixed_point_marks, plane_view
from hrm_probe.demo.film import choose
from hrm_probe.demo.traps import most_divided


class FakeCurves:
    def __init__(self, solved: list[list[int]]) -> None:
        self.solved = np.array(solved, bool)
        self.segments = self.solved.shape[1]
        self.errors = (~self.solved).astype(int)
        self.halted_at = np.full(len(self.solved), self.segments)
        self.predictions = np.arange(self.solved.size * 2).reshape(*self.solved.shape, 2)


def test_the_film_shows_a_late_solution_that_lasts() -> None:
    row, why = choose(FakeCurves([[1, 1, 1, 1], [0, 0, 1, 1], [0, 1, 1, 0], [0, 1, 0, 1]]))  # type: ignore[arg-type]
    assert row == 1
    assert "segment 3" in why


def test_the_film_says_when_nothing_stays_solved() -> None:
    _, why = choose(FakeCurves([[0, 0, 1, 0], [0, 0, 0, 0]]))  # type: ignore[arg-type]
    assert why.startswith("no right answer is kept")


def test_runs_from_other_starts_share_the_puzzle_not_the_start(evidence: Evidence) -> None:
    found = explore(evidence.model("one"), evidence.puzzles[0], segments=3, starts=4, seed=0)
    assert found.points.shape[:2] == (4, 5)
    assert found.wrong.shape == (4, 5)
    usual = evidence.model("one").run(evidence.puzzles[0].tokens, 3).predictions[:, 0].numpy()
    np.testing.assert_array_equal(found.wrong[1:, 0], (usual != evidence.puzzles[0].answers).sum(1))
    assert (found.points[0, 1:] - found.points[0, 0]).abs().mean() > 0.5


def test_a_plane_holds_the_whole_path_and_names_its_share(evidence: Evidence) -> None:
    model = evidence.model("one")
    found = explore(model, evidence.puzzles[0], segments=3, starts=4, seed=0)
    view = plane_view(model, found, 5)
    assert view.path.shape == (4, 2)
    assert view.x[0] < view.path[:, 0].min()
    assert view.x[-1] > view.path[:, 0].max()
    assert 0 < sum(view.explained) <= 1 + 1e-9


def test_marks_are_fixed_points(evidence: Evidence) -> None:
    model = evidence.model("one")
    found = explore(model, evidence.puzzles[0], segments=6, starts=3, seed=0)
    marks = fixed_point_marks(model, found)
    assert set(marks.columns) >= {"state", "right", "stable", "runs"}
    if len(marks):
        assert (marks["residual"] < 1e-3).all()
        assert (marks["stable"] == (marks["radius"] < 1)).all()


def test_the_most_divided_puzzle_is_chosen(evidence: Evidence) -> None:
    found = explore(evidence.model("one"), evidence.puzzles[0], segments=2, starts=3, seed=0)

    def ending(right: int) -> object:
        from dataclasses import replace

        wrong = found.wrong.copy()
        wrong[-1] = np.arange(4) >= right
        return replace(found, wrong=wrong)

    assert most_divided({7: ending(0), 3: ending(2), 5: ending(4)}) == 3  # type: ignore[dict-item]


@pytest.mark.parametrize("column", ["mode"])
def test_every_puzzle_has_a_mode(evidence: Evidence, column: str) -> None:
    table: pd.DataFrame = evidence.modes("one").table
    assert table[column].notna().all()
