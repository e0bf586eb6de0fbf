import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.sudoku import Puzzles, apply_symmetries, generate, leaks, parse_grids, random_symmetries, split

from .known import GRID_4X4, TWO_SOLUTIONS_4X4


@pytest.fixture(scope="module")
def puzzles():
    return generate(400, "minimal", "6x6", seed=7)


def test_no_class_falls_on_both_sides(puzzles):
    train, test = split(puzzles, 0.2, seed=1)
    assert len(train) + len(test) == 400
    assert len(test) >= 80
    assert len(leaks(train, test)) == 0


def test_at_least_the_share_is_held_out_whichever_classes_are_drawn(puzzles):
    """Of 44 classes, which hold from 1 to 32 puzzles."""
    held_out = [len(split(puzzles, 0.05, seed)[1]) for seed in range(30)]
    assert min(held_out) >= 20
    assert max(held_out) < 20 + 32


def test_a_split_is_seeded(puzzles):
    first, again, other = (split(puzzles, 0.2, seed)[1].tokens for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_split_by_rows_leaks_though_no_puzzle_is_the_same(puzzles):
    found = leaks(puzzles[:300], puzzles[300:])
    assert len(found) > 90  # 49 classes, 300 training puzzles
    assert not found.exact.any()


def test_a_hidden_copy_is_found_and_an_open_one_called_exact(puzzles):
    held_out, train = split(puzzles, 0.2)
    symmetry = random_symmetries("6x6", 1, seed=3)
    copy = Puzzles(
        apply_symmetries(held_out[5].tokens, *symmetry), apply_symmetries(held_out[5].answers, *symmetry)
    )
    found = leaks(Puzzles.join([train, copy, train[2]]), Puzzles.join([held_out[5], train[2]]))
    assert found.test_rows.tolist() == [0, 1]
    assert found.train_rows[0] == len(train)
    assert found.exact.tolist() == [False, True]
    assert str(found).startswith("2 of 2 test puzzles")
    assert str(found).endswith(f"The first is puzzle 1, by training puzzle {len(train) + 1}.")


def test_a_solution_asked_for_by_other_clues_is_no_exact_duplicate():
    solution = parse_grids([GRID_4X4])
    train, test = (
        Puzzles.from_grids(parse_grids([clues]), solution) for clues in (GRID_4X4, TWO_SOLUTIONS_4X4)
    )
    assert leaks(train, test).exact.tolist() == [False]
    assert leaks(test, test).exact.tolist() == [True]


def test_different_boards_share_nothing(puzzles):
    assert len(leaks(puzzles, generate(3, "easy", "4x4"))) == 0


def test_an_impossible_split_is_bad_input(puzzles):
    with pytest.raises(InputError, match=r"1 symmetry class, too few to hold out 99\.9%"):
        split(puzzles[:1], 0.999)


@pytest.mark.parametrize("fraction", [0, 1, "0.1", float("nan"), True])
def test_a_share_that_is_none_is_refused_by_its_name(puzzles, fraction):
    with pytest.raises(InputError, match=r"fraction is .*; it must be a number above 0 and below 1"):
        split(puzzles, fraction)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "0"])
def test_so_is_a_seed(puzzles, seed):
    with pytest.raises(InputError, match="seed is"):
        split(puzzles, 0.1, seed)


def test_a_set_without_puzzles_shares_nothing(puzzles):
    assert len(leaks(puzzles[:0], puzzles)) == 0
    assert len(leaks(puzzles, puzzles[:0])) == 0
