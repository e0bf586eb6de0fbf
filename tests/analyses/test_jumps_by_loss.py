"""From models to the share of jumps by each curve, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

import hrm_probe
from hrm_probe.reasoning import jumps

by_loss = importlib.import_module("jumps_by_loss")
sampled = importlib.import_module("sampled")


def test_from_models_to_a_share_for_each_curve(tmp_path: Path) -> None:
    arguments = ["HRM=hrm-6x6", "TRM=trm-6x6", "--n", "40", "--segments", "8", "--out", str(tmp_path)]
    assert by_loss.main(arguments) == 0
    numbers = (tmp_path / "jumps_by_loss.json").read_text()
    values = json.loads(numbers)["values"]
    told = {(row["model"], row["curve"], row["late"]): row for row in values}
    assert {curve for _, curve, _ in told} == set(by_loss.CURVES)
    model = hrm_probe.load("hrm-6x6")
    found = jumps(model, sampled.sampled_puzzles(model, "minimal", 40, 0), segments=8)
    assert told["hrm-6x6", "loss", False]["answers"] == found.late
    assert told["hrm-6x6", "loss", False]["estimate"] == pytest.approx(found.share.estimate, abs=1e-4)
    slow = found.table[found.table["late"] & (found.table["first_solved"] >= by_loss.FROM)]
    assert told["hrm-6x6", "loss", True]["answers"] == len(slow)
    (tmp_path / "jumps_by_loss.png").unlink()
    assert by_loss.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "jumps_by_loss.png").exists()
    assert (tmp_path / "jumps_by_loss.json").read_text() == numbers
