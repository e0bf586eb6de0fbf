import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from hrm_probe.plots.plane import PlaneView, flow_segments, plane_figure, spaced_labels, trajectory_plane


@pytest.fixture
def view() -> PlaneView:
    x, y = np.linspace(-2, 2, 5), np.linspace(-1, 1, 4)
    return PlaneView(
        x=x,
        y=y,
        error=np.abs(x[None, :]) + np.abs(y[:, None]),
        arrows=np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.5, 0.0, -2.0], [1.0, 1.0, 0.0, 0.0]]),
        path=np.array([[-2.0, 1.0], [0.0, 0.5], [1.0, 0.0]]),
        path_solved=np.array([False, False, True]),
        others=[np.array([[0.0, 0.0], [1.0, 0.0]])],
        marks=pd.DataFrame(
            {
                "x": [1.0, -1.0],
                "y": [0.0, 0.0],
                "right": [True, False],
                "stable": None,
                "runs": [3, 1],
                "kind": "attractor",
            }
        ),
        explained=(0.7, 0.2),
    )


def test_draws_landscape_flow_path_and_marks(ax: Axes, view: PlaneView) -> None:
    assert trajectory_plane(ax, view) is ax
    mesh, arrows = ax.collections[0], ax.collections[1]
    np.testing.assert_allclose(np.asarray(mesh.get_array()).ravel(), view.error.ravel())
    assert len(arrows.get_offsets()) == 2  # the resting point has no arrow
    path = next(line for line in ax.lines if line.get_label().startswith("trajectory"))
    np.testing.assert_array_equal(np.column_stack(path.get_data()), view.path)
    assert {"attractor, right", "attractor, wrong"} <= set(ax.get_legend_handles_labels()[1])


def test_names_what_the_directions_explain(ax: Axes, view: PlaneView) -> None:
    trajectory_plane(ax, view)
    assert "70%" in ax.get_xlabel()


def test_a_plane_without_marks_flow_or_error(ax: Axes) -> None:
    trajectory_plane(
        ax,
        PlaneView(
            x=np.arange(2.0),
            y=np.arange(2.0),
            error=np.zeros((2, 2)),
            arrows=np.empty((0, 4)),
            path=np.zeros((1, 2)),
            path_solved=np.array([False]),
        ),
    )
    assert ax.get_xlabel() == "first direction"


def test_labels_of_a_settled_path_do_not_pile_up() -> None:
    path = np.array([[0, 0], [1, 1], [1.001, 1], [1.002, 1.001], [2, 2]])
    assert spaced_labels(path, np.array([0.0, 2.0]), np.array([0.0, 2.0])) == [0, 1, 4]


def test_interactive_marks_starts_and_segments(view: PlaneView) -> None:
    figure = plane_figure(view)
    path = next(trace for trace in figure.data if trace.name == "trajectory")
    assert list(path.text) == ["start", "segment 1", "segment 2"]
    assert list(path.customdata) == ["wrong", "wrong", "solved"]


def test_flow_arrows_have_one_length_and_point_along_the_flow() -> None:
    x, y = flow_segments(np.array([[1.0, 1.0, 5.0, 0.0], [0.0, 0.0, 0.0, 0.0]]), 2.0)
    assert (x[0], y[0], x[1], y[1]) == (0.0, 1.0, 2.0, 1.0)
    assert x.count(None) == 2
