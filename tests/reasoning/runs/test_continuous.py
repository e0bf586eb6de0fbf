"""Continuous batching: the same answers as a plain rollout, in the same order, with less work and few waits."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, RecursiveReasoner, load
from hrm_probe.reasoning.runs.continuous import halted_answers
from hrm_probe.sudoku import Puzzles, generate, load_puzzles
from tests.models.variants import lively

SMALL = {
    "cells": 16,
    "vocab": 6,
    "d_model": 16,
    "n_heads": 2,
    "H_layers": 1,
    "L_layers": 1,
    "max_segments": 6,
}
KINDS = {
    "HRM": ModelConfig(**SMALL),
    "TRM, attention": ModelConfig(**SMALL, architecture="trm"),
    "TRM, MLP": ModelConfig(**SMALL, architecture="trm", mixer="mlp", positions="none", prefix=2),
}


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    """These models are so small that a second thread only waits for the first."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def puzzles() -> Puzzles:
    return generate(23, "minimal", "4x4", seed=0)


def varied(config: ModelConfig, puzzles: Puzzles) -> RecursiveReasoner:
    """A random model, its states still moving late, whose rows halt at many different segments, some never."""
    model = lively(config)
    assert model.q_head.bias is not None
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.split(".")[0] in ("H", "L"):
                weight.mul_(4)
    rollout = model.run(puzzles.tokens)
    wish = rollout.q_halt - (rollout.q_continue if config.halting_rule == "q_learning" else 0)
    with torch.no_grad():
        model.q_head.bias[0] -= wish.flatten().quantile(0.8)
    return model


def plain(model: RecursiveReasoner, puzzles: Puzzles, segments: int | None = None):
    rollout = model.run(puzzles.tokens, segments)
    at = rollout.halted_at
    return rollout.predictions[at - 1, torch.arange(len(at))].numpy(), at.numpy()


@pytest.mark.parametrize("config", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("batch_size", [1, 4, 23, 64], ids=lambda size: f"{size} at once")
def test_answers_are_those_of_the_plain_rollout_where_it_halts(config, batch_size, puzzles):
    model = varied(config, puzzles)
    predictions, halted_at = plain(model, puzzles)
    assert len(set(halted_at)) >= 4  # or there would be nothing to get wrong
    answers = halted_answers(model, puzzles, batch_size=batch_size)
    assert np.array_equal(answers.halted_at, halted_at)
    assert np.array_equal(answers.predictions, predictions)


@pytest.mark.parametrize("name", ["hrm-6x6", "trm-6x6"])
def test_trained_models_answer_the_same(name):
    model, puzzles = load(name, device="cpu"), load_puzzles("6x6-test", n=20, seed=1)
    predictions, halted_at = plain(model, puzzles)
    answers = halted_answers(model, puzzles, batch_size=8)
    assert np.array_equal(answers.halted_at, halted_at)
    assert np.array_equal(answers.predictions, predictions)


def test_the_last_segment_may_be_another(puzzles):
    model = varied(KINDS["HRM"], puzzles)
    predictions, halted_at = plain(model, puzzles, segments=2)
    answers = halted_answers(model, puzzles, batch_size=5, segments=2)
    assert np.array_equal(answers.halted_at, halted_at)
    assert np.array_equal(answers.predictions, predictions)


def test_hardly_more_is_computed_than_is_needed(puzzles):
    model = varied(KINDS["HRM"], puzzles)
    answers = halted_answers(model, puzzles, batch_size=4)
    needed = answers.halted_at.sum()
    assert needed <= answers.row_segments < min(needed + 4 * 6, 23 * 6)


def test_the_host_waits_once_a_segment(puzzles):
    class Waits(TorchDispatchMode):
        """Counts what would make the host wait for a GPU: values read, and shapes that hang on values."""

        count = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            name = function.overloadpacket._qualified_op_name
            self.count += name in ("aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select")
            self.count += name == "aten::index" and any(
                i is not None and i.dtype == torch.bool for i in args[1]
            )
            return function(*args, **(kwargs or {}))

    model, segments = varied(KINDS["TRM, MLP"], puzzles), []
    model.register_forward_hook(lambda *_: segments.append(1))
    with Waits() as waits:
        halted_answers(model, puzzles, batch_size=4)
    checking_the_tokens = 4
    # ``tolist`` on a CPU reads memory and is not seen here: it is the one wait that there is.
    assert waits.count <= checking_the_tokens < len(segments)


def test_hooks_are_refused_since_rows_stand_at_different_segments(puzzles):
    model = lively(KINDS["HRM"])
    model.add_hook("hook_z_H", lambda z, hook: None)
    with pytest.raises(InputError, match="Hooks"):
        halted_answers(model, puzzles)


@pytest.mark.parametrize(("name", "value"), [("batch_size", 0), ("segments", 0)])
def test_sizes_below_one_are_refused(name, value, puzzles):
    with pytest.raises(InputError, match=f"{name} is 0"):
        halted_answers(lively(KINDS["HRM"]), puzzles, **{name: value})
