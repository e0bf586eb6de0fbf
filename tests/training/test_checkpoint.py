"""Checkpoints: always a whole one, and clear words about one that cannot be used."""

from pathlib import Path

import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.training.checkpoint import (
    CHECKPOINT,
    load_checkpoint,
    refuse_other_settings,
    save_checkpoint,
)


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, {"step": 3, "weights": {"a": torch.arange(4)}})
    state = load_checkpoint(tmp_path)
    assert state is not None
    assert state["step"] == 3
    assert state["weights"]["a"].tolist() == [0, 1, 2, 3]


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path) is None


def test_a_failed_write_leaves_the_last_one_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_checkpoint(tmp_path, {"step": 1})

    def fail(*arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        save_checkpoint(tmp_path, {"step": 2})
    state = load_checkpoint(tmp_path)
    assert state is not None
    assert state["step"] == 1
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]


def test_half_a_file_is_named_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"PK\x03\x04 half")
    with pytest.raises(InputError, match="name another folder with --out to start afresh"):
        load_checkpoint(tmp_path)


def test_other_settings_are_named_with_both_values() -> None:
    with pytest.raises(InputError, match="lr was 1 and is now 2; seed was None and is now 0"):
        refuse_other_settings({"lr": 2, "seed": 0, "steps": 5}, {"lr": 1, "steps": 5}, Path("run"))
    with pytest.raises(InputError, match="seed was 2 and is now None"):
        refuse_other_settings({"lr": 1}, {"lr": 1, "seed": 2}, Path("run"))
    refuse_other_settings({"lr": 1}, {"lr": 1}, Path("run"))


def test_a_full_disk_is_told_with_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise RuntimeError(
            "[enforce fail at inline_container.cc:672] . unexpected pos 586944 vs 586832\nmore"
        )

    save_checkpoint(tmp_path, {"step": 1})
    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(InputError, match=r"is there space left.*--resume continues from there"):
        save_checkpoint(tmp_path, {"step": 2})
    assert load_checkpoint(tmp_path) == {"step": 1, "format": 1}
