"""Layers: padding and fusing change no number, and rotations keep their precision."""

import copy
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from hrm_probe.models import ModelConfig, RecursiveReasoner, State, build_model, layers, load
from hrm_probe.models.layers import ALIGNMENT, Linear, aligned_linear, rms_norm, wants_alignment


@pytest.fixture
def model() -> RecursiveReasoner:
    config = ModelConfig(
        architecture="hrm",
        cells=16,
        vocab=6,
        d_model=32,
        n_heads=2,
        H_layers=1,
        L_layers=1,
        H_cycles=2,
        L_cycles=2,
    )
    return build_model(config, seed=0).eval()


@pytest.fixture
def tokens() -> torch.Tensor:
    return torch.randint(1, 6, (3, 16), generator=torch.Generator().manual_seed(0))


def test_the_norm_keeps_away_from_zero_under_its_root() -> None:
    assert not rms_norm(torch.zeros(8), 1e-5).any()
    small = rms_norm(torch.full((8,), 1e-3), 1e-5)  # of mean square 1e-6
    torch.testing.assert_close(small, torch.full((8,), 1e-3 / math.sqrt(1.1e-5)))


@pytest.mark.parametrize(("d_in", "d_out"), [(97, 1024), (1024, 97), (512, 11), (97, 2), (64, 64)])
@pytest.mark.parametrize("bias", [False, True])
def test_an_aligned_product_is_the_same_forwards_and_backwards(d_in: int, d_out: int, bias: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    layer = Linear(d_in, d_out, generator, bias)
    plain, aligned = (
        torch.randn(3, 5, d_in, generator=generator.manual_seed(1)).requires_grad_() for _ in "ab"
    )
    gradients = []
    for x, product in (
        (plain, layer(plain)), (aligned, aligned_linear(aligned, layer.weight, layer.bias)),
    ):  # fmt: skip
        product.square().sum().backward()
        assert layer.weight.grad is not None
        gradients.append((product.detach(), x.grad, layer.weight.grad.clone()))
        layer.zero_grad()
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("is_cuda", "dtype", "shape", "wanted"),
    [
        (True, torch.bfloat16, (97, 1024), True),
        (True, torch.bfloat16, (1024, 97), True),
        (True, torch.bfloat16, (96, 1024), False),
        (True, torch.float32, (97, 1024), False),
        (False, torch.bfloat16, (97, 1024), False),
    ],
)
def test_only_crooked_products_of_narrow_floats_on_a_gpu_want_it(
    is_cuda: bool, dtype: torch.dtype, shape: tuple[int, int], wanted: bool
) -> None:
    assert ALIGNMENT * torch.bfloat16.itemsize == 16
    x: Any = SimpleNamespace(is_cuda=is_cuda, dtype=dtype)
    assert wants_alignment(x, torch.empty(shape)) == wanted


def test_fused_attention_answers_as_the_one_written_out(
    model: RecursiveReasoner, tokens: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    fused_calls: list[int] = []
    fused = torch.nn.functional.scaled_dot_product_attention

    def counted(*arguments: torch.Tensor) -> torch.Tensor:
        fused_calls.append(1)
        return fused(*arguments)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", counted)
    written_out = model.run(tokens, segments=2).logits
    assert not fused_calls
    monkeypatch.setattr(layers, "fuses", lambda q: True)
    torch.testing.assert_close(model.run(tokens, segments=2).logits, written_out, rtol=1e-4, atol=1e-4)
    assert fused_calls
    fused_calls.clear()
    model.run_with_cache(tokens, names_filter="pattern", segments=1)  # whoever looks, sees
    state = model.initial_state(len(tokens))
    torch.func.jvp(lambda z: model.segment(State(z, state.z_L), tokens)[0].z_H, (state.z_H,), (state.z_H,))
    assert not fused_calls


@pytest.mark.parametrize("cast", [lambda m: m.to(torch.bfloat16), lambda m: m.bfloat16()])
def test_a_model_cast_to_bfloat16_rotates_in_float32(
    cast: Callable[[RecursiveReasoner], RecursiveReasoner],
    model: RecursiveReasoner,
    tokens: torch.Tensor,
    tmp_path: Path,
) -> None:
    model.save(tmp_path)
    loaded, narrow = load(tmp_path, dtype="bfloat16", device="cpu"), cast(model)
    assert torch.equal(narrow.run(tokens, segments=2).logits, loaded.run(tokens, segments=2).logits)
    narrow.save(tmp_path)
    assert torch.equal(
        load(tmp_path, device="cpu").run(tokens, segments=2).logits, narrow.run(tokens, segments=2).logits
    )


def test_rotations_come_back_from_a_model_without_numbers(
    model: RecursiveReasoner, tokens: torch.Tensor
) -> None:
    empty = copy.deepcopy(model).to("meta").to_empty(device="cpu")
    empty.load_state_dict(model.state_dict())
    assert torch.equal(empty.run(tokens, segments=1).logits, model.run(tokens, segments=1).logits)
