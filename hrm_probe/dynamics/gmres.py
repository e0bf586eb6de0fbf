"""Linear systems of many rows at once, each with a matrix of its own that is known by its products only."""

from collections.abc import Callable

import torch
from torch import Tensor

from hrm_probe.dynamics.gram_schmidt import orthogonalised

DENSE_UP_TO = 256  # dimensions
RESTARTS = 4

Operator = Callable[[Tensor], Tensor]  # [n, d] to [n, d], row i multiplied by its own A_i


def solve(operator: Operator, rhs: Tensor, krylov: int, tol: Tensor) -> tuple[Tensor, Tensor]:
    """As :func:`gmres`, with more work for the rows whose solution one Krylov space does not hold.

    Their matrices are formed where that is cheap (a defective one may have a solution that no Krylov space holds);
    in more dimensions GMRES starts again on what is left.
    """
    solution, left = gmres(operator, rhs, krylov, tol)
    unsolved = left > tol
    if not bool(unsolved.any()):
        return solution, left
    if rhs.shape[1] <= DENSE_UP_TO:
        return _solved_densely(operator, rhs, solution, left, unsolved)
    return _restarted(operator, rhs, solution, left, krylov, tol)


def gmres(operator: Operator, rhs: Tensor, krylov: int, tol: Tensor) -> tuple[Tensor, Tensor]:
    """Minimise ||A_i p_i - b_i|| over a Krylov space of every row; Saad and Schultz (1986).

    Args:
        operator: products with the matrices.
        rhs: b [n, d].
        krylov: largest dimension of the space.
        tol: float64 [n], relative residual at which a row is good enough. Each row keeps what it has then, so its
            solution does not depend on the rows beside it.

    Returns:
        p [n, d], zero where b is zero; and what is left, ||A_i p_i - b_i|| / ||b_i||, float64 [n].
    """
    n, d = rhs.shape
    m = min(krylov, d)
    eps, tiny = torch.finfo(rhs.dtype).eps, torch.finfo(rhs.dtype).tiny
    beta = rhs.norm(dim=1)
    basis = rhs.new_zeros(m + 1, n, d)
    basis[0] = rhs / beta.clamp_min(tiny)[:, None]
    hessenberg = torch.zeros(n, m + 1, m, dtype=torch.float64)
    first = torch.zeros(n, m + 1, 1, dtype=torch.float64)
    first[:, 0, 0] = 1.0
    y = torch.zeros(n, m, dtype=torch.float64)
    left = (beta != 0).double().cpu()
    enough = tol.cpu()
    at_work = left > enough
    for j in range(m):
        if not bool(at_work.any()):
            break
        w = operator(basis[j])
        norm_before = w.norm(dim=1)
        w, h = orthogonalised(w, basis[: j + 1])
        hessenberg[:, : j + 1, j] = h.double().sum(dim=0).cpu()
        norm = w.norm(dim=1)
        # What is left of w after the projection may be rounding alone: the space is then complete.
        alive = norm > 10 * eps * norm_before
        hessenberg[:, j + 1, j] = torch.where(alive, norm, 0.0).double().cpu()
        basis[j + 1] = torch.where(alive[:, None], w / norm.clamp_min(tiny)[:, None], 0.0)
        # Directions that only rounding sees must not become steps of 1 / rounding.
        matrix, goal = hessenberg[:, : j + 2, : j + 1], first[:, : j + 2]
        best = least_squares(matrix, goal, max(1e-12, 10 * eps))
        y[:, : j + 1] = torch.where(at_work[:, None], best[:, :, 0], y[:, : j + 1])
        left = torch.where(at_work, (matrix @ best - goal).norm(dim=(1, 2)), left)
        at_work &= (left > enough) & alive.cpu()
    coefficients = (y * beta.double().cpu()[:, None]).to(rhs)
    return torch.einsum("nj,jnd->nd", coefficients, basis[:m]), left.to(rhs.device)


def _solved_densely(
    operator: Operator, rhs: Tensor, solution: Tensor, left: Tensor, rows: Tensor
) -> tuple[Tensor, Tensor]:
    """Solution and what is left of it, with the given rows (bool [n]) solved by forming their matrices."""
    d = rhs.shape[1]
    basis = torch.eye(d, dtype=rhs.dtype, device=rhs.device)
    # One column at a time: not every map can be vectorised, and only the rows in need are kept.
    columns = [operator(axis.expand_as(rhs))[rows] for axis in basis]
    matrix = torch.stack(columns, dim=2).double().cpu()
    goal = rhs[rows].double().cpu()[:, :, None]
    found = least_squares(matrix, goal, d * torch.finfo(rhs.dtype).eps)
    missed = (matrix @ found - goal).norm(dim=(1, 2)) / goal.norm(dim=(1, 2))
    return (
        solution.index_put((rows,), found[:, :, 0].to(rhs)),
        left.index_put((rows,), missed.to(left)),
    )


def _restarted(
    operator: Operator, rhs: Tensor, solution: Tensor, left: Tensor, krylov: int, tol: Tensor
) -> tuple[Tensor, Tensor]:
    """Solution and what is left of it, improved by GMRES on what it leaves, a few times."""
    tiny = torch.finfo(torch.float64).tiny
    size = rhs.norm(dim=1).double().clamp_min(tiny)
    for _ in range(RESTARTS):
        unsolved = left > tol
        if not bool(unsolved.any()):
            break
        rest = torch.where(unsolved[:, None], rhs - operator(solution), 0.0)
        share = rest.norm(dim=1).double() / size
        correction, left_of_rest = gmres(operator, rest, krylov, tol / share.clamp_min(tiny))
        solution = solution + correction
        left = torch.where(unsolved, left_of_rest * share, left)
    return solution, left


def least_squares(matrix: Tensor, rhs: Tensor, rtol: float) -> Tensor:
    """Minimum-norm least squares of batched systems on the CPU; rows with NaN or infinity give zero."""
    good = torch.isfinite(matrix).all(dim=2).all(dim=1) & torch.isfinite(rhs).all(dim=2).all(dim=1)
    safe, wanted = (torch.where(good[:, None, None], part, 0.0) for part in (matrix, rhs))
    # By singular values: torch's default for the CPU ("gelsy") is wrong where the columns are not independent.
    return torch.linalg.lstsq(safe, wanted, rcond=rtol, driver="gelsd").solution
