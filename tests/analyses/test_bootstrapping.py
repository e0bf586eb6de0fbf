"""A toy training's checkpoints guess together, from the run's folder to the figure."""

import json
from pathlib import Path

import bootstrapping
import pytest

from hrm_probe.training import Recipe, train
from tests.training.test_run import TINY


def test_from_a_run_to_the_figure(tmp_path: Path) -> None:
    settings = {**TINY, "keep_answers": 3, "answer_puzzles": 8, "evaluate_every": 20}
    train(Recipe().replace(settings), tmp_path / "run")
    assert bootstrapping.main([str(tmp_path / "run"), "--device", "cpu", "--out", str(tmp_path / "out")]) == 0
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".png", ".pdf", ".json"}
    told = json.loads((tmp_path / "out" / "bootstrapping.json").read_text())
    assert told["checkpoints_at_steps"] == [20, 40, 60]
    both = [told[source] for source in ("the last checkpoints", "relabelled copies")]
    assert both[0]["single"] == both[1]["single"]  # the finished model alone, told and asked again
    for source in both:
        assert {row["guesses"] for row in source["table"]} == {1, 2, 3}


def test_a_run_without_answers_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrapping.main([str(tmp_path)]) == 2
    assert "train with keep_answers=10" in capsys.readouterr().err
