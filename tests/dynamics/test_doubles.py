"""States and curves are taken from whatever holds numbers, and nothing else is."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from hrm_probe.dynamics import cluster_attractors, nearest_attractor, plane_through, principal_plane
from hrm_probe.dynamics.doubles import as_doubles, finite_points
from hrm_probe.dynamics.planes import from_plane, off_plane, to_plane
from hrm_probe.errors import InputError

POINTS = [[0.0, 0.0], [2.0, 0.0], [1.0, 1.0]]
PLANE = plane_through(POINTS)
ASK: dict[str, Callable[[Any], Any]] = {
    "end_points": lambda values: cluster_attractors(values).labels,
    "starts": lambda values: cluster_attractors(POINTS, starts=values).labels,
    "trajectories": lambda values: nearest_attractor(values, POINTS, radius=0.5),
    "centres": lambda values: nearest_attractor(POINTS, values, radius=0.5),
    "points": lambda values: plane_through(values).axes,
    "points of a trajectory": lambda values: principal_plane(values).axes,
    "points to a plane": lambda values: to_plane(PLANE, values),
    "points off a plane": lambda values: off_plane(PLANE, values),
    "coordinates": lambda values: from_plane(PLANE, values),
}


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
@pytest.mark.parametrize(
    "tensor",
    [torch.tensor(POINTS, dtype=torch.bfloat16), torch.tensor(POINTS, requires_grad=True)],
    ids=["bfloat16", "with a graph"],
)
def test_a_tensor_is_as_good_as_its_numbers(ask: Callable[[Any], Any], tensor: torch.Tensor) -> None:
    np.testing.assert_array_equal(ask(tensor), ask(POINTS))


@pytest.mark.parametrize("name", ASK)
def test_a_word_among_numbers_is_told(name: str) -> None:
    with pytest.raises(InputError, match=f"{name.split()[0]} must be an array of numbers"):
        ASK[name]([[1, "a"]])


def test_rows_of_different_lengths_are_no_array() -> None:
    with pytest.raises(InputError, match="curves must be an array of numbers"):
        as_doubles([[1], [1, 2]], "curves")


def test_points_are_finite_rows() -> None:
    with pytest.raises(InputError, match=r"starts must have shape \[n, d\], not \[3\]"):
        finite_points([1, 2, 3], "starts")
    with pytest.raises(InputError, match="starts hold NaN or infinity"):
        finite_points([[1.0], [np.inf]], "starts")


def test_only_points_that_have_settled_must_be_finite() -> None:
    np.testing.assert_array_equal(finite_points([[1.0], [np.nan]], settled=[True, False]), [[1.0], [np.nan]])
    with pytest.raises(InputError, match="settled must hold one flag for each of the 2 points"):
        finite_points([[1.0], [2.0]], settled=[True])
