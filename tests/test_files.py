"""A reader of a file that is being written never meets half of it."""

import errno
import os
from pathlib import Path

import pytest

from hrm_probe.errors import InputError
from hrm_probe.files import check_file, check_folder, remove_unfinished, writing


def test_the_file_appears_whole(tmp_path):
    with writing(tmp_path / "deep" / "a.txt") as beside:
        beside.write_text("half")
        assert not (tmp_path / "deep" / "a.txt").exists()
        beside.write_text("whole")
    assert (tmp_path / "deep" / "a.txt").read_text() == "whole"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.txt"]


def test_failure_leaves_what_was_there(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def write_half() -> None:
        with writing(target) as beside:
            beside.write_text("new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_folders_are_replaced_whole(tmp_path):
    for text in ("first", "second"):
        with writing(tmp_path / "folder") as beside:
            beside.mkdir()
            (beside / text).write_text(text)
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["second"]


def test_a_full_disk_names_the_file_that_it_did_not_hold(tmp_path):
    with pytest.raises(OSError, match="No space left") as told, writing(tmp_path / "p.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert told.value.filename == str(tmp_path / "p.csv")


def test_a_folder_is_back_where_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    target, replace = tmp_path / "model", os.replace
    target.mkdir()
    (target / "old").touch()

    def fail_at_the_second(source, to):
        if Path(source).parent != tmp_path and Path(to) == target and Path(source).name != "replaced":
            raise OSError("no")
        replace(source, to)

    monkeypatch.setattr(os, "replace", fail_at_the_second)
    with pytest.raises(OSError, match="no"), writing(target) as beside:
        beside.mkdir()
    assert [path.name for path in tmp_path.rglob("*")] == ["model", "old"]


def test_what_a_killed_process_left_can_be_removed(tmp_path):
    target = tmp_path / "a[1].txt"
    with writing(target) as beside:
        beside.write_text("half")
        for name in (".a[1].txt", ".a[1].txt.mine", ".b.txt.12345678"):
            (tmp_path / name).mkdir()
        remove_unfinished(target)
        assert not beside.exists()
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            ".a[1].txt",
            ".a[1].txt.mine",
            ".b.txt.12345678",
        ]
        beside.parent.mkdir()
        beside.write_text("whole")


def test_files_get_the_usual_permissions(tmp_path):
    (tmp_path / "usual").touch()
    with writing(tmp_path / "secret") as beside:
        beside.touch(mode=0o600)
    assert (tmp_path / "secret").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_folder_to_write_to_may_be_there_or_not(tmp_path):
    assert check_folder(tmp_path) == tmp_path
    assert check_folder(str(tmp_path / "new")) == tmp_path / "new"
    assert not (tmp_path / "new").exists()


def test_a_file_is_no_folder_to_write_to(tmp_path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(InputError, match="taken is a file; give a folder"):
        check_folder(tmp_path / "taken")


def test_a_file_to_write_may_be_there_or_not(tmp_path):
    (tmp_path / "there").write_text("mine")
    for name in ("there", "new", "deep/new"):
        assert check_file(tmp_path / name) == tmp_path / name
    assert (tmp_path / "there").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_folder_is_no_file_to_write_to(tmp_path):
    with pytest.raises(InputError, match="is a folder; give a file"):
        check_file(tmp_path)


@pytest.mark.parametrize("check", [check_file, check_folder])
def test_nothing_can_be_made_below_a_file(tmp_path, check):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(InputError, match=r"cannot be made: .*taken is a file"):
        check(tmp_path / "taken" / "deep" / "new")


@pytest.mark.parametrize("check", [check_file, check_folder])
def test_a_folder_that_takes_nothing_is_told(tmp_path, check, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(InputError, match=r"nothing can be written to .* \(Permission denied\)"):
        check(tmp_path / "new")


def test_the_folder_one_stands_in_is_not_replaced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").touch()
    with pytest.raises(InputError, match="is the folder you are in"), writing("."):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
