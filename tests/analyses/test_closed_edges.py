"""Toy models train with their edges open and closed, from the recipe to the figure."""

import json
from pathlib import Path

import closed_edges
import numpy as np
import pytest
import torch

from hrm_probe.reasoning.heads.attention_edges import EDGES, edge_kinds
from hrm_probe.sudoku import Board, generate
from hrm_probe.training import load_recipe
from tests.training.tiny_runs import TINY


def command(folder: Path, *more: str) -> list[str]:
    held_out = folder / "held-out.csv"
    generate(8, "minimal", "4x4", 1).to_csv(held_out)
    own = {"train_sources": "", "evaluate_every": 2, "steps": 4, "batch_size": 8, "allow_leak": "true"}
    own |= {name: TINY[name] for name in ("d_model", "n_heads", "H_layers", "L_layers", "max_segments")}
    own |= {"H_cycles": 1, "L_cycles": 1, "train_set": "generate 4x4 minimal 40", "test_set": str(held_out)}
    own["max_segments"] = 5  # fewer have no room for a jump
    settings = [word for name, value in own.items() for word in ("--set", f"{name}={value}")]
    folders = ["--runs", str(folder / "runs"), "--out", str(folder / "out")]
    return [*more, "--seeds", "0", "--n", "6", "--counts", "1", *settings, *folders]


def test_from_the_recipe_to_the_figure(tmp_path: Path) -> None:
    asked = command(tmp_path, "--asked-at", "2")
    assert closed_edges.main(asked) == 0
    out = tmp_path / "out"
    assert {path.suffix for path in out.iterdir()} == {".png", ".pdf", ".html", ".json"}
    told = json.loads((out / "closed_edges.json").read_text())
    runs = {run["arm"]: run for run in told["runs"]}
    assert list(runs) == list(closed_edges.ARMS)
    assert all([row["step"] for row in run["asked"]] == [2, 4] for run in runs.values())

    untouched = {arm: runs[arm]["asked"][-1]["leaks"][0] for arm in runs}
    assert untouched["open"]["from_blanks"] > 0 < untouched["L closed"]["from_blanks"]  # that of H
    assert untouched["H closed"]["from_blanks"] == untouched["H and L closed"]["from_blanks"] == 0
    assert 0 < untouched["H closed at random"]["from_blanks"] < untouched["open"]["from_blanks"]
    used = {use: runs["H closed"]["end"][f"used {use}"][0]["from_blanks"] for use in ("open", "H closed")}
    assert used["open"] > 0 == used["H closed"]  # the kept model has no hooks of its own

    lowered = {arm: [key for key in run["end"] if "lowered" in key] for arm, run in runs.items()}
    assert lowered.pop("H closed") == ["L lowered"]
    assert lowered.pop("L closed") == ["H lowered"]
    assert not any(lowered.values())
    biases = {arm: {row["bias"] for row in run["asked"][-1]["leaks"]} for arm, run in runs.items()}
    assert biases["L closed"] == biases["open"] == {0, closed_edges.STOPPED}
    assert biases["H closed"] == biases["H and L closed"] == {0}

    (out / "closed_edges.json").unlink()
    assert closed_edges.main(asked) == 0  # finished runs are only read
    assert json.loads((out / "closed_edges.json").read_text())["runs"] == told["runs"]
    (out / "closed_edges.png").unlink()
    assert closed_edges.main(["--saved", "--out", str(out)]) == 0  # no run is needed any more
    assert (out / "closed_edges.png").exists()


@pytest.mark.parametrize(
    ("arm", "levels"), [("open", 0), ("H closed", 1), ("L closed", 1), ("H and L closed", 2)]
)
def test_an_arm_closes_every_edge_to_an_unrelated_cell_and_no_other(arm: str, levels: int) -> None:
    puzzles = generate(2, "minimal", "4x4", 1)
    recipe = load_recipe(closed_edges.RECIPE)
    hooks = closed_edges.closing(*closed_edges.ARMS[arm], puzzles, recipe, seed=0)
    assert len(hooks) == 2 * levels  # two layers each
    unrelated = edge_kinds(Board.of(16), recipe.prefix) == EDGES.index("unrelated")
    for _, close in hooks:
        closed = close(torch.zeros(3, 2, *unrelated.shape), None).isinf().numpy()
        assert (closed == unrelated).all()


def test_at_random_as_many_are_closed_as_a_cell_has_peers_and_the_seed_decides_which() -> None:
    puzzles = generate(2, "minimal", "4x4", 1)
    recipe = load_recipe(closed_edges.RECIPE)
    drawn = []
    for seed in (0, 0, 1):
        (_, close), _ = closed_edges.closing(("H",), "as many unrelated", puzzles, recipe, seed)
        drawn.append(close(torch.zeros(1, 1, 17, 17), None)[0, 0].isinf().numpy())
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert (drawn[0][1:].sum(1) == 7).all()  # 3 in the row, 3 in the column, 1 more in the box
    assert not drawn[0][0].any()


def test_an_unknown_arm_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        closed_edges.main(["--arms", "ajar", "--out", str(tmp_path)])
    assert "invalid choice: 'ajar'" in capsys.readouterr().err
