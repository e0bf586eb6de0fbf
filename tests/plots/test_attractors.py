from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh

from hrm_probe.plots import style
from hrm_probe.plots.attractors import basin_bars, landscape_pair
from hrm_probe.reasoning import StateLandscape


@pytest.fixture
def axes() -> Iterator[np.ndarray]:
    with style.style():
        yield style.new_figure(7, 3).subplots(1, 3)


@pytest.fixture
def landscape() -> StateLandscape:
    u, v = np.linspace(-2, 2, 5), np.linspace(-1, 1, 4)
    wrong = np.arange(20).reshape(4, 5)
    basins = np.repeat([[0, 0, -1, 1, 1]], 4, axis=0)
    return StateLandscape(
        u=u,
        v=v,
        conflicts=2 * wrong,
        overwritten=np.zeros_like(wrong),
        wrong=wrong,
        end_conflicts=np.zeros_like(wrong),
        end_wrong=np.where(basins == 0, 0, 7),
        basins=basins,
        arrows=np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.5, 0.0, -2.0], [1.0, 1.0, 0.0, 0.0]]),
        out_of_plane=np.zeros(3),
        path=np.array([[-2.0, 1.0], [0.0, 0.5], [-1.0, 0.0]]),
        path_off=np.zeros(3),
        path_wrong=np.array([3, 0]),
        attractors=pd.DataFrame({"right": [True, False], "u": [-1.0, 1.0], "v": [0.0, 0.0]}),
        explained=np.array([0.7, 0.2]),
        threshold=0.01,
        tolerance=0.1,
        segments=2,
    )


def meshes(ax: Axes) -> list[QuadMesh]:
    return [item for item in ax.collections if isinstance(item, QuadMesh)]


def test_heuristic_error_true_error_and_basins_stand_side_by_side(
    axes: np.ndarray, landscape: StateLandscape
) -> None:
    assert landscape_pair(axes, landscape) is axes
    for ax, values in zip(axes, (landscape.conflicts, landscape.wrong, landscape.basins + 1), strict=True):
        np.testing.assert_allclose(np.asarray(meshes(ax)[0].get_array()).ravel(), values.ravel())
    assert "conflicts" in axes[0].get_title(loc="left")
    assert "wrong" in axes[1].get_title(loc="left")


def test_each_view_has_path_and_attractors(axes: np.ndarray, landscape: StateLandscape) -> None:
    for ax in landscape_pair(axes, landscape):
        np.testing.assert_array_equal(np.column_stack(ax.lines[0].get_data()), landscape.path)
        middles = [item.get_offsets()[0].tolist() for item in ax.collections if len(item.get_offsets()) == 1]
        # The wrong one is drawn twice: its cross lies on it.
        assert [m for m in middles if m in ([-1, 0], [1, 0])] == [[-1, 0], [1, 0], [1, 0]]


def test_right_wrong_and_no_basin_are_told_apart_in_grey(axes: np.ndarray, landscape: StateLandscape) -> None:
    landscape_pair(axes, landscape)
    patches = axes[2].get_legend().get_patches()
    assert [bool(patch.get_hatch()) for patch in patches] == [False, True, False]
    assert "70%" in axes[0].get_xlabel()


def test_a_plane_without_attractors(axes: np.ndarray, landscape: StateLandscape) -> None:
    from dataclasses import replace

    nothing = replace(
        landscape, basins=np.full((4, 5), -1), attractors=landscape.attractors[:0], arrows=np.empty((0, 4))
    )
    landscape_pair(axes, nothing)
    assert set(np.asarray(meshes(axes[2])[0].get_array()).ravel()) == {0}


@pytest.fixture
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    table = pd.DataFrame(
        {
            "puzzle": [3, 8],
            "solved": [False, True],
            "wandering": [0.5, 0.25],
            "wandering_right": [0.125, 0.25],
        }
    )
    points = pd.DataFrame(
        {
            "puzzle": [3, 3, 3, 8],
            "right": [True, False, False, True],
            "basin": [0.125, 0.25, 0.125, 0.75],
        }
    )
    return table, points


def test_bars_add_up_to_all_starts(ax: Axes, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    assert basin_bars(ax, *tables) is ax
    heights = np.array([bar.get_height() for bar in ax.patches]).reshape(5, 2)  # [part, puzzle]
    np.testing.assert_allclose(heights.sum(0), 1)
    # Puzzle 8 stands first: more of it ends right.
    np.testing.assert_allclose(heights[:, 0], [0.75, 0.25, 0, 0, 0])
    np.testing.assert_allclose(heights[:, 1], [0.125, 0.125, 0.375, 0.25, 0.125])


def test_failures_of_the_usual_start_are_crossed(ax: Axes, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    basin_bars(ax, *tables)
    assert [(text.get_text(), text.get_position()[0]) for text in ax.texts] == [("×", 1)]


def test_bars_without_any_attractor(ax: Axes, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table, points = tables
    basin_bars(ax, table.assign(wandering=1.0), points[:0])
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(2)
