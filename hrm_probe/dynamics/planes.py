"""Planes through state space, to look at what cannot be seen whole."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hrm_probe.dynamics.doubles import Floats, as_doubles, finite_points
from hrm_probe.errors import InputError


@dataclass(frozen=True)
class Plane:
    """An origin [d], two orthonormal axes [2, d], and the share of variance along each [2].

    ``explained`` tells how much of the points' spread the picture shows; what is missing from a sum of 1 lies out
    of the plane.
    """

    origin: Floats
    axes: Floats
    explained: Floats

    def __repr__(self) -> str:
        first, second = self.explained
        return f"Plane(in {len(self.origin):,} dimensions; {first:.1%} and {second:.1%} of the variance along its axes)"


def plane_through(points: ArrayLike) -> Plane:
    """The plane through three points: origin at the first, first axis towards the second.

    >>> plane_through([[0, 0, 0], [2, 0, 0], [1, 3, 0]]).axes.tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]

    Args:
        points: [3, d].

    Raises:
        InputError: not three points, not finite, or on one line.
    """
    three = finite_points(points)
    if len(three) != 3:
        raise InputError(
            f"A plane goes through three points, not {len(three)}; for more use principal_plane()."
        )
    first, second = three[1] - three[0], three[2] - three[0]
    length = np.linalg.norm(first)
    across = second - first * (first @ second) / max(length**2, np.finfo(float).tiny)
    height = np.linalg.norm(across)
    if height <= 1e-12 * max(length, np.linalg.norm(second)) or length == 0:
        raise InputError("The three points lie on one line; no single plane goes through them.")
    axes = np.stack([first / length, across / height])
    return Plane(three[0], axes, _explained(three, axes))


def principal_plane(trajectory: ArrayLike) -> Plane:
    """The plane in which points spread most: their mean and first two principal axes.

    An axis is signed so that the last point lies on its positive side of the first.

    Args:
        trajectory: [t, d] with t >= 3 and d >= 2.

    Raises:
        InputError: too few points, not finite, or all on one line.
    """
    points = finite_points(trajectory)
    if len(points) < 3 or points.shape[1] < 2:
        raise InputError("principal_plane() needs at least three points in at least two dimensions.")
    origin = points.mean(axis=0)
    _, lengths, axes = np.linalg.svd(points - origin, full_matrices=False)
    if lengths[1] <= 1e-12 * max(lengths[0], np.finfo(float).tiny):
        raise InputError("The points lie on one line (or are one point); no single plane goes through them.")
    towards_end = (points[-1] - points[0]) @ axes[:2].T
    axes = axes[:2] * np.where(towards_end < 0, -1.0, 1.0)[:, None]
    return Plane(origin, axes, _explained(points, axes))


def to_plane(plane: Plane, points: ArrayLike) -> Floats:
    """Coordinates [..., 2] in the plane of the points' [..., d] projections; `off_plane` tells what is lost."""
    return (as_doubles(points, "points") - plane.origin) @ plane.axes.T


def from_plane(plane: Plane, coordinates: ArrayLike) -> Floats:
    """Points [..., d] in state space at coordinates [..., 2]."""
    return plane.origin + as_doubles(coordinates, "coordinates") @ plane.axes


def off_plane(plane: Plane, points: ArrayLike) -> Floats:
    """Distance [...] of points [..., d] from the plane."""
    offsets = as_doubles(points, "points") - plane.origin
    inside = offsets @ plane.axes.T
    return np.linalg.norm(offsets - inside @ plane.axes, axis=-1)


def _explained(points: Floats, axes: Floats) -> Floats:
    centred = points - points.mean(axis=0)
    total = (centred**2).sum()
    return ((centred @ axes.T) ** 2).sum(axis=0) / total if total > 0 else np.full(2, np.nan)
