"""ARC's own score on the command line."""

import json

import pytest
import torch

from hrm_probe import load, load_arc
from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig
from hrm_probe.reasoning import arc_score
from tests.models.published.arc_folders import ORIGINAL, SIDE, grid, write_arc
from tests.models.variants import lively

CONFIG = ModelConfig(
    cells=SIDE**2, vocab=12, d_model=8, n_heads=1, H_layers=1, L_layers=1, puzzles=7, max_segments=3
)
PLANS = (ORIGINAL, (3, "0213456789"), (7, "0987654321"))
TASKS = {
    "one": [(grid("12", "30"), grid("1"))],
    "two": [(grid("500"), grid("55")), (grid("444", "404"), grid("4", "4"))],
}


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    torch.set_num_threads(1)


@pytest.fixture
def disk(tmp_path):
    lively(CONFIG).save(tmp_path / "model")
    return write_arc(tmp_path / "arc", TASKS, PLANS)


def test_evaluate_prints_and_writes_the_score(disk, typed) -> None:
    expected = arc_score(load("model"), disk, segments=3)
    done = typed("evaluate", "model", "--puzzles", disk, "--arc", "--segments", 3)
    assert (done.status, done.out) == (0, f"{expected}\n")
    told = json.loads(
        typed("evaluate", "model", "--puzzles", disk / "test", "--arc", "--segments", 3, "--json", "-").out
    )
    assert told["by_k"] == expected.summary()["by_k"]
    assert (told["n"], told["tasks"], told["segments"], told["copies"]) == (2, 2, 3, None)


def test_fewer_tasks_and_copies(disk, typed) -> None:
    done = typed("evaluate", "model", "--puzzles", disk, "--arc", "--segments", 3, "--copies", 2, "--n", 1)
    assert "of 1 task (" in done.out
    assert "by votes of 2.0 copies each" in done.out


def test_the_seed_draws_the_tasks_and_resamples_them(disk, typed, monkeypatch) -> None:
    drawn = []

    def score(model, tests, *, segments, batch_size, seed, progress):
        drawn.append((list(tests.pairs), segments, batch_size, seed))
        raise InputError("That is all.")

    monkeypatch.setattr("hrm_probe.reasoning.solving.arc_score.arc_score", score)
    for seed in range(8):
        words = ("--arc", "--n", 1, "--seed", seed, "--segments", 2, "--batch-size", 5)
        typed("evaluate", "model", "--puzzles", disk, *words)
    assert drawn == [(list(load_arc(disk, 1, seed=seed).pairs), 2, 5, seed) for seed in range(8)]
    assert len({tuple(tasks) for tasks, *_ in drawn}) == 2


def test_counting_examples_of_arc_says_that_there_is_a_score(disk, typed) -> None:
    done = typed("evaluate", "model", "--puzzles", disk / "test", "--segments", 3)
    assert "of 9 puzzles solved" in done.out
    assert done.out.splitlines()[-1].startswith(
        "Here each example counts by itself; --arc gives ARC's own score"
    )
    done = typed("evaluate", "model", "--puzzles", disk / "test", "--segments", 3, "--json", "-")
    assert json.loads(done.out)["counts"]["puzzles"] == 9


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--arc", "--at-halt"), "exclude each other"),
        (("--copies", 3), "--copies belongs to --arc"),
        (("--arc", "--copies", 0), "copies is 0; it must be at least 1"),
        (("--arc", "--n", 3), "but the set holds 2 puzzles"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(disk, typed, words, told) -> None:
    assert told in typed("evaluate", "model", "--puzzles", disk, *words).sentence


def test_sudokus_are_no_arc(disk, typed) -> None:
    assert (
        "There is no folder 6x6-test" in typed("evaluate", "model", "--puzzles", "6x6-test", "--arc").sentence
    )
