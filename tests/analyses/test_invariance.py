"""From a model to the picture of what its success depends on, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

invariance = importlib.import_module("invariance")


def test_from_a_model_to_how_alike_its_runs_are(tmp_path: Path) -> None:
    arguments = ["hrm-6x6-seed2", "--n", "12", "--segments", "4", "--runs", "2", "--out", str(tmp_path)]
    assert invariance.main(arguments) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"invariance.{kind}" for kind in ("png", "pdf", "html", "json")
    }
    numbers = (tmp_path / "invariance.json").read_text()
    asked = json.loads(numbers)["models"]["hrm-6x6-seed2"]
    assert (asked["puzzles"], asked["runs"], asked["segments"], asked["resampled"]) == (12, 2, 4, "class")
    assert [row["kind"] for row in asked["table"]] == list(invariance.WORDINGS)
    (tmp_path / "invariance.png").unlink()
    assert invariance.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "invariance.png").exists()
    assert (tmp_path / "invariance.json").read_text() == numbers


def test_other_puzzles_and_some_words_only(tmp_path: Path) -> None:
    arguments = ["trm-6x6", "--puzzles", "6x6-train", "--n", "4", "--kinds", "digits", "--runs", "2"]
    assert (
        invariance.main([*arguments, "--segments", "1", "--dtype", "bfloat16", "--out", str(tmp_path)]) == 0
    )
    measured = json.loads((tmp_path / "invariance.json").read_text())
    assert (measured["puzzles"], measured["source"], measured["dtype"]) == ("6x6-train", None, "bfloat16")
    assert [row["kind"] for row in measured["models"]["trm-6x6"]["table"]] == ["digits"]


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert invariance.main(["hrm-6x6", "--n", "1", "--runs", "1", "--out", str(tmp_path)]) == 2
    assert "runs" in capsys.readouterr().err
    assert invariance.main(["hrm-6x6", "--n", "1", "--kinds", "luck", "--out", str(tmp_path)]) == 2
    assert "There is no wording 'luck'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
