"""The bookkeeping that all fixed-point methods share: where each row is, and the best it has met."""

import math
import time
from collections.abc import Iterator

import torch
from torch import Tensor

from hrm_probe.dynamics.gmres import gmres, solve
from hrm_probe.dynamics.linearise import Step, apply, jvp
from hrm_probe.given_numbers import number_within
from hrm_probe.wording import counted

NEARNESS = 1e-3  # how far the fixed point may be from a point that passes for it, relative to 1 + its norm
UNEXPLAINED = 0.5  # share of the displacement that the way to the fixed point may leave
ROUNDING = 4.0  # displacements, and differences of them, below this many eps * ||x|| are noise


def check_seconds(seconds: float | None) -> None:
    """A time limit is a number of seconds, or None for no limit.

    Raises:
        InputError: a negative number, or not a number.
    """
    if seconds is not None:
        number_within(seconds, "seconds", least=0)


class TimeSpentError(Exception):
    """Raised in the middle of an outer iteration for which there is no time left."""


class Search:
    """n searches side by side. Rows that have converged stay where they are; the step still sees all rows."""

    def __init__(
        self,
        step: Step,
        starts: Tensor,
        tol: float,
        reach: float,
        krylov: int,
        derivative: bool,
        seconds: float | None = None,
    ) -> None:
        self._deadline = math.inf if seconds is None else time.monotonic() + seconds
        self.cut_short = False
        self.step = step
        self.tol = tol
        self.krylov = krylov
        self.derivative = derivative
        self.nearness = max(NEARNESS, tol**0.5)  # a loose tolerance asks for less
        self.step_calls = 0
        self.jvp_calls = 0
        self.points = starts.clone()  # [n, d]
        self.displacement = self.displacement_at(self.points)  # step(x) - x, [n, d]
        self.best = self.points.clone()
        self.best_residual = self.displacement.norm(dim=1)
        size = starts.norm(dim=1) + self.best_residual
        self.scale = size.clamp_max(1.0)  # [n], what a map of tiny states has in place of 1
        self.largest_norm = reach * (1 + size)  # [n]
        self.iterations = torch.zeros(len(starts), dtype=torch.int64, device=starts.device)
        self.converged = torch.zeros(len(starts), dtype=torch.bool, device=starts.device)
        self._motion = self.displacement  # the last displacement of each row that rounding does not explain
        self._probed_at = torch.full_like(self.best_residual, torch.inf)  # residual at the last probe
        self._judge(~self.converged)

    def rounds(self, limit: int) -> Iterator[int]:
        """Numbers of the outer iterations: 1 to ``limit``, fewer where all rows converge or the time is spent."""
        for iteration in range(1, limit + 1):
            if bool(self.converged.all()):
                return
            if self.time_spent():
                self.cut_short = True
                return
            yield iteration

    def time_spent(self) -> bool:
        return time.monotonic() >= self._deadline

    def status(self) -> str:
        """How far the rows have come, in words."""
        return f"{int(self.converged.sum())} of {counted(len(self.converged), 'start')} converged"

    def displacement_at(self, points: Tensor) -> Tensor:
        """step(x) - x; rows that ran off to infinity give NaN, which no comparison accepts."""
        self.step_calls += 1
        return apply(self.step, points) - points

    def linearised(self, vectors: Tensor) -> Tensor:
        """(J(x) - 1) v of every row: the derivative of the displacement."""
        self.jvp_calls += 1
        return jvp(self.step, self.points, vectors)[1] - vectors

    def linearised_in_time(self, vectors: Tensor) -> Tensor:
        """As `linearised`; many products make an iteration, which may be the longest part of the search.

        Raises:
            TimeSpentError: the time limit has passed.
        """
        if self.time_spent():
            raise TimeSpentError
        return self.linearised(vectors)

    def differences(self, vectors: Tensor) -> Tensor:
        """(J(x) - 1) v of every row, for unit v, by a difference; zero where rounding hides it."""
        spacing = torch.finfo(vectors.dtype).eps ** (1 / 3) * (self.scale + self.points.norm(dim=1))[:, None]
        change = self.displacement_at(self.points + spacing * vectors) - self.displacement
        return torch.where((change.norm(dim=1) > self.noise)[:, None], change / spacing, 0.0)

    @property
    def distance(self) -> Tensor:
        """How far a fixed point may be from the row's point if that is to pass for it, [n]."""
        return self.nearness * (self.scale + self.points.norm(dim=1))

    @property
    def noise(self) -> Tensor:
        """Displacements that rounding may have made, [n]."""
        return ROUNDING * torch.finfo(self.points.dtype).eps * self.points.norm(dim=1)

    def move_to(self, points: Tensor, iteration: int, displacement: Tensor | None = None) -> None:
        """Move every row that has not converged; a row that would stop being finite goes back to its best.

        Args:
            points: [n, d].
            iteration: number of the outer iteration.
            displacement: of the points, where it is known already; converged rows must stand at their best then.
        """
        points = torch.where(self.converged[:, None], self.best, points)
        if displacement is None:
            displacement = self.displacement_at(points)
        lost = ~(torch.isfinite(points).all(dim=1) & torch.isfinite(displacement).all(dim=1))
        if bool(lost.any()):
            points = torch.where(lost[:, None], self.best, points)
            displacement = self.displacement_at(points)
        self.points, self.displacement = points, displacement
        residual = displacement.norm(dim=1)
        self._motion = torch.where((residual > self.noise)[:, None], displacement, self._motion)
        better = residual < self.best_residual
        self.best = torch.where(better[:, None], points, self.best)
        self.best_residual = torch.where(better, residual, self.best_residual)
        self.iterations = torch.where(better, iteration, self.iterations)
        self._judge(better)

    def _judge(self, improved: Tensor) -> None:
        """Let rows converge that have just met a better point, if it satisfies the stopping rule."""
        norm = self.best.norm(dim=1)
        small = (self.best_residual <= self.tol * (self.scale + norm)) & (norm <= self.largest_norm)
        # A probe costs calls of the step: a row that failed one must come much closer before the next.
        due = improved & small & ~self.converged & (self.best_residual <= self._probed_at / 2)
        if bool(due.any()):
            self.converged = self.converged | (due & ~self._drifts(due))
            self._probed_at = torch.where(due, self.best_residual, self._probed_at)

    def _drifts(self, rows: Tensor) -> Tensor:
        """Is a fixed point, if there is one, far off, though the displacement is small? bool [n].

        The fixed point is where Newton's step leads: p with (J - 1) p = -r. It is near if such a p exists and is
        short. What rounding hides of r may point along the last motion. A start that does not move is at rest, and a
        derivative that is not finite says nothing against the point.

        Args:
            rows: bool [n], whom to ask; they stand at their best points.
        """
        speed = self._motion.norm(dim=1)
        unit = self._motion / speed.clamp_min(torch.finfo(speed.dtype).tiny)[:, None]
        unseen = torch.where(rows, torch.maximum(self.best_residual, self.noise), 0.0)[:, None] * unit
        enough = torch.full_like(speed, UNEXPLAINED, dtype=torch.float64)
        if self.derivative:
            way, left = solve(self.linearised, unseen, self.krylov, enough)
        else:
            way, left = gmres(self.differences, unseen, self.krylov, enough)
        return (left > enough) | (way.norm(dim=1) > self.distance)
