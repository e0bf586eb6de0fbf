"""What a run goes on with is what it was begun with."""

from pathlib import Path
from typing import Any

import pytest

from hrm_probe.errors import InputError
from hrm_probe.training.run_folder import refuse_what_was_not_begun_with

BEGUN: dict[str, Any] = {
    "hooked": [],
    "curricula": {},
    "data": {"train": "a1", "test": "b2", "ratings": "c3"},
}


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"hooked": ["hook_z_H"]}, "began with hooks at no point, and now they are at hook_z_H"),
        ({"curricula": {"depth": "Mine"}}, "began with the recipe's, and now has depth=Mine"),
        ({"data": {"train": "a9", "test": "b2"}}, "puzzles of train_set are no longer those"),
        (
            {"data": {"train": "a9", "test": "b9"}},
            "puzzles of train_set and puzzles of test_set are no longer those",
        ),
        ({"data": {"train": "a1", "test": "b9"}}, "puzzles of test_set are no longer those"),
        (
            {"data": {"train": "a1", "test": "b2", "ratings": "c9"}},
            "ratings of train_set are no longer those",
        ),
    ],
)
def test_a_run_goes_on_as_it_began(now: dict[str, Any], told: str) -> None:
    refuse_what_was_not_begun_with(BEGUN, BEGUN, Path("run"))
    with pytest.raises(InputError, match=told):
        refuse_what_was_not_begun_with(BEGUN | now, BEGUN, Path("run"))


@pytest.mark.parametrize("kept", BEGUN)
def test_nothing_is_refused_of_which_the_run_does_not_say_how_it_began(kept: str) -> None:
    """An earlier version did not keep it; no hooks and the recipe's own curricula are what it had."""
    before = {name: value for name, value in BEGUN.items() if name != kept}
    refuse_what_was_not_begun_with(BEGUN, before, Path("run"))


def test_ratings_are_no_matter_to_a_run_that_began_before_they_were_kept() -> None:
    refuse_what_was_not_begun_with(BEGUN, BEGUN | {"data": {"train": "a1", "test": "b2"}}, Path("run"))
