"""Newton's method with GMRES inside, on many rows at once."""

from collections.abc import Callable

import torch
from torch import Tensor

from hrm_probe.dynamics.search import Search

SUFFICIENT_DECREASE = 1e-4
HALVINGS = 12
DENSE_UP_TO = 256  # dimensions
RESTARTS = 4


def newton_krylov(search: Search, max_iterations: int, krylov: int) -> None:
    """Solve (J - 1) p = -(step(x) - x) for every row and move along p as far as the residual falls.

    Where no step length lowers the residual (its norm has a local minimum, or p is useless because J - 1 is
    nearly singular) the row follows the map for one step; the best point met is kept in any case.
    """
    for iteration in range(1, max_iterations + 1):
        if bool(search.converged.all()):
            return
        _move_along(search, _newton_direction(search, krylov), iteration)


def _newton_direction(search: Search, krylov: int) -> Tensor:
    """p [n, d] with (J - 1) p = -(step(x) - x): from one Krylov space if it holds all of them, else with more work."""
    # Solving early systems exactly is wasted work; late ones must be exact for quadratic convergence.
    tol = search.displacement.norm(dim=1).double().sqrt().clamp(1e-6, 0.1)
    direction, left = gmres(search.linearised, -search.displacement, krylov, tol)
    unsolved = (left > tol) & ~search.converged
    d = direction.shape[1]
    if krylov >= d or not bool(unsolved.any()):
        return direction
    if d <= DENSE_UP_TO:
        return _solved_densely(search, direction, unsolved)
    return _restarted(search, direction, krylov, tol)


def _solved_densely(search: Search, direction: Tensor, rows: Tensor) -> Tensor:
    """The direction [n, d] with the given rows (bool [n]) solved by forming their Jacobians."""
    d = direction.shape[1]
    basis = torch.eye(d, dtype=direction.dtype, device=direction.device)
    # One column at a time: not every map can be vectorised, and only the rows in need are kept.
    columns = [search.linearised(axis.expand_as(direction))[rows] for axis in basis]
    matrix = torch.stack(columns, dim=2).double().cpu()
    rhs = -search.displacement[rows].double().cpu()
    solution = _least_squares(matrix, rhs[:, :, None], d * torch.finfo(direction.dtype).eps)[:, :, 0]
    return direction.index_put((rows,), solution.to(direction))


def _restarted(search: Search, direction: Tensor, krylov: int, tol: Tensor) -> Tensor:
    """The direction [n, d] improved by GMRES on what it leaves unsolved, a few times; ``tol`` float64 [n]."""
    size = search.displacement.norm(dim=1).double()
    for _ in range(RESTARTS):
        rest = -search.displacement - search.linearised(direction)
        rest_tol = tol * size / rest.norm(dim=1).double().clamp_min(torch.finfo(rest.dtype).tiny)
        if bool(((rest_tol >= 1) | search.converged).all()):
            break
        direction = direction + gmres(search.linearised, rest, krylov, rest_tol)[0]
    return direction


def _move_along(search: Search, direction: Tensor, iteration: int) -> None:
    """Backtracking line search, each row with a length of its own."""
    x, residual = search.points, search.displacement.norm(dim=1)
    length = torch.ones_like(residual)
    waiting = ~search.converged
    target, arrived = x.clone(), search.displacement.clone()
    for _ in range(HALVINGS):
        trial = x + torch.where(waiting, length, 0.0)[:, None] * direction
        displacement = search.displacement_at(trial)
        falls = displacement.norm(dim=1) <= (1 - SUFFICIENT_DECREASE * length) * residual
        accepted = waiting & falls  # NaN compares false: a length that leaves the finite numbers is halved
        target = torch.where(accepted[:, None], trial, target)
        arrived = torch.where(accepted[:, None], displacement, arrived)
        waiting = waiting & ~accepted
        if not bool(waiting.any()):
            search.move_to(target, iteration, arrived)
            return
        length = torch.where(waiting, length / 2, length)
    target = torch.where(waiting[:, None], x + search.displacement, target)
    search.move_to(target, iteration)


def gmres(
    operator: Callable[[Tensor], Tensor], rhs: Tensor, krylov: int, tol: Tensor
) -> tuple[Tensor, Tensor]:
    """Minimise ||A_i p_i - b_i|| over a Krylov space of every row; Saad and Schultz (1986).

    Args:
        operator: [n, d] to [n, d], row i multiplied by its own A_i.
        rhs: b [n, d].
        krylov: largest dimension of the space.
        tol: float64 [n], relative residual at which a row is good enough; all rows stop together.

    Returns:
        p [n, d], zero where b is zero; and what is left, ||A_i p_i - b_i|| / ||b_i||, float64 [n].
    """
    n, d = rhs.shape
    m = min(krylov, d)
    beta = rhs.norm(dim=1)
    tiny = torch.finfo(rhs.dtype).tiny
    basis = rhs.new_zeros(m + 1, n, d)
    basis[0] = rhs / beta.clamp_min(tiny)[:, None]
    hessenberg = torch.zeros(n, m + 1, m, dtype=torch.float64)
    first = torch.zeros(n, m + 1, 1, dtype=torch.float64)
    first[:, 0, 0] = 1.0
    used = m
    for j in range(m):
        w = operator(basis[j])
        norm_before = w.norm(dim=1)
        # Gram-Schmidt twice is as good as Householder and needs two matrix products only.
        for _ in range(2):
            h = torch.einsum("jnd,nd->nj", basis[: j + 1], w)
            w = w - torch.einsum("nj,jnd->nd", h, basis[: j + 1])
            hessenberg[:, : j + 1, j] += h.double().cpu()
        norm = w.norm(dim=1)
        # What is left of w after the projection may be rounding alone: the space is then complete.
        alive = norm > 10 * torch.finfo(w.dtype).eps * norm_before
        hessenberg[:, j + 1, j] = torch.where(alive, norm, 0.0).double().cpu()
        basis[j + 1] = torch.where(alive[:, None], w / norm.clamp_min(tiny)[:, None], 0.0)
        y = _least_squares(hessenberg[:, : j + 2, : j + 1], first[:, : j + 2])
        left = (hessenberg[:, : j + 2, : j + 1] @ y - first[:, : j + 2]).norm(dim=(1, 2))
        left = torch.where((beta == 0).cpu(), 0.0, left)
        if bool(((left <= tol.cpu()) | ~alive.cpu()).all()):
            used = j + 1
            break
    coefficients = (y[:, :used, 0] * beta.double().cpu()[:, None]).to(rhs)
    return torch.einsum("nj,jnd->nd", coefficients, basis[:used]), left.to(rhs.device)


def _least_squares(matrix: Tensor, rhs: Tensor, rtol: float = 1e-12) -> Tensor:
    """Minimum-norm least squares of batched systems on the CPU; rows with NaN or infinity give zero."""
    good = torch.isfinite(matrix).all(dim=2).all(dim=1) & torch.isfinite(rhs).all(dim=2).all(dim=1)
    safe, wanted = (torch.where(good[:, None, None], part, 0.0) for part in (matrix, rhs))
    # By singular values: torch's default for the CPU ("gelsy") is wrong where the columns are not independent.
    return torch.linalg.lstsq(safe, wanted, rcond=rtol, driver="gelsd").solution
