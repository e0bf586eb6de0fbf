"""Numbers as doubles, whatever holds them."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def as_doubles(values: ArrayLike | Any) -> NDArray[np.float64]:
    """Sequences, arrays and tables as they are; tensors of any dtype and device without their graph.

    >>> import torch
    >>> as_doubles(torch.ones(2, dtype=torch.bfloat16, requires_grad=True))
    array([1., 1.])
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu().double()
    return np.asarray(values, dtype=np.float64)
