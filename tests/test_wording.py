"""Numbers in sentences for people."""

import pytest

from hrm_probe.wording import counted, listed, size, verb


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 puzzles"), (1, "1 puzzle"), (2, "2 puzzles"), (12345, "12,345 puzzles")]
)
def test_what_is_counted_takes_its_plural(number: int, told: str) -> None:
    assert counted(number, "puzzle") == told


def test_verbs_and_plurals_of_their_own_follow_the_number() -> None:
    said = [f"{counted(n, 'search', 'searches')} {verb(n)}" for n in (0, 1, 2)]
    assert said == ["0 searches are", "1 search is", "2 searches are"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (2.5e8, "250.0 MB"),
        (7e9, "7.0 GB"),
        (1e13, "10.0 TB"),
    ],
)
def test_sizes_have_the_unit_that_suits(number: float, told: str) -> None:
    assert size(number) == told


def test_of_many_numbers_the_first_few_are_listed() -> None:
    assert listed([12, 7, 0.51234]) == "12, 7, 0.512"
    assert listed(range(9), most=3) == "0, 1, 2 and 6 more"
    assert listed([]) == "none"
