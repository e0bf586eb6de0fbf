"""The sets that travel with the package keep what their names promise."""

import numpy as np
import pytest

from hrm_probe.sudoku import bundled_sets, check, generate, leaks, load_puzzles
from hrm_probe.sudoku.build_bundled import SEED, TEST_6X6, held_out_classes
from hrm_probe.sudoku.canonical import class_keys
from hrm_probe.sudoku.readers import BUNDLED

SETS = {"6x6-test": 3_000, "6x6-train": 30_000, "9x9-test": 1_000, "9x9-train": 2_000}


def test_there_are_four_sets_of_the_stated_size():
    assert bundled_sets() == sorted(SETS)
    for name, size in SETS.items():
        assert len(load_puzzles(name)) == pytest.approx(size, rel=0.01)
    assert sum(path.stat().st_size for path in BUNDLED.glob("*.csv.gz")) < 3_000_000


@pytest.mark.parametrize("name", SETS)
def test_every_puzzle_is_sound_and_there_once(name):
    assert check(name).sound
    tokens = load_puzzles(name).tokens
    assert len(np.unique(tokens, axis=0)) == len(tokens)


@pytest.mark.parametrize("board", ["6x6", "9x9"])
def test_no_test_solution_occurs_in_training_up_to_symmetry(board):
    assert len(leaks(load_puzzles(f"{board}-train"), load_puzzles(f"{board}-test"))) == 0


def test_the_6x6_test_set_draws_on_all_held_out_classes():
    held_out = held_out_classes()
    assert 8 <= len(held_out) <= 10
    assert set(class_keys(load_puzzles("6x6-test").answers)) == set(held_out)
    assert len(np.unique(class_keys(load_puzzles("6x6-train").answers))) == 49 - len(held_out)


def test_hard_puzzles_are_harder_than_minimal_ones_and_easy_ones_need_no_guess():
    for name in SETS:
        puzzles = load_puzzles(name)
        easy, minimal, hard = (
            puzzles.rating[puzzles.source == kind].mean() for kind in ("easy", "minimal", "hard")
        )
        assert easy < 0.1
        assert hard > minimal + 2


def test_the_script_makes_the_set_that_is_here():
    held_out = held_out_classes()
    easy = generate(
        TEST_6X6["easy"], "easy", "6x6", SEED + 11, lambda grids: np.isin(class_keys(grids), held_out)
    )
    bundled = load_puzzles("6x6-test")
    bundled = bundled[bundled.source == "easy"]
    assert {row.tobytes() for row in easy.tokens} == {row.tobytes() for row in bundled.tokens}
