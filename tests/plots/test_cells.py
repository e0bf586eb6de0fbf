"""One number for every cell of a board."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from hrm_probe.errors import InputError
from hrm_probe.plots import gaze_board
from hrm_probe.plots.cells import cell_map

TOKENS = np.ones(36, int)
TOKENS[[3, 20]] = 5, 7
LOOKED = np.zeros(36)
LOOKED[[3, 8, 20]] = 0.5, 0.1, 0.25


def test_every_cell_says_its_share_and_unknown_ones_are_crossed_out(ax: Axes) -> None:
    values = np.zeros((6, 6))
    values[0, 0], values[2, 3] = 1.0, np.nan
    assert cell_map(ax, values, title="cells") is ax
    written = [text.get_text() for text in ax.texts]
    assert len(written) == 36
    assert (written[0], written[15], written.count("0")) == ("100", "×", 34)


def test_a_gaze_is_darkest_where_most_attention_goes_and_shows_the_givens(ax: Axes) -> None:
    assert gaze_board(ax, LOOKED, TOKENS, (2, 3), cell=8, title="head 0") is ax
    shades = np.asarray(ax.images[0].get_array())
    assert shades[0, 3] == 1
    assert (shades[3, 2], shades[1, 2], shades[5, 5]) == pytest.approx((0.5, 0.2, 0))
    assert [(text.get_position(), text.get_text()) for text in ax.texts] == [((3, 0), "4"), ((2, 3), "6")]
    assert ax.get_xlabel() == "darkest: 50%"
    (frame,) = (patch for patch in ax.patches if isinstance(patch, Rectangle))
    assert frame.get_xy() == (1.5, 0.5)  # cell 8: row 2, column 3


def test_boards_are_compared_by_one_scale(ax: Axes) -> None:
    gaze_board(ax, LOOKED, TOKENS, (2, 3), most=1.0)
    assert np.max(np.asarray(ax.images[0].get_array())) == 0.5
    assert not ax.patches


def test_a_cell_that_looks_nowhere_leaves_the_board_white(ax: Axes) -> None:
    gaze_board(ax, np.zeros(36), TOKENS, (2, 3), cell=0)
    assert not np.asarray(ax.images[0].get_array()).any()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"attention": np.zeros(37)}, r"not shapes \(37,\) and \(36,\); model.config.cells_of"),
        ({"tokens": TOKENS[:9]}, "one number for each of 36 cells"),
        ({"cell": 36}, "cell is 36; it must be from 0 to 35"),
        ({"cell": 1.5}, "cell is 1.5; it must be a whole number"),
        ({"attention": LOOKED - 0.1}, "attention must be numbers from 0"),
        ({"attention": LOOKED * np.nan}, "attention must be numbers from 0"),
        ({"box": (6, 6)}, "There is no board"),
    ],
)
def test_what_is_no_board_is_refused(ax: Axes, changed: dict, told: str) -> None:
    with pytest.raises(InputError, match=told):
        gaze_board(ax, **{"attention": LOOKED, "tokens": TOKENS, "box": (2, 3), **changed})
