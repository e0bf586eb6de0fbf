import numpy as np
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots import jumps

NAN = np.nan


def falling_at(*segments: float, length: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Curves that are 1 before their segment and 0 from it on; NaN never falls."""
    jump = np.array(segments, float)
    return (~(np.arange(1, length + 1) >= jump[:, None])).astype(float), jump


def test_rows_are_sorted_by_group_then_jump() -> None:
    values, jump = falling_at(5, 2, NAN, 3)
    groups = np.array(["jump", "jump", "none", "jump"])
    assert list(jumps.raster_order(values, jump, groups, ("jump", "none"))) == [1, 3, 0, 2]


def test_groups_that_are_not_asked_for_are_left_out() -> None:
    values, jump = falling_at(5, 2, NAN)
    assert list(jumps.raster_order(values, jump, np.array(["jump", "other", "none"]), ("jump", "none"))) == [
        0,
        2,
    ]


def test_raster_shows_sorted_rows_and_a_stair_at_the_jumps(ax: Axes) -> None:
    values, jump = falling_at(5, 2, 3)
    assert jumps.jump_raster(ax, values, jump, np.array(["jump"] * 3)) is ax
    np.testing.assert_array_equal(ax.images[0].get_array(), values[[1, 2, 0]])
    stair = next(line for line in ax.lines if line.get_label() == "jump")
    assert list(stair.get_xdata()) == [1.5, 1.5, 2.5, 2.5, 4.5, 4.5]


@pytest.mark.parametrize("segments", [(NAN,), (3,), (NAN, NAN)])
def test_raster_of_one_puzzle_or_without_jumps(ax: Axes, segments: tuple[float, ...]) -> None:
    values, jump = falling_at(*segments)
    groups = np.where(np.isnan(jump), "none", "jump")
    jumps.jump_raster(ax, values, jump, groups)
    assert ax.images[0].get_array().shape == values.shape


def test_raster_leaves_unknown_values_white(ax: Axes) -> None:
    values, jump = falling_at(3, 4)
    values[0, 0] = NAN
    jumps.jump_raster(ax, values, jump, np.array(["jump", "jump"]))
    assert np.ma.getmaskarray(ax.images[0].get_array()).sum() == 1
    assert np.isfinite(ax.images[0].get_clim()).all()


def test_the_average_is_the_average_of_all_not_of_those_drawn(ax: Axes) -> None:
    values, jump = falling_at(2, 3, 4, 5, 6)
    jumps.curves_and_average(ax, values, jump, single=2)
    average = next(line for line in ax.lines if line.get_label() == "average of 5")
    assert average.get_ydata() == pytest.approx([1, 0.8, 0.6, 0.4, 0.2, 0])


def test_single_curves_are_spread_over_when_they_fall() -> None:
    values, _ = falling_at(6, 2, 4, NAN)
    assert list(jumps.spread(values[:3], 3)) == [1, 2, 0]
    assert list(jumps.spread(values[:3], 2)) == [1, 0]
    assert len(jumps.spread(np.empty((0, 6)), 5)) == 0


def test_labels_of_small_groups_are_moved_apart() -> None:
    assert jumps.apart([0.9, 0.1, 0.09, 0.0], 0.1) == pytest.approx([0.9, 0.25, 0.15, 0.05])
    assert jumps.apart([0.8, 0.5], 0.1) == [0.8, 0.5]


def test_a_few_high_rows_set_the_colours_where_all_others_are_low(ax: Axes) -> None:
    values = np.full((100, 6), 0.01)
    values[:10, 0] = 1.0
    jumps.jump_raster(ax, values, np.full(100, NAN), np.array(["none"] * 100))
    assert ax.images[0].get_clim() == (0, 1)


def test_no_curves_draw_an_empty_picture(ax: Axes) -> None:
    jumps.curves_and_average(ax, np.empty((0, 6)), np.empty(0))
    assert not ax.lines


def test_aligned_curves_put_every_jump_at_zero() -> None:
    values, jump = falling_at(3, 5, NAN)
    offsets, aligned = jumps.align(values, jump, 2)
    assert list(offsets) == [-2, -1, 0, 1, 2]
    np.testing.assert_array_equal(aligned, [[1, 1, 0, 0, 0], [1, 1, 0, 0, NAN]])


def test_aligned_picture_draws_the_median_and_the_band(ax: Axes) -> None:
    offsets = np.arange(-1, 2)
    jumps.aligned_curves(ax, offsets, np.array([1.0, 0.2, 0.1]), np.zeros(3), np.ones(3))
    assert list(ax.lines[0].get_ydata()) == [1.0, 0.2, 0.1]
    assert len(ax.collections) == 1


def test_interactive_raster_is_sorted_alike_and_names_puzzles() -> None:
    values, jump = falling_at(5, 2, NAN)
    figure = jumps.jump_figure(values, jump, np.array(["jump", "jump", "none"]))
    np.testing.assert_array_equal(figure.data[0].z, values[[1, 0, 2]])
    assert [row[0] for row in figure.data[0].customdata] == [
        "puzzle 1, jump, jump at 2",
        "puzzle 0, jump, jump at 5",
        "puzzle 2, none, no jump",
    ]


def test_labels_of_small_groups_stand_apart_in_the_interactive_raster_too() -> None:
    values, jump = falling_at(*[2] * 98, NAN, NAN)
    figure = jumps.jump_figure(values, jump, np.array(["jump"] * 98 + ["gradual", "none"]))
    places = np.array(figure.layout.yaxis.tickvals)
    assert (np.diff(places) >= 9.9).all()
    assert places[0] == pytest.approx(48.5)
