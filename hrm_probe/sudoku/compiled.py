"""Compilation of the inner loops."""

from collections.abc import Callable
from typing import Any

import numba


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile with numba and keep the machine code on disk, or in memory where no cache can be written."""
    try:
        return numba.njit(function, cache=True)
    except RuntimeError:  # numba found no folder it may write to
        return numba.njit(function)
