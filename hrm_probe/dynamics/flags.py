"""What is true or false, and nothing else."""

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hrm_probe.errors import InputError


def as_flags(flags: ArrayLike) -> NDArray[np.bool_]:
    """Flags as bools, [n].

    >>> as_flags([True, 0, 1.0]).tolist()
    [True, False, True]

    Raises:
        InputError: something that is neither true nor false, 1 nor 0: missing values, words, other numbers.
    """
    given = np.asarray(flags).ravel()
    if given.dtype.kind in "US":  # beside a word numpy makes words of flags too
        given = np.asarray(flags, dtype=object).ravel()
    if given.dtype.kind in "biuf":
        known = (given == 0) | (given == 1)
    else:  # missing values and words are true to numpy
        known = np.array([isinstance(flag, Real | np.bool_) and flag in (0, 1) for flag in given], dtype=bool)
    if not known.all():
        raise InputError(
            f"Some flags are neither true nor false (or 1 and 0), such as {given[known.argmin()]}; "
            "leave those rows out, or turn them into flags by a comparison."
        )
    return given.astype(bool)
