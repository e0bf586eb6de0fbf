"""``hrm-probe import``: which weights of a checkpoint are taken, and what is told of it."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import hrm_probe
from hrm_probe.models import ModelConfig, export_published
from tests.models.variants import lively

CONFIG = ModelConfig(cells=36, vocab=8, d_model=16, n_heads=2, H_layers=1, L_layers=1)
ARCH = {
    "hidden_size": 16,
    "num_heads": 2,
    "H_cycles": 2,
    "L_cycles": 2,
    "pos_encodings": "rope",
    "seq_len": 36,
}


@pytest.fixture
def step(tmp_path) -> Path:
    """The checkpoint of a training that keeps an average, with the config beside it."""
    held = {"model": export_published(lively(CONFIG)), "ema": export_published(lively(CONFIG, seed=4))}
    torch.save(held, tmp_path / "step_3")
    (tmp_path / "all_config.yaml").write_text(json.dumps({"arch": ARCH}))
    return tmp_path / "step_3"


@pytest.mark.parametrize(("choice", "seed"), [((), 4), (("--use", "ema"), 4), (("--use", "model"), 0)])
def test_which_weights_are_taken(step, typed, choice, seed) -> None:
    done = typed("import", step, "--out", "model", *choice)
    assert done.status == 0, done.err
    assert ("note: " in done.err and "the average is taken" in done.err) == (not choice)
    assert torch.equal(hrm_probe.load("model").W_E, lively(CONFIG, seed).W_E)


def test_another_choice_is_refused(step, typed) -> None:
    assert (
        "--use is 'best'; it must be one of ema, model"
        in typed("import", step, "--out", "m", "--use", "best").sentence
    )
    assert not Path("m").exists()


def test_a_number_of_cells_that_nothing_tells_is_asked_for_and_may_be_given_alone(tmp_path, typed) -> None:
    save_file(export_published(lively(CONFIG.replace(vocab=6, cells=25))), tmp_path / "w.safetensors")
    assert "give it in the config as seq_len" in typed("import", "w.safetensors", "--out", "m").sentence
    Path("cells.json").write_text('{"seq_len": 25}')
    done = typed("import", "w.safetensors", "--out", "m", "--config", "cells.json")
    assert "for 25 cells is in m" in done.out
