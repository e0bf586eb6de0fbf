"""One training a folder, as long as it lives."""

import sys
from pathlib import Path

import pytest

from hrm_probe.errors import InputError
from hrm_probe.training import train
from hrm_probe.training.checkpoint import CHECKPOINT
from hrm_probe.training.folder_lock import FolderLock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such lock")


def test_a_folder_is_held_until_the_end_of_the_block(tmp_path: Path) -> None:
    with FolderLock() as first:
        first.make_and_take(tmp_path)
        with FolderLock() as second, pytest.raises(InputError, match="Another process is training in"):
            second.make_and_take(tmp_path)
        (tmp_path / "metrics.jsonl").touch()
    with FolderLock() as third:
        third.make_and_take(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.jsonl"]


def test_nothing_is_left_of_a_training_that_could_not_begin(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no puzzle set"):
        train("toy-4x4", tmp_path / "run", overrides={"train_set": "nowhere"})
    assert list(tmp_path.iterdir()) == []


def test_no_second_training_goes_on_with_a_run_that_is_alive(tmp_path: Path) -> None:
    with FolderLock() as alive:
        alive.make_and_take(tmp_path)
        with pytest.raises(InputError, match="wait for it, or name another folder with --out"):
            train("toy-4x4", tmp_path, resume=True, overrides={"steps": 1})
        assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_that_is_being_written_is_not_read(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"half of one")
    with FolderLock() as alive:
        alive.make_and_take(tmp_path)
        with pytest.raises(InputError, match="Another process is training in"):
            train("toy-4x4", tmp_path, resume=True)


def test_a_folder_that_was_there_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match="There is no puzzle set"):
        train("toy-4x4", tmp_path / "mine", overrides={"train_set": "nowhere"})
    assert (tmp_path / "mine").is_dir()
