"""The lens reads what is there: scripts whose reads are known, and real models read by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from hrm_probe.errors import InputError
from hrm_probe.models import HookError, ModelConfig, Tick, build_model
from hrm_probe.reasoning import follow, lens
from hrm_probe.reasoning.timing.arriving import largest_if_independent
from hrm_probe.sudoku import generate
from tests.reasoning.planted_reads import Scripted, empty_boards

BOARDS = empty_boards(3)
puzzles = generate(10, "easy", "4x4", seed=0)
CONFIG = ModelConfig(
    cells=16, vocab=6, d_model=16, n_heads=2, H_layers=1, L_layers=2, H_cycles=2, L_cycles=3, prefix=2,
    max_segments=3,
)  # fmt: skip
KINDS = {
    "hrm": CONFIG,
    "trm": CONFIG.replace(architecture="trm"),
    "trm, mlp": CONFIG.replace(architecture="trm", mixer="mlp", positions="none"),
    "bfloat16": CONFIG.replace(forward_dtype="bfloat16"),
}


@pytest.fixture(params=KINDS)
def real(request):
    return build_model(KINDS[request.param], seed=1)


def arrival(*z_H: int, z_L: tuple[int, ...] = (0,), **arguments) -> dict[str, float]:
    """The one row of a table of arrivals."""
    (row,) = lens(Scripted(z_H, z_L, **arguments), BOARDS).arrival.to_dict("records")
    return row


# What is read.


def test_at_segments_ends_the_lens_reads_the_models_own_answers(real):
    found, rollout = lens(real, puzzles, batch_size=4), real.run(puzzles.tokens)
    assert found.control == 0
    z_H, curves = found.reads["z_H"], follow(real, puzzles)
    assert np.array_equal(z_H.predictions[:, :, -1].swapaxes(0, 1), rollout.predictions)
    assert np.array_equal(z_H.predictions[:, :, -1], curves.predictions)
    for name in ("loss", "entropy", "q_halt"):
        assert getattr(z_H, name)[:, :, -1] == pytest.approx(getattr(curves, name), rel=1e-5)


def test_every_update_is_read_as_by_hand(real):
    found = lens(real, puzzles)
    _, cache = real.run_with_cache(puzzles.tokens, ["z_H", "z_L"])
    for site in ("z_H", "z_L"):
        logits = real.unembed(cache[site])[..., real.config.prefix :, :].float()
        if site == "z_L":
            logits = logits.flatten(1, 2)  # segment, update, batch, cell, vocab, as of z_H
        by_hand = logits.argmax(-1).permute(2, 0, 1, 3)
        assert np.array_equal(found.reads[site].predictions, by_hand)
        entropy = torch.distributions.Categorical(logits=logits.detach()).entropy().mean(-1)
        read = found.reads[site].entropy.transpose(1, 2, 0)
        assert read.ravel() == pytest.approx(entropy.flatten().numpy(), abs=1e-4)
    assert found.reads["z_H"].updates == ((1, 0), (2, 0))
    assert found.reads["z_L"].updates == tuple((c, n) for c in (1, 2) for n in (1, 2, 3))


def test_the_last_block_holds_the_state_itself(real):
    found = lens(real, puzzles, sites=["z_L", "resid_post", "resid_mid"])
    last = found.reads["L.blocks.1.hook_resid_post"]
    if real.config.architecture == "hrm":
        assert np.array_equal(last.predictions, found.reads["z_L"].predictions)
        assert np.array_equal(
            found.reads["H.blocks.0.hook_resid_post"].predictions, found.reads["z_H"].predictions
        )
    else:  # its blocks serve both levels, and ticks tell which
        assert last.updates[2:5] == ((1, 3), (1, 0), (2, 1))
        of_H = np.array([L_cycle == 0 for _, L_cycle in last.updates])
        assert np.array_equal(last.predictions[:, :, of_H], found.reads["z_H"].predictions)
        assert np.array_equal(last.predictions[:, :, ~of_H], found.reads["z_L"].predictions)
    assert not np.array_equal(found.reads["L.blocks.0.hook_resid_mid"].loss, last.loss)


def test_what_is_overwritten_at_one_tick_is_read_at_that_tick_alone():
    def all_threes(z, hook):
        z = z.clone()
        z[:, 1:] = F.one_hot(torch.tensor(3), 8).float()
        return z

    model = Scripted([0, 4, 8, 12, 16, 16])
    plain = lens(model, BOARDS)
    with model.hooks([("z_H", all_threes)], ticks=[Tick(2, 1)]):
        changed = lens(model, BOARDS)
    differs = (plain.reads["z_H"].predictions != changed.reads["z_H"].predictions).any((0, 3))
    assert differs.tolist() == [[False, False], [True, False], [False, False]]
    assert (changed.reads["z_H"].predictions[:, 1, 0] == 3).all()
    assert np.array_equal(plain.reads["z_L"].predictions, changed.reads["z_L"].predictions)


def test_a_broken_instrument_shows(real):
    def doubled(logits, hook):
        return 2 * logits + 1

    with real.hooks([("logits", doubled)]):
        assert lens(real, puzzles).control > 0.1


def test_the_lens_leaves_no_hook_behind(real):
    lens(real, puzzles)
    assert real.clock.listeners == 0


def test_batches_change_nothing():
    model = build_model(CONFIG.replace(forward_dtype="float64"), seed=1)
    whole, parts = lens(model, puzzles), lens(model, puzzles, batch_size=3)
    for site in whole.reads:
        assert np.array_equal(whole.reads[site].predictions, parts.reads[site].predictions)


# What is made of it.


def test_the_table_tells_each_update():
    table = lens(Scripted([0, 8, 8, 12, 12, 16], [4]), BOARDS).table.set_index(
        ["site", "segment", "H_cycle", "L_cycle"]
    )
    z_H = table.loc["z_H"]
    assert z_H["solved"].tolist() == [0, 0, 0, 0, 0, 1]
    assert z_H["right"].tolist() == [0, 0.5, 0.5, 0.75, 0.75, 1]
    assert z_H["as_end"].tolist() == [0.5, 1, 0.75, 1, 0.75, 1]
    assert z_H["as_final"].tolist() == z_H["right"].tolist()
    assert z_H["changed"].tolist()[1:] == [0.5, 0, 0.25, 0, 0.25]
    assert np.isnan(z_H["changed"].iloc[0])
    assert z_H["q_halt"].tolist() == [0, 8, 8, 12, 12, 16]
    z_L = table.loc["z_L"]
    assert z_L.index.tolist() == [(s, c, n) for s in (1, 2, 3) for c in (1, 2) for n in (1, 2)]
    assert set(z_L["right"]) == {0.25}
    assert set(z_L["changed"].iloc[1:]) == {0}
    assert z_H["high"].iloc[0] > 0
    assert z_H["low"].iloc[-1] < 1


def test_an_answer_that_comes_all_at_the_last_update():
    row = arrival(0, 16)
    assert row["comes_in"] == "first segment"
    assert (row["puzzles"], row["needed"]) == (3, 16)
    assert (row["at_last"], row["before_last"], row["largest"]) == (1, 0, 1)


def test_an_answer_that_builds_up_evenly():
    row = arrival(8, 16)
    assert (row["at_last"], row["before_last"], row["largest"]) == (1, 0.5, 0.5)
    assert 0.5 < row["largest_if_independent"] < 0.65  # of 16 cells, half of them at each of two updates


def test_only_cells_that_were_wrong_at_the_segments_beginning_are_needed():
    row = arrival(0, 0, 8, 8, 14, 16)
    assert row["comes_in"] == "later"
    assert row["needed"] == 8
    assert row["before_last"] == row["largest"] == 0.75


def test_a_cell_that_is_lost_again_has_not_come_for_good():
    assert arrival(12, 4, 16, H_cycles=3)["before_last"] == 0.25
    assert arrival(0, 12, 16, H_cycles=3)["before_last"] == 0.75


def test_an_answer_that_was_there_before_is_no_answer_of_the_last_update():
    assert arrival(16, 16)["at_last"] == 0
    assert arrival(0, 0, 16, 0, 0, 16)["at_last"] == 0  # seen in another segment, and lost at its end
    assert arrival(0, 0, 0, 0, 0, 16)["at_last"] == 1


@pytest.mark.parametrize(
    ("z_L", "earlier"),
    [
        ([0, 0, 0, 16], 1),  # the last L-update before the second H-update
        ([0, 0, 0, 0, 16], 0),  # the first one after it
        ([16, 0], 1),
        ([0], 0),
    ],
)
def test_which_state_has_the_answer_first(z_L, earlier):
    assert arrival(0, 16, z_L=z_L)["in_z_L_first"] == earlier


def test_updates_inside_the_segment_that_brings_the_answer():
    within = lens(Scripted([0, 8, 12, 16], [0, 0, 0, 0, 4, 4, 8, 16]), BOARDS).within
    assert set(within["comes_in"]) == {"later"}
    read = within.set_index(["site", "H_cycle", "L_cycle"])
    assert read["right"].to_dict() == {
        ("z_H", 1, 0): 0.75, ("z_H", 2, 0): 1,
        ("z_L", 1, 1): 0.25, ("z_L", 1, 2): 0.25, ("z_L", 2, 1): 0.5, ("z_L", 2, 2): 1,
    }  # fmt: skip
    assert read["solved"].tolist() == [0, 1, 0, 0, 0, 1]


def test_what_reading_at_segments_hides():
    hidden = lens(Scripted([16, 16, 16, 16, 12, 16]), BOARDS)
    assert hidden.held.estimate == 0
    assert (hidden.between.estimate, hidden.detours.estimate) == (
        0,
        0.125,
    )  # a quarter in one of two segments
    quiet = lens(Scripted([16, 16, 12, 16, 16, 16]), BOARDS)
    assert quiet.held.estimate == 1  # the last segment is what counts
    moving = lens(Scripted([0, 0, 0, 8, 8, 16]), BOARDS)
    assert (moving.between.estimate, moving.detours.estimate) == (0.5, 0)


def test_answers_between_ends_that_never_show_them():
    assert lens(Scripted([0, 0, 16, 0]), BOARDS).missed.estimate == 1
    assert lens(Scripted([0, 0, 12, 0]), BOARDS).missed.estimate == 0
    assert np.isnan(lens(Scripted([16]), BOARDS).missed.estimate)


def test_few_cells_come_together_by_chance():
    evenly = np.array([[1, 1], [2, 0], [0, 2]] * 400)
    assert largest_if_independent(evenly, seed=0) == pytest.approx(0.75, abs=0.005)
    assert largest_if_independent(np.array([[1, 0], [0, 1], [0, 0]]), seed=0) == 1
    assert np.isnan(largest_if_independent(np.zeros((3, 2), int), seed=0))


def test_puzzles_are_told_one_by_one():
    row = lens(Scripted([0, 0, 0, 16], [0, 0, 0, 0, 0, 16]), BOARDS).by_puzzle.iloc[0]
    assert (row["first_solved"], row["first_z_H"], row["first_z_L"]) == (2, 4, 6)
    never = lens(Scripted([4]), BOARDS).by_puzzle.iloc[0]
    assert (never["first_solved"], never["first_z_H"], never["needed"]) == (0, 0, 0)
    assert np.isnan(never["at_last"])


# Its edges.


def test_a_model_of_one_cycle_has_nothing_between_ends():
    found = lens(Scripted([0, 16], [0, 16], H_cycles=1), BOARDS)
    assert found.held is found.missed is found.detours is None
    (row,) = found.arrival.to_dict("records")
    assert np.isnan(row["at_last"])
    assert row["in_z_L_first"] == 1
    assert "in z_L before z_H" in str(found)
    assert "H-update" not in str(found)


def test_one_segment_has_no_other_to_be_compared_with():
    found = lens(Scripted([0, 16]), BOARDS, segments=1)
    assert found.between is found.detours is found.held is None
    assert found.segments == 1
    assert found.table["segment"].max() == 1


def test_without_z_L_nothing_is_said_of_it():
    found = lens(Scripted([0, 16]), BOARDS, sites="z_H")
    assert set(found.reads) == {"z_H"}
    assert "z_L" not in str(found)
    assert set(lens(Scripted([0, 16]), BOARDS, sites="z_L").reads) == {"z_H", "z_L"}  # z_H always is


def test_where_no_answer_comes_there_is_none_to_tell_of():
    found = lens(Scripted([4]), BOARDS)
    assert len(found.arrival) == len(found.within) == 0
    assert "0.0%" in str(found)


@pytest.mark.parametrize("site", ["attn_out", "mlp_out", "embed", "logits", "q", "q_halt"])
def test_what_the_head_cannot_read_is_refused(site):
    model = build_model(CONFIG, seed=0)
    with pytest.raises(InputError, match="z_H, z_L, resid_mid and resid_post"):
        lens(model, puzzles, sites=["z_H", site])
    with pytest.raises(HookError, match="near names are"):
        lens(model, puzzles, sites="resid_pre")


def test_the_answer_can_be_printed_and_written(real):
    for found in (lens(real, puzzles, groups="class"), lens(Scripted([0, 0, 8, 16], [0, 0, 0, 16]), BOARDS)):
        told = json.loads(json.dumps(found.summary()))
        assert told["control"] == 0
        assert "table" not in told
        assert "must be 0" in str(found)
    assert "3 answers come in a later segment: first read at its last H-update in 100% [44%, 100%]" in str(
        found
    )
    assert "50% [0%, 100%] of the 16.0 cells needed are there before" in str(found)
    assert "in z_L before z_H in 100%" in str(found)
    assert repr(found.reads["z_L"]) == "Reads(3 puzzles, 3 segments of 4 updates)"
    assert "1 answer comes in a later segment:" in str(
        lens(Scripted([0, 0, 8, 16], [0, 0, 0, 16]), BOARDS[:1])
    )


def test_puzzles_that_belong_together_count_as_one():
    model = Scripted([0, 16])
    alone, together = lens(model, BOARDS), lens(model, BOARDS, groups=np.zeros(3, int))
    assert together.resampled == "given groups"
    assert together.solved.low < alone.solved.low
    assert together.arrival["at_last_low"].iloc[0] < alone.arrival["at_last_low"].iloc[0]


def test_the_same_seed_gives_the_same_answer(real):
    first, second = (lens(real, puzzles, groups="class", seed=3) for _ in range(2))
    assert first.table.equals(second.table)
    assert replace(first, reads={}).summary() == replace(second, reads={}).summary()
