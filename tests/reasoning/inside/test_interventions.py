"""Interventions tell a model that answers from its state from one that answers from its input."""

import json

import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, Tick, build_model
from hrm_probe.reasoning.inside.interventions import interventions
from hrm_probe.sudoku import generate
from tests.reasoning.planted_updates import Planted, follows_input, follows_state

puzzles = generate(20, "easy", "4x4", seed=0)


def rows(model, **arguments):
    found = interventions(model, puzzles, kinds=("patch", "noise"), at=[1, 3], segments=4, **arguments)
    return found, found.table.set_index(["kind", "site", "segment", "detail"])


def test_the_state_carries_the_answer_of_one_model():
    found, table = rows(Planted(follows_state))
    assert found.plain.estimate == 1
    patched = table.loc[("patch", "z_H", 3, "another")]
    assert patched["accuracy"] == 0
    assert patched["change_high"] < 0
    assert (patched["donor"], patched["own"]) == (1, 0)


def test_the_input_carries_it_in_the_other():
    found, table = rows(Planted(follows_input))
    for site in ("z_H", "z_L", "both"):
        patched = table.loc[("patch", site, 3, "another")]
        assert patched["accuracy"] == found.plain.estimate == 1
        assert (patched["donor"], patched["own"]) == (0, 1)


def test_a_patch_from_itself_changes_nothing():
    for plan in (follows_input, follows_state):
        found, table = rows(Planted(plan))
        assert found.control == 0
        assert (table.xs("itself", level="detail")["change"] == 0).all()


def test_noise_is_survived_where_the_input_is_read_again():
    _, by_state = rows(Planted(follows_state), scales=[20.0])
    _, by_input = rows(Planted(follows_input), scales=[20.0])
    assert by_state.loc[("noise", "z_H", 3, "20"), "kept"] < 0.1
    assert by_input.loc[("noise", "z_H", 3, "20"), "kept"] == 1


@pytest.fixture(scope="module")
def real():
    config = ModelConfig(cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=3)
    return build_model(config, seed=0)


def test_parts_of_a_real_model_can_be_left_out(real):
    found = interventions(real, puzzles, kinds=("ablation",))
    assert "must be 0" not in str(found)  # nothing was patched
    assert set(found.table["site"]) == {
        f"{level}.blocks.0.hook_{out}_out" for level in "HL" for out in ("attn", "mlp")
    }
    assert set(found.table["detail"]) == {"zero", "mean"}


def test_an_ablation_does_what_a_hook_by_hand_does(real):
    name, ticks = "L.blocks.0.hook_mlp_out", [Tick(2, 1, 1)]
    found = interventions(real, puzzles, kinds=("ablation",), ablate=[name], ablate_at=ticks)
    of_one_tick = interventions(real, puzzles, kinds=("ablation",), ablate=[name], ablate_at=ticks[0])
    assert of_one_tick.table.equals(found.table)
    by_hand = real.run_with_hooks(puzzles.tokens, [(name, lambda a, hook: torch.zeros_like(a))], ticks=ticks)
    solved = (by_hand.predictions[-1].numpy() == puzzles.answers).all(-1).mean()
    zero = found.table[found.table["detail"] == "zero"].iloc[0]
    assert zero["accuracy"] == solved
    assert zero["segment"] == 2
    assert real.clock.listeners == 0


def test_batches_leave_no_puzzle_without_a_donor(real):
    found = interventions(real, puzzles[:5], kinds=("patch",), at=[1], batch_size=2)
    assert found.control == 0
    assert len(found.table) == 6


def test_the_same_seed_gives_the_same_table(real):
    first, second = (
        interventions(real, puzzles, kinds=("patch", "noise"), at=[1], scales=[1.0], seed=3).table
        for _ in range(2)
    )
    assert first.equals(second)


def test_the_answer_can_be_printed_and_written():
    found, _ = rows(Planted(follows_state))
    assert "as in donor's 1.00" in str(found)
    assert json.loads(json.dumps(found.summary()))["control"] == 0


def test_bad_input_is_refused(real):
    with pytest.raises(InputError, match="at least two"):
        interventions(real, puzzles[:1])
    with pytest.raises(InputError, match="at is 9; it must be from 1 to 3"):
        interventions(real, puzzles, at=[9])
    with pytest.raises(InputError, match="no intervention 'surgery'"):
        interventions(real, puzzles, kinds=("surgery",))


def test_noise_has_the_very_scale_that_was_given(real):
    close = interventions(real, puzzles, kinds=("noise",), at=[1], scales=(0.5, 0.50000001), segments=2)
    assert len(close.table) == 4  # two states, two scales that print alike
