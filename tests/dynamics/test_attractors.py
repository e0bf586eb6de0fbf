"""Planted attractors are found and counted; where runs wander, none are."""

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch

from hrm_probe.dynamics import basin_sizes, cluster_attractors, maps, nearest_attractor, settle, share
from hrm_probe.dynamics.linearise import Step
from hrm_probe.errors import InputError


def run(step: Step, starts: torch.Tensor, steps: int) -> np.ndarray:
    """[n, steps + 1, d]"""
    states = [starts]
    for _ in range(steps):
        states.append(step(states[-1]))
    return torch.stack(states, dim=1).numpy()


def starts(n: int, d: int, seed: int = 0) -> torch.Tensor:
    return 3 * torch.rand(n, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) - 1.5


@pytest.mark.parametrize("d", [1, 8])
def test_the_two_wells(d: int) -> None:
    begin = starts(300, d)
    found = cluster_attractors(run(maps.double_well(), begin, 400)[:, -1], starts=begin.numpy())
    assert len(found) == 2
    assert sorted(found.centres[:, 0].round(3)) == [-1, 1]
    same_side = (begin[:, 0] > 0).numpy() == (found.centres[found.labels, 0] > 0)
    assert same_side.all()
    sizes = basin_sizes(found)
    assert sizes["label"].tolist() == [0, 1, -1]
    assert ((sizes["low"] < 0.5) & (sizes["high"] > 0.5))[:2].all()


def test_runs_still_on_their_way_are_left_out_by_settling() -> None:
    paths = run(maps.double_well(), starts(300, 8), 40)
    moves = np.linalg.norm(np.diff(paths, axis=1), axis=2)
    found = cluster_attractors(paths[:, -1], settled=settle(moves, threshold=0.01).settled)
    assert len(found) == 2
    assert 0.7 < (found.labels >= 0).mean() < 1


def test_three_cube_roots_of_one() -> None:
    found = cluster_attractors(run(maps.newton_cube_roots(), starts(300, 2), 60)[:, -1])
    assert len(found) == 3
    roots = np.exp(2j * np.pi * np.arange(3) / 3)
    distances = np.abs((found.centres @ [1, 1j])[:, None] - roots)
    assert distances.min(axis=1).max() < 1e-9
    assert sorted(distances.argmin(axis=1)) == [0, 1, 2]
    assert (found.labels >= 0).all()


def test_a_single_attractor() -> None:
    step = maps.linear(0.5 * torch.eye(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64))
    begin = starts(50, 3)
    found = cluster_attractors(run(step, begin, 60)[:, -1], starts=begin.numpy())
    assert found.counts.tolist() == [50]
    np.testing.assert_allclose(found.centres, [[2.0, 2.0, 2.0]])


@pytest.mark.parametrize("n", [20, 200, 1000])
def test_no_attractor_where_runs_wander(n: int) -> None:
    begin = torch.rand(n, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(n))
    found = cluster_attractors(run(maps.logistic(4.0), begin, 200)[:, -1])
    assert len(found) == 0
    assert (found.labels == -1).all()
    assert basin_sizes(found)["count"].tolist() == [n]


@pytest.mark.parametrize("d", [2, 50])
def test_no_attractor_in_a_cloud(d: int) -> None:
    assert all(
        len(cluster_attractors(np.random.default_rng(s).normal(size=(100, d)))) == 0 for s in range(20)
    )


def test_wanderers_among_the_settled_are_in_none() -> None:
    rng = np.random.default_rng(0)
    ends = np.concatenate(
        [rng.normal(0, 1e-4, (30, 5)) + 1, rng.normal(0, 1e-4, (20, 5)) - 1, rng.normal(0, 1, (20, 5))]
    )
    found = cluster_attractors(ends)
    assert found.counts.tolist() == [30, 20]
    assert (found.labels[50:] == -1).all()
    told = cluster_attractors(ends, settled=np.arange(70) < 50)
    assert told.labels.tolist() == found.labels.tolist()


def test_a_given_tolerance_decides() -> None:
    ends = np.array([[0.0], [1.0], [2.0], [10.0], [11.0]])
    assert cluster_attractors(ends, tolerance=1.5).labels.tolist() == [0, 0, 0, 1, 1]
    assert cluster_attractors(ends, tolerance=0.5).labels.tolist() == [-1] * 5


def test_trajectories_become_labels() -> None:
    path = run(maps.double_well(), torch.tensor([[0.1], [-0.1]], dtype=torch.float64), 200)
    labels = nearest_attractor(path, [[1.0], [-1.0]], radius=0.05)
    assert labels[:, 0].tolist() == [-1, -1]
    assert labels[:, -1].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: cluster_attractors(np.zeros(3)), "end_points must have shape [n, d]"),
        (lambda: cluster_attractors([[np.nan]]), "end_points hold NaN or infinity"),
        (
            lambda: cluster_attractors(np.zeros((3, 1)), settled=[True]),
            "one flag for each of the 3 end points",
        ),
        (lambda: cluster_attractors(np.zeros((3, 1)), gap=1.0), "gap is 1.0; it must be a number above 1"),
        (
            lambda: nearest_attractor(np.zeros((2, 3)), np.zeros((1, 2)), 1.0),
            "trajectories must have shape [..., 2]",
        ),
    ],
)
def test_bad_input_is_told_in_a_sentence_that_names_it(call: Callable[[], object], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        call()


@pytest.mark.parametrize("far", [0.0, 20.0, 1e3])
def test_without_starts_the_verdict_does_not_depend_on_where_zero_is(far: float) -> None:
    rng = np.random.default_rng(0)
    assert len(cluster_attractors(rng.normal(size=(40, 2)) + far)) == 0
    two = np.r_[np.zeros((20, 2)), np.ones((20, 2))] + 1e-4 * rng.normal(size=(40, 2))
    assert len(cluster_attractors(two + far)) == 2


def test_a_single_attractor_is_seen_by_where_the_runs_began() -> None:
    ends = 0.5**60 * np.random.default_rng(0).normal(size=(40, 3))  # of x -> x / 2
    begun = np.random.default_rng(1).normal(size=(40, 3))
    for place in (0.0, 1.0):
        assert len(cluster_attractors(ends + place, starts=begun + place)) == 1
        assert len(cluster_attractors(ends + place)) == 0


@pytest.mark.parametrize("far", [1e2, 1e4])
def test_a_far_end_makes_no_attractor_of_a_cloud(far: float) -> None:
    rng = np.random.default_rng(0)
    cloud = rng.normal(size=(60, 3))
    assert len(cluster_attractors(np.r_[cloud, [[far, 0, 0]]])) == 0
    strays = np.r_[cloud, np.full((2, 3), far)]
    assert len(cluster_attractors(strays, starts=rng.normal(size=(62, 3)))) == 0
    told = cluster_attractors(np.r_[1e-3 * cloud, [[far, 0, 0]]], starts=rng.normal(size=(61, 3)))
    assert told.counts.tolist() == [60]


@pytest.mark.parametrize("wrong", [{"tolerance": np.nan}, {"gap": np.nan}, {"starts": np.zeros((4, 3))}])
def test_what_is_no_setting_is_refused(wrong: dict) -> None:
    with pytest.raises(InputError):
        cluster_attractors(np.zeros((4, 2)), **wrong)


def test_a_run_that_diverged_takes_no_part() -> None:
    ends = np.array([[0.0], [0.0], [1.0], [1.0], [np.nan]])
    found = cluster_attractors(
        ends, settled=[True, True, True, True, False], starts=np.array([[-3.0], [3.0]])
    )
    assert found.labels.tolist() == [0, 0, 1, 1, -1]


def test_what_rounding_has_moved_apart_is_one_attractor() -> None:
    ends = np.array([[0.0], [1e-15], [1e-7], [1.0], [1 + 1e-15], [1 + 1e-7]])
    assert cluster_attractors(ends).labels.tolist() == [0, 0, 0, 1, 1, 1]
    finer = cluster_attractors(ends, resolution=1e-14)  # then the widest gap is that between 1e-15 and 1e-7
    assert finer.labels.tolist() == [0, 0, -1, 1, 1, -1]


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_basins_of_runs_that_belong_together_are_as_sure_as_their_groups(level: float) -> None:
    found = cluster_attractors(np.repeat([[0.0], [1.0]], [60, 40], axis=0), tolerance=0.1)
    groups = np.arange(100) // 10
    sizes = basin_sizes(found, groups=groups, level=level, seed=2)
    alone = share(found.labels == 0, groups=groups, level=level, seed=2)
    assert tuple(sizes.loc[0, ["share", "low", "high"]]) == (alone.estimate, alone.low, alone.high)
    rows = basin_sizes(found, level=level).loc[0]
    assert sizes["high"][0] - sizes["low"][0] > 2 * (rows["high"] - rows["low"])


def test_a_point_within_reach_of_two_attractors_is_the_nearers() -> None:
    assert nearest_attractor([[0.1], [0.9]], [[0.0], [1.0]], 2.0).tolist() == [0, 1]
