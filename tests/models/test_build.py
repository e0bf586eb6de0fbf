"""Fresh models: the published sizes, the published initialisation, and the seed alone decides."""

import math

import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import HRM, TRM, ModelConfig, build_model
from tests.models.variants import VARIANTS

TRM_MLP = ModelConfig(
    architecture="trm",
    H_layers=0,
    L_layers=2,
    H_cycles=3,
    L_cycles=6,
    prefix=16,
    mixer="mlp",
    positions="none",
)
TRM_ATTENTION = TRM_MLP.replace(mixer="attention", positions="rope")


@pytest.fixture(scope="module")
def published_hrm() -> HRM:
    model = build_model(ModelConfig())
    assert isinstance(model, HRM)
    return model


def test_published_hrm_has_27_275_266_parameters(published_hrm: HRM) -> None:
    assert published_hrm.n_parameters == 27_275_266


def test_learned_positions_add_one_vector_each() -> None:
    assert build_model(ModelConfig(positions="learned")).n_parameters == 27_275_266 + 82 * 512


@pytest.mark.parametrize(("config", "count"), [(TRM_MLP, 5_028_866), (TRM_ATTENTION, 6_828_034)])
def test_published_trm_has_as_many_as_published(config: ModelConfig, count: int) -> None:
    model = build_model(config)
    assert isinstance(model, TRM)
    assert model.n_parameters == count


def test_published_initialisation(published_hrm: HRM) -> None:
    """Truncated normals whose real standard deviation is 1/sqrt(d_in); halting almost sure of "no"."""
    block = published_hrm.H.blocks[0]
    for weight, d_in in (
        (block.attn.W_QKV.weight, 512),
        (block.attn.W_O.weight, 512),
        (block.mlp.W_gate_in.weight, 512),
        (block.mlp.W_out.weight, 1536),
        (published_hrm.W_E, 512),
        (published_hrm.unembed.weight, 512),
    ):
        std = 1 / math.sqrt(d_in)
        assert weight.std().item() == pytest.approx(std, rel=0.03)
        assert weight.abs().max().item() < 2.3 * std
    for state in (published_hrm.H_init, published_hrm.L_init):
        assert state.std().item() == pytest.approx(1, rel=0.1)
    assert not torch.equal(published_hrm.H_init, published_hrm.L_init)
    assert not published_hrm.q_head.weight.any()
    assert published_hrm.q_head.bias.tolist() == [-5, -5]
    assert published_hrm.puzzle_emb is not None
    assert not published_hrm.puzzle_emb.any()


def test_the_seed_alone_decides_and_the_global_generator_is_left_alone() -> None:
    config = VARIANTS["hrm_rope"]
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    first = build_model(config, seed=7)
    assert torch.equal(torch.rand(1), expected)
    torch.manual_seed(99)
    second, third = build_model(config, seed=7), build_model(config, seed=8)
    assert torch.equal(first.H.blocks[0].mlp.W_out.weight, second.H.blocks[0].mlp.W_out.weight)
    assert not torch.equal(first.H.blocks[0].mlp.W_out.weight, third.H.blocks[0].mlp.W_out.weight)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"architecture": "gpt"}, "hrm, trm"),
        ({"d_model": 500}, "n_heads"),
        ({"d_model": 24, "n_heads": 8}, "even head width"),
        ({"H_cycles": 0}, "H_cycles"),
        ({"cells": 81.0}, "cells"),
        ({"H_layers": 0}, "H_layers"),
        ({"d_modl": 4}, "d_model"),
        ({"positions": "learnt"}, "learned"),
        ({"expansion": "x"}, "expansion"),
        ({"expansion": 1e-4}, "no width"),
        ({"norm_eps": -1.0}, "norm_eps"),
        ({"rope_theta": 0}, "rope_theta"),
        ({"puzzles": True}, "puzzles"),
    ],
)
def test_configs_that_make_no_model(change: dict, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        ModelConfig().replace(**change)


def test_config_round_trip() -> None:
    for config in VARIANTS.values():
        assert ModelConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize("mixer", ["attention", "mlp"])
def test_cells_come_after_the_prefix(mixer: str) -> None:
    config = ModelConfig(cells=16, vocab=6, d_model=20, n_heads=2, prefix=4, positions="none", mixer=mixer)
    states = torch.arange(20.0)[None, :, None].expand(3, 20, 20)
    assert torch.equal(config.cells_of(states), states[:, 4:])
    assert config.cells_of(states.numpy(), 2).shape == (3, 20, 16)
    pattern = torch.zeros(3, 2, 20, 20)
    assert config.cells_of(pattern, -2, -1).shape == (3, 2, 16, 16)
    with pytest.raises(InputError, match=r"Axis 0 of shape \(3, 20, 20\) is no axis of positions, .* are 20"):
        config.cells_of(states, 0)
    with pytest.raises(InputError, match=r"Axis 5 of shape \(3, 20, 20\)"):
        config.cells_of(states, 5)
