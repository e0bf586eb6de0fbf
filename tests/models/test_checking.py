"""What a model is given is checked before it runs."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import HookError, ModelConfig, RecursiveReasoner, State, build_model
from hrm_probe.models.checking import check_rows, check_tokens
from hrm_probe.sudoku import generate
from tests.models.variants import tokens_for

CONFIG = ModelConfig(vocab=6, cells=16)


def test_grids_with_zero_for_a_blank_are_told_from_tokens() -> None:
    puzzles = generate(3, "minimal", "4x4", 0)
    with pytest.warns(UserWarning, match=r"look like grids, with 0 for a blank.*give it puzzles\.tokens"):
        check_tokens(puzzles.grids, CONFIG)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check_tokens(puzzles.tokens, CONFIG).tolist() == puzzles.tokens.tolist()
        padded = puzzles.tokens.copy()
        padded[:, 0] = 0
        padded[0, 1] = 5  # the largest digit's token, which no grid holds
        check_tokens(padded, CONFIG)
        check_tokens(puzzles.grids, CONFIG.replace(vocab=12))  # no model of Sudoku
        check_tokens(
            np.tile(np.arange(5), (1, 5)), CONFIG.replace(cells=25, vocab=7)
        )  # there is no board of 5x5


def test_puzzles_of_another_board_are_told_as_such() -> None:
    with pytest.raises(InputError, match="These puzzles have 36 cells, but the model is for 16"):
        check_tokens(np.ones((2, 36), int), CONFIG)
    with pytest.raises(InputError, match=r"tokens have shape \[2, 5\]"):
        check_tokens(np.ones((2, 5), int), CONFIG)


def test_reversed_and_unsigned_tokens_are_tokens(hrm: RecursiveReasoner) -> None:
    tokens = tokens_for(hrm).numpy()
    assert hrm.check_tokens(tokens[::-1]).tolist() == tokens[::-1].tolist()
    assert hrm.check_tokens(tokens.astype(np.uint16)).tolist() == tokens.tolist()


@pytest.mark.parametrize("segments", ["3", 2.0, 0])
def test_segments_are_counted(hrm: RecursiveReasoner, segments: object) -> None:
    with pytest.raises(InputError, match="at least 1"):
        hrm.run(tokens_for(hrm), segments=segments)  # type: ignore[arg-type]


@pytest.mark.parametrize("ticks", [4, [4]])
def test_ticks_are_ticks(hrm: RecursiveReasoner, ticks: object) -> None:
    with pytest.raises(HookError, match=r"give Tick\(segment, H_cycle, L_cycle\)"):
        hrm.add_hook("z_H", lambda z, hook: None, ticks=ticks)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [5, "rollout", "numpy"])
def test_a_state_is_two_tensors(hrm: RecursiveReasoner, state: object) -> None:
    tokens = tokens_for(hrm)
    rollout = hrm.run(tokens, 1)
    given = {"rollout": rollout, "numpy": State(*(z.numpy() for z in rollout.state))}.get(str(state), state)
    with pytest.raises(InputError, match="give a State of two floating-point tensors"):
        hrm.run(tokens, 1, state=given)


def test_narrow_tokens_are_taken_by_a_segment_too(hrm: RecursiveReasoner) -> None:
    tokens = tokens_for(hrm)
    state = hrm.initial_state(len(tokens))
    narrow, wide = (hrm.segment(state, asked)[1].logits for asked in (tokens.to(torch.uint8), tokens))
    assert torch.equal(narrow, wide)


def test_every_kind_of_whole_number_is_a_token() -> None:
    config = ModelConfig(cells=16, vocab=6, d_model=8, n_heads=1)
    for dtype in (torch.uint8, torch.int16, torch.uint16, torch.uint32, torch.int64):
        assert check_tokens(torch.ones(2, 16).to(dtype), config).dtype == torch.int64


def test_puzzle_ids_are_whole_numbers() -> None:
    config = ModelConfig(cells=16, vocab=6, d_model=8, n_heads=1, prefix=1, puzzles=3)
    with pytest.raises(InputError, match="puzzle_ids must name a puzzle embedding"):
        check_rows(2, config, torch.tensor([0.0, 1.5]), None)


def test_many_puzzle_embeddings_are_not_left_to_the_first_without_a_word() -> None:
    model = build_model(ModelConfig(cells=16, vocab=6, d_model=8, n_heads=1, prefix=1, puzzles=3))
    tokens = torch.ones(2, 16, dtype=torch.long)
    with pytest.warns(UserWarning, match=r"has 3 puzzle embeddings, .* give puzzle_ids"):
        model.run(tokens, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.run(tokens, 1, torch.tensor([1, 2]))


@pytest.mark.parametrize("batch", [-1, 1.5, "3", None])
def test_a_number_of_puzzles_that_is_none_has_no_initial_state(hrm: RecursiveReasoner, batch: Any) -> None:
    with pytest.raises(InputError, match="batch is"):
        hrm.initial_state(batch)


def test_a_state_of_arrays_is_told_by_what_it_is_of(hrm: RecursiveReasoner) -> None:
    arrays = State(*(z.numpy() for z in hrm.initial_state(1)))
    with pytest.raises(
        InputError, match="state is a State of ndarray and ndarray; give a State of two floating"
    ):
        hrm.segment(arrays, tokens_for(hrm)[:1])


def test_tokens_that_a_model_does_not_know_are_told_with_what_it_knows() -> None:
    with pytest.raises(
        InputError, match=r"run from 1 to 9; this model knows 0 to 5 \(0 padding, 1 blank, v\+1 for"
    ):
        check_tokens(np.array([[1] * 15 + [9]]), CONFIG)
    with pytest.raises(
        InputError, match=r"run from 1 to 10; this model knows 0 to 5 \(its tasks are no Sudokus\)"
    ):
        check_tokens(np.array([[1] * 80 + [10]]), CONFIG.replace(cells=81))  # a maze of 9x9
