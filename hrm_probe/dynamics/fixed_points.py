"""Fixed points of a map, stable or not: the finder, its result, and how many different ones were found."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from hrm_probe.dynamics.anderson import anderson
from hrm_probe.dynamics.clusters import single_linkage_labels
from hrm_probe.dynamics.linearise import Step, apply, as_points, random_directions
from hrm_probe.dynamics.newton_krylov import newton_krylov
from hrm_probe.dynamics.search import Search, check_seconds
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import number_within, whole_number
from hrm_probe.progress import track
from hrm_probe.wording import counted, listed

METHODS = ("newton-krylov", "anderson", "iteration")

SAME_IN_FLOAT64, SAME_IN_FLOAT32 = 1e-4, 1e-2  # relative distances below which two points are one


@dataclass(frozen=True)
class FixedPoints:
    """What a search from n starts found, row by row.

    ``residuals`` is ||step(x) - x||; a row is ``converged`` when that is at most ``tol * (scale + ||x||)`` and a fixed
    point is near (see `find_fixed_points`; the scale is 1 unless states are tiny). Rows that did not converge hold the
    point of smallest residual met on the way.
    ``iterations`` counts the outer iterations after which the row's point was found, ``step_calls`` and
    ``jvp_calls`` evaluations of the whole batch. ``cut_short`` tells that the time limit ended the search while rows
    were on their way: more time might have brought them to a fixed point.
    """

    points: Tensor  # [n, d]
    residuals: Tensor  # [n]
    converged: Tensor  # bool [n]
    iterations: Tensor  # int64 [n]
    method: str
    tol: float
    step_calls: int
    jvp_calls: int
    cut_short: bool = False

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        found = self.converged
        last = f", residuals up to {float(self.residuals[found].max()):.2g}" if found.any() else ""
        cut = ", cut short by the time limit" if self.cut_short else ""
        return (
            f"FixedPoints({int(found.sum())} of {counted(len(self), 'start')} converged{last}{cut}; {self.method}, "
            f"tol {self.tol:.2g}, {self.step_calls:,} calls of the step, {self.jvp_calls:,} of its derivative)"
        )


def find_fixed_points(
    step: Step,
    starts: Tensor,
    method: str = "newton-krylov",
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    krylov: int = 30,
    window: int = 5,
    damping: float = 1.0,
    reach: float | None = None,
    seconds: float | None = None,
    progress: bool = False,
) -> FixedPoints:
    """Search for a fixed point x = step(x) from every start; unstable ones are found too.

    A row stops when r = step(x) - x is small, ||r|| <= tol * (scale + ||x||) in Euclidean norms, and a fixed point is
    near: a map that moves ever more slowly (x + 1/x), or slowly along a curve, also has small r. The scale is 1, or
    ||start|| + ||step(start) - start|| if that is smaller. Near means that Newton's step from x, which solves
    (J - 1) p = -r, exists and is short: ||p|| <= max(1e-3, sqrt(tol)) * (scale + ||x||), and p explains at least half
    of r. A row's result does not depend on the rows beside it.

    >>> import torch
    >>> from hrm_probe.dynamics.maps import logistic
    >>> found = find_fixed_points(logistic(4.0), torch.tensor([[0.9]], dtype=torch.float64))
    >>> round(found.points.item(), 6)               # repelling: its multiplier is -2
    0.75

    Args:
        step: the map, [n, d] to [n, d]; "newton-krylov" also needs its forward-mode derivative.
        starts: [n, d], points of a trajectory, say, and others around them (`perturbed`).
        method: "newton-krylov": Newton's method, each linear system solved by GMRES on Jacobian-vector products,
            step lengths halved until the residual falls; where no length helps, the row follows the map once.
            Where a Krylov space does not hold the solution of some row, up to 256 dimensions its Jacobian is formed
            (d more products of the batch, d * d numbers for each such row), beyond that GMRES restarts 4 times.
            "anderson": Anderson acceleration, no derivatives, cheap, good near attracting and weakly repelling
            points. "iteration": x <- step(x), the control that finds attracting points only. These two take
            differences of the map for Newton's step, and call the step up to ``krylov`` times for that.
        tol: see the stopping rule; by default eps ** (2/3), i.e. 4e-11 in float64 and 2e-5 in float32.
        max_iterations: outer iterations; by default 50 (newton-krylov), 500 (anderson), 5,000 (iteration).
        krylov: largest Krylov dimension of GMRES; memory is (krylov + 1) * n * d numbers. Where many directions repel
            (a random linear map of dimension 300 and radius 1.2) 30 find nothing; raise it if nothing converges.
        window: number of earlier points that Anderson acceleration mixes.
        damping: of Anderson acceleration: share of the residual that is added, in (0, 1].
        reach: how far out a fixed point may lie: ||x|| <= reach * (1 + ||start|| + ||step(start) - start||). By default
            eps ** (-1/3), 2e5 in float64 and 2e2 in float32: further out, rounding hides motion.
        seconds: wall time. When it is spent no outer iteration begins, and Newton's method gives up the one in hand;
            the result is that of a search with as many ``max_iterations`` as were finished, said to be ``cut_short``.
            0 judges the starts alone. No limit if None.
        progress: show how many iterations are done and how many rows have converged.

    Returns:
        FixedPoints, one row per start. Different starts may share a point: see `distinct_points`.

    Ctrl-C ends a search without a result; give ``seconds`` where half of one is worth having.

    Raises:
        InputError: unknown method, starts not [n, d] or not finite, settings out of range.

    Sources: Knoll and Keyes (2004), J. Comput. Phys. 193 (Newton-Krylov); Eisenstat and Walker (1996) (line
    search and inner tolerance); Walker and Ni (2011), SIAM J. Numer. Anal. 49 (Anderson).
    Known inaccuracy: a small residual is not a small distance. Where the Jacobian has an eigenvalue near 1, the
    nearest fixed point may be ||residual|| / |1 - eigenvalue| away, or not exist (a slow point): look at
    `jacobian_eigenvalues` before calling a point fixed. Motion slower than half the tolerance, or than rounding
    (4 eps * ||x|| a step), may pass for rest, above all without derivatives: on a circle of radius 1 along which a
    float32 map turns by 1e-6, 3e-6 and 1e-5 a step, 0, 0 and 0 of 200 random starts converged by "newton-krylov"; by
    "anderson" 136, 22 and 0; by "iteration" all. A map whose drift float32 rounds away within ``reach``
    has fixed points there: (x + 1/(1 + |x|), log |x|) from 41 starts gave 33 by "newton-krylov". In float32
    "iteration" brought 86 and 22 of 200 random starts to an attracting point with a multiplier of 0.999 and 0.9999,
    "anderson" 200 and 193, "newton-krylov" all. No interval is given: the search samples nothing.
    """
    x = as_points(starts, "starts")
    if method not in METHODS:
        raise InputError(f"Unknown method {method!r}; choose one of {', '.join(METHODS)}.")
    eps = torch.finfo(x.dtype).eps
    tolerance = eps ** (2 / 3) if tol is None else number_within(tol, "tol", above=0)
    far = eps ** (-1 / 3) if reach is None else number_within(reach, "reach", above=0)
    number_within(damping, "damping", above=0, most=1)
    whole_number(krylov, "krylov")
    whole_number(window, "window")
    check_seconds(seconds)
    limit = {"newton-krylov": 50, "anderson": 500, "iteration": 5000}[method]
    limit = limit if max_iterations is None else whole_number(max_iterations, "max_iterations", 0)

    search = Search(step, x, tolerance, far, krylov, method == "newton-krylov", seconds)
    rounds: Iterable[int] = search.rounds(limit)
    if progress:
        rounds = track(rounds, "searching fixed points", limit, "iterations", status=search.status)
    if method == "newton-krylov":
        newton_krylov(search, rounds)
    elif method == "anderson":
        anderson(search, rounds, window, damping)
    else:
        iterate(search, rounds)
    return FixedPoints(
        points=search.best,
        residuals=search.best_residual,
        converged=search.converged,
        iterations=search.iterations,
        method=method,
        tol=tolerance,
        step_calls=search.step_calls,
        jvp_calls=search.jvp_calls,
        cut_short=search.cut_short,
    )


def iterate(search: Search, rounds: Iterable[int]) -> None:
    """Follow the map itself: finds attracting fixed points only."""
    for iteration in rounds:
        search.move_to(search.points + search.displacement, iteration)


@dataclass(frozen=True)
class DistinctPoints:
    """Different points among many: ``points`` [m, d], one for each cluster; ``labels`` [n]; ``counts`` [m]."""

    points: Tensor
    labels: Tensor
    counts: Tensor

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        return f"DistinctPoints({counted(len(self), 'point')}; counts {listed(self.counts.tolist())})"


def distinct_points(
    points: Tensor, tolerance: float | None = None, *, absolute: bool = False
) -> DistinctPoints:
    """Group points that lie within a tolerance of one another (chains included), commonest group first.

    >>> import torch
    >>> distinct_points(torch.tensor([[0.0], [1.0], [1e-6]]), tolerance=1e-3).counts.tolist()
    [2, 1]

    Args:
        points: [n, d].
        tolerance: distance below which two points are one, relative to the larger of 1 and the root mean square
            norm of the points. None: 1e-4 for points in float64, 1e-2 in float32 and below, where searches end that
            far from the point they mean.
        absolute: the tolerance is a Euclidean distance as it stands, relative to nothing.

    Returns:
        DistinctPoints; each representative is the group's member nearest to its mean.

    Raises:
        InputError: points not [n, d] or not finite, or a tolerance that is not positive.

    Known inaccuracy: searches end as far from a fixed point as their tolerance over abs(1 - multiplier). With
    multipliers within 1e-3 of 1, in float32, that may be more than the default: one point then counts as several.
    """
    x = as_points(points)
    if tolerance is None:
        tolerance = SAME_IN_FLOAT64 if x.dtype == torch.float64 else SAME_IN_FLOAT32
    number_within(tolerance, "tolerance", above=0)
    if len(x) == 0:
        empty = torch.zeros(0, dtype=torch.int64)
        return DistinctPoints(x, empty, empty)
    scale = 1.0 if absolute else max(1.0, float(x.double().square().sum(dim=1).mean().sqrt()))
    labels = torch.from_numpy(single_linkage_labels(x.double().cpu().numpy(), tolerance * scale)).to(x.device)
    counts = torch.bincount(labels)
    chosen = []
    for label in range(len(counts)):
        rows = (labels == label).nonzero()[:, 0]
        members = x[rows]
        chosen.append(rows[(members - members.mean(dim=0)).norm(dim=1).argmin()])
    return DistinctPoints(x[torch.stack(chosen)], labels, counts)


def perturbed(points: Tensor, size: float, copies: int, seed: int = 0) -> Tensor:
    """Starts around given points: [copies, n, d], each at distance size * ||x|| in a random direction.

    The copies stand on an axis of their own because a step takes the n rows in their order: search each copy in
    turn. A point at the origin is moved by ``size`` itself.

    Args:
        points: [n, d].
        size: distance relative to the norm of the point.
        copies: how many starts a point.
        seed: for the directions.

    Raises:
        InputError: points not [n, d] or not finite, a negative size, or fewer than one copy.
    """
    x = as_points(points)
    number_within(size, "size", least=0)
    whole_number(copies, "copies")
    norms = x.norm(dim=1, keepdim=True)
    return x + size * torch.where(norms > 0, norms, 1.0) * random_directions((copies, *x.shape), x, seed)


def residual_norms(step: Step, points: Tensor) -> Tensor:
    """||step(x) - x|| of every row, [n]."""
    x = as_points(points)
    return (apply(step, x) - x).norm(dim=1)
