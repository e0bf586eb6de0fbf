"""What a run goes on with is what it was begun with."""

from pathlib import Path
from typing import Any

import pytest

from hrm_probe.errors import InputError
from hrm_probe.training.checkpoint import save_checkpoint
from hrm_probe.training.data.sets import is_out_of_sight
from hrm_probe.training.folder_lock import FolderLock
from hrm_probe.training.recipe import Recipe
from hrm_probe.training.run_folder import (
    Saved,
    open_folder,
    refuse_sets_out_of_sight,
    refuse_what_was_not_begun_with,
    settings_begun_with,
)

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


def opened(folder: Path, resume: bool, settings: dict[str, Any] | None = None) -> Saved:
    with FolderLock() as lock:
        return open_folder(folder, resume, settings or {}, lock)


class TestARunThatAnEarlierVersionBegan:
    """Its checkpoint lacks what did not exist yet."""

    def test_settings_that_it_did_not_have_are_the_usual_ones(self, tmp_path: Path) -> None:
        now = Recipe().to_dict()
        then = {name: value for name, value in now.items() if name != "warm_graphs"}
        save_checkpoint(tmp_path, {"settings": then | {"hooked": [], "data": {}, "curricula": {}}})
        assert opened(tmp_path, True, now).goes_on
        with pytest.raises(InputError, match="warm_graphs was True and is now False"):
            opened(tmp_path, True, now | {"warm_graphs": False})

    def test_counts_that_it_did_not_keep_stand_at_their_beginning(self, tmp_path: Path) -> None:
        save_checkpoint(tmp_path, {"settings": Recipe().to_dict(), "seconds": 7.0, "finished": True})
        begun = opened(tmp_path, True, Recipe().to_dict())
        assert (begun.seconds, begun.finished, begun.cpu_seconds, begun.metrics_offset) == (7.0, True, 0.0, 0)


def test_without_a_recipe_a_run_has_the_settings_it_was_begun_with_and_no_others(tmp_path: Path) -> None:
    begun = {"steps": 3, "minutes": None, "clock": "wall"}
    save_checkpoint(tmp_path, {"settings": begun | BEGUN})
    assert settings_begun_with(tmp_path) == begun


def test_a_file_is_no_folder_for_a_run(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine")
    with pytest.raises(InputError, match="run is a file; name a folder for the run"):
        opened(tmp_path / "run", resume=False)


@pytest.mark.parametrize(
    ("lost", "name"),
    [({"train_set": "mine.csv"}, "train_set=mine.csv"), ({"test_set": "a/test"}, "test_set=a/test")],
)
def test_sets_of_relative_paths_that_are_not_here_are_named(lost: dict[str, str], name: str) -> None:
    here = {"train_set": "6x6-train", "test_set": "generate 4x4 minimal 10"}
    refuse_sets_out_of_sight(Recipe().replace(here), Path("run"))
    with pytest.raises(InputError, match=f"began with {name}, and relative paths"):
        refuse_sets_out_of_sight(Recipe().replace(here | lost), Path("run"))


@pytest.mark.parametrize("name", ["1" + "." * 15, "/nowhere/mine.csv", "generate 4x4 minimal 5", "9x9-test"])
def test_what_is_no_relative_path_is_not_looked_for_here(name: str) -> None:
    assert not is_out_of_sight(name)
