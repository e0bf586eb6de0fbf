"""Tasks without rules: what counts, what is refused, and how they are cut."""

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, Tasks, build_model

TOKENS = np.array([[1, 2, 3, 0], [2, 2, 0, 0], [3, 1, 2, 4]], np.uint8)
ANSWERS = np.array([[5, 2, 3, 0], [2, 5, -100, -100], [3, 1, 5, 4]])


def test_cells_without_an_answer_do_not_count() -> None:
    tasks = Tasks(TOKENS, ANSWERS)
    assert tasks.asked.sum(1).tolist() == [3, 2, 4]
    assert tasks.answers.tolist() == [[5, 2, 3, 0], [2, 5, 0, 0], [3, 1, 5, 4]]
    assert (tasks.blanks == tasks.asked).all()
    assert (tasks.puzzle_ids == 0).all()
    assert tasks.group.tolist() == [0, 1, 2]
    assert tasks.rating.tolist() == [-1, -1, -1]
    assert repr(tasks) == "Tasks(3 of 4 cells, 3.0 of them asked for on average)"


def test_what_is_asked_may_be_said() -> None:
    asked = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]], bool)
    tasks = Tasks(TOKENS, ANSWERS, asked)
    assert tasks.answers.tolist() == [[5, 0, 0, 0], [2, 5, 0, 0], [0, 0, 5, 0]]


def test_rows_keep_all_that_belongs_to_them() -> None:
    tasks = Tasks(
        TOKENS, ANSWERS, puzzle_ids=[4, 7, 7], group=[0, 1, 1], source=["a", "b", "b"], rating=[1, 2, 3]
    )
    for rows in (tasks[[2, 0]], tasks[np.array([2, 0])]):
        assert rows.tokens.tolist() == TOKENS[[2, 0]].tolist()
        assert rows.puzzle_ids.tolist() == [7, 4]
        assert rows.group.tolist() == [1, 0]
        assert rows.source.tolist() == ["b", "a"]
        assert rows.rating.tolist() == [3, 1]
    assert len(tasks[1]) == 1
    assert tasks[-3].tokens.tolist() == TOKENS[:1].tolist()
    assert len(tasks[tasks.puzzle_ids == 7]) == 2
    assert len(tasks.sample(2, seed=1)) == 2
    for which in (3, -4):
        with pytest.raises(IndexError, match=f"no task {which}; there are 3"):
            tasks[which]


def test_a_source_is_a_word_whatever_it_was() -> None:
    assert Tasks(TOKENS, ANSWERS, source=[3, 1, 2]).source.tolist() == ["3", "1", "2"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"tokens": TOKENS[0]}, r"shape \[task, cell\]; these have \[4\]"),
        ({"tokens": TOKENS / 2}, "tokens must be whole numbers; these are float64"),
        ({"tokens": TOKENS.astype(int) - 1}, "In task 0: a token is below 0"),
        ({"answers": ANSWERS[:2]}, r"answers has shape \[2, 4\]; .* must be \[3, 4\]"),
        ({"answers": ANSWERS * 0}, "In task 0: nothing is asked for"),
        ({"answers": np.where(ANSWERS == 2, -1, ANSWERS)}, "In task 0: a cell that is asked for has no token above 0"),
        ({"asked": np.ones((3, 4), bool)}, "In task 0: a cell that is asked for has no token above 0"),
        ({"asked": np.ones((3, 4), int)}, "True or False; it holds int64"),
        ({"puzzle_ids": [0, 1]}, r"puzzle_ids has shape \[2\]; for these tokens it must be \[3\]"),
        ({"puzzle_ids": [0, -1, 2]}, "In task 1: its puzzle id is below 0"),
        ({"group": [0.5, 1, 2]}, "group must be whole numbers"),
        ({"puzzle_ids": [True, False, True]}, "puzzle_ids must be whole numbers; these are bool"),
        ({"tokens": [[1, 2, 3], [1, 2]]}, "tokens has rows of several lengths"),
        ({"tokens": np.where(np.arange(3)[:, None] == 1, -1, TOKENS.astype(int))}, "In task 1: a token is below 0"),
    ],
)  # fmt: skip
def test_what_is_no_task_is_told(given, told) -> None:
    with pytest.raises(InputError, match=told):
        Tasks(**{"tokens": TOKENS, "answers": ANSWERS, **given})


def test_tasks_fit_a_model_or_it_is_told() -> None:
    config = ModelConfig(cells=4, vocab=6, d_model=8, n_heads=1, puzzles=2)
    tasks = Tasks(TOKENS, ANSWERS)
    tasks.check_fit(config)
    with pytest.raises(InputError, match="have 4 cells, but the model is for 16"):
        tasks.check_fit(config.replace(cells=16))
    with pytest.raises(InputError, match="up to token 5; this model knows 0 to 4"):
        tasks.check_fit(config.replace(vocab=5))
    with pytest.raises(InputError, match="from 0 to 1"):
        Tasks(TOKENS, ANSWERS, puzzle_ids=[0, 1, 2]).check_fit(config)


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint16])
def test_a_segment_takes_puzzle_ids_as_numpy_as_it_takes_tokens(kind) -> None:
    model = build_model(
        ModelConfig(cells=4, vocab=6, d_model=8, n_heads=1, H_layers=1, L_layers=1, puzzles=3)
    )
    with torch.no_grad():
        model.puzzle_emb.normal_(generator=torch.Generator().manual_seed(0))
    start, ids = model.initial_state(3), np.array([2, 0, 1])
    _, output = model.segment(start, TOKENS, ids.astype(kind))
    _, expected = model.segment(start, torch.as_tensor(TOKENS.astype(int)), torch.as_tensor(ids))
    assert torch.equal(output.logits, expected.logits)
    assert not torch.equal(output.logits, model.segment(start, TOKENS)[1].logits)
    with pytest.raises(
        InputError, match="puzzle_ids must name a puzzle embedding for each of 3 rows, from 0 to 2"
    ):
        model.segment(start, TOKENS, ids + 1)
