"""Toy trainings and their twins, from the first weights to the figure."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import twins

from hrm_probe.models import build_model
from hrm_probe.training import load_recipe
from tests.analyses.test_closed_edges import command


def test_from_the_recipe_to_the_figure(tmp_path: Path) -> None:
    asked = [
        *(word for word in command(tmp_path, "--asked-at", "2") if word not in ("--counts", "1")),
        "--twins",
        "2",
    ]
    asked[asked.index("--seeds") + 2 : asked.index("--seeds") + 2] = ["1"]
    assert twins.main(asked) == 0
    out = tmp_path / "out"
    assert {path.suffix for path in out.iterdir()} == {".png", ".pdf", ".html", ".json"}
    told = json.loads((out / "twins.json").read_text())
    assert [(run["seed"], run["twin"]) for run in told["runs"]] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert all([row["step"] for row in run["asked"]] == [0, 2, 4] for run in told["runs"])
    last = {
        kind: [r["distance"] for r in told["apart"] if r["step"] == 4 and r["pair"] == kind]
        for kind in twins.KINDS
    }
    assert [len(distances) for distances in last.values()] == [2, 4]
    assert 0 < max(last["twins"]) < min(last["strangers"])
    assert min(last["strangers"]) == pytest.approx(2**0.5, abs=0.15)  # they have nothing in common

    (out / "twins.json").unlink()
    assert twins.main(asked) == 0  # finished runs are only read
    assert json.loads((out / "twins.json").read_text())["runs"] == told["runs"]


def test_a_twin_begins_one_rounding_away() -> None:
    recipe = load_recipe("toy-4x4")
    config = recipe.model_config(16, 6)
    first, other, again = (build_model(config, 0) for _ in range(3))
    twins.to_neighbours(other, draw=1)
    twins.to_neighbours(again, draw=1)
    both = zip(first.parameters(), other.parameters(), again.parameters(), strict=True)
    for weight, moved, same in both:
        assert torch.equal(moved, same)
        assert (weight != moved).all()
        up = torch.nextafter(weight, torch.full_like(weight, torch.inf))
        down = torch.nextafter(weight, torch.full_like(weight, -torch.inf))
        assert ((moved == up) | (moved == down)).all()
        if weight.numel() > 100:
            assert 0.4 < (moved == up).float().mean() < 0.6


def training(seed: int, twin: int, right: list[int], folder: Path = Path()) -> twins.Row:
    return {"seed": seed, "twin": twin, "folder": folder, "asked": [{"single_blanks": right}]}


def test_planted_likeness_of_twins_is_told() -> None:
    rng = np.random.default_rng(0)
    runs = []
    for seed in range(6):
        right = rng.random(200) < 0.5
        runs += [
            training(seed, twin, np.where(rng.random(200) < 0.2, ~right, right).tolist()) for twin in range(3)
        ]
    found = twins.alike(runs, "single_blanks")
    assert (found["twins"]["pairs"], found["strangers"]["pairs"]) == (18, 135)
    assert found["twins"]["phi"] == pytest.approx(0.36, abs=0.06)  # (1 - 2 * 0.2) squared
    assert found["strangers"]["phi"] == pytest.approx(0, abs=0.03)


def test_trainings_that_solve_all_have_no_likeness() -> None:
    runs = [training(0, 0, [1, 1, 1]), training(0, 1, [1, 0, 1])]
    assert twins.alike(runs, "single_blanks")["twins"] == {"phi": None, "pairs": 0}


def test_the_same_movement_is_0_apart_and_an_unrelated_one_the_root_of_2(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    movements = [rng.normal(size=10_000) for _ in range(2)]
    runs = []
    for number, movement in enumerate((movements[0], movements[0], 5 * movements[1])):
        folder = tmp_path / str(number)
        folder.mkdir()
        np.save(folder / "weights-0.npy", np.ones(10_000))
        np.save(folder / "weights-7.npy", 1 + movement)
        runs.append(training(min(number, 1), 0, [], folder))
    first, second, third = (row["distance"] for row in twins.apart(runs, 7))
    assert first == 0
    assert second == third > 2**0.5  # one went five times as far
    assert all(row["distance"] is None for row in twins.apart(runs, 0))
