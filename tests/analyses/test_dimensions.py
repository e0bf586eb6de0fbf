"""From models to how many dimensions their states lie in, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

dimensions = importlib.import_module("dimensions")


def test_from_models_to_their_dimensions(tmp_path: Path) -> None:
    arguments = ["hrm-6x6", "trm-6x6", "--n", "12", "--untrained", "1", "--out", str(tmp_path)]
    assert dimensions.main(arguments) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"dimensions.{kind}" for kind in ("png", "pdf", "html", "json")
    }
    numbers = (tmp_path / "dimensions.json").read_text()
    models = json.loads(numbers)["models"]
    hrm, trm = models["hrm-6x6"], models["trm-6x6"]
    assert hrm["times"]["low"] > 1 > trm["times"]["high"]
    assert {row["tasks"] for row in hrm["growth"]} == {10}  # of the counts that there are puzzles for
    assert hrm["every_update"]["puzzles"] == 12
    assert hrm["every_update"]["times"] == pytest.approx(hrm["times"]["estimate"], rel=0.1)
    (tmp_path / "dimensions.png").unlink()
    assert dimensions.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "dimensions.png").exists()
    assert (tmp_path / "dimensions.json").read_text() == numbers


def test_mazes_are_not_among_the_models_of_sudokus() -> None:
    assert "hrm-6x6" in dimensions.MODELS
    assert not any("maze" in name for name in dimensions.MODELS)


def test_no_puzzles_of_a_source_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dimensions.main(["hrm-6x6", "--source", "none", "--out", str(tmp_path)]) == 2
    assert "no puzzles of source 'none'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
