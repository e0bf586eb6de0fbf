"""Anderson acceleration of a fixed-point iteration, on many rows at once."""

from collections.abc import Iterable

import torch

from hrm_probe.dynamics.search import Search

RESTART_GROWTH = 1e3


def anderson(search: Search, rounds: Iterable[int], window: int, damping: float) -> None:
    """Mix the last points so that the mixed residual is least; Walker and Ni (2011), problem 2.1, type II.

    With x_k, g_k = step(x_k) - x_k and differences dX, dG over the window:
    x_{k+1} = x_k + damping g_k - (dX + damping dG) argmin_c ||g_k - dG c||.
    A row whose residual has grown a thousandfold over its best forgets its past and starts again from its best.
    """
    n, d = search.points.shape
    size = min(window, d)
    dx = search.points.new_zeros(size, n, d)
    dg = search.points.new_zeros(size, n, d)
    for iteration in rounds:
        x, g = search.points, search.displacement
        gram = torch.einsum("and,bnd->nab", dg, dg).double()
        projected = torch.einsum("and,nd->na", dg, g).double()
        # Columns shrink by orders of magnitude near a solution: scale them before judging rank.
        scale = gram.diagonal(dim1=1, dim2=2).sqrt()
        inverse = torch.where(scale > 0, 1 / scale, 0.0)
        normed = gram * inverse[:, :, None] * inverse[:, None, :]
        mixed = torch.linalg.pinv(normed, rtol=1e-12, hermitian=True) @ (projected * inverse)[:, :, None]
        c = (mixed[:, :, 0] * inverse).to(x)
        target = x + damping * g - torch.einsum("na,and->nd", c, dx + damping * dg)
        search.move_to(target, iteration)
        slot = (iteration - 1) % size
        dx[slot] = search.points - x
        dg[slot] = search.displacement - g
        grown = search.displacement.norm(dim=1) > RESTART_GROWTH * search.best_residual
        if bool(grown.any()):
            search.move_to(torch.where(grown[:, None], search.best, search.points), iteration)
            dx[:, grown] = 0
            dg[:, grown] = 0
