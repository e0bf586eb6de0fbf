"""From models to the figure of their patches, and again from what was saved."""

import json
from pathlib import Path

import patching
import pytest
import torch

from hrm_probe.models import ModelConfig, build_model


def test_from_models_to_the_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patching, "SEGMENTS", 2)
    monkeypatch.setattr(patching, "LONGER", 3)
    out = tmp_path / "out"
    assert patching.main(["hrm-6x6", "--n", "5", "--out", str(out)]) == 0
    numbers = (out / "patching.json").read_text()
    told = json.loads(numbers)["models"]["hrm-6x6"]
    assert {row["positions"] for row in told["one clue changed"]["table"]} == set(patching.SETS)
    assert [row["tick"] for row in told["another puzzle, 3 segments"]["table"]] == ["2.2.H", "3.2.H"]
    assert all((sweep["control"], sweep["whole"]) == (0, 1) for sweep in told.values())
    (out / "patching.png").unlink()
    assert patching.main(["--saved", "--out", str(out)]) == 0
    assert (out / "patching.png").exists()
    assert (out / "patching.json").read_text() == numbers


def test_a_model_that_answers_all_alike_cannot_be_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(patching, "SEGMENTS", 1)
    config = ModelConfig(
        cells=36, vocab=8, d_model=16, n_heads=2, H_layers=1, L_layers=1, H_cycles=1, L_cycles=1
    )
    model = build_model(config)
    with torch.no_grad():
        model.unembed.weight.zero_()
    assert patching.main([str(model.save(tmp_path / "mute")), "--n", "3", "--out", str(tmp_path)]) == 2
    assert "No pair ends differently" in capsys.readouterr().err
