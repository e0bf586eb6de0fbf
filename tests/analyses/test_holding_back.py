"""From models to the picture of what waits for a held cell, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

script = importlib.import_module("holding_back")


def test_from_models_to_the_figure(tmp_path: Path, small_model: Path) -> None:
    out = tmp_path / "out"
    assert script.main([str(small_model), "hrm-6x6", "--n", "12", "--out", str(out)]) == 0
    assert {path.suffix for path in out.iterdir()} == {".png", ".pdf", ".html", ".json"}
    numbers = (out / "holding_back.json").read_text()
    told = json.loads(numbers)["models"]
    assert (told["small"]["usable"], told["small"]["effects"]) == (0, [])
    assert [row["held"] for row in told["hrm-6x6"]["effects"]] == ["forerunner", "idle"]
    assert told["hrm-6x6"]["difference"]["estimate"] > told["hrm-6x6"]["idle_difference"]["estimate"]
    (out / "holding_back.png").unlink()
    assert script.main(["--saved", "--out", str(out)]) == 0
    assert (out / "holding_back.png").exists()
    assert (out / "holding_back.json").read_text() == numbers


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["hrm-6x6", "--source", "none", "--out", str(tmp_path)]) == 2
    assert "6x6-test has no puzzles of source 'none'" in capsys.readouterr().err
