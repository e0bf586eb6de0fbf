"""From models to the picture of what follows from a guess that is put in, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

script = importlib.import_module("suppose")


def test_from_models_to_the_figure(tmp_path: Path, small_model: Path) -> None:
    out = tmp_path / "out"
    assert script.main([str(small_model), "trm-6x6", "--n", "12", "--out", str(out)]) == 0
    assert {path.suffix for path in out.iterdir()} == {".png", ".pdf", ".html", ".json"}
    numbers = (out / "suppose.json").read_text()
    told = json.loads(numbers)["models"]
    assert set(told) == {"small", "trm-6x6"}
    assert all(
        (model["puzzles"], model["compared"], model["resampled"]) == (12, 12, "class")
        for model in told.values()
    )
    assert json.loads(numbers)["states_of"] == "another"
    assert told["trm-6x6"]["difference"]["estimate"] > 0
    (out / "suppose.png").unlink()
    assert script.main(["--saved", "--out", str(out)]) == 0
    assert (out / "suppose.png").exists()
    assert (out / "suppose.json").read_text() == numbers


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["hrm-6x6", "--source", "none", "--out", str(tmp_path)]) == 2
    assert "6x6-test has no puzzles of source 'none'" in capsys.readouterr().err
