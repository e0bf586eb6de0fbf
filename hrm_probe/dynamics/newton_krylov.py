"""Newton's method with GMRES inside, on many rows at once."""

from collections.abc import Iterable

import torch
from torch import Tensor

from hrm_probe.dynamics.gmres import solve
from hrm_probe.dynamics.search import Search, TimeSpentError

SUFFICIENT_DECREASE = 1e-4
HALVINGS = 12


def newton_krylov(search: Search, rounds: Iterable[int]) -> None:
    """Solve (J - 1) p = -(step(x) - x) for every row and move along p as far as the residual falls.

    Where no step length lowers the residual (its norm has a local minimum, or p is useless because J - 1 is
    nearly singular) the row follows the map for one step; the best point met is kept in any case. An iteration in which
    the time is spent is given up, and leaves no trace.
    """
    for iteration in rounds:
        # Solving early systems exactly is wasted work; late ones must be exact for quadratic convergence.
        tol = search.displacement.norm(dim=1).double().sqrt().clamp(1e-6, 0.1)
        wanted = torch.where(search.converged[:, None], 0.0, -search.displacement)
        try:
            direction, _ = solve(search.linearised_in_time, wanted, search.krylov, tol)
        except TimeSpentError:
            search.cut_short = True
            return
        _move_along(search, direction, iteration)


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
