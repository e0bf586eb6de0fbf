"""A function and the flow of a map over a plane: a slice through state space, with what the slice hides."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hrm_probe.dynamics.doubles import Floats
from hrm_probe.dynamics.linearise import Step, apply
from hrm_probe.dynamics.planes import Plane, from_plane
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number, whole_numbers


@dataclass(frozen=True)
class Landscape:
    """Values and arrows over a grid in a plane; entry [i, j] belongs to (u[j], v[i]).

    ``arrows`` is step(x) - x projected to the plane; ``out_of_plane`` is the share of its length that is lost, 0
    (the arrow tells all) to 1 (nothing), NaN where the map does not move.
    """

    u: Floats  # [columns]
    v: Floats  # [rows]
    values: Floats  # [rows, columns]
    arrows: Floats | None  # [rows, columns, 2]
    out_of_plane: Floats | None  # [rows, columns]


def landscape(
    function: Callable[[Tensor], Tensor],
    plane: Plane,
    extent: tuple[float, float, float, float],
    resolution: int | tuple[int, int] = 41,
    *,
    step: Step | None = None,
    batch: int = 256,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str | None = None,
) -> Landscape:
    """Evaluate a function, and a map's displacement, over a rectangle of a plane.

    Args:
        function: maps states [m, d] to values [m]; any m up to ``batch``, so it must not depend on the row.
        plane: from `plane_through` or `principal_plane`.
        extent: (u_min, u_max, v_min, v_max) in plane coordinates.
        resolution: grid points along each side, or (along u, along v).
        step: a map [m, d] to [m, d] whose displacement is drawn as arrows; like ``function`` of any m.
        batch: states evaluated together; the last batch is smaller.
        dtype: for the states that function and step are given.
        device: for the same.

    Returns:
        Landscape.

    Raises:
        InputError: an empty extent, a resolution below 2, or a function that does not return [m].

    Known inaccuracy, to be said beside every such picture: the slice is two of d dimensions. Valleys that meet
    off the plane look separate, a minimum in the plane need not be one in the space, and an arrow with
    ``out_of_plane`` near 1 leaves the picture. Grid points off the trajectory may be states the map never visits.
    """
    u_min, u_max, v_min, v_max = extent
    if not (u_min < u_max and v_min < v_max):
        raise InputError(f"extent is {extent}; it must be (u_min, u_max, v_min, v_max), from less to more.")
    sides = whole_numbers(resolution, "resolution", least=2)
    columns, rows = sides * 2 if len(sides) == 1 else sides
    whole_number(batch, "batch")
    u, v = np.linspace(u_min, u_max, columns), np.linspace(v_min, v_max, rows)
    coordinates = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    axes = torch.as_tensor(plane.axes, dtype=torch.float64)
    values, inside, lengths = [], [], []
    for start in range(0, len(coordinates), batch):
        states = torch.as_tensor(from_plane(plane, coordinates[start : start + batch])).to(
            device=device, dtype=dtype
        )
        values.append(_values(function, states))
        if step is not None:
            displacement = (apply(step, states) - states).double().cpu()
            inside.append((displacement @ axes.T).numpy())
            lengths.append(displacement.norm(dim=1).numpy())
    grid = np.concatenate(values).reshape(rows, columns)
    if step is None:
        return Landscape(u, v, grid, None, None)
    arrows = np.concatenate(inside)
    lost = _share_lost(arrows, np.concatenate(lengths))
    return Landscape(u, v, grid, arrows.reshape(rows, columns, 2), lost.reshape(rows, columns))


def frame(points: Floats, margin: float = 0.2) -> tuple[float, float, float, float]:
    """An extent that shows all plane coordinates [t, 2] with a margin, in shares of the larger side."""
    shown = np.asarray(points, float)
    if shown.ndim != 2 or not len(shown):
        raise InputError(f"points must be coordinates [t, 2] with t >= 1, not {list(shown.shape)}.")
    low, high = shown.min(axis=0), shown.max(axis=0)
    room = margin * float((high - low).max() or 1.0)
    return float(low[0] - room), float(high[0] + room), float(low[1] - room), float(high[1] + room)


def _values(function: Callable[[Tensor], Tensor], states: Tensor) -> Floats:
    with torch.no_grad():
        values = torch.as_tensor(function(states))
    if values.shape != (len(states),):
        raise InputError(
            f"The function must give one value for each state: [{len(states)}], not {list(values.shape)}."
        )
    return np.asarray(values.detach().double().cpu().numpy())


def _share_lost(arrows: Floats, lengths: Floats) -> Floats:
    kept = np.linalg.norm(arrows, axis=1) / np.where(lengths > 0, lengths, np.nan)
    return np.sqrt(np.clip(1 - kept**2, 0.0, 1.0))
