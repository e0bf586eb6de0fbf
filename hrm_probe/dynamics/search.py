"""The bookkeeping that all fixed-point methods share: where each row is, and the best it has met."""

import torch
from torch import Tensor

from hrm_probe.dynamics.linearise import Step, apply, jvp

NEARNESS = 1e-3  # how far the fixed point may be from a point that passes for it, relative to 1 + its norm
ROUNDING = 4.0  # differences of displacements below this many eps * ||x|| are noise


class Search:
    """n searches side by side. Rows that have converged stay where they are; the step still sees all rows."""

    def __init__(self, step: Step, starts: Tensor, tol: float, reach: float) -> None:
        self.step = step
        self.tol = tol
        self.nearness = max(NEARNESS, tol**0.5)  # a loose tolerance asks for less
        self.largest_norm = reach * (1 + starts.norm(dim=1))  # [n]
        self.step_calls = 0
        self.jvp_calls = 0
        self.points = starts.clone()  # [n, d]
        self.displacement = self.displacement_at(self.points)  # step(x) - x, [n, d]
        self.best = self.points.clone()
        self.best_residual = self.displacement.norm(dim=1)
        self.iterations = torch.zeros(len(starts), dtype=torch.int64, device=starts.device)
        self.converged = torch.zeros(len(starts), dtype=torch.bool, device=starts.device)
        self._motion = self.displacement  # the last displacement of each row that was not zero
        self._probed_at = torch.full_like(self.best_residual, torch.inf)  # residual at the last probe
        self._judge(~self.converged)

    def displacement_at(self, points: Tensor) -> Tensor:
        """step(x) - x; rows that ran off to infinity give NaN, which no comparison accepts."""
        self.step_calls += 1
        return apply(self.step, points) - points

    def linearised(self, vectors: Tensor) -> Tensor:
        """(J(x) - 1) v of every row: the derivative of the displacement."""
        self.jvp_calls += 1
        return jvp(self.step, self.points, vectors)[1] - vectors

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
        self._motion = torch.where((residual > 0)[:, None], displacement, self._motion)
        better = residual < self.best_residual
        self.best = torch.where(better[:, None], points, self.best)
        self.best_residual = torch.where(better, residual, self.best_residual)
        self.iterations = torch.where(better, iteration, self.iterations)
        self._judge(better)

    def _judge(self, improved: Tensor) -> None:
        """Let rows converge that have just met a better point, if it satisfies the stopping rule."""
        norm = self.best.norm(dim=1)
        small = (self.best_residual <= self.tol * (1 + norm)) & (norm <= self.largest_norm)
        # A probe costs a call of the step: a row that failed one must come much closer before the next.
        due = improved & small & ~self.converged & (self.best_residual <= self._probed_at / 2)
        if bool(due.any()):
            self.converged = self.converged | (due & ~self._drifts(due))
            self._probed_at = torch.where(due, self.best_residual, self._probed_at)

    def _drifts(self, rows: Tensor) -> Tensor:
        """Is a fixed point, if there is one, far off, though the displacement is small? bool [n].

        The displacement is measured again a short way along the motion. Were a fixed point within that distance, a
        straight line says, it would change by its own size at least. A start that does not move is at rest, and a
        probe outside the map's domain (NaN) says nothing against the point.

        Args:
            rows: bool [n], whom to ask; they stand at their best points.
        """
        norm = self.best.norm(dim=1)
        speed = self._motion.norm(dim=1)
        way = self._motion / speed.clamp_min(torch.finfo(speed.dtype).tiny)[:, None]
        distance = torch.where(rows, self.nearness * (1 + norm), 0.0)
        probed = self.displacement_at(self.best + distance[:, None] * way)
        change = (probed - self.displacement).norm(dim=1)
        noise = ROUNDING * torch.finfo(norm.dtype).eps * norm
        return (speed > 0) & (change < torch.maximum(self.best_residual, noise))
