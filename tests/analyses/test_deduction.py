"""From models to the picture of the order in which cells come, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

script = importlib.import_module("deduction")


def test_from_models_to_the_figure(tmp_path: Path, small_model: Path) -> None:
    out = tmp_path / "out"
    assert script.main([str(small_model), "trm-6x6", "--n", "12", "--out", str(out)]) == 0
    assert {path.suffix for path in out.iterdir()} == {".png", ".pdf", ".html", ".json"}
    numbers = (out / "deduction.json").read_text()
    told = json.loads(numbers)["models"]
    assert set(told) == {"small", "trm-6x6"}
    assert all(
        (model["puzzles"], model["control"], model["resampled"]) == (12, 0, "class")
        for model in told.values()
    )
    assert told["small"]["orders"][0]["share"] is None
    assert told["trm-6x6"]["orders"][0]["share"] > 0.5
    (out / "deduction.png").unlink()
    assert script.main(["--saved", "--out", str(out)]) == 0
    assert (out / "deduction.png").exists()
    assert (out / "deduction.json").read_text() == numbers


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["hrm-6x6", "--source", "none", "--out", str(tmp_path)]) == 2
    assert "6x6-test has no puzzles of source 'none'" in capsys.readouterr().err


def test_models_that_would_go_by_one_name_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [str(tmp_path / place / "run" / "model") for place in ("a", "b")]
    assert script.main([*runs, "--out", str(tmp_path)]) == 2
    assert "Several of the models are called run; rename a folder" in capsys.readouterr().err
