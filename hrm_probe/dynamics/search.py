"""The bookkeeping that all fixed-point methods share: where each row is, and the best it has met."""

import torch
from torch import Tensor

from hrm_probe.dynamics.linearise import Step, apply, jvp


class Search:
    """n searches side by side. Rows that have converged stay where they are; the step still sees all rows."""

    def __init__(self, step: Step, starts: Tensor, tol: float, reach: float) -> None:
        self.step = step
        self.tol = tol
        self.largest_norm = reach * (1 + starts.norm(dim=1))  # [n]
        self.step_calls = 0
        self.jvp_calls = 0
        self.points = starts.clone()  # [n, d]
        self.displacement = self.displacement_at(self.points)  # step(x) - x, [n, d]
        self.best = self.points.clone()
        self.best_residual = self.displacement.norm(dim=1)
        self.iterations = torch.zeros(len(starts), dtype=torch.int64, device=starts.device)

    def displacement_at(self, points: Tensor) -> Tensor:
        """step(x) - x; rows that ran off to infinity give NaN, which no comparison accepts."""
        self.step_calls += 1
        return apply(self.step, points) - points

    def linearised(self, vectors: Tensor) -> Tensor:
        """(J(x) - 1) v of every row: the derivative of the displacement."""
        self.jvp_calls += 1
        return jvp(self.step, self.points, vectors)[1] - vectors

    @property
    def converged(self) -> Tensor:
        """bool [n]: the best point met satisfies the stopping rule."""
        norm = self.best.norm(dim=1)
        return (self.best_residual <= self.tol * (1 + norm)) & (norm <= self.largest_norm)

    def move_to(self, points: Tensor, iteration: int, displacement: Tensor | None = None) -> None:
        """Move every row that has not converged; a row that would leave the finite numbers goes back to its best."""
        done = self.converged
        points = torch.where(done[:, None], self.best, points)
        if displacement is None or bool(done.any()):
            displacement = self.displacement_at(points)
        lost = ~(torch.isfinite(points).all(dim=1) & torch.isfinite(displacement).all(dim=1))
        if bool(lost.any()):
            points = torch.where(lost[:, None], self.best, points)
            displacement = self.displacement_at(points)
        self.points, self.displacement = points, displacement
        residual = displacement.norm(dim=1)
        better = residual < self.best_residual
        self.best = torch.where(better[:, None], points, self.best)
        self.best_residual = torch.where(better, residual, self.best_residual)
        self.iterations = torch.where(better, iteration, self.iterations)
