"""What a run finds that is not as it left it, and what it must find out before its minutes begin."""

import json
import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import hrm_probe.models
from hrm_probe.errors import InputError
from hrm_probe.sudoku import generate
from hrm_probe.training import Recipe, train
from hrm_probe.training.data.sets import load_data
from tests.training.tiny_runs import tiny, weights


def test_a_run_does_not_go_on_with_other_puzzles(tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    generate(40, "minimal", "4x4", seed=0).to_csv(mine)
    recipe = tiny(steps=3, train_set=str(mine))
    train(recipe, tmp_path / "run")
    generate(40, "minimal", "4x4", seed=1).to_csv(mine)
    with pytest.raises(InputError, match="The puzzles of train_set are no longer those that the run in"):
        train(recipe, tmp_path / "run", resume=True)


@pytest.mark.parametrize("order", ["uniform", "easy_first"])
def test_other_ratings_are_other_data_where_the_order_follows_them(tmp_path: Path, order: str) -> None:
    mine, puzzles = tmp_path / "mine.csv", generate(40, "minimal", "4x4", seed=0)
    recipe = tiny(steps=3, train_set=str(mine), order=order)
    replace(puzzles, rating=np.arange(40)).to_csv(mine)
    train(recipe, tmp_path / "run")
    replace(puzzles, rating=np.arange(40)[::-1]).to_csv(mine)
    refused = pytest.raises(InputError, match="The ratings of train_set are no longer those that the run in")
    with refused if order == "easy_first" else nullcontext():
        assert train(recipe, tmp_path / "run", resume=True).finished


def test_a_run_finds_sets_of_relative_paths_where_it_was_begun_and_says_so_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun_in, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (begun_in, elsewhere):
        folder.mkdir()
    monkeypatch.chdir(begun_in)
    generate(40, "minimal", "4x4", seed=0).to_csv("mine.csv")
    train(tiny(steps=3, train_set="mine.csv"), tmp_path / "run")
    monkeypatch.chdir(elsewhere)
    told = rf"began with train_set=mine\.csv, .*the folder you are in \({elsewhere}\).*where it was begun"
    with pytest.raises(InputError, match=told):
        train(out=tmp_path / "run", resume=True)
    monkeypatch.chdir(begun_in)
    assert train(out=tmp_path / "run", resume=True).finished


def test_a_generated_test_set_is_no_neighbouring_seeds_training_set() -> None:
    sets = [load_data(tiny(data_seed=seed, train_set="generate 9x9 minimal 5", test_set="generate 9x9 minimal 5"))
            for seed in (0, 1)]  # fmt: skip
    assert not np.array_equal(sets[0].test.tokens, sets[1].train.tokens)
    assert not np.array_equal(sets[0].test.tokens, sets[1].test.tokens)


@pytest.mark.parametrize("summary", [True, False])
def test_a_finished_run_that_lost_its_model_has_it_again(tmp_path: Path, summary: bool) -> None:
    first = train(tiny(steps=3), tmp_path)
    shutil.rmtree(tmp_path / "model")
    if not summary:
        (tmp_path / "summary.json").unlink()
    train(tiny(steps=3), tmp_path, resume=True)
    again = hrm_probe.models.load(tmp_path / "model", device="cpu")
    for name, value in weights(first).items():
        assert torch.equal(value, again.state_dict()[name]), name


def test_a_summary_that_cannot_be_read_is_made_anew(tmp_path: Path) -> None:
    first = train(tiny(steps=3), tmp_path)
    (tmp_path / "summary.json").write_text("{")
    again = train(tiny(steps=3), tmp_path, resume=True)
    assert again.summary["accuracy"] == first.summary["accuracy"]
    assert json.loads((tmp_path / "summary.json").read_text())["accuracy"] == first.summary["accuracy"]


def test_answers_of_another_training_are_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "answers.npz").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"holds answers\.npz of another training"):
        train(tiny(steps=3, keep_answers=1), tmp_path)
    assert (tmp_path / "answers.npz").read_bytes() == b"mine"


def test_numbers_of_numpy_are_whole_or_refused() -> None:
    assert Recipe().replace({"steps": np.float32(3)}).steps == 3
    with pytest.raises(InputError, match="steps"):
        Recipe().replace({"steps": np.float32(2.5)})
