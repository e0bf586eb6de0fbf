"""Attractors planted on purpose are found with their stability and basins; where none is, none is found."""

import json
from math import erf, sqrt

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.reasoning import attractors, segment_map
from hrm_probe.reasoning.runs.flattening import map_of
from hrm_probe.reasoning.state_space.attractor_points import stability_of
from hrm_probe.reasoning.state_space.many_starts import PLANE, run_puzzle
from hrm_probe.sudoku import generate
from tests.reasoning.planted_segments import Planted, has_a_rival, keeps, loses

puzzles = generate(6, "minimal", "4x4", seed=0)
RIDGE = 0.4  # of has_a_rival
START, SCALE = 0.3, 0.3


def turns(u):
    """Never at rest: it goes round in steps of 0.3."""
    return (u + 0.3) % 1


@pytest.fixture(scope="module")
def rivals():
    return attractors(Planted(has_a_rival, u=START), puzzles, n=4, starts=60, scale=SCALE, threshold=1e-3)


@pytest.fixture(scope="module")
def keeper():
    return attractors(Planted(keeps, u=1.0), puzzles, n=4, starts=12, threshold=1e-3)


@pytest.fixture(scope="module")
def loser():
    return attractors(Planted(loses, u=0.2), puzzles, n=2, scale=0.05, threshold=1e-3)


@pytest.fixture(scope="module")
def wanderer():
    return attractors(Planted(turns), puzzles, n=3, starts=12, threshold=1e-3)


def test_a_keeper_has_one_attractor_and_it_is_right_stable_and_believed(keeper):
    assert (keeper.several.estimate, keeper.rivals.estimate, keeper.several_stable.estimate) == (0, 0, 0)
    assert (keeper.right_stable.estimate, keeper.right_believed.estimate) == (1, 1)
    assert keeper.right_basin.estimate == keeper.confirmed.estimate == 1
    assert keeper.wandering.estimate == keeper.lost.estimate == 0
    assert (keeper.wrong_stable.n, keeper.rescued.n) == (0, 0)
    points = keeper.points
    assert len(points) == 4
    assert points["radius"].astype(float).to_numpy() == pytest.approx(0.5, abs=0.01)
    assert (points[["basin", "basin_plane", "agree"]] == 1).all().all()
    assert (points[["wrong_cells", "conflicts", "distance_right"]] == 0).all().all()


def test_a_success_is_lost_from_a_start_if_any_start_ends_wrong(rivals):
    assert rivals.table["solved"].all()
    assert rivals.lost.estimate == 1
    assert 0 < rivals.right_basin.estimate < 1


def test_a_rival_stands_beside_the_true_one(rivals):
    assert rivals.several.estimate == rivals.rivals.estimate == rivals.several_stable.estimate == 1
    assert rivals.right_stable.estimate == rivals.wrong_stable.estimate == 1
    assert rivals.right_believed.estimate == 1
    assert rivals.wrong_believed.estimate == 0
    right, wrong = (rivals.points[rivals.points["right"] == flag] for flag in (True, False))
    assert len(right) == len(wrong) == 4
    assert right["radius"].astype(float).to_numpy() == pytest.approx(0.6, abs=0.01)
    # The rival's slope, 0.4, is hidden by z_L, which every segment halves.
    assert wrong["radius"].astype(float).to_numpy() == pytest.approx(0.5, abs=0.01)
    assert (wrong["wrong_cells"] == 16).all()
    # It renames all digits: no conflict, but no clue is kept. Conflicts alone would not tell.
    assert wrong["valid"].all()
    assert not wrong["clues_kept"].any()
    assert right["plain"].all()
    assert not wrong["plain"].any()


def test_rivals_are_as_far_apart_as_planted(rivals):
    # u differs by 1; in each of 16 cells two channels differ by 1. z_H and z_L have 17 positions of 8 channels.
    apart = rivals.points.loc[~rivals.points["right"], "distance_right"]
    prefix = Planted(keeps).config.prefix
    assert apart.to_numpy() == pytest.approx(sqrt((1 + 2 * 16) / (2 * 8 * (16 + prefix))), abs=0.01)


def test_basins_are_as_large_as_the_noise_makes_them(rivals):
    known = (1 + erf((RIDGE - START) / SCALE / sqrt(2))) / 2  # share of starts below the ridge
    within = 4 * sqrt(known * (1 - known) / (4 * 60))
    assert rivals.right_basin.estimate == pytest.approx(known, abs=within)
    assert rivals.right_basin.low < known < rivals.right_basin.high
    totals = rivals.points.groupby("puzzle")["basin"].sum().to_numpy()
    assert totals == pytest.approx(1 - rivals.table["wandering"].to_numpy())


def test_basins_in_the_plane_are_its_points_on_either_side_of_the_ridge():
    model = Planted(has_a_rival, u=START)
    noise = torch.Generator().manual_seed(0)
    runs = run_puzzle(
        model,
        puzzles[[0]],
        starts=2,
        scale=SCALE,
        resolution=9,
        segments=16,
        threshold=1e-3,
        batch_size=128,
        noise=noise,
    )
    u = segment_map(model, puzzles.tokens[:1]).unflatten(runs.grid.starts).z_H[:, 0, 0].numpy()
    far = np.abs(u - RIDGE) < 0.7  # beyond, the flow overshoots
    assert 0.2 < (u < RIDGE).mean() < 0.8
    np.testing.assert_array_equal(runs.solved[runs.source == PLANE][far], u[far] < RIDGE)


def test_a_loser_has_only_the_wrong_one(loser):
    assert loser.several.estimate == loser.rivals.estimate == loser.rescued.estimate == 0
    assert loser.right_basin.estimate == 0
    assert loser.wrong_stable.estimate == 1
    assert loser.right_stable.n == 0
    assert loser.points["distance_right"].isna().all()


def test_a_wanderer_has_none_and_so_it_is_said(wanderer):
    assert len(wanderer.points) == 0
    assert wanderer.wandering.estimate == 1
    assert wanderer.several.estimate == wanderer.rivals.estimate == 0
    assert (wanderer.by_tolerance["wandering"] == 1).all()
    assert (wanderer.table["answers"] == 2).all()
    assert (wanderer.table["segments"] == 32).all()
    assert np.isnan(wanderer.wrong_believed.estimate)
    assert "100.0%" in str(wanderer)


def test_the_properties_verdicts_differ(rivals, keeper):
    assert keeper.rivals.high < rivals.rivals.low


def test_failures_are_rescued_where_another_start_lies_beyond_the_ridge():
    found = attractors(
        Planted(has_a_rival, u=0.6), puzzles, n=3, starts=16, scale=SCALE, threshold=1e-3, stability=False
    )
    assert not found.table["solved"].any()
    assert found.rescued.estimate == 1
    assert found.lost.n == 0
    assert found.by_outcome["puzzles"].tolist() == [3, 0]
    assert found.points["stable"].isna().all()
    assert found.confirmed.n == 0


def test_thresholds_and_tolerances_are_swept(rivals):
    sweep = rivals.by_tolerance
    assert sweep["threshold"].unique() == pytest.approx([1e-3 / 3, 1e-3, 3e-3])
    assert sweep["tolerance"].unique() == pytest.approx([0.03, 0.1, 0.3])
    assert (sweep["rivals"] == 1).all()
    joined = attractors(
        Planted(has_a_rival, u=START),
        puzzles,
        n=2,
        scale=SCALE,
        threshold=1e-3,
        tolerance=1.0,
        stability=False,
    )
    assert joined.several.estimate == 0  # farther apart than they lie
    assert set(joined.by_tolerance["tolerance"]) == {0.03, 0.3, 1.0}


@pytest.mark.parametrize(("tolerance", "fixed"), [(0.4, False), (0.6, True)])
def test_an_attractor_is_a_fixed_point_if_one_lies_within_the_tolerance_of_its_middle(tolerance, fixed):
    model = Planted(keeps)
    chart = map_of(model, puzzles[[0]], torch.float32)
    rest = chart.flatten(model.run(puzzles.tokens[:1], 64).state)
    away = torch.zeros_like(rest)
    away[:, :8] = (
        0.5 * (rest.shape[1] / 8) ** 0.5
    )  # a root mean square of 0.5, in the prefix, which shows no digit
    found = stability_of(model, puzzles[[0]], rest + away, np.zeros(1, int), tolerance, 8, seed=0)
    assert found["fixed"].tolist() == [fixed]
    assert found["radius"].isna().tolist() == [not fixed]


def test_equal_seeds_give_equal_answers_and_json():
    small = {"n": 2, "starts": 6, "plane_resolution": 2, "threshold": 1e-3}
    again, once = (attractors(Planted(keeps, u=1.0), puzzles, **small) for _ in range(2))
    assert again.summary() == once.summary()
    assert json.loads(json.dumps(again.summary()))["rescued"]["estimate"] is None


class Still(Planted):
    """Stays at u = 0 and z_L = 0: only the cells change, once."""

    def __init__(self):
        super().__init__(lambda u: u)

    def initial_state(self, batch):
        state = super().initial_state(batch)
        return state._replace(z_L=torch.zeros_like(state.z_L))


def test_a_trajectory_on_a_line_spans_no_plane():
    found = attractors(Still(), puzzles, n=1, starts=4, threshold=1e-3, stability=False)
    assert found.table["explained"].isna().all()
    assert found.points["basin_plane"].isna().all()
    assert found.right_basin.n == 1


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"segments": 2}, "segments is 2; it must be at least 3"),
        ({"starts": 0}, "starts is 0"),
        ({"n": 0}, "n is 0"),
        ({"plane_resolution": -1}, "plane_resolution is -1"),
    ],
)
def test_bad_input_is_said(bad, said):
    with pytest.raises(InputError, match=said):
        attractors(Planted(keeps), puzzles, **bad)
