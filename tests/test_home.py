"""Paths that begin with the home folder's sign lead there, wherever they are given, and make no folder called "~"."""

from pathlib import Path

import pytest
import torch

import hrm_probe
from hrm_probe.errors import InputError
from hrm_probe.files import check_file, check_folder, writing
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.reasoning.storing import load_about, load_results, save_results
from hrm_probe.sudoku import generate
from hrm_probe.training import train

PUZZLES = generate(4, "easy", "4x4", seed=0)
SHORT = {
    "train_set": "generate 4x4 minimal 8",
    "test_set": "generate 4x4 minimal 4",
    "steps": 2,
    "log_every": 1,
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, and another one to work in, which stays empty."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "home"


def nothing_is_here() -> bool:
    return not list(Path().iterdir())


def test_models_traces_and_puzzles(home: Path) -> None:
    model = build_model(
        ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=2)
    )
    model.save("~/model")
    assert hrm_probe.load("~/model").n_parameters == model.n_parameters
    hrm_probe.record(model, PUZZLES, "~/trace")
    assert len(hrm_probe.open_trace("~/trace")) == 4
    PUZZLES.to_csv(home / "puzzles.csv")
    assert len(hrm_probe.load_puzzles("~/puzzles.csv")) == 4
    assert {path.name for path in home.iterdir()} == {"model", "trace", "puzzles.csv"}
    assert nothing_is_here()


def test_trainings(home: Path) -> None:
    train("toy-4x4", "~/run", overrides=SHORT)
    assert (home / "run" / "model").is_dir()
    assert train(out="~/run", resume=True).step == 2
    assert nothing_is_here()


def test_published_weights(home: Path) -> None:
    torch.save({"no": torch.zeros(1)}, home / "weights.pt")
    with pytest.raises(InputError) as raised:
        hrm_probe.import_checkpoint("~/weights.pt")
    assert "cannot be read" not in str(raised.value)  # it was, and holds no model


def test_answers(home: Path) -> None:
    save_results("~/answers.npz", {"none": None}, {"kept": 1})
    assert load_results("~/answers.npz") == {"none": None}
    assert load_about("~/answers.npz") == {"kept": 1}
    assert nothing_is_here()


def test_whatever_is_written(home: Path) -> None:
    assert check_folder("~/folder") == home / "folder"
    assert check_file("~/file") == home / "file"
    with writing("~/file") as beside:
        beside.write_text("whole")
    assert (home / "file").read_text() == "whole"
    assert nothing_is_here()


@pytest.mark.parametrize("given", ["~nobody-of-that-name/model", None])
def test_what_leads_nowhere_is_told_in_a_sentence(given: str | None) -> None:
    with pytest.raises(InputError, match=r"no user of that name|A path was expected, not None"):
        hrm_probe.open_trace(given)  # type: ignore[arg-type]
