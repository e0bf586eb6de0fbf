"""What a model costs, against what torch counts while it runs."""

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from hrm_probe.models import ModelConfig, build_model
from hrm_probe.models.cost import (
    Product,
    activation_bytes,
    largest_product,
    parameter_bytes,
    parameter_count,
    segment_cost,
    state_bytes,
    training_cost,
    training_flops,
)
from hrm_probe.training.curriculum import SupervisionWeighting
from hrm_probe.training.data.stream import Batch
from hrm_probe.training.recipe import Recipe
from hrm_probe.training.segment import empty_carry, run_segment
from tests.models.variants import VARIANTS, random_tokens

ROWS = 3
kinds = pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)
gradients = pytest.mark.parametrize("gradient", ["published", "segment"])


def run_step(config: ModelConfig, gradient: str) -> torch.Tensor:
    """One training step's loss, as the trainer computes it."""
    model, recipe = build_model(config), Recipe(gradient=gradient)
    tokens = torch.as_tensor(random_tokens(config, ROWS))
    batch = Batch(tokens, tokens, torch.zeros(ROWS, dtype=torch.long))
    weighting = SupervisionWeighting.uniform(recipe.max_segments)
    least = torch.zeros(ROWS, dtype=torch.long)
    return run_segment(model, recipe, weighting, empty_carry(model, batch), batch, least)[0]


def test_a_product_takes_two_operations_a_multiplication() -> None:
    with FlopCounterMode(display=False) as counted:
        torch.ones(5, 2, 3) @ torch.ones(5, 3, 7)
    product = Product(2, 3, 7, times=5)
    assert product.flops == counted.get_total_flops() == 420
    assert product.numbers == 5 * (6 + 21 + 14)


@kinds
def test_a_segment_forward_is_counted_exactly(config: ModelConfig) -> None:
    model = build_model(config)
    with FlopCounterMode(display=False) as counted, torch.no_grad():
        model.segment(model.initial_state(ROWS), random_tokens(config, ROWS))
    assert segment_cost(config, ROWS).flops == counted.get_total_flops()


@kinds
@gradients
@pytest.mark.parametrize("halting", ["q_learning", "sign"])
def test_a_training_step_is_counted_exactly(config: ModelConfig, gradient: str, halting: str) -> None:
    config = config.replace(halting=halting)
    with FlopCounterMode(display=False) as counted:
        run_step(config, gradient).backward()
    assert training_cost(config, ROWS, gradient).total.flops == counted.get_total_flops()


@kinds
def test_parameters_are_counted_exactly(config: ModelConfig) -> None:
    parameters = list(build_model(config).parameters())
    assert parameter_count(config) == sum(p.numel() for p in parameters)
    assert parameter_bytes(config) == sum(p.nbytes for p in parameters)


def test_the_published_model_has_the_published_size() -> None:
    assert parameter_count(ModelConfig()) - 512 == 27_275_266  # without its puzzle embedding


@kinds
def test_states_are_as_large_as_they_are(config: ModelConfig) -> None:
    assert state_bytes(config, ROWS) == sum(z.nbytes for z in build_model(config).initial_state(ROWS))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    "kind",
    [
        {"architecture": "hrm", "H_layers": 2},
        {"architecture": "trm"},
        {"architecture": "trm", "mixer": "mlp", "positions": "none"},
    ],
    ids=["HRM", "TRM, attention", "TRM, MLP"],
)
@gradients
def test_activations_are_estimated_to_a_tenth(kind: dict, dtype: str, gradient: str) -> None:
    shape = {
        "cells": 36,
        "vocab": 8,
        "d_model": 64,
        "n_heads": 4,
        "L_layers": 2,
        "H_cycles": 2,
        "L_cycles": 3,
    }
    config = ModelConfig(**shape, **kind, forward_dtype=dtype)
    model, kept = build_model(config), {}
    parameters = {p.untyped_storage().data_ptr() for p in model.state_dict().values()}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in parameters:
            kept[storage.data_ptr()] = (storage.nbytes(), tensor)  # held, so that no address is used twice
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        model.segment(model.initial_state(16), random_tokens(config, 16), gradient=gradient)
    measured = sum(size for size, _ in kept.values())
    assert activation_bytes(config, 16, gradient) == pytest.approx(measured, rel=0.1)


def test_a_training_in_stages_is_the_sum_of_its_steps() -> None:
    config = VARIANTS["trm_mlp"]
    shallow = training_cost(config.replace(L_cycles=2, H_cycles=1), 5).total.flops
    full = training_cost(config, 5).total.flops
    stages = [(10, 2, 1), (30, config.L_cycles, config.H_cycles)]
    assert training_flops(config, 5, stages) == 10 * shallow + 30 * full


def test_the_forward_part_of_the_published_curriculum_saves_the_published_share() -> None:
    """41.4% of the blocks; the read-out, which every stage has once, leaves a little less."""
    trm = ModelConfig(architecture="trm", L_layers=2, H_cycles=3, L_cycles=6)
    shares = {(2, 1): 0.3, (4, 2): 0.3, (6, 3): 0.4}
    cost = {
        depth: segment_cost(trm.replace(L_cycles=depth[0], H_cycles=depth[1]), 1).flops for depth in shares
    }
    saved = 1 - sum(share * cost[depth] for depth, share in shares.items()) / cost[6, 3]
    assert saved == pytest.approx(0.414, abs=1e-3)


def test_bytes_follow_the_dtype() -> None:
    narrow, wide = (ModelConfig(forward_dtype=dtype) for dtype in ("bfloat16", "float32"))
    assert segment_cost(wide, 4).product_bytes == 2 * segment_cost(narrow, 4).product_bytes
    assert segment_cost(wide, 4).flops == segment_cost(narrow, 4).flops


def test_the_largest_product_of_the_published_model_is_the_gate() -> None:
    assert largest_product(ModelConfig(), batch=2) == Product(2 * 82, 512, 3072)
