"""From the accounts of trainings to a line for each."""

import importlib
import json
from pathlib import Path

import pytest

from hrm_probe.training import train
from tests.training.tiny_runs import tiny

halting = importlib.import_module("early_halting")


def test_from_runs_to_a_picture_and_again_from_what_was_read(tmp_path: Path) -> None:
    run = train(tiny(steps=4, early_halting=False), tmp_path / "run")
    asked = [f"mine={tmp_path / 'run'}", "shipped=hrm-6x6", "--out", str(tmp_path)]
    assert halting.main(asked) == 0
    numbers = (tmp_path / "early_halting.json").read_text()
    runs = json.loads(numbers)["runs"]
    assert runs["mine"]["accuracy"]["by_segment"] == run.summary["accuracy"]["by_segment"]
    assert runs["mine"]["settings"]["early_halting"] is False
    assert runs["shipped"]["settings"]["early_halting"] is True  # before there was a choice
    (tmp_path / "early_halting.png").unlink()
    assert halting.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "early_halting.png").exists()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ([], "No run was named"),
        (["runs/one"], "named as NAME=RUN"),
        (["one=nowhere"], "nowhere holds no summary.json"),
    ],
)
def test_what_cannot_be_read_is_told(
    asked: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert halting.main([*asked, "--out", str(tmp_path)]) == 2
    assert sentence in capsys.readouterr().err
