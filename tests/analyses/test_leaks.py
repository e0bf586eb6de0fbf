"""From models to the picture of what leaks, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

leaks = importlib.import_module("leaks")


def test_from_models_to_what_leaks(tmp_path: Path) -> None:
    models = ["hrm-6x6-seed2", "trm-6x6-attention"]
    arguments = [*models, "--n", "3", "--counts", "1", "--segments", "1", "--out", str(tmp_path)]
    assert leaks.main(arguments) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"leaks.{kind}" for kind in ("png", "pdf", "html", "json")
    }
    numbers = (tmp_path / "leaks.json").read_text()
    found = json.loads(numbers)["models"]
    assert [found[name]["level"] for name in models] == ["H", "L"]
    assert len(found["hrm-6x6-seed2"]["table"]) == 2 * 6
    for name, rows in found["hrm-6x6-seed2"]["controls"].items():
        bias = 0.0 if name == "sharper" else -2.0
        assert [(row["blanks"], row["bias"]) for row in rows] == [("1", bias), ("all", bias)]
    (tmp_path / "leaks.png").unlink()
    assert leaks.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "leaks.png").exists()
    assert (tmp_path / "leaks.json").read_text() == numbers


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert leaks.main(["trm-6x6", "--n", "2", "--out", str(tmp_path)]) == 2
    assert "has no heads" in capsys.readouterr().err
    assert leaks.main(["hrm-6x6", "--n", "2", "--counts", "37", "--out", str(tmp_path)]) == 2
    assert "can have 0 to 36 blanks, not 37" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
