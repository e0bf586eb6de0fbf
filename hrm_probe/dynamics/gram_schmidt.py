"""Vectors made orthogonal to what a Krylov space holds already, for many rows at once."""

import torch
from torch import Tensor


def orthogonalised(w: Tensor, basis: Tensor) -> tuple[Tensor, Tensor]:
    """w [n, d] less its projections on the orthonormal basis [j, n, d], by Gram-Schmidt in two passes.

    Twice is as good as Householder's reflections, and needs matrix products only.

    >>> import torch
    >>> w, coefficients = orthogonalised(torch.tensor([[3.0, 4.0]]), torch.tensor([[[1.0, 0.0]]]))
    >>> w.tolist(), coefficients.sum(dim=0).tolist()
    ([[0.0, 4.0]], [[3.0]])

    Returns:
        What is left of w, and the coefficients [pass, n, j], whose sums over the passes are those of the projections.
    """
    coefficients = []
    for _ in range(2):
        h = torch.einsum("jnd,nd->nj", basis, w)
        w = w - torch.einsum("nj,jnd->nd", h, basis)
        coefficients.append(h)
    return w, torch.stack(coefficients)
