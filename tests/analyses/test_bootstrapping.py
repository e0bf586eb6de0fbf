"""Toy trainings' checkpoints guess together, from the runs' folders to the figure."""

import json
from pathlib import Path

import bootstrapping
import pytest

from hrm_probe.training import Recipe, train
from tests.training.tiny_runs import TINY


def test_from_runs_to_the_figure(tmp_path: Path) -> None:
    settings = {**TINY, "keep_answers": 3, "answer_puzzles": 8, "evaluate_every": 20}
    runs = [tmp_path / name for name in ("plain", "copies")]
    for run, copies in zip(runs, (0, 1), strict=True):
        train(Recipe().replace({**settings, "answer_copies": copies}), run)
    assert bootstrapping.main([*map(str, runs), "--out", str(tmp_path / "out")]) == 0
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".png", ".pdf", ".html", ".json"}
    numbers = (tmp_path / "out" / "bootstrapping.json").read_text()
    plain, copied = json.loads(numbers)["runs"].values()
    assert plain["checkpoints_at_steps"] == [20, 40, 60]
    assert plain["checkpoints_alone"][-1] == pytest.approx(plain["single"]["estimate"])
    assert plain["single"] == copied["single"]  # asking more changes nothing of the training
    most = {}
    for row in copied["table"]:
        most[row["source"]] = max(most.get(row["source"], 0), row["guesses"])
    assert most == {"checkpoints": 3, "relabelling": 2, "checkpoints+relabelling": 6}
    one = [row for row in copied["by_puzzles"] if row["vote"] == "one guess"]
    assert sum(row["n"] for row in one) == 8
    assert sum(row["n"] * row["accuracy"] for row in one) == pytest.approx(8 * copied["single"]["estimate"])
    assert {row["guesses"] for row in copied["by_puzzles"] if row not in one} == {2, 3, 6}
    (tmp_path / "out" / "bootstrapping.png").unlink()
    assert bootstrapping.main(["--saved", "--out", str(tmp_path / "out")]) == 0  # without the runs
    assert (tmp_path / "out" / "bootstrapping.png").exists()
    assert (tmp_path / "out" / "bootstrapping.json").read_text() == numbers


def test_a_run_without_answers_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrapping.main([str(tmp_path)]) == 2
    assert "train with keep_answers=10" in capsys.readouterr().err


def test_nothing_to_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrapping.main([]) == 2
    assert bootstrapping.main(["--saved", "--out", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "Name the folders" in told
    assert "There is no" in told
