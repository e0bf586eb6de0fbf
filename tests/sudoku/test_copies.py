"""Symmetric copies ask the same question, and their answers find the way back."""

import numpy as np
import pytest

from hrm_probe.sudoku import generate, solve, symmetric_copies


@pytest.mark.parametrize("board", ["4x4", "6x6"])
def test_copies_are_solved_by_their_answers_and_map_back(board: str) -> None:
    puzzles = generate(20, "easy", board, seed=0)
    copies = symmetric_copies(puzzles, seed=0)
    assert (copies.puzzles.tokens != puzzles.tokens).any(1).sum() >= 18
    assert np.array_equal(solve(copies.puzzles.grids), copies.puzzles.solutions)
    assert np.array_equal(copies.map_back(copies.puzzles.answers), puzzles.answers)
    assert np.array_equal(copies.map_back(copies.puzzles.tokens), puzzles.tokens)


def test_copies_keep_sources_and_ratings() -> None:
    puzzles = generate(20, "minimal", "6x6", seed=0)
    copies = symmetric_copies(puzzles).puzzles
    assert len(set(copies.rating)) > 1
    assert np.array_equal(copies.rating, puzzles.rating)
    assert np.array_equal(copies.source, puzzles.source)


def test_a_seed_gives_the_same_copies_and_a_generator_new_ones() -> None:
    puzzles = generate(20, "easy", "4x4", seed=0)
    rng = np.random.default_rng(3)
    first, second = symmetric_copies(puzzles, rng), symmetric_copies(puzzles, rng)
    assert np.array_equal(first.puzzles.tokens, symmetric_copies(puzzles, 3).puzzles.tokens)
    assert not np.array_equal(first.puzzles.tokens, second.puzzles.tokens)
