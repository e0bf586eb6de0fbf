"""From models to the figure of their blanks, and again from what was saved."""

import json
from pathlib import Path

import blanks_9x9
import pytest

from hrm_probe.models import ModelConfig, build_model


def test_from_models_to_the_figure(tmp_path: Path) -> None:
    model = build_model(ModelConfig(cells=36, vocab=8, d_model=16, n_heads=2, H_layers=1, L_layers=1))
    folder, out = model.save(tmp_path / "small"), tmp_path / "out"
    arguments = [str(folder), "--puzzles", "6x6-test", "--n", "4", "--out", str(out)]
    assert blanks_9x9.main(arguments) == 0
    numbers = (out / "blanks_9x9.json").read_text()
    table = json.loads(numbers)["models"]["small"]["table"]
    asked = ["1", "2", "4", "8", "16", "all"]  # what these puzzles can have
    assert [row["label"] for row in table] == asked
    assert all(row["puzzles"] == 4 for row in table)
    (out / "blanks_9x9.png").unlink()
    assert blanks_9x9.main(["--saved", "--out", str(out)]) == 0
    assert (out / "blanks_9x9.png").exists()
    assert (out / "blanks_9x9.json").read_text() == numbers


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert blanks_9x9.main(["--source", "none"]) == 2
    assert blanks_9x9.main(["--saved", "--out", str(tmp_path)]) == 2
    (tmp_path / "blanks_9x9.json").write_text("{")
    assert blanks_9x9.main(["--saved", "--out", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "no puzzles of source 'none'" in told
    assert "leave --saved out to measure." in told
    assert "is not valid JSON" in told
