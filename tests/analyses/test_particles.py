"""From a model to the picture of what steering is worth, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

particles = importlib.import_module("particles")


def test_from_a_model_to_what_each_guide_solves(tmp_path: Path) -> None:
    arguments = ["hrm-6x6-seed2", "trm-6x6", "--n", "6", "--particles", "3", "--out", str(tmp_path)]
    assert particles.main(arguments) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"particles.{kind}" for kind in ("png", "pdf", "html", "json")
    }
    numbers = (tmp_path / "particles.json").read_text()
    measured = json.loads(numbers)
    found = measured["models"]
    assert {name: one["noise"] for name, one in found.items()} == {"hrm-6x6-seed2": 0.3, "trm-6x6": 1.0}
    assert (measured["particles"], measured["every"], measured["noise"]) == (3, 1, None)
    asked = found["hrm-6x6-seed2"]
    assert (asked["puzzles"], asked["resampled"], asked["segments"]) == (6, "class", 16)
    assert [row["guide"] for row in asked["guides"]] == ["nothing", "halting", "rules", "chance", "answer"]
    (tmp_path / "particles.png").unlink()
    assert particles.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "particles.png").exists()
    assert (tmp_path / "particles.json").read_text() == numbers


def test_some_guides_and_another_noise(tmp_path: Path) -> None:
    settings = ["--particles", "2", "--noise", "2", "--every", "4", "--guides", "halting"]
    arguments = ["trm-6x6", "--n", "2", *settings, "--out"]
    assert particles.main([*arguments, str(tmp_path)]) == 0
    asked = json.loads((tmp_path / "particles.json").read_text())["models"]["trm-6x6"]
    assert (asked["noise"], asked["every"]) == (2.0, 4)
    assert [row["guide"] for row in asked["guides"]] == ["halting"]
    assert asked["foresight"] == []


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for wrong, said in (
        (["--particles", "1"], "particles is 1; it must be at least 2."),
        (["--guides", "luck"], "There is no guide 'luck'; choose among nothing, halting"),
        (["--noise", "-1"], "noise is -1.0; it must be a number at least 0."),
    ):
        assert particles.main(["trm-6x6", "--n", "2", *wrong, "--out", str(tmp_path)]) == 2
        assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
