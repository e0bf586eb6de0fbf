"""Seeds, and what is drawn from them."""

import numpy as np

from hrm_probe.given_numbers import whole_number


def generator_of(seed: int | np.random.Generator) -> np.random.Generator:
    """The generator that a seed begins; a generator is given back as it is.

    Raises:
        InputError: the seed is negative, or not a whole number.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(whole_number(seed, "seed", 0))
