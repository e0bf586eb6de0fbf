"""From models to the picture of what is read at every update, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

from hrm_probe.models import ModelConfig, build_model

script = importlib.import_module("lens")
SMALL = ModelConfig(
    cells=36, vocab=8, d_model=16, n_heads=2, H_layers=1, L_layers=1, H_cycles=2, L_cycles=2, max_segments=2
)


def test_from_models_to_the_figure(tmp_path: Path) -> None:
    folders = [
        build_model(SMALL.replace(architecture=kind)).save(tmp_path / f"small-{kind}")
        for kind in ("hrm", "trm")
    ]
    out = tmp_path / "out"
    assert script.main([*map(str, folders), "--n", "4", "--out", str(out)]) == 0
    assert {path.suffix for path in out.iterdir()} == {".png", ".pdf", ".html", ".json"}
    numbers = (out / "lens.json").read_text()
    told = json.loads(numbers)["models"]
    assert set(told) == {"small-hrm", "small-trm"}
    for model in told.values():
        assert (model["puzzles"], model["control"], model["resampled"]) == (4, 0, "class")
        assert len(model["table"]) == 2 * (2 + 4)  # segments, H- and L-updates
        assert model["chance"] == pytest.approx(1 / 6, abs=1e-5)
    (out / "lens.png").unlink()
    assert script.main(["--saved", "--out", str(out)]) == 0
    assert (out / "lens.png").exists()
    assert (out / "lens.json").read_text() == numbers


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["hrm-6x6", "--source", "none", "--out", str(tmp_path)]) == 2
    assert "6x6-test has no puzzles of source 'none'" in capsys.readouterr().err
    assert script.main(["nothing", "--out", str(tmp_path)]) == 2
    assert script.main(["--saved", "--out", str(tmp_path)]) == 2
