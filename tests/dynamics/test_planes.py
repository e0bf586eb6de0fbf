"""Planes and landscapes over them."""

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch

from hrm_probe.dynamics import (
    frame,
    from_plane,
    landscape,
    maps,
    off_plane,
    plane_through,
    principal_plane,
    to_plane,
)
from hrm_probe.errors import InputError


def test_a_plane_goes_through_its_three_points() -> None:
    points = np.random.default_rng(0).normal(size=(3, 40))
    plane = plane_through(points)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(off_plane(plane, points), 0, atol=1e-12)
    np.testing.assert_allclose(from_plane(plane, to_plane(plane, points)), points)
    assert plane.explained.sum() == pytest.approx(1.0)


def test_the_principal_plane_is_the_planted_one() -> None:
    rng = np.random.default_rng(1)
    axes = np.linalg.qr(rng.normal(size=(60, 2)))[0].T
    points = 5 + rng.normal(size=(200, 2)) * [3, 1] @ axes + 0.01 * rng.normal(size=(200, 60))
    plane = principal_plane(points)
    np.testing.assert_allclose(np.abs(plane.axes @ axes.T), np.eye(2), atol=0.1)
    assert plane.explained == pytest.approx([0.9, 0.1], abs=0.03)
    assert off_plane(plane, points).max() < 0.2
    assert (to_plane(plane, points[-1]) >= to_plane(plane, points[0])).all()


def test_a_landscape_of_the_double_well() -> None:
    plane = plane_through([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    energy = lambda s: (s[:, 0] ** 2 - 1) ** 2 / 4 + (s[:, 1:] ** 2).sum(dim=1) / 2  # noqa: E731
    view = landscape(energy, plane, (-1.5, 1.5, -1, 1), (31, 21), step=maps.double_well(0.1), batch=100)
    assert view.values.shape == (21, 31)
    row, column = np.unravel_index(view.values.argmin(), view.values.shape)
    assert (abs(view.u[column]), view.v[row]) == pytest.approx((1.0, 0.0), abs=1e-12)
    assert view.arrows is not None
    assert view.out_of_plane is not None
    np.testing.assert_allclose(view.arrows[..., 1], -0.1 * view.v[:, None] * np.ones(31), atol=1e-6)
    assert np.nanmax(view.out_of_plane) < 1e-3


def test_a_landscape_asks_for_states_as_it_was_told() -> None:
    asked: list[torch.Tensor] = []

    def function(states: torch.Tensor) -> torch.Tensor:
        asked.append(states)
        return torch.zeros(len(states))

    plane = plane_through(np.eye(3))
    view = landscape(function, plane, (0, 1, 0, 1), (np.int64(4), 3), batch=5, dtype=torch.float64)
    assert [len(states) for states in asked] == [5, 5, 2]
    assert {states.dtype for states in asked} == {torch.float64}
    assert (view.u.tolist(), view.v.tolist()) == (np.linspace(0, 1, 4).tolist(), [0, 0.5, 1])
    np.testing.assert_allclose(
        torch.cat(asked).numpy(), [from_plane(plane, (u, v)) for v in view.v for u in view.u]
    )
    asked.clear()
    assert landscape(function, plane, (0, 1, 0, 1), np.int64(2), device="meta").values.shape == (2, 2)
    assert [(states.device.type, states.dtype) for states in asked] == [("meta", torch.float32)]


def test_arrows_and_what_they_lose_are_by_hand() -> None:
    plane = plane_through([[1.0, 0.0, 0.0], [2.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    aside = torch.tensor([3.0, 4.0, 12.0])
    view = landscape(lambda s: s[:, 2], plane, (0, 1, 0, 1), 2, step=lambda s: s + aside)
    assert view.arrows is not None
    np.testing.assert_allclose(view.arrows, np.broadcast_to([3.0, 4.0], (2, 2, 2)), rtol=1e-5)
    np.testing.assert_allclose(view.out_of_plane, 12 / 13, rtol=1e-5)
    flat = landscape(
        lambda s: s[:, 2], plane, (-1, 1, -1, 1), 9, step=lambda s: s * s.new_tensor([0.3, 0.7, 1])
    )
    assert (
        np.isnan(flat.out_of_plane).sum() == 1
    )  # at the origin alone, though rounding lengthens some arrows
    assert np.nanmax(flat.out_of_plane) < 1e-3
    assert flat.values.shape == (9, 9)
    assert landscape(lambda s: s[:, 2], plane, (0, 1, 0, 1)).values.shape == (41, 41)


def test_rounding_loses_nothing_of_an_arrow_in_the_plane() -> None:
    plane = plane_through(np.random.default_rng(2).normal(size=(3, 40)))
    along = torch.as_tensor(plane.axes[0] + 0.3 * plane.axes[1])
    view = landscape(
        lambda s: s[:, 0], plane, (-1, 1, -1, 1), 9, step=lambda s: s + along, dtype=torch.float64
    )
    assert view.out_of_plane is not None
    assert (view.out_of_plane < 1e-2).all()  # and none is NaN, though some lengths come out above 1


def test_flow_that_leaves_the_plane_is_reported() -> None:
    plane = plane_through([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    aside = torch.tensor([0.6, 0.0, 0.8])
    view = landscape(lambda s: s[:, 0], plane, (0, 1, 0, 1), 5, step=lambda s: s + aside)
    np.testing.assert_allclose(view.out_of_plane, 0.8, atol=1e-6)
    still = landscape(lambda s: s[:, 0], plane, (0, 1, 0, 1), 5, step=lambda s: s)
    assert np.isnan(still.out_of_plane).all()
    assert landscape(lambda s: s[:, 0], plane, (0, 1, 0, 1), 5).arrows is None


def test_a_frame_shows_all_points() -> None:
    u_min, u_max, v_min, v_max = frame(np.array([[0.0, 0.0], [10.0, 1.0]]), margin=0.1)
    assert (u_min, u_max, v_min, v_max) == (-1.0, 11.0, -1.0, 2.0)
    assert frame(np.array([[3.0, 4.0]]), margin=0.5) == (2.5, 3.5, 3.5, 4.5)  # one point has some room too
    assert frame(np.array([[0.0, 0.0], [10.0, 1.0]])) == (-2.0, 12.0, -2.0, 3.0)


def test_a_plane_begins_at_its_first_point_and_goes_towards_the_second() -> None:
    points = np.array([[1.0, 1.0, 1.0], [3.0, 1.0, 1.0], [2.0, 5.0, 1.0]])
    plane = plane_through(points)
    np.testing.assert_allclose(to_plane(plane, points), [[0, 0], [2, 0], [1, 4]], atol=1e-12)
    assert off_plane(plane, [[1.0, 1.0, 3.5], [7.0, -2.0, 0.0]]).tolist() == [2.5, 1.0]
    np.testing.assert_allclose(plane.explained, [2 / (2 + 32 / 3), 32 / 3 / (2 + 32 / 3)])


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_thin_triangles_and_small_ones_have_planes(size: float) -> None:
    thin = size * np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.5, 0.0, 1e-6]])
    np.testing.assert_allclose(np.abs(plane_through(thin).axes), [[1, 0, 0], [0, 0, 1]], atol=1e-9)
    for twice in ([0, 0, 1], [0, 1, 0], [0, 1, 1]):
        with pytest.raises(InputError, match="lie on one line"):
            plane_through(thin[twice])


def test_the_principal_plane_does_not_depend_on_where_zero_is() -> None:
    path = np.array([[0.0, 0.0], [4.0, 1.0], [8.0, -1.0], [12.0, 0.5]])
    here, far = principal_plane(path), principal_plane(path - 1000)
    np.testing.assert_allclose(here.axes, far.axes, atol=1e-9)
    np.testing.assert_allclose(here.explained, far.explained)
    assert here.explained.sum() == pytest.approx(1)
    assert (to_plane(here, path[-1]) > to_plane(here, path[0])).all()


def test_each_axis_points_towards_the_end_on_its_own() -> None:
    for end in ([10.0, 1.0], [10.0, -1.0], [-10.0, 1.0], [-10.0, -1.0]):
        path = np.array([[0.0, 0.0], [0.5 * end[0], -2 * end[1]], [0.7 * end[0], 2 * end[1]], end])
        plane = principal_plane(path)
        assert (to_plane(plane, path[-1]) > to_plane(plane, path[0])).all()


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: plane_through(np.zeros((2, 3))), "three points, not 2"),
        (lambda: plane_through([[0, 0], [1, 1], [2, 2]]), "three points lie on one line"),
        (lambda: principal_plane([[0, 0], [1, 1], [2, 2]]), "points lie on one line"),
        (lambda: principal_plane(np.full((5, 3), np.nan)), "points hold NaN or infinity"),
        (
            lambda: landscape(lambda s: s, plane_through(np.eye(3)), (0, 1, 0, 1), 5),
            "one value for each state: [25]",
        ),
        (
            lambda: principal_plane([[0.0, 1.0], [2.0, 0.0]]),
            "at least three points in at least two dimensions",
        ),
        (lambda: principal_plane([[0.0], [1.0], [3.0]]), "at least three points in at least two dimensions"),
    ],
)
def test_bad_input_is_told_in_a_sentence_that_names_it(call: Callable[[], object], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        call()


@pytest.mark.parametrize("points", [[], np.zeros((0, 2)), [1.0, 2.0]])
def test_a_frame_needs_points_to_show(points: object) -> None:
    with pytest.raises(InputError, match=r"points must be coordinates \[t, 2\] with t >= 1"):
        frame(points)  # type: ignore[arg-type]


def test_a_frame_takes_lists() -> None:
    assert frame([[0.0, 0.0], [10.0, 1.0]]) == frame(np.array([[0.0, 0.0], [10.0, 1.0]]))  # type: ignore[arg-type]
