"""A small model asked for longer than it was trained, from the weights to the figure."""

import json
from pathlib import Path

import more_segments
import numpy as np
import pytest

from hrm_probe.models import load
from hrm_probe.reasoning import follow
from hrm_probe.sudoku import load_puzzles


def test_from_a_model_to_the_figure(tmp_path: Path) -> None:
    command = ["trm-6x6", "--puzzles", "6x6-test", "--source", "minimal", "--n", "5", "--segments", "32"]
    assert more_segments.main([*command, "--dtype", "float32", "--out", str(tmp_path)]) == 0
    assert {path.suffix for path in tmp_path.iterdir()} == {".png", ".pdf", ".html", ".json"}
    told = json.loads((tmp_path / "more_segments.json").read_text())
    own, shallow = told["answers"]
    assert told["n"] == own["solved"][0]["n"] == 5
    assert own["layers"] * len(own["solved"]) >= shallow["layers"] * len(shallow["solved"])  # as many layers
    assert len(shallow["solved"]) > len(own["solved"]) == 32
    votes = {(row["vote"], row["guesses"]): row["accuracy"] for row in told["guesses"]}
    assert set(votes) == {(vote, n) for vote in more_segments.LOOK for n in (1, 2)}
    assert votes["majority", 1] == own["solved"][15]["estimate"]  # one guess is the plain run of 16 segments

    (tmp_path / "more_segments.png").unlink()
    assert more_segments.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "more_segments.png").exists()


def test_the_models_own_depth_answers_as_it_always_does() -> None:
    model, puzzles = load("trm-6x6"), load_puzzles("6x6-test", 6, 0)
    before = model.config
    own, _ = more_segments.ask(model, puzzles, 2)
    assert model.config is before
    solved = follow(model, puzzles, 2).solved.mean(axis=0)
    assert np.allclose([s["estimate"] for s in own["solved"]], solved)


def test_drawing_what_was_never_measured_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert more_segments.main(["--saved", "--out", str(tmp_path)]) == 2
    assert "leave --saved out to measure" in capsys.readouterr().err


def test_an_unknown_model_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert more_segments.main(["nothing", "--out", str(tmp_path)]) == 2
    assert "There is no model 'nothing'" in capsys.readouterr().err
