"""Dimensions that were planted in states are found, by cell and by grid, and growth is the sample's where it is."""

import json

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.reasoning import dimensions
from hrm_probe.reasoning.inside.dimension_tables import growth, measured
from hrm_probe.reasoning.inside.network import TRAINED
from hrm_probe.sudoku import generate
from hrm_probe.trace import record
from tests.reasoning.planted_updates import Planted, jumps_at

PUZZLES = generate(30, "easy", "4x4", seed=0)
CONFIG = ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=3)


def spread_over(dimensions, segments=4, puzzles=60, cells=5, d=12, seed=0, common=0.0):
    """States [segment, puzzle, cell, d] that are independent in every cell and spread evenly in so many directions.

    ``common`` moves each cell's states by as much, in a direction of its own, whatever the puzzle.
    """
    rng = np.random.default_rng(seed)
    states = np.zeros((segments, puzzles, cells, d))
    states[..., :dimensions] = rng.normal(size=(segments, puzzles, cells, dimensions))
    states[..., -cells:] += common * np.eye(cells)
    return torch.tensor(states, dtype=torch.float32)


@pytest.fixture(scope="module")
def planted():
    states = {"z_H": spread_over(6), "z_L": spread_over(2, seed=1)}
    return measured(TRAINED, states, None)


def row(table, **wanted):
    (found,) = table[np.logical_and.reduce([table[name] == value for name, value in wanted.items()])].to_dict(
        "records"
    )
    return found


def test_each_site_has_the_dimensions_it_was_given(planted):
    for site, truth in (("z_H", 6), ("z_L", 2)):
        found = row(planted.table, reading="cells", site=site)
        assert found["low"] < truth < found["high"]
        assert found["dimensions"] == pytest.approx(truth, rel=0.05)


def test_whole_grids_have_those_of_all_their_cells(planted):
    for site, truth in (("z_H", 30), ("z_L", 10)):
        found = row(planted.table, reading="grids", site=site)
        assert found["dimensions"] == pytest.approx(truth, rel=0.1)


def test_one_site_has_three_times_the_dimensions_of_the_other(planted):
    for reading in ("cells", "cells apart", "grids"):
        found = row(planted.ratios, reading=reading)
        assert found["low"] < 3 < found["high"]


def test_the_place_of_a_cell_counts_as_dimensions_until_its_mean_is_taken():
    states = {"z_H": spread_over(2, common=3.0), "z_L": spread_over(2, seed=1)}
    found = measured(TRAINED, states, None)
    assert row(found.table, reading="cells", site="z_H")["dimensions"] > 4
    assert row(found.table, reading="cells apart", site="z_H")["dimensions"] == pytest.approx(2, rel=0.05)


def test_each_segment_is_measured_by_itself():
    states = {"z_H": spread_over(3), "z_L": spread_over(3)}
    states["z_H"][2] = spread_over(8, segments=1, seed=7)[0]
    found = measured(TRAINED, states, None).by_segment
    of_H = found[found["site"] == "z_H"].set_index("segment")["dimensions"]
    assert of_H.loc[3] == pytest.approx(8, rel=0.1)
    assert of_H.loc[[1, 2, 4]].to_numpy() == pytest.approx(3, rel=0.1)


def test_puzzles_of_one_group_are_not_compared_with_one_another():
    """Twelve copies of each of five grids: of their dimensions only five grids tell."""
    few = spread_over(6, puzzles=5).repeat_interleave(12, dim=1)
    found = measured(TRAINED, {"z_H": few, "z_L": few}, np.repeat(np.arange(5), 12)).table
    blind = measured(TRAINED, {"z_H": few, "z_L": few}, None).table
    aware, fooled = (row(table, reading="grids", site="z_H") for table in (found, blind))
    assert fooled["dimensions"] < 20 < 30 < aware["high"]
    assert aware["high"] / aware["low"] > fooled["high"] / fooled["low"]


def test_what_grows_with_the_number_of_puzzles_alone_is_the_plain_ratio():
    states = {"z_H": spread_over(8, puzzles=80), "z_L": spread_over(8, puzzles=80, seed=1)}
    found = growth(TRAINED, states, [10, 80], np.random.default_rng(0))
    grids = found[(found["reading"] == "grids") & (found["site"] == "z_H")].set_index("tasks")
    assert grids.loc[80, "plain"] > 1.25 * grids.loc[10, "plain"]
    assert grids.loc[10, "dimensions"] == pytest.approx(40, rel=0.1)
    assert grids.loc[80, "dimensions"] == pytest.approx(40, rel=0.05)


def test_the_question_takes_a_model_and_untrained_ones_like_it():
    found = dimensions(build_model(CONFIG, seed=0), PUZZLES, untrained=2, tasks=[10, 30])
    own = found.ratios[found.ratios["network"] == "trained"].drop(columns="network")
    again = found.ratios[(found.ratios["network"] == "untrained") & (found.ratios["draw"] == 0)]
    np.testing.assert_allclose(own.iloc[:, 2:], again.iloc[:, 3:])  # it is itself as it was drawn with seed 0
    assert found.untrained_least <= found.times.estimate <= found.untrained_most
    assert found.growth["tasks"].unique().tolist() == [10, 30]
    assert (found.puzzles, found.segments, found.untrained, found.d_model) == (30, 3, 2, 16)
    assert found.H.n == 30
    assert "in 2 untrained networks" in str(found)


def test_another_seed_draws_other_untrained_networks():
    found = dimensions(build_model(CONFIG), PUZZLES[:8], untrained=2, tasks=4, seed=5)
    assert found.ratios["draw"].unique().tolist() == [0, 5, 6]


def test_without_untrained_networks_nothing_is_said_of_them():
    found = dimensions(build_model(CONFIG), PUZZLES[:8], untrained=0, tasks=[])
    assert "untrained" not in str(found)
    assert np.isnan(found.untrained_most)
    assert found.growth.empty
    assert json.loads(json.dumps(found.summary()))["untrained_most"] is None


def test_what_too_few_puzzles_cannot_tell_is_said():
    found = dimensions(Planted(jumps_at(2), segments=2), PUZZLES[:2], untrained=1, tasks=[])
    assert not np.isfinite(found.times_grids.estimate)
    assert "of whole grids an unknown number of (too few puzzles)" in str(found)
    assert "in an untrained network" in str(found)


def test_a_count_of_tasks_beyond_the_puzzles_is_left_out():
    found = dimensions(build_model(CONFIG), PUZZLES[:8], untrained=0, tasks=[4, 8, 9])
    assert found.growth["tasks"].unique().tolist() == [4, 8]


def test_solved_is_told_of_the_last_segment():
    assert dimensions(Planted(jumps_at(2), segments=3), PUZZLES, untrained=0, tasks=4).solved == 1
    assert dimensions(Planted(jumps_at(4), segments=3), PUZZLES, untrained=0, tasks=4).solved == 0


def test_a_recorded_run_tells_the_same(tmp_path):
    model = build_model(CONFIG)
    trace = record(model, PUZZLES, tmp_path / "trace", dtype="float32")
    asked, read = (dimensions(one, PUZZLES, untrained=1, tasks=10) for one in (model, trace))
    assert read.times.estimate == pytest.approx(asked.times.estimate, rel=1e-4)
    assert read.untrained_most == pytest.approx(asked.untrained_most, rel=1e-4)
    assert dimensions(trace, untrained=0, tasks=10).H.estimate == pytest.approx(asked.H.estimate, rel=1e-4)


def test_states_in_front_of_the_cells_are_left_out():
    config = ModelConfig(
        cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=2, prefix=1
    )
    model = build_model(config)
    found = dimensions(model, PUZZLES, untrained=0, tasks=10)
    ends = []
    for state, _ in model.unroll(model.check_tokens(PUZZLES.tokens), 2):
        ends.append(state.z_H[:, 1:].detach())
    z_H = torch.stack(ends)
    expected = measured(TRAINED, {"z_H": z_H, "z_L": z_H}, None).table
    assert found.H.estimate == pytest.approx(
        row(expected, reading="cells", site="z_H")["dimensions"], rel=1e-5
    )


@pytest.mark.parametrize(
    ("settings", "told"),
    [({"untrained": -1}, "untrained"), ({"tasks": 1}, "tasks"), ({"segments": 0}, "segments")],
)
def test_numbers_that_are_none_are_refused(settings, told):
    with pytest.raises(InputError, match=told):
        dimensions(build_model(CONFIG), PUZZLES, **settings)
