"""Mazes as text."""

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.mazes.tokens import picture


def test_a_maze_is_drawn_line_by_line() -> None:
    assert picture(np.array([3, 5, 4, 2, 1, 0, 1, 1, 1])) == "SoG\n #.\n###"


def test_what_is_no_square_or_no_maze_is_refused() -> None:
    with pytest.raises(InputError, match="5 cells make no square"):
        picture(np.array([1, 1, 1, 1, 1]))
    for wrong in ([6, 1, 1, 1], [-1, 1, 1, 1], [1.0, 1.0, 1.0, 1.0]):
        with pytest.raises(InputError, match="tokens from 0 to 5"):
            picture(np.array(wrong))
    with pytest.raises(InputError, match="show one at a time"):
        picture(np.ones((2, 4), int))
