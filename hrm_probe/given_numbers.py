"""Numbers as users give them: whole where they count something, finite where they measure."""

import math
import operator
from typing import Any

import numpy as np

from hrm_probe.errors import InputError


def whole_number(value: Any, name: str, least: int = 1, most: int | None = None) -> int:
    """A number that counts something.

    >>> whole_number(4, "segments")
    4

    Args:
        value: as it was given; integers of Python, numpy and torch are whole numbers, 4.0, "4" and True are not.
        name: what the user calls it.
        least, most: between which it lies, both included; without an upper end if None.

    Raises:
        InputError: not a whole number, or one out of range.
    """
    wanted = f"at least {least}" if most is None else f"from {least} to {most}"
    try:
        if isinstance(value, bool):  # an int to Python; to whoever wrote segments=True something else
            raise TypeError
        number = int(operator.index(value))
    except TypeError:
        raise InputError(f"{name} is {value!r}; it must be a whole number, {wanted}.") from None
    if number < least or (most is not None and number > most):
        raise InputError(f"{name} is {number}; it must be {wanted}.")
    return number


def whole_numbers(values: Any, name: str, least: int = 1, most: int | None = None) -> list[int]:
    """One or several such numbers, in a sequence or an array of one axis, as a list in their order.

    >>> whole_numbers(4, "at"), whole_numbers((8, 1), "at")
    ([4], [8, 1])

    Raises:
        InputError: one of them is not a whole number, or is out of range.
    """
    try:
        several = list(values)
    except TypeError:
        several = [values]
    return [whole_number(value, name, least, most) for value in several]


def several(values: Any) -> tuple[Any, ...]:
    """One value or several as a tuple; a word is one."""
    return (values,) if isinstance(values, str) or np.ndim(values) == 0 else tuple(values)


def finite_number(value: Any, name: str, **bounds: float | None) -> float:
    """A number that measures something, within the bounds of `number_within` where some are named.

    >>> finite_number(0.1, "scale", least=0)
    0.1

    Raises:
        InputError: not a number, infinite, NaN, or out of bounds.
    """
    number = _number(value)
    if not math.isfinite(number):
        raise InputError(f"{name} is {_told(value)}; it must be a finite number.")
    return number_within(value, name, **bounds)


def number_within(
    value: Any,
    name: str,
    *,
    above: float | None = None,
    least: float | None = None,
    below: float | None = None,
    most: float | None = None,
) -> float:
    """A number within bounds; infinite ones are numbers, too, where no bound forbids them.

    >>> number_within(0.05, "alpha", above=0, below=1)
    0.05

    Raises:
        InputError: not a number, NaN, or out of bounds.
    """
    bounds = {"above": above, "at least": least, "below": below, "at most": most}
    wanted = " and ".join(f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None)
    number = _number(value)
    kept = (
        not math.isnan(number)
        and (above is None or number > above)
        and (least is None or number >= least)
        and (below is None or number < below)
        and (most is None or number <= most)
    )
    if not kept:
        raise InputError(f"{name} is {_told(value)}; it must be a number{' ' + wanted if wanted else ''}.")
    return number


def numbers_within(values: Any, name: str, **bounds: float | None) -> tuple[float, ...]:
    """One or several such numbers, in a sequence or an array of one axis, in their order.

    >>> numbers_within(0.3, "tolerances", above=0), numbers_within([3, 1], "tolerances", above=0)
    ((0.3,), (3.0, 1.0))

    Raises:
        InputError: one of them is not a number, NaN, or out of bounds.
    """
    return tuple(number_within(value, name, **bounds) for value in several(values))


def _number(value: Any) -> float:
    """NaN for what is none: text that looks like a number, and true or false, which Python counts by."""
    try:
        return math.nan if isinstance(value, str | bool | np.bool_) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _told(value: Any) -> str:
    """A number as people write it, whatever library it is of; all else as Python shows it."""
    number = _number(value)
    return repr(value) if isinstance(value, int) or math.isnan(number) else repr(number)
