"""A coupling between cells that was planted in a reasoner is found, update by update; where none is, none is."""

import json

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, RecursiveReasoner, State, Tasks, build_model
from hrm_probe.reasoning import locality
from hrm_probe.reasoning.heads.attention_edges import BLOCKS, edge_kinds
from hrm_probe.reasoning.heads.attention_heads import blocked, heads_of
from hrm_probe.sudoku import Board, generate

PUZZLES = generate(6, "minimal", "4x4", seed=0)
PEERS = torch.tensor(PUZZLES.board.peers).float()
APART = 1 - PEERS - torch.eye(16)


def coupling(itself, joined, apart):
    return itself * torch.eye(16) + joined * PEERS + apart * APART


class Coupled(RecursiveReasoner):
    """Cells take linearly from one another: z_L <- A z_L, then z_H <- B (z_H + z_L)."""

    def __init__(self, A, B):
        config = ModelConfig(
            cells=16, vocab=6, d_model=8, n_heads=1, H_cycles=1, L_cycles=1, prefix=0, positions="none",
            max_segments=4,
        )  # fmt: skip
        super().__init__(config, torch.Generator().manual_seed(0))
        self.A, self.B = A, B

    def build_levels(self, generator):
        """No modules: the couplings are all there is."""

    def in_published_gradient(self, H_cycle, L_cycle):
        return True

    def update_L(self, state: State, x):
        return self.A @ state.z_L

    def update_H(self, state: State):
        return self.B @ (state.z_H + state.z_L)


def times(found, network="trained"):
    rows = found.table[found.table["network"] == network]
    return dict(zip(rows["step"], rows["times"], strict=True))


@pytest.fixture(scope="module")
def planted():
    return locality(Coupled(coupling(0.5, 0.2, 0.1), coupling(0.3, 0.15, 0.03)), PUZZLES, after=(1, 2))


def test_each_update_has_the_preference_it_was_given(planted):
    assert planted.L.estimate == pytest.approx(2, rel=1e-4)
    assert planted.H.estimate == pytest.approx(5, rel=1e-4)
    assert planted.L_over_H.estimate == pytest.approx(0.4, rel=1e-4)


def test_segments_pass_on_what_their_updates_make_of_it(planted):
    B = coupling(0.3, 0.15, 0.03)
    square = B @ B
    assert times(planted)["1 segment"] == pytest.approx(5, rel=1e-4)
    expected = square[PEERS.bool()].mean() / square[APART.bool()].mean()
    assert times(planted)["2 segments"] == pytest.approx(
        float(expected), rel=0.05
    )  # over all cells, not the blanks


def test_influence_is_told_by_kind_in_units_of_the_disturbance(planted):
    kinds = planted.kinds.set_index(["network", "step", "kind"])["influence"]["trained"]["H-update"]
    assert kinds["itself"] == pytest.approx(0.3, rel=1e-4)
    assert list(kinds[["row", "column", "box"]]) == pytest.approx([0.15] * 3, rel=1e-4)
    assert kinds["unrelated"] == pytest.approx(0.03, rel=1e-4)


def test_maps_say_it_of_each_pair(planted):
    np.testing.assert_allclose(planted.maps["L-update"], coupling(0.5, 0.2, 0.1).numpy(), rtol=1e-4)


def test_a_coupling_to_all_alike_has_no_preference():
    found = locality(Coupled(coupling(0.9, 0.1, 0.1), coupling(0.9, 0.1, 0.1)), PUZZLES, untrained=0)
    assert list(times(found).values()) == pytest.approx([1] * 5, rel=1e-4)


def test_an_update_that_stays_in_its_cell_leaves_the_ratio_unknown():
    found = locality(Coupled(torch.eye(16), coupling(0.3, 0.15, 0.0)), PUZZLES, after=1, untrained=0)
    assert np.isnan(found.L.estimate)
    assert found.H.estimate == float("inf")
    assert "L-update: unknown" in str(found)
    assert "H-update: without end" in str(found)
    assert json.loads(json.dumps(found.summary()))["L"]["estimate"] is None


@pytest.fixture(scope="module")
def attending():
    config = ModelConfig(
        cells=16, vocab=6, d_model=32, n_heads=2, H_layers=1, L_layers=1, prefix=1, max_segments=4
    )
    return build_model(config)


def test_attention_that_is_closed_between_unrelated_cells_reaches_none_of_them(attending):
    edges = BLOCKS["unrelated"](edge_kinds(Board.of(16), 1), PUZZLES, np.random.default_rng(0))
    with attending.hooks(blocked(heads_of(attending), edges)):
        found = locality(attending, PUZZLES, after=1, untrained=0)
    assert found.L.estimate > 1000
    assert found.H.estimate > 1000


def test_a_network_that_nothing_was_taught_hardly_prefers_any_cells():
    config = ModelConfig(
        cells=16, vocab=6, d_model=32, mixer="mlp", positions="none", H_layers=1, L_layers=1, max_segments=4
    )
    found = locality(build_model(config, 3), PUZZLES, untrained=2, seed=3)
    assert found.untrained_least > 0.8
    assert found.untrained_most < 1.25
    same = found.table[found.table["draw"] == 3]["times"]
    assert list(same) == list(times(found).values())  # as the model itself was drawn
    assert found.table["draw"].unique().tolist() == [0, 3, 4]


def test_batches_do_not_matter(attending):
    whole, parts = (locality(attending, PUZZLES, untrained=0, batch_size=size) for size in (6, 4))
    np.testing.assert_allclose(whole.table["times"], parts.table["times"], rtol=1e-4)


def test_a_smaller_disturbance_of_what_is_linear_says_the_same():
    model = Coupled(coupling(0.5, 0.2, 0.1), coupling(0.3, 0.15, 0.03))
    small, large = (locality(model, PUZZLES, untrained=0, noise=noise) for noise in (0.1, 1.0))
    np.testing.assert_allclose(small.table["times"], large.table["times"], rtol=1e-3)


def test_tasks_are_asked_by_how_far_apart_cells_are():
    grids = np.random.default_rng(0).integers(1, 6, (4, 49))
    config = ModelConfig(cells=49, vocab=6, d_model=16, n_heads=1, H_layers=1, L_layers=1, puzzles=3)
    tasks = Tasks(grids, grids, puzzle_ids=np.array([0, 1, 2, 0]))
    found = locality(build_model(config), tasks, after=1, untrained=0)
    assert "the cells beside it change as cells far away" in str(found)
    assert set(found.kinds["kind"]) == {"itself", "beside", "two steps away", "near", "far"}


def test_the_answer_says_what_was_asked(planted):
    text = str(planted)
    assert "after segment 1 (6 puzzles)" in text
    assert "H-update: 5.00 [5.00, 5.00]" in text
    assert "in 1 untrained network" in text
    assert (planted.puzzles, planted.at, planted.noise, planted.untrained) == (6, 1, 0.3, 1)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"at": 0}, "at is 0"),
        ({"after": 0}, "after is 0"),
        ({"after": []}, "after is empty"),
        ({"noise": 0}, "noise is 0"),
        ({"untrained": -1}, "untrained is -1"),
    ],
)
def test_numbers_that_are_none_are_refused(attending, settings, told):
    with pytest.raises(InputError, match=told):
        locality(attending, PUZZLES, **settings)
