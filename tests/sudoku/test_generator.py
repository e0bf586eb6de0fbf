import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.sudoku import (
    Board,
    canonical_form,
    complete_grids,
    count_solutions,
    generate,
    generator,
    rate,
    solve,
)
from hrm_probe.sudoku.generator import KINDS


def is_minimal(grid):
    without = np.stack([np.where(np.arange(len(grid)) == cell, 0, grid) for cell in np.flatnonzero(grid)])
    return (count_solutions(without) > 1).all()


@pytest.mark.parametrize(("shape", "n"), [("4x4", 20), ("6x6", 40), ("9x9", 4)])
@pytest.mark.parametrize("kind", KINDS)
def test_puzzles_are_distinct_and_have_one_solution_each(kind, shape, n):
    puzzles = generate(n, kind, shape, seed=5)
    assert len(puzzles) == len(np.unique(puzzles.tokens, axis=0)) == n
    assert (count_solutions(puzzles.grids) == 1).all()
    assert (solve(puzzles.grids) == puzzles.solutions).all()
    assert (puzzles.rating == rate(puzzles.grids)).all()
    assert set(puzzles.source) == {kind}
    if kind != "easy":
        assert all(is_minimal(grid) for grid in puzzles.grids)


def test_however_many_puzzles_none_comes_twice():
    """Of 1,000 minimal puzzles of 4x4, drawn as they come, ten or so would."""
    puzzles = generate(1000, "minimal", "4x4", seed=0)
    assert len(np.unique(puzzles.tokens, axis=0)) == 1000


def test_batches_go_on_as_long_as_they_bring_new_puzzles(monkeypatch):
    monkeypatch.setattr(generator, "LARGEST_BATCH", 20)
    monkeypatch.setattr(generator, "FRUITLESS_BATCHES", 1)
    assert len(generate(100, "minimal", "6x6", seed=0)) == 100


def test_easy_6x6_puzzles_have_13_to_18_clues():
    assert set((generate(100, "easy", "6x6", seed=0).grids > 0).sum(axis=1)) == set(range(13, 19))


def test_easy_9x9_puzzles_have_30_to_40_clues():
    clues = (generate(20, "easy", "9x9").grids > 0).sum(axis=1)
    assert clues.min() >= 30
    assert clues.max() <= 40
    assert len(set(clues)) > 5


def test_hard_means_more_guesses_than_minimal():
    minimal, hard = (generate(60, kind, "6x6", seed=2).rating.mean() for kind in ("minimal", "hard"))
    assert hard > minimal + 1


def test_equal_seeds_make_equal_puzzles():
    first, again, other = (generate(30, "hard", "4x4", seed).tokens for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_solutions_can_be_restricted():
    puzzles = generate(30, "minimal", "6x6", keep=lambda grids: grids[:, 0] == 6)
    assert (puzzles.solutions[:, 0] == 6).all()


def test_complete_grids_reach_every_class_in_proportion_to_its_size():
    forms, counts = np.unique(canonical_form(complete_grids(6000, "6x6", seed=0)), axis=0, return_counts=True)
    assert len(forms) == 49
    forms, counts = np.unique(canonical_form(complete_grids(3000, "4x4", seed=0)), axis=0, return_counts=True)
    assert counts.min() / 3000 == pytest.approx(1 / 3, abs=4 * (2 / 9 / 3000) ** 0.5)  # 96 of the 288 grids


def test_9x9_complete_grids_are_complete_and_differ():
    grids, board = complete_grids(50, "9x9", seed=0), Board.of("9x9")
    assert (np.sort(grids[:, board.units], axis=2) == np.arange(1, 10)).all()
    assert len(np.unique(grids, axis=0)) == 50
    assert len(np.unique(grids[:, 40])) == 9


def test_what_cannot_be_made_is_bad_input():
    with pytest.raises(InputError, match='no kind of puzzle "evil"'):
        generate(1, "evil")
    with pytest.raises(InputError, match="n is 0; it must be at least 1"):
        generate(0)
    with pytest.raises(InputError, match="seed is -1"):
        generate(1, seed=-1)
    with pytest.raises(InputError, match="Only 0 distinct"):
        generate(5, "minimal", "4x4", keep=lambda grids: np.zeros(len(grids), bool))
