"""What a recording is of: any difference that decides what it holds is seen and named."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.trace.origin import Origin, puzzle_arrays, puzzle_differences, weights_sha256

KEPT = Origin({"d_model": 16}, "abc", {"segments": 3, "dtype": "float16"})


def asked(model=None, weights="abc", settings=None):
    return Origin({"d_model": 16, **(model or {})}, weights, {**KEPT.settings, **(settings or {})})


def test_what_differs_is_named_with_both_values():
    assert KEPT.differences(asked()) == []
    assert KEPT.differences(asked(settings={"segments": 2})) == ["segments was 3 and is 2"]
    assert KEPT.differences(asked(model={"d_model": 32})) == ["d_model was 16 and is 32"]


def test_a_setting_of_one_version_alone_differs_too():
    assert KEPT.differences(asked(settings={"every": "cycle"})) == ["every was None and is 'cycle'"]
    assert asked(settings={"every": "cycle"}).differences(KEPT) == ["every was 'cycle' and is None"]


def test_other_weights_are_told_where_nothing_else_explains_them():
    assert KEPT.differences(asked(weights="abd")) == ["the model's weights have changed"]
    assert KEPT.differences(asked(weights="abd", model={"d_model": 32})) == ["d_model was 16 and is 32"]


def test_a_fingerprint_tells_names_shapes_and_bytes_apart(model):
    same = build_model(model.config, seed=1)
    assert weights_sha256(model) == weights_sha256(same)
    with torch.no_grad():
        same.W_E[0, 0] += 1e-3
    assert weights_sha256(model) != weights_sha256(same)

    def holding(**values):
        module = torch.nn.Module()
        for name, value in values.items():
            module.register_buffer(name, value)
        return weights_sha256(module)

    zeros = torch.zeros(4)
    others = [{"b": zeros}, {"a": zeros.view(2, 2)}, {"a": zeros.int()}, {"a": zeros, "b": zeros[:0]}]
    assert len({holding(a=zeros), *(holding(**other) for other in others)}) == 5


@pytest.mark.parametrize(("vocab", "dtype"), [(6, np.uint8), (300, np.int32)])
def test_tokens_are_kept_as_narrow_as_they_fit(vocab, dtype):
    model = build_model(ModelConfig(cells=4, vocab=vocab, d_model=8, n_heads=2, H_layers=1, L_layers=1))
    tokens = np.array([[0, 1, vocab - 2, vocab - 1]])
    kept = puzzle_arrays(tokens, model)["tokens"]
    assert kept.dtype == dtype
    np.testing.assert_array_equal(kept, tokens)


def test_puzzles_that_changed_are_counted_and_the_first_is_named():
    kept = {"tokens": np.zeros((4, 3), int), "rating": np.arange(4)}
    changed = {"tokens": np.array([[0, 0, 0], [0, 0, 0], [0, 1, 1], [1, 0, 0]]), "answers": np.zeros((4, 3))}
    assert puzzle_differences(kept, changed) == [
        "answers were not given",
        "rating were given",
        "tokens of 2 puzzles changed, first of puzzle 2",
    ]


def test_puzzles_of_other_cells_are_told_by_their_cells():
    kept, asked = ({"tokens": np.zeros((4, cells), int)} for cells in (25, 8))
    assert puzzle_differences(kept, asked) == ["puzzles had 25 cells and have 8"]


@pytest.mark.parametrize("name", ["answers", "rating", "group"])
def test_numbers_that_are_not_whole_are_refused_not_cut(name, model, puzzles):
    shape = puzzles.tokens.shape if name == "answers" else len(puzzles.tokens)
    with pytest.raises(InputError, match=f"{name} must be whole numbers"):
        puzzle_arrays(SimpleNamespace(tokens=puzzles.tokens, **{name: np.full(shape, 2.7)}), model)


@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_cells_that_do_not_count_are_kept_as_padding(dtype, model, puzzles):
    answers = np.full(puzzles.tokens.shape, -100, dtype)
    kept = puzzle_arrays(SimpleNamespace(tokens=puzzles.tokens, answers=answers), model)
    assert (kept["answers"] == 0).all()
