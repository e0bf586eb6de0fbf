"""Residuals of updates that are written down."""

import json

import numpy as np
import pytest

from hrm_probe.models import HRM, ModelConfig, build_model
from hrm_probe.reasoning import follow, residuals
from hrm_probe.reasoning.runs.curves import root_mean_square
from hrm_probe.sudoku import generate

CONFIG = ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, H_cycles=2, L_cycles=3)


class Halving(HRM):
    """Every L-update halves z_L; every H-update adds z_L to z_H."""

    def update_L(self, state, x):
        return state.z_L / 2

    def update_H(self, state):
        return state.z_H + state.z_L


@pytest.fixture(scope="module")
def puzzles():
    return generate(6, "minimal", "4x4", seed=0)


def test_residuals_are_those_of_the_written_rule(puzzles):
    import torch

    model = Halving(CONFIG, torch.Generator().manual_seed(0))
    size = float(root_mean_square(model.initial_state(1).z_L))
    result = residuals(model, puzzles, segments=3)
    one = result.table[result.table["puzzle"] == 0].reset_index(drop=True)
    of_L, of_H = (one[one["level"] == level]["residual"].to_numpy() for level in "LH")
    assert of_L == pytest.approx(size * 0.5 ** np.arange(1, 19), rel=1e-5)  # 3 segments, 2 cycles, 3 updates
    assert of_H == pytest.approx(size * 0.5 ** np.array([3, 6, 9, 12, 15, 18]), rel=1e-4, abs=1e-7)
    assert result.reset.estimate == pytest.approx(0.5, rel=1e-4)
    assert one[["segment", "H_cycle", "L_cycle"]].values.tolist()[:5] == [
        [1, 1, 1], [1, 1, 2], [1, 1, 3], [1, 1, 0], [1, 2, 1]
    ]  # fmt: skip


@pytest.mark.parametrize("architecture", ["hrm", "trm"])
def test_moves_of_a_real_model_are_those_between_its_recorded_states(puzzles, architecture):
    model = build_model(CONFIG.replace(architecture=architecture), seed=1)
    result = residuals(model, puzzles, segments=4, batch_size=4)
    _, cache = model.run_with_cache(puzzles.tokens, ["z_H", "z_L"], segments=4)
    table = result.table.set_index(["puzzle", "segment", "H_cycle", "L_cycle"])["residual"]
    moved = root_mean_square(cache["z_H"][2, 0] - cache["z_H"][1, 1])
    assert [table[p, 3, 1, 0] for p in range(6)] == pytest.approx(moved.tolist(), abs=1e-5)
    moved = root_mean_square(cache["z_L"][2, 1, 0] - cache["z_L"][2, 0, 2])
    assert [table[p, 3, 2, 1] for p in range(6)] == pytest.approx(moved.tolist(), abs=1e-5)
    assert len(table) == 6 * 4 * 8


def test_a_single_cycle_moves_as_far_as_its_segment(puzzles):
    model = build_model(CONFIG.replace(H_cycles=1), seed=1)
    result = residuals(model, puzzles, segments=3)
    H = result.table[result.table["level"] == "H"].pivot(index="puzzle", columns="segment", values="residual")
    assert H.to_numpy() == pytest.approx(follow(model, puzzles, 3).displacement, abs=1e-5)
    assert result.reset is None


def test_no_move_is_below_nothing(puzzles):
    result = residuals(build_model(CONFIG), puzzles, segments=2, groups=np.array([0, 0, 0, 0, 0, 1]))
    assert result.last_H.low >= 0
    assert residuals(build_model(CONFIG), puzzles, segments=2, groups=np.zeros(6)).last_H.low == 0


def test_a_sample_is_taken_and_reported(puzzles):
    result = residuals(build_model(CONFIG), puzzles, segments=1, n=2)
    assert result.puzzles == 2
    assert json.loads(json.dumps(result.summary()))["last_H"]["n"] == 2
    assert "2 puzzles" in str(result)


def test_a_model_in_bfloat16_is_followed_beyond_its_rounding(puzzles):
    import torch

    rough = Halving(CONFIG.replace(forward_dtype="bfloat16"), torch.Generator().manual_seed(0))
    result = residuals(rough, puzzles, segments=3)
    assert result.dtype == "float32"
    last = result.table[result.table["level"] == "H"].groupby("segment")["residual"].last()
    assert last[3] / last[2] == pytest.approx(0.5**6, rel=0.01)
    assert rough.forward_dtype == torch.bfloat16
