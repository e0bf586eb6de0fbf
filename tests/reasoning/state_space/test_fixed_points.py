"""The search finds the fixed points that were planted, right and wrong, attracting and repelling."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from hrm_probe import progress
from hrm_probe.dynamics import search
from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.reasoning import fixed_points, segment_map
from hrm_probe.reasoning.state_space import staged_search
from hrm_probe.sudoku import generate
from tests.reasoning.planted_segments import Planted, has_a_rival, keeps, loses


@pytest.fixture(scope="module")
def puzzles():
    return generate(5, "minimal", "4x4", seed=0)


def test_a_keeper_has_one_fixed_point_and_it_is_right_and_attracts(puzzles):
    found = fixed_points(Planted(keeps, u=1.0), puzzles, segments=10)
    assert found.converged.estimate == found.any_right.estimate == found.right_attracts.estimate == 1
    assert found.any_wrong.estimate == 0
    assert len(found.points) == 5
    assert found.points["radius"].to_numpy() == pytest.approx(0.5, abs=0.01)
    assert found.points["sure"].all()
    assert found.points["valid"].all()
    assert found.ends_fixed.estimate == 1


def test_a_losers_solution_is_a_fixed_point_that_repels(puzzles):
    found = fixed_points(Planted(loses, u=0.01), puzzles, segments=20, dtype=torch.float64)
    assert found.both.estimate == 1
    assert found.right_attracts.estimate == 0
    assert found.wrong_attracts.estimate == 1
    right = found.points[found.points["right"]]
    assert right["radius"].to_numpy() == pytest.approx(2, abs=0.01)
    assert not right["end_here"].any()
    assert right["clues_kept"].all()
    assert not found.points.loc[~found.points["right"], "clues_kept"].any()  # the rival renames the digits
    starts = found.table.set_index("start")
    assert starts.loc["solved", "right"].all()
    assert not starts.loc["end", "right"].any()


def test_rivals_and_the_ridge_between_them_are_found_from_starts_around(puzzles):
    found = fixed_points(
        Planted(has_a_rival, u=0.3),
        puzzles[:2],
        starts=("end", "around"),
        copies=30,  # one in ten finds the rival
        spread=2.0,
        dtype=torch.float64,
    )
    assert found.both.estimate == 1
    for _, points in found.points.groupby("puzzle"):
        # z_L, halved by every segment, hides slopes below 1/2.
        assert sorted(points["radius"].round(2)) == [0.5, 0.6, 1.24]
    assert found.converged.estimate == 1
    assert found.points["searches"].sum() == len(found.table)
    assert found.table["iterations"].max() > 5  # those of all stages


@pytest.mark.parametrize("method", ["newton-krylov", "anderson"])
def test_points_of_a_real_network_are_fixed(puzzles, method):
    config = ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1)
    model = build_model(config, seed=1).eval()
    with torch.no_grad():  # weak enough to come to rest
        for name, weight in model.named_parameters():
            weight *= 0.3 if ".blocks." in name else 1
    found = fixed_points(model, puzzles, segments=8, n=2, method=method, dtype=torch.float64)
    assert found.converged.estimate == 1
    tokens = puzzles.sample(2, seed=0).tokens[found.points["puzzle"]]
    step = segment_map(model, tokens, dtype=torch.float64).step
    points = torch.as_tensor(found.states)
    assert (step(points) - points).norm(dim=1).max() < 1e-8
    # All of them attract: recursion comes back to them from nearby.
    assert found.points["attracts"].all()
    moved = points + 1e-4
    for _ in range(100):
        moved = step(moved)
    assert (moved - points).norm(dim=1).max() < 1e-6


def test_eigenvalues_are_those_of_the_formed_jacobian(puzzles):
    config = ModelConfig(cells=16, vocab=6, d_model=4, n_heads=1, H_layers=1, L_layers=1)
    model = build_model(config, seed=2).eval()
    found = fixed_points(
        model, puzzles, segments=8, n=1, starts=("end",), max_iterations=40, dtype=torch.float64
    )
    step = segment_map(model, puzzles.sample(1, 0).tokens, dtype=torch.float64).step
    point = torch.as_tensor(found.states[:1])
    jacobian = torch.func.jacfwd(lambda x: step(x[None])[0])(point[0])
    radius = torch.linalg.eigvals(jacobian.detach()).abs().max().item()
    assert found.points["radius"][0] == pytest.approx(radius, rel=1e-2)


def test_eigenvalues_can_be_left_out(puzzles):
    found = fixed_points(Planted(keeps), puzzles, segments=2, eigenvalues=0)
    assert found.points["radius"].isna().all()
    assert found.right_attracts.n == 0
    assert json.loads(json.dumps(found.summary()))["right_attracts"]["estimate"] is None


def test_starts_are_those_a_puzzle_has(puzzles):
    kept = fixed_points(Planted(keeps), puzzles, segments=3, copies=3, eigenvalues=0).table
    assert kept.groupby("start").size().to_dict() == {"end": 5, "solved": 5, "around": 15}
    lost = fixed_points(Planted(loses, u=0.1), puzzles, segments=12, eigenvalues=0).table
    assert set(lost["start"]) == {"end", "solved", "before_loss", "around"}
    with pytest.raises(InputError, match="no start 'middle'"):
        fixed_points(Planted(keeps), puzzles, starts=("middle",))
    for segments in (1, 2):
        with pytest.raises(InputError, match="No puzzle has a start"):
            fixed_points(Planted(keeps), puzzles, segments=segments, starts=("before_loss",))


def test_nothing_found_is_said_and_not_hidden(puzzles):
    def drifts(u):  # and is at rest only relative to its size, when that has grown beyond all bounds
        return u + 0.1

    found = fixed_points(Planted(drifts), puzzles, segments=2, max_iterations=3)
    assert found.converged.estimate == 0
    assert len(found.points) == len(found.states) == 0
    assert (found.table["point"] == -1).all()
    assert found.ends_fixed.estimate == 0
    assert np.isfinite(found.table["residual"]).all()
    assert "unknown share" in str(found)


def test_searches_without_time_are_said_to_be_cut_short(puzzles):
    found = fixed_points(Planted(loses, u=0.1), puzzles, segments=4, seconds=0)
    assert found.cut_short == found.table["cut_short"].sum() == len(found.table)
    assert found.converged.estimate == 0
    assert (found.table["distance_start"] == 0).all()
    assert (found.table["residual"] > 0).all()
    assert f"The time limit cut {len(found.table)} of the searches short" in str(found)
    assert "time limit" not in str(fixed_points(Planted(keeps), puzzles, segments=2))
    with pytest.raises(InputError, match="it must be a number at least 0"):
        fixed_points(Planted(keeps), puzzles, segments=2, seconds=-1)


def test_a_search_that_is_at_rest_already_is_not_cut_short(puzzles):
    asked = {"segments": 60, "starts": ("end", "around"), "copies": 1, "dtype": torch.float64}
    found = fixed_points(Planted(keeps, u=1.0), puzzles, seconds=0, **asked)
    at_end = found.table["start"] == "end"
    assert found.table["converged"].tolist() == at_end.tolist()
    assert found.table["cut_short"].tolist() == (~at_end).tolist()
    assert found.cut_short == 5


@pytest.mark.parametrize("method", ["newton-krylov", "anderson"])
def test_time_is_shared_by_all_batches(puzzles, method, monkeypatch):
    now = [0.0]

    class Slow(Planted):
        def segment(self, *args, **options):
            now[0] += 1.0
            return super().segment(*args, **options)

    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr(search, "time", clock)
    monkeypatch.setattr(staged_search, "time", clock)
    asked = {"starts": ("end",), "method": method, "batch_size": 2, "dtype": torch.float64}
    whole = fixed_points(Slow(loses, u=0.01), puzzles, segments=4, **asked).table
    cut = fixed_points(Slow(loses, u=0.01), puzzles, segments=4, seconds=9.5, **asked).table
    assert whole["converged"].all()
    assert cut["converged"].tolist() == (~cut["cut_short"]).tolist()
    searched = cut["iterations"] > 0
    assert searched.tolist() == sorted(searched, reverse=True)  # the first batches had the time
    assert 0 < searched.sum() < 5


def test_progress_counts_starts_that_have_ended(puzzles, capsys, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    asked = {"segments": 4, "starts": ("end",), "batch_size": 3, "eigenvalues": 0, "progress": True}
    fixed_points(Planted(loses, u=0.1), puzzles, **asked)
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("searching")]
    assert lines == [f"searching fixed points: {done} of 5 starts, {done} converged" for done in (3, 5)]
