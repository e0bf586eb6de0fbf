import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.sudoku import complete_grids, load_puzzles, random_symmetries, split
from hrm_probe.sudoku.seeds import generator_of


def test_equal_seeds_draw_equal_numbers():
    first, again, other = (generator_of(seed).random() for seed in (3, np.int64(3), 4))
    assert first == again != other


def test_a_generator_goes_on_where_it_was():
    rng = np.random.default_rng(0)
    assert generator_of(rng) is rng


@pytest.mark.parametrize("seed", [-1, 0.5, None, True])
def test_what_is_no_seed_is_bad_input(seed):
    with pytest.raises(InputError, match=f"seed is {seed}; it must be .*at least 0"):
        generator_of(seed)


def test_everything_drawn_refuses_a_negative_seed():
    puzzles = load_puzzles("6x6-test", n=20)
    for draw in (
        lambda: split(puzzles, 0.2, seed=-1),
        lambda: complete_grids(1, "6x6", seed=-1),
        lambda: random_symmetries("6x6", 1, seed=-1),
    ):
        with pytest.raises(InputError, match="seed is -1"):
            draw()
