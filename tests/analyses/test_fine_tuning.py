"""A toy model trains on with and without hints, from the weights to the figure."""

import json
from pathlib import Path

import fine_tuning
import pytest

from hrm_probe.training import train
from tests.training.tiny_runs import TINY, tiny


def test_from_a_model_to_the_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = train(tiny(steps=5), tmp_path / "begun").out
    own = {"train_sources": "", "evaluate_every": 2}
    own |= {name: TINY[name] for name in ("d_model", "n_heads", "H_layers", "L_layers", "max_segments")}
    own |= {"H_cycles": 1, "L_cycles": 1, "batch_size": 8, "compile": "off", "allow_leak": "true"}
    own |= {"train_set": "generate 4x4 minimal 40", "test_set": str(_held_out(tmp_path))}
    command = [str(begun / "model"), "--steps", "4", "--n", "6"]
    command += ["--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "out")]
    command += [word for name, value in own.items() for word in ("--set", f"{name}={value}")]
    monkeypatch.setattr(fine_tuning, "ASKED_AT", (0, 2))
    assert fine_tuning.main(command) == 0
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".png", ".pdf", ".html", ".json"}
    told = json.loads((tmp_path / "out" / "fine_tuning.json").read_text())["runs"]
    assert [(run["arm"], [row["step"] for row in run["asked"]]) for run in told] == [
        ("hints", [0, 2, 4]), ("no hints", [0, 2, 4]),
    ]  # fmt: skip
    assert told[0]["asked"][0] == told[1]["asked"][0]  # both begin as one model
    assert told[0]["asked"][0]["single_blanks"]["n"] == 6

    (tmp_path / "out" / "fine_tuning.json").unlink()
    assert fine_tuning.main(command) == 0  # finished runs are only read
    assert json.loads((tmp_path / "out" / "fine_tuning.json").read_text())["runs"] == told

    (tmp_path / "out" / "fine_tuning.png").unlink()
    assert fine_tuning.main(["--saved", "--out", str(tmp_path / "out")]) == 0  # no run is needed any more
    assert (tmp_path / "out" / "fine_tuning.png").exists()


def test_an_unknown_model_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fine_tuning.main(["nothing", "--runs", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "There is no model 'nothing'" in capsys.readouterr().err


def test_drawing_what_was_never_measured_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fine_tuning.main(["--saved", "--out", str(tmp_path)]) == 2
    assert "leave --saved out to measure" in capsys.readouterr().err


def _held_out(folder: Path) -> Path:
    from hrm_probe.sudoku import generate

    path = folder / "held-out.csv"
    generate(8, "minimal", "4x4", 1).to_csv(path)
    return path
