"""Whole trainings: they learn, and they say what they did."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import hrm_probe.models
from hrm_probe.errors import InputError
from hrm_probe.training import train
from hrm_probe.training.checkpoint import load_checkpoint
from hrm_probe.training.trainer import Trainer
from tests.training.tiny_runs import assert_bit_identical, rows, tiny, weights


def test_a_finished_run_leaves_a_model_and_an_account_of_itself(tmp_path: Path) -> None:
    result = train(tiny(), tmp_path / "run")
    assert result.finished
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary == result.summary
    assert (summary["recipe"], summary["steps"], summary["seed"]) == ("tiny", 60, 0)
    assert summary["accuracy"]["all"]["puzzles"] == 10
    assert len(summary["accuracy"]["by_segment"]) == 4
    for parts in ("by_source", "by_rating"):
        assert sum(part["puzzles"] for part in summary["accuracy"][parts].values()) == 10
    assert summary["leak_check"]["test_puzzles_with_a_solution_in_training_up_to_symmetry"] == 10
    assert summary["provenance"]["torch"] == torch.__version__
    loaded = hrm_probe.models.load(tmp_path / "run" / "model")
    for name, value in weights(result).items():
        assert torch.equal(value.cpu(), loaded.state_dict()[name]), name
    assert loaded.config == result.model.config

    before = (tmp_path / "run" / "metrics.jsonl").read_text()
    again = train(tiny(), tmp_path / "run", resume=True)
    assert_bit_identical(again, result)
    assert (tmp_path / "run" / "metrics.jsonl").read_text() == before


@pytest.mark.parametrize("there", ["model", "summary.json", "config.json"])
@pytest.mark.parametrize("resume", [False, True])
def test_what_another_training_left_is_not_written_over(tmp_path: Path, there: str, resume: bool) -> None:
    (tmp_path / there).mkdir()
    (tmp_path / there / "kept").touch()
    with pytest.raises(InputError, match=f"holds {there} of another training, but no checkpoint"):
        train(tiny(), tmp_path, resume=resume)
    assert [path.name for path in tmp_path.rglob("*")] == [there, "kept"]


def test_an_unfinished_run_has_its_averaged_weights_as_a_model(tmp_path: Path) -> None:
    def kill(trainer: Trainer, progress: float) -> None:
        if trainer.step == 40:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        train(tiny(dtype="bfloat16"), tmp_path, watch=kill)
    saved = load_checkpoint(tmp_path)
    model = hrm_probe.load(tmp_path / "model")
    assert saved["trainer"]["step"] == 35
    assert model.config.forward_dtype == "float32"  # as it will be kept
    for name, average in saved["trainer"]["ema"].items():
        assert torch.equal(model.state_dict()[name].cpu(), average), name


def test_seeds_decide(tmp_path: Path) -> None:
    first, same, other = (
        train(tiny(seed=seed, steps=5), tmp_path / name) for seed, name in ((1, "a"), (1, "b"), (2, "c"))
    )
    assert_bit_identical(first, same)
    assert not torch.equal(first.model.W_E, other.model.W_E)


def test_it_learns(tmp_path: Path) -> None:
    recipe = tiny(
        architecture="trm", mixer="mlp", positions="none", dtype="float32", d_model=32, L_cycles=2, H_cycles=2,
        steps=300, batch_size=32, lr=3e-3, hint_fraction=0.0, exploration=0.1, test_set="generate 4x4 minimal 100",
        evaluate_every=1000,
    )  # fmt: skip
    result = train(recipe, tmp_path)
    assert result.summary["accuracy"]["all"]["accuracy"] > 0.8  # about 0.99; a guess has 10^-7
    losses = [row["loss"] for row in rows(tmp_path)]
    assert losses[-1] < 0.3 * losses[0]


def test_a_loss_that_is_no_number_ends_the_run_and_spares_the_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance = Trainer.advance

    def spoil(trainer: Trainer, progress: float) -> None:
        if trainer.step == 10:
            with torch.no_grad():
                trainer.model.W_E.fill_(float("nan"))
        advance(trainer, progress)

    monkeypatch.setattr(Trainer, "advance", spoil)
    with pytest.raises(InputError, match="smaller lr"):
        train(tiny(log_every=100), tmp_path)
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert saved["trainer"]["step"] == 7
    assert saved["trainer"]["model"]["W_E"].isfinite().all()


def test_training_needs_no_storage_or_plotting_libraries() -> None:
    code = (
        "import sys, hrm_probe.training\n"
        "sys.exit(', '.join({'zarr', 'plotly', 'xarray', 'yaml', 'matplotlib', 'dask'} & set(sys.modules)) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("steps", "logged"), [(3, [3]), (5, [5]), (12, [5, 10, 12])])
def test_what_came_after_the_last_whole_window_is_logged_too(
    steps: int, logged: list[int], tmp_path: Path
) -> None:
    train(tiny(steps=steps), tmp_path)
    windows = [row for row in rows(tmp_path) if "loss" in row]
    assert [row["step"] for row in windows] == logged
    assert all(np.isfinite(row["loss"]) for row in windows)


def test_leaks_that_are_allowed_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(tiny(steps=2), tmp_path)
    assert "10 of 10 test puzzles have a solution that is in the training set" in capsys.readouterr().err
