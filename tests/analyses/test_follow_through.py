"""From models to the picture of guesses that are followed through, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

script = importlib.import_module("follow_through")


def test_from_models_to_the_figure(tmp_path: Path, small_model: Path) -> None:
    out = tmp_path / "out"
    assert script.main([str(small_model), "trm-6x6", "--n", "12", "--out", str(out)]) == 0
    assert {path.suffix for path in out.iterdir()} == {".png", ".pdf", ".html", ".json"}
    numbers = (out / "follow_through.json").read_text()
    told = json.loads(numbers)["models"]
    assert set(told) == {"small", "trm-6x6"}
    assert all(
        (model["puzzles"], model["beyond"], model["resampled"]) == (12, 12, "class")
        for model in told.values()
    )
    assert told["trm-6x6"]["effects"][0]["following_wrong"] > told["trm-6x6"]["effects"][0]["following_right"]
    (out / "follow_through.png").unlink()
    assert script.main(["--saved", "--out", str(out)]) == 0
    assert (out / "follow_through.png").exists()
    assert (out / "follow_through.json").read_text() == numbers


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["hrm-6x6", "--source", "none", "--out", str(tmp_path)]) == 2
    assert "6x6-test has no puzzles of source 'none'" in capsys.readouterr().err
