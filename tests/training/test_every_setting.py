"""Every setting of a recipe that training reads changes what comes of it."""

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from hrm_probe.models import HookPoint
from hrm_probe.sudoku import Puzzles, generate
from hrm_probe.training import Recipe, train
from hrm_probe.training.precision import faster_dtype
from tests.training.tiny_runs import rows, tiny

SLOWER = {"float32": "bfloat16", "bfloat16": "float32"}[faster_dtype("cpu")]

# Each setting's other value, and what else must be set for it to have a say.
OTHERWISE: dict[str, tuple[Any, dict[str, Any]]] = {
    "architecture": ("trm", {}), "mixer": ("mlp", {}), "positions": ("learned", {}), "d_model": (32, {}),
    "n_heads": (4, {}), "H_layers": (2, {}), "L_layers": (2, {}), "H_cycles": (2, {}), "L_cycles": (2, {}),
    "prefix": (2, {}), "expansion": (30.0, {}), "max_segments": (2, {}),
    "train_set": ("generate 4x4 easy 40", {}), "train_sources": (("odd",), {}), "train_size": (5, {}),
    "train_mix": ("test", {"train_size": 8}), "data_seed": (1, {"train_size": 8}), "augment": (False, {}),
    "turns": (True, {"train_set": "generate 5x5 maze 40", "test_set": "generate 5x5 maze 10"}),
    "hint_fraction": (0.5, {}), "hint_min_blanks": (6, {"hint_fraction": 1.0}),
    "steps": (5, {}), "batch_size": (16, {}), "seed": (1, {}),
    "optimizer": ("muon", {}), "lr": (2e-3, {}), "lr_min_ratio": (0.5, {}), "warmup": (0.5, {}),
    "weight_decay": (0.5, {}), "beta1": (0.5, {}), "beta2": (0.5, {}), "puzzle_lr": (0.1, {}),
    "puzzle_weight_decay": (0.5, {"puzzle_lr": 0.1}), "ema_horizon": (1.0, {}),
    "loss": ("softmax", {}), "loss_dtype": ("float32", {}), "gradient": ("segment", {"L_cycles": 2}),
    "halting": ("sign", {}), "early_halting": (False, {}), "exploration": (0.0, {}), "stagger": (True, {}),
    "depth": ("shallow", {"H_cycles": 2}), "full_depth_by": (0.1, {"depth": "plateau", "H_cycles": 2}),
    "supervision": ("cgar", {}), "order": ("easy_first", {}), "all_puzzles_by": (0.1, {"order": "easy_first"}),
    "dtype": (SLOWER, {}), "kept_dtype": ("bfloat16", {}),
}  # fmt: skip

# What the training is called, begins with and is tested on; where it runs; what it writes, and when.
BESIDE_IT = {
    "name", "init_from", "test_set", "allow_leak", "device", "compile", "warm_graphs", "log_every", "evaluate_every",
    "evaluate_puzzles", "checkpoint_every", "keep_answers", "answer_puzzles", "answer_copies",
}  # fmt: skip

Outcome = tuple[list[float], list[float]]


def inclined_to_halt(q_halt: Tensor, hook: HookPoint) -> Tensor:
    """A model that has just begun never wants to."""
    return q_halt + 10


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Outcome]:
    """Of a training of four steps: the losses on the way, and what the kept model says of an empty puzzle."""
    folder = tmp_path_factory.mktemp("every-setting")
    plain = generate(40, "minimal", "4x4", seed=0)
    for name, sources in (("train", ["odd", "even"] * 20), ("test", ["odd"] * 30 + ["even"] * 10)):
        Puzzles(plain.tokens, plain.answers, sources, np.arange(40)).to_csv(folder / f"{name}.csv")
    sets = {"train_set": str(folder / "train.csv"), "test_set": str(folder / "test.csv")}
    calm = {"steps": 4, "log_every": 1, "evaluate_every": 100, "evaluate_puzzles": 1, "hint_fraction": 0.0}

    @cache
    def trained(settings: frozenset[tuple[str, Any]]) -> Outcome:
        out = tmp_path_factory.mktemp("run")
        recipe = tiny(**{**sets, **calm, **dict(settings)})
        model = train(recipe, out, fwd_hooks=[("q_halt", inclined_to_halt)]).model
        logits = model.run(np.ones((1, model.config.cells), int), segments=2).logits
        return [row["loss"] for row in rows(out) if "loss" in row], logits.flatten().tolist()

    return lambda settings: trained(frozenset(settings.items()))


def test_every_setting_is_in_one_of_the_two_lists() -> None:
    assert OTHERWISE.keys() | BESIDE_IT == {field.name for field in dataclasses.fields(Recipe)}


@pytest.mark.parametrize("setting", OTHERWISE)
def test_another_value_has_another_outcome(setting: str, outcome: Callable[..., Outcome]) -> None:
    value, given = OTHERWISE[setting]
    assert outcome({**given, setting: value}) != outcome(given)


def test_the_same_settings_have_the_same_outcome(outcome: Callable[..., Outcome]) -> None:
    assert outcome({"seed": Recipe().seed}) == outcome({})
