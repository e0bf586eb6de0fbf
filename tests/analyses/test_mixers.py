"""From models of two kinds to the picture of what they differ in, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

mixers = importlib.import_module("mixers")


def test_from_two_kinds_of_models_to_their_measures(tmp_path: Path) -> None:
    arguments = [
        "HRM=hrm-6x6,hrm-6x6-seed1",
        "TRM=trm-6x6",
        "--n",
        "24",
        "--singles",
        "12",
        "--segments",
        "6",
    ]
    assert mixers.main([*arguments, "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"mixers.{end}" for end in ("png", "pdf", "html", "json")
    }
    numbers = (tmp_path / "mixers.json").read_text()
    values = json.loads(numbers)["values"]
    assert [(row["kind"], row["model"]) for row in values[::3]] == [
        ("HRM", "hrm-6x6"), ("HRM", "hrm-6x6-seed1"), ("TRM", "trm-6x6"),
    ]  # fmt: skip
    assert [row["measure"] for row in values[:3]] == list(mixers.TITLES)
    (tmp_path / "mixers.png").unlink()
    assert mixers.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "mixers.png").exists()
    assert (tmp_path / "mixers.json").read_text() == numbers


def test_what_is_no_kind_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mixers.main(["hrm-6x6", "--out", str(tmp_path)]) == 2
    assert "'hrm-6x6' is not a kind of models; write KIND=MODEL,MODEL,..." in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
