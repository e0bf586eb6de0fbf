"""From a model to the picture of its heads, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

attention = importlib.import_module("attention")


def test_from_a_model_to_its_heads(tmp_path: Path) -> None:
    arguments = ["hrm-6x6-seed2", "--n", "4", "--segments", "2", "--out", str(tmp_path)]
    assert attention.main(arguments) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"attention.{kind}" for kind in ("png", "pdf", "html", "json")
    }
    numbers = (tmp_path / "attention.json").read_text()
    found = json.loads(numbers)["models"]["hrm-6x6-seed2"]
    assert (found["puzzles"], found["segments"], found["resampled"]) == (4, 2, "class")
    assert (len(found["heads"]), len(found["looks"])) == (16, 16 * 7)
    (tmp_path / "attention.png").unlink()
    assert attention.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "attention.png").exists()
    assert (tmp_path / "attention.json").read_text() == numbers


def test_other_puzzles_and_a_part_only(tmp_path: Path) -> None:
    arguments = ["hrm-6x6", "--puzzles", "6x6-train", "--n", "3", "--parts", "looks", "--segments", "1"]
    assert attention.main([*arguments, "--out", str(tmp_path)]) == 0
    measured = json.loads((tmp_path / "attention.json").read_text())
    assert (measured["puzzles"], measured["source"]) == ("6x6-train", None)
    assert measured["models"]["hrm-6x6"]["heads"] == []


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert attention.main(["trm-6x6", "--n", "2", "--out", str(tmp_path)]) == 2
    assert "has no heads" in capsys.readouterr().err
    assert attention.main(["hrm-6x6", "--n", "2", "--parts", "eyes", "--out", str(tmp_path)]) == 2
    assert "There is no part 'eyes'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
