"""What is left of a vector is orthogonal to the basis, and the coefficients give back what was taken."""

import torch

from hrm_probe.dynamics.gram_schmidt import orthogonalised


def test_a_vector_is_its_projections_and_what_is_left_orthogonal_to_them() -> None:
    generator = torch.Generator().manual_seed(0)
    basis = torch.linalg.qr(torch.randn(4, 30, 5, generator=generator, dtype=torch.float64))[0].permute(
        2, 0, 1
    )
    w = torch.randn(4, 30, generator=generator, dtype=torch.float64)
    left, coefficients = orthogonalised(w, basis)
    assert torch.einsum("jnd,nd->nj", basis, left).abs().max() < 1e-15
    torch.testing.assert_close(left + torch.einsum("nj,jnd->nd", coefficients.sum(dim=0), basis), w)


def test_the_second_pass_takes_what_rounding_left_by_the_first() -> None:
    generator = torch.Generator().manual_seed(0)
    axis = torch.nn.functional.normalize(torch.randn(1, 1000, generator=generator))
    w = 1e4 * axis + torch.randn(1, 1000, generator=generator)
    left, coefficients = orthogonalised(w, axis[None])
    once = w - coefficients[0] * axis
    assert (left @ axis[0]).abs() < (once @ axis[0]).abs() / 100
