"""Numbers as doubles, whatever holds them."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hrm_probe.errors import InputError


def as_doubles(values: ArrayLike | Any, name: str = "values") -> NDArray[np.float64]:
    """Sequences, arrays and tables as they are; tensors of any dtype and device without their graph.

    >>> import torch
    >>> as_doubles(torch.ones(2, dtype=torch.bfloat16, requires_grad=True))
    array([1., 1.])

    Raises:
        InputError: these are no numbers, or rows of different lengths.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu().double()
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be an array of numbers: {error}.") from None
