"""Numbers as doubles, whatever holds them."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hrm_probe.errors import InputError

Floats = NDArray[np.float64]


def as_doubles(values: ArrayLike | Any, name: str = "values") -> Floats:
    """Sequences, arrays and tables as they are; tensors of any dtype and device without their graph.

    >>> import torch
    >>> as_doubles(torch.ones(2, dtype=torch.bfloat16, requires_grad=True))
    array([1., 1.])

    Raises:
        InputError: these are not numbers, or are rows of different lengths.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu().double()
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{name} must be an array of numbers: {error}.") from None


def finite_points(values: ArrayLike | Any, name: str = "points", settled: ArrayLike | None = None) -> Floats:
    """Points of state space as doubles, [n, d].

    >>> finite_points([[0, 1], [2, 3]]).shape
    (2, 2)

    Args:
        values: as :func:`as_doubles` takes them.
        name: what the user calls them, in the plural.
        settled: flags [n]; a row that has not settled need not be finite.

    Raises:
        InputError: no numbers, not of shape [n, d], not finite, or flags that are not one a row.
    """
    points = as_doubles(values, name)
    if points.ndim != 2:
        raise InputError(f"{name} must have shape [n, d], not {list(points.shape)}.")
    if settled is not None and np.shape(settled) != points.shape[:1]:
        raise InputError(
            f"settled must hold one flag for each of the {len(points)} {name.replace('_', ' ')}."
        )
    if not np.isfinite(points if settled is None else points[np.asarray(settled, dtype=bool)]).all():
        raise InputError(f"{name} hold NaN or infinity; leave those rows out.")
    return points
