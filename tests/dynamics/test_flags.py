"""True and false in all the ways that people write them, and nothing else."""

import numpy as np
import pandas as pd
import pytest

from hrm_probe.dynamics.flags import as_flags
from hrm_probe.errors import InputError


@pytest.mark.parametrize(
    "flags",
    [
        [True, False, True],
        [1, 0, 1],
        np.array([1.0, 0.0, 1.0], dtype=np.float32),
        np.array([1, 0, 1], dtype=np.uint8),
        np.array([True, 0, np.True_], dtype=object),
        pd.Series([True, False, True], dtype="boolean"),
        [[True], [False], [True]],
    ],
)
def test_true_and_false_in_many_spellings(flags: object) -> None:
    given = as_flags(flags)  # type: ignore[arg-type]
    assert given.dtype == bool
    assert given.tolist() == [True, False, True]
    assert as_flags([]).shape == (0,)


@pytest.mark.parametrize(
    ("flags", "culprit"),
    [
        ([1, 0, 2], "2"),
        ([0, -1], "-1"),
        ([1.0, 0.5], "0.5"),
        ([0.0, np.nan], "nan"),
        ([True, None], "None"),
        ([True, 2, "a"], "2"),
        (["yes", "no"], "yes"),
        (np.array([True, 3], dtype=object), "3"),
    ],
)
def test_the_first_that_is_neither_is_named(flags: object, culprit: str) -> None:
    with pytest.raises(InputError, match=f"true nor false .*, such as {culprit}; leave those rows out"):
        as_flags(flags)  # type: ignore[arg-type]
