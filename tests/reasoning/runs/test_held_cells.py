"""One position holds the states of another run, for as long as it is told to, and no other does."""

import numpy as np
import pytest
import torch

from hrm_probe import load
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.reasoning.runs.held_cells import STATES, Donors, HeldRun, Holder, read_while_held, with_clue
from hrm_probe.sudoku import generate

PUZZLES = generate(40, "minimal", "6x6", seed=1)
SEGMENTS = 3


@pytest.mark.parametrize("kind", ["hrm", "trm"])
@pytest.mark.parametrize("during", [range(1, 4), range(2, 3)])
def test_a_position_holds_the_states_of_the_run_with_the_clue(kind, during):
    config = ModelConfig(
        architecture=kind,
        cells=36,
        vocab=8,
        d_model=16,
        n_heads=2,
        H_layers=1,
        L_layers=1,
        max_segments=SEGMENTS,
    )
    model, puzzles = build_model(config, seed=3), PUZZLES[:4]
    cells, digits = np.array([0, 7, 20, 35]), np.array([1, 2, 3, 6])
    lent = with_clue(PUZZLES.tokens[4:8], cells, digits)
    assert np.array_equal(lent[np.arange(4), cells], digits + 1)
    assert (lent != PUZZLES.tokens[4:8]).sum() <= 4
    rows, positions = torch.arange(4), torch.as_tensor(cells) + config.prefix
    caches = {
        name: model.run_with_cache(tokens, names_filter=list(STATES), segments=SEGMENTS)[1]
        for name, tokens in (("lent", lent), ("plain", puzzles.tokens))
    }
    hold = Holder.lent_by(model, lent, cells, during, digits)
    with model.hooks([(list(STATES), hold)]):
        _, held = model.run_with_cache(puzzles.tokens, names_filter=list(STATES), segments=SEGMENTS)
    for name in STATES:
        at = {
            run: cache[name].moveaxis(-3, 0)[rows, ..., positions, :].moveaxis(1, 0)
            for run, cache in (caches | {"held": held}).items()
        }  # [segment, puzzle, ..., d_model]
        for segment in range(1, SEGMENTS + 1):
            one = {run: states[segment - 1] for run, states in at.items()}
            if segment in during:
                assert torch.equal(one["held"], one["lent"])
                assert not torch.equal(one["held"], one["plain"])
            elif segment < during[0]:
                assert torch.equal(one["held"], one["plain"])
            else:
                assert not torch.equal(one["held"], one["lent"])


def test_donors_are_other_puzzles_in_which_the_digit_is_right_there():
    donors, rng, answers = Donors(6, PUZZLES.answers - 1), np.random.default_rng(0), PUZZLES.answers - 1
    for puzzle, cell in ((0, 0), (7, 21), (39, 35)):
        lent = donors.digits(puzzle, cell)
        others = np.delete(answers[:, cell], puzzle)
        assert [digit for digit in range(1, 7) if lent[digit - 1]] == sorted(set(others.tolist()))
        for digit in np.flatnonzero(lent) + 1:
            drawn = {donors.draw(puzzle, cell, digit, rng) for _ in range(20)}
            assert puzzle not in drawn
            assert (answers[list(drawn), cell] == digit).all()
            assert len(drawn) > 1 or (others == digit).sum() == 1


def test_a_puzzle_is_not_its_own_donor():
    """Two puzzles lend each other their digits, and no other."""
    donors, answers = Donors(6, PUZZLES.answers[:2] - 1), PUZZLES.answers[:2] - 1
    lent = donors.digits(0, 5)
    assert np.flatnonzero(lent).tolist() == [answers[1, 5] - 1]


def test_how_probable_the_head_finds_what_is_lent():
    config = ModelConfig(
        cells=36, vocab=8, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=SEGMENTS
    )
    model, cells, digits = build_model(config, seed=3), np.array([3, 8]), np.array([2, 5])
    hold = Holder.lent_by(model, PUZZLES.tokens[:2], cells, range(2, 4), digits)
    ends = model.run(PUZZLES.tokens[:2], segments=SEGMENTS).logits[
        :, [0, 1], cells
    ]  # [segment, puzzle, vocab]
    weights = torch.where(ends < 0, 1 / (1 - ends), ends + 1)
    expected = (weights / weights.sum(-1, keepdim=True))[:, [0, 1], digits + 1]
    assert hold.probability.shape == (2, 2 * config.H_cycles)
    assert hold.probability[:, [1, 3]] == pytest.approx(expected[1:].T.numpy(), abs=1e-6)


def test_nothing_is_lent_where_nothing_stands():
    donors = Donors(6, np.array([[1, 0], [2, 0], [1, 3]]))
    assert np.flatnonzero(donors.digits(0, 0)).tolist() == [0, 1]
    assert np.flatnonzero(donors.digits(1, 0)).tolist() == [0]
    assert not donors.digits(2, 1).any()


def test_a_run_is_read_at_every_update_plain_and_held():
    config = ModelConfig(
        cells=36, vocab=8, d_model=16, n_heads=2, H_layers=1, L_layers=1, max_segments=SEGMENTS
    )
    model, puzzles, cells = build_model(config, seed=3), PUZZLES[:3], np.array([3, 8, 20])
    plain = read_while_held(model, puzzles, SEGMENTS)
    shown = model.run(puzzles.tokens, segments=SEGMENTS).predictions.numpy().swapaxes(0, 1) - 1
    assert plain.reads == config.H_cycles
    assert plain.digits.shape == (3, SEGMENTS * plain.reads, 36)
    assert np.array_equal(plain.digits[:, plain.reads - 1 :: plain.reads], shown)
    lent = PUZZLES.tokens[4:7]
    held = read_while_held(model, puzzles, SEGMENTS, Holder.lent_by(model, lent, cells, range(2, 3)))
    theirs = read_while_held(model, PUZZLES[4:7], SEGMENTS)
    row, before, during = np.arange(3), slice(plain.reads), slice(plain.reads, 2 * plain.reads)
    assert np.array_equal(held.digits[:, before], plain.digits[:, before])
    assert np.array_equal(held.digits[row, during, cells], theirs.digits[row, during, cells])
    together = HeldRun.joined([plain, held])
    assert np.array_equal(together.digits, np.concatenate([plain.digits, held.digits]))
    assert (together.solved.tolist(), together.reads) == (
        plain.solved.tolist() + held.solved.tolist(),
        plain.reads,
    )


def test_a_puzzle_is_solved_where_the_run_ends_with_its_answer():
    model = load("trm-6x6")
    ends = model.run(PUZZLES.tokens, segments=1).predictions[-1].numpy()
    right = (ends == PUZZLES.answers).all(1)
    assert 0 < right.sum() < len(PUZZLES)
    assert read_while_held(model, PUZZLES, 1).solved.tolist() == right.tolist()
