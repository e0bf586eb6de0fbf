"""Padding for tensor cores changes no number."""

import pytest
import torch

from hrm_probe.models.layers import ALIGNMENT, Linear, aligned_linear, wants_alignment


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


def test_only_narrow_floats_of_a_gpu_want_it() -> None:
    assert ALIGNMENT * torch.bfloat16.itemsize == 16
    weight = torch.empty(97, 1024, dtype=torch.bfloat16)
    assert not wants_alignment(torch.empty(1, 1024, dtype=torch.bfloat16), weight)
