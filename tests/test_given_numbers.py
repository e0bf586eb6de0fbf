"""Numbers that count are whole, numbers that measure are finite; anything else is told in a sentence."""

from typing import Any

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import finite_number, number_within, numbers_within, whole_number, whole_numbers


@pytest.mark.parametrize("four", [4, np.int64(4), np.array(4), torch.tensor(4)])
def test_a_whole_number_is_one_of_any_library(four: Any) -> None:
    number = whole_number(four, "n")
    assert number == 4
    assert type(number) is int


@pytest.mark.parametrize("value", ["4", 4.0, 2.5, np.float64(4), None, float("nan"), [4], True, np.True_])
def test_what_only_looks_like_one_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="it must be a whole number, at least 1"):
        whole_number(value, "segments")


def test_it_lies_in_its_range_with_both_ends() -> None:
    assert [whole_number(n, "at", 1, 3) for n in (1, 3)] == [1, 3]
    with pytest.raises(InputError, match=r"^at is 4; it must be from 1 to 3\.$"):
        whole_number(4, "at", 1, 3)
    with pytest.raises(InputError, match=r"^n is 0; it must be at least 1\.$"):
        whole_number(0, "n")


@pytest.mark.parametrize("given", [[8, 1], (8, 1), np.array([8, 1]), torch.tensor([8, 1]), iter([8, 1])])
def test_several_keep_their_order(given: Any) -> None:
    assert whole_numbers(given, "at") == [8, 1]


def test_one_is_several_too() -> None:
    assert whole_numbers(4, "at") == whole_numbers(np.int64(4), "at") == [4]


@pytest.mark.parametrize("given", [[1, 2.5], "12", 1.5, [[1, 2]], np.array([[1, 2]])])
def test_among_several_each_is_whole(given: Any) -> None:
    with pytest.raises(InputError, match=r"at is .*; it must be a whole number"):
        whole_numbers(given, "at")


def test_a_finite_number_is_one_of_any_library() -> None:
    assert [finite_number(x, "scale") for x in (2, 0.5, np.float32(0.5), torch.tensor(0.5))] == [
        2,
        0.5,
        0.5,
        0.5,
    ]


def test_a_finite_number_may_have_bounds_too() -> None:
    assert finite_number(0, "scale", least=0) == 0
    with pytest.raises(InputError, match=r"^scale is -1; it must be a number at least 0\.$"):
        finite_number(-1, "scale", least=0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1", None, [1.0, 2.0], True])
def test_what_is_no_finite_number_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"scale is .*; it must be a finite number"):
        finite_number(value, "scale")


def test_a_number_within_bounds_may_be_infinite_where_none_forbids_it() -> None:
    assert number_within(np.float32(0.5), "alpha", above=0, below=1) == 0.5
    assert number_within(float("inf"), "seconds", least=0) == float("inf")


@pytest.mark.parametrize(
    ("value", "bounds", "wanted"),
    [
        (0, {"above": 0, "below": 1}, "a number above 0 and below 1"),
        (1, {"above": 0, "below": 1}, "a number above 0 and below 1"),
        (1.5, {"least": 0, "most": 1}, "a number at least 0 and at most 1"),
        (float("nan"), {"least": 0}, "a number at least 0"),
        ("1", {}, "a number"),
        (True, {}, "a number"),
        (np.True_, {}, "a number"),
        (None, {}, "a number"),
        ([1.0], {}, "a number"),
    ],
)
def test_what_is_out_of_bounds_is_refused(value: Any, bounds: dict[str, float], wanted: str) -> None:
    with pytest.raises(InputError, match=rf"alpha is .*; it must be {wanted}\.$"):
        number_within(value, "alpha", **bounds)


@pytest.mark.parametrize("value", [np.float64(-48.5), torch.tensor(-48.5), -48.5])
def test_a_number_is_told_as_people_write_it(value: Any) -> None:
    with pytest.raises(InputError, match=r"^tolerance is -48\.5; it must be a number at least 0\.$"):
        number_within(value, "tolerance", least=0)


@pytest.mark.parametrize("given", [[3, 1], (3.0, 1.0), np.array([3.0, 1.0]), torch.tensor([3.0, 1.0])])
def test_several_numbers_keep_their_order_and_their_bounds(given: Any) -> None:
    assert numbers_within(given, "widths", least=1) == (3, 1)
    with pytest.raises(InputError, match=r"widths is 1(\.0)?; it must be a number at least 2"):
        numbers_within(given, "widths", least=2)


def test_one_number_is_several_too() -> None:
    assert numbers_within(0.5, "tolerances") == numbers_within(np.float32(0.5), "tolerances") == (0.5,)
    with pytest.raises(InputError, match="tolerances is '12'; it must be a number"):
        numbers_within("12", "tolerances")
