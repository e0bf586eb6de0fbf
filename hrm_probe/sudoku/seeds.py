"""Seeds, and what is drawn from them."""

import numpy as np

from hrm_probe.errors import InputError


def generator_of(seed: int | np.random.Generator) -> np.random.Generator:
    """The generator that a seed begins; a generator is given back as it is.

    Raises:
        InputError: the seed is negative, or not a whole number.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"The seed is {seed}; it must be a whole number, at least 0.")
    return np.random.default_rng(seed)
