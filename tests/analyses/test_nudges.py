"""From a model to the picture of what nudges are worth, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

nudges = importlib.import_module("nudges")


def test_from_a_model_to_what_each_nudge_solves(tmp_path: Path) -> None:
    arguments = ["hrm-6x6-seed2", "--n", "6", "--segments", "6", "--every", "3", "--out", str(tmp_path)]
    assert nudges.main(arguments) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"nudges.{kind}" for kind in ("png", "pdf", "html", "json")
    }
    numbers = (tmp_path / "nudges.json").read_text()
    nudged = json.loads(numbers)["models"]["hrm-6x6-seed2"]
    assert (nudged["puzzles"], nudged["segments"], nudged["resampled"]) == (24, 6, "class")
    assert {row["segment"] for row in nudged["table"]} == {3, 6}
    assert all(row["solved"] >= nudged["first"]["estimate"] for row in nudged["kinds"])
    (tmp_path / "nudges.png").unlink()
    assert nudges.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "nudges.png").exists()
    assert (tmp_path / "nudges.json").read_text() == numbers


def test_other_puzzles_and_some_nudges_only(tmp_path: Path) -> None:
    arguments = [
        "trm-6x6",
        "--puzzles",
        "6x6-train",
        "--n",
        "2",
        "--kinds",
        "nothing",
        "copy",
        "--segments",
        "4",
    ]
    assert nudges.main([*arguments, "--every", "2", "--dtype", "bfloat16", "--out", str(tmp_path)]) == 0
    measured = json.loads((tmp_path / "nudges.json").read_text())
    assert (measured["puzzles"], measured["source"], measured["dtype"]) == ("6x6-train", None, "bfloat16")
    nudged = measured["models"]["trm-6x6"]
    assert [row["kind"] for row in nudged["kinds"]] == ["nothing", "copy"]
    assert nudged["puzzles"] == 8


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert nudges.main(["hrm-6x6", "--source", "none", "--out", str(tmp_path)]) == 2
    assert "6x6-test has no puzzles of source 'none'" in capsys.readouterr().err
    assert nudges.main(["hrm-6x6", "--n", "1", "--segments", "4", "--out", str(tmp_path)]) == 2
    assert "every" in capsys.readouterr().err
    assert nudges.main(["hrm-6x6", "--n", "1", "--kinds", "luck", "--out", str(tmp_path)]) == 2
    assert "There is no nudge 'luck'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
