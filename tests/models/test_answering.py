"""The last word of a model is that of its run, whatever the batches."""

import numpy as np
import pytest
import torch

from hrm_probe.models import State
from hrm_probe.models.answering import last_answers
from tests.models.variants import VARIANTS, lively

CONFIG = VARIANTS["trm_mlp"]
TOKENS = np.random.default_rng(0).integers(1, CONFIG.vocab, (5, CONFIG.cells))


@pytest.mark.parametrize("batch_size", [2, 5, 100])
def test_answers_are_those_of_run(batch_size: int) -> None:
    model = lively(CONFIG)
    rollout = model.run(torch.as_tensor(TOKENS), 2)
    grids, halting = last_answers(model, TOKENS, segments=2, batch_size=batch_size)
    np.testing.assert_array_equal(grids, rollout.predictions[-1])
    np.testing.assert_allclose(halting, rollout.q_halt[-1], rtol=1e-5)
    assert halting.dtype == np.float32


def test_rows_may_be_reversed() -> None:
    model = lively(CONFIG)
    np.testing.assert_array_equal(last_answers(model, TOKENS[::-1])[0], last_answers(model, TOKENS)[0][::-1])


def test_the_start_is_asked_for_each_batch() -> None:
    model, asked = lively(CONFIG), []

    def start(rows: int) -> State:
        asked.append(rows)
        return State(*(z + 1 for z in model.initial_state(rows)))

    _, halting = last_answers(model, TOKENS, batch_size=2, start=start)
    assert asked == [2, 2, 1]
    assert np.abs(halting - last_answers(model, TOKENS)[1]).max() > 1e-6


def test_what_is_done_before_each_segment_is_done_as_often_as_there_are() -> None:
    model, seen = lively(CONFIG), []

    def look(state: State) -> State:
        seen.append(state)
        return state

    grids, halting = last_answers(model, TOKENS, 3, before_each=look)
    assert len(seen) == 3
    assert torch.equal(seen[0].z_H, model.initial_state(5).z_H)
    expected = last_answers(model, TOKENS, 3)
    np.testing.assert_array_equal(grids, expected[0])
    np.testing.assert_allclose(halting, expected[1], rtol=1e-5)


def test_a_state_that_is_changed_before_a_segment_is_what_it_runs_from() -> None:
    """Begun anew before each of three segments, a run ends as one of a single segment."""
    model = lively(CONFIG.replace(puzzles=5))
    ids = np.arange(5)
    anew = last_answers(
        model, TOKENS, 3, puzzle_ids=ids, before_each=lambda state: model.initial_state(len(state.z_H))
    )
    np.testing.assert_allclose(anew[1], last_answers(model, TOKENS, 1, puzzle_ids=ids)[1], rtol=1e-5)


def test_each_row_has_the_embedding_of_its_own_puzzle_in_every_batch() -> None:
    model, ids = lively(CONFIG.replace(puzzles=5)), np.arange(5)
    _, halting = last_answers(model, TOKENS, segments=2, batch_size=2, puzzle_ids=ids)
    expected = model.run(torch.as_tensor(TOKENS), 2, ids).q_halt[-1]
    np.testing.assert_allclose(halting, expected, rtol=1e-5)


def test_no_puzzles_have_no_answers() -> None:
    grids, halting = last_answers(lively(CONFIG), TOKENS[:0])
    assert grids.shape == (0, CONFIG.cells)
    assert halting.shape == (0,)
