"""Fixed points of maps whose fixed points are known; the repelling ones too."""

import re
from collections.abc import Callable

import pytest
import torch

from hrm_probe.dynamics import distinct_points, find_fixed_points, maps, perturbed, residual_norms
from hrm_probe.errors import InputError

D = torch.float64
SEARCHES = ["newton-krylov", "anderson"]
HENON_X = [(-0.7 + 6.09**0.5) / 2.8, (-0.7 - 6.09**0.5) / 2.8]  # 1.4 x^2 + 0.7 x - 1 = 0


@pytest.mark.parametrize("method", SEARCHES)
def test_both_repelling_points_of_the_logistic_map_at_4(method: str) -> None:
    starts = torch.linspace(-0.4, 1.4, 61, dtype=D)[:, None]
    found = find_fixed_points(maps.logistic(4.0), starts, method)
    assert found.converged.double().mean() > 0.9
    points = distinct_points(found.points[found.converged]).points[:, 0].sort().values
    torch.testing.assert_close(points, torch.tensor([0.0, 0.75], dtype=D), atol=1e-9, rtol=0)


@pytest.mark.parametrize("method", SEARCHES)
def test_both_saddles_of_henon(method: str) -> None:
    starts = torch.randn(60, 2, dtype=D, generator=torch.Generator().manual_seed(0))
    found = find_fixed_points(maps.henon(), starts, method)
    assert found.converged.double().mean() > 0.9
    points = distinct_points(found.points[found.converged]).points
    expected = torch.tensor([[x, 0.3 * x] for x in sorted(HENON_X)], dtype=D)
    torch.testing.assert_close(points[points[:, 0].argsort()], expected, atol=1e-8, rtol=0)


def test_following_the_map_finds_attracting_points_only() -> None:
    starts = torch.tensor([[-0.7, 0.4], [0.01, 0.4], [1e-12, 0.0]], dtype=D)
    by_map = find_fixed_points(maps.double_well(), starts, "iteration")
    by_newton = find_fixed_points(maps.double_well(), starts)
    assert by_map.points[:2, 0].round(decimals=6).tolist() == [-1.0, 1.0]
    assert by_newton.points[1:, 0].abs().max() < 1e-9  # the saddle at 0


@pytest.mark.parametrize("dtype", [torch.float32, D])
@pytest.mark.parametrize("method", SEARCHES)
def test_a_wide_network_whose_fixed_point_repels(method: str, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(1)
    weight = (torch.randn(150, 150, generator=generator, dtype=D) / 12).to(dtype)
    bias = torch.randn(150, generator=generator, dtype=D).to(dtype)

    def step(x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(1.2 * x @ weight.T + bias)

    found = find_fixed_points(step, torch.randn(3, 150, generator=generator, dtype=D).to(dtype), method)
    assert found.converged.all()
    assert len(distinct_points(found.points, tolerance=1e-2)) == 1
    bound = found.tol * (1 + found.points.norm(dim=1))
    assert (residual_norms(step, found.points) <= 1.01 * bound).all()


def test_rows_with_maps_of_their_own() -> None:
    goals = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=D)
    found = find_fixed_points(lambda x: goals + 3 * (x - goals), torch.zeros(2, 2, dtype=D))
    torch.testing.assert_close(found.points, goals)


@pytest.mark.parametrize("method", [*SEARCHES, "iteration"])
def test_a_map_without_fixed_points_says_so(method: str) -> None:
    found = find_fixed_points(lambda x: x + 1 + x**2, torch.randn(5, 1, dtype=D), method, max_iterations=40)
    assert not found.converged.any()
    assert torch.isfinite(found.points).all()
    assert (found.residuals >= 1 - 1e-9).all()  # 1 + x^2 is least at 0


def test_a_start_that_is_a_fixed_point_stays() -> None:
    found = find_fixed_points(maps.logistic(4.0), torch.tensor([[0.75]], dtype=D))
    assert found.iterations.tolist() == [0]
    assert found.points.tolist() == [[0.75]]


@pytest.mark.parametrize("dtype", [torch.float32, D])
@pytest.mark.parametrize("multiplier", [0.9, 0.99, 0.999])
def test_one_slow_point_is_one_in_either_precision(dtype: torch.dtype, multiplier: float) -> None:
    matrix = torch.diag(torch.tensor([multiplier, 0.5, -0.3], dtype=dtype))
    step = maps.linear(matrix, torch.tensor([1 - multiplier, 0.5, 1.3], dtype=dtype))
    starts = torch.randn(40, 3, dtype=dtype, generator=torch.Generator().manual_seed(0))
    found = find_fixed_points(step, starts, "anderson")
    assert found.converged.all()
    assert len(distinct_points(found.points)) == 1


def test_distinct_points_counts_and_orders_groups() -> None:
    points = torch.tensor([[1.0, 0.0], [0.0, 0.0], [1e-6, 0.0], [0.0, 2e-6], [1.0, 1e-6]], dtype=D)
    groups = distinct_points(points, tolerance=1e-4)
    assert groups.counts.tolist() == [3, 2]
    assert groups.labels.tolist() == [1, 0, 0, 0, 1]
    assert len(distinct_points(points[:0])) == 0
    assert len(distinct_points(100 * points, tolerance=1e-2)) == 2  # relative to their size
    assert len(distinct_points(100 * points, tolerance=1e-5, absolute=True)) == 5


def test_points_are_one_within_a_share_of_their_norm_whatever_the_dimension() -> None:
    far = torch.full((3, 25), 20.0, dtype=D)  # of norm 100
    far[1, 0] += 0.5
    far[2, 0] += 2.0
    assert distinct_points(far, tolerance=0.01).counts.tolist() == [2, 1]  # up to 1 apart
    assert distinct_points(far, tolerance=0.01, absolute=True).counts.tolist() == [1, 1, 1]


def test_perturbed_starts_stand_at_the_stated_distance() -> None:
    points = torch.tensor([[3.0, 4.0], [0.0, 0.0]], dtype=D)
    around = perturbed(points, 0.1, copies=7, seed=2)
    assert around.shape == (7, 2, 2)
    torch.testing.assert_close((around - points).norm(dim=-1), torch.tensor([[0.5, 0.1]] * 7, dtype=D))
    torch.testing.assert_close(around, perturbed(points, 0.1, copies=7, seed=2))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: find_fixed_points(maps.henon(), torch.zeros(2, 2), "secant"), "Unknown method 'secant'"),
        (lambda: find_fixed_points(maps.henon(), torch.zeros(2)), "starts must have shape [n, d]"),
        (lambda: find_fixed_points(maps.henon(), torch.zeros(2, 2), tol=0.0), "tol is 0.0"),
        (lambda: find_fixed_points(lambda x: x[:, :1], torch.zeros(2, 2)), "it took [2, 2] and gave [2, 1]"),
        (lambda: distinct_points(torch.zeros(2, 2), tolerance=0.0), "tolerance is 0.0"),
        (lambda: perturbed(torch.zeros(2, 2), -1.0, copies=1), "size is -1.0"),
    ],
)
def test_bad_input_is_told_in_a_sentence_that_names_it(call: Callable[[], object], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        call()


# --- far away: true fixed points, and drift that only looks like rest ---------------------------------------------

ALL = [*SEARCHES, "iteration"]
EVERY_WAY = pytest.mark.parametrize(
    ("method", "dtype"), [(method, dtype) for method in ALL for dtype in (torch.float32, D)]
)


@EVERY_WAY
@pytest.mark.parametrize("rate", [0.0, 0.5, -0.9])
def test_affine_maps_have_their_fixed_point_however_far(method: str, dtype: torch.dtype, rate: float) -> None:
    goals = torch.logspace(0, 6, 7, dtype=dtype)[:, None] * torch.tensor([0.6, -0.8], dtype=dtype)
    found = find_fixed_points(lambda x: goals + rate * (x - goals), torch.zeros_like(goals), method)
    assert found.converged.all()
    torch.testing.assert_close(found.points, goals, rtol=1e-3 if dtype is torch.float32 else 1e-8, atol=0)


@EVERY_WAY
def test_a_constant_map_is_solved_at_once(method: str, dtype: torch.dtype) -> None:
    found = find_fixed_points(lambda x: torch.full_like(x, 1000.0), torch.ones(2, 2, dtype=dtype), method)
    assert found.converged.all()
    torch.testing.assert_close(found.points, torch.full((2, 2), 1000.0, dtype=dtype))
    assert found.step_calls <= 10


@EVERY_WAY
@pytest.mark.parametrize(
    "slower",
    [
        lambda x: 1 / x,
        lambda x: 1 / (1 + x.abs()),
        lambda x: torch.exp(-x),
        lambda x: 100 * torch.finfo(x.dtype).eps,
    ],
)
def test_a_map_that_drifts_has_no_fixed_point(slower, method: str, dtype: torch.dtype) -> None:  # type: ignore[no-untyped-def]
    starts = torch.tensor([0.5, 1.0, 2.0, 5.0, 20.0], dtype=dtype)[:, None]

    def step(x: torch.Tensor) -> torch.Tensor:
        return x + slower(x)

    found = find_fixed_points(step, starts, method, max_iterations=300)
    moves = residual_norms(step, starts) > 0  # in float32 some starts stand still already
    assert moves.any()
    assert not found.converged[moves].any()


@EVERY_WAY
def test_a_loose_tolerance_does_not_take_drift_for_rest(method: str, dtype: torch.dtype) -> None:
    starts = torch.linspace(1, 5, 5, dtype=dtype)[:, None]
    found = find_fixed_points(lambda x: x + 1 / (1 + x.abs()), starts, method, tol=1e-4)
    assert not found.converged.any()


@EVERY_WAY
def test_a_drift_beside_a_contraction_is_none_either(method: str, dtype: torch.dtype) -> None:
    def step(z: torch.Tensor) -> torch.Tensor:
        return torch.stack([z[:, 0] + 0.1, z[:, 1] / 2], dim=1)

    starts = torch.randn(30, 2, generator=torch.Generator().manual_seed(0)).to(dtype)
    assert not find_fixed_points(step, starts, method, max_iterations=100).converged.any()


@pytest.mark.parametrize("turn", [1e-6, 1e-5])
def test_slow_motion_along_a_circle_is_no_rest(turn: float) -> None:
    def step(z: torch.Tensor) -> torch.Tensor:
        radius, angle = z.norm(dim=1), torch.atan2(z[:, 1], z[:, 0]) + turn
        return (0.5 + radius / 2)[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)

    starts = torch.randn(60, 2, generator=torch.Generator().manual_seed(0))
    assert not find_fixed_points(step, starts, max_iterations=20).converged.any()


@pytest.mark.parametrize("dtype", [torch.float32, D])
def test_slow_motion_along_a_curve_is_no_rest(dtype: torch.dtype) -> None:
    def step(z: torch.Tensor) -> torch.Tensor:
        return torch.stack([z[:, 0] + 1 / (1 + z[:, 0].abs()), torch.atan(z[:, 0])], dim=1)

    starts = torch.tensor([[1.0, 0.5], [3.0, 0.0]], dtype=dtype)
    assert not find_fixed_points(step, starts, max_iterations=100).converged.any()


@pytest.mark.parametrize("method", ALL)
def test_points_on_a_line_of_fixed_points_are_at_rest(method: str) -> None:
    onto_line = torch.tensor([[0.5, 0.5], [0.5, 0.5]], dtype=D)  # every (a, a) stays
    far = torch.tensor([[300.0, 900.0], [1.0, -1.0], [7.0, 7.0]], dtype=D)
    found = find_fixed_points(maps.linear(onto_line), far, method)
    assert found.converged.all()
    torch.testing.assert_close(found.points, far @ onto_line.T)


def test_reach_is_a_hard_limit() -> None:
    goals = torch.tensor([[5.0], [50.0]], dtype=D)  # the first displacements are a tenth of them
    found = find_fixed_points(lambda x: 0.9 * x + 0.1 * goals, torch.zeros(2, 1, dtype=D), reach=4)
    assert found.converged.tolist() == [True, False]


@EVERY_WAY
@pytest.mark.parametrize("scale", [1e-3, 1e-5, 1e-8])
def test_tiny_states_have_tiny_fixed_points(scale: float, method: str, dtype: torch.dtype) -> None:
    well = maps.double_well()  # saddle at 0, wells at 1 and -1
    starts = torch.tensor([[-1.7], [-0.4], [0.2], [0.6], [1.3]], dtype=dtype)
    found = find_fixed_points(lambda x: scale * well(x / scale), scale * starts, method)
    assert found.converged.all()
    places = (found.points / scale).abs()
    assert torch.minimum(places, (places - 1).abs()).max() < 1e-2


def test_a_row_finds_alone_what_it_finds_among_others() -> None:
    generator = torch.Generator().manual_seed(3)
    weight = torch.randn(10, 10, dtype=D, generator=generator)
    weight = 1.6 * (weight + weight.T) / 20**0.5
    starts = torch.randn(40, 10, dtype=D, generator=generator)
    together = find_fixed_points(lambda x: torch.tanh(x @ weight.T), starts, max_iterations=20)
    rows = together.converged.nonzero()[:12, 0]
    assert len(distinct_points(together.points[rows])) > 2  # different ones, which a row could mistake
    for row in rows:
        alone = find_fixed_points(lambda x: torch.tanh(x @ weight.T), starts[row][None], max_iterations=20)
        torch.testing.assert_close(alone.points[0], together.points[row], atol=1e-6, rtol=0)


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("other", [torch.float32, D, torch.bfloat16])
def test_a_step_may_compute_in_another_dtype(other: torch.dtype, method: str) -> None:
    found = find_fixed_points(lambda x: 0.5 * x.to(other) + 1, torch.ones(2, 40), method)
    assert found.points.dtype == torch.float32
    torch.testing.assert_close(found.points, torch.full((2, 40), 2.0), atol=1e-2, rtol=0)


# --- Newton's linear systems --------------------------------------------------------------------------------------


def random_matrix(d: int, radius: float) -> torch.Tensor:
    return radius * torch.randn(d, d, dtype=D, generator=torch.Generator().manual_seed(d)) / d**0.5


@pytest.mark.parametrize("d", [40, 100, 200])
@pytest.mark.parametrize("radius", [0.5, 1.4, 3.0])
def test_newton_solves_linear_maps_wider_than_its_krylov_space(d: int, radius: float) -> None:
    step = maps.linear(random_matrix(d, radius), torch.ones(d, dtype=D))
    found = find_fixed_points(step, torch.zeros(2, d, dtype=D))
    assert found.converged.all()
    assert found.iterations.max() <= 8
    assert (residual_norms(step, found.points) <= found.tol * (1 + found.points.norm(dim=1))).all()


@pytest.mark.parametrize("dtype", [torch.float32, D])
def test_a_defective_jacobian_is_no_hindrance(dtype: torch.dtype) -> None:
    shear = maps.linear(torch.tensor([[1.0, 1.0], [0.0, 1.0]], dtype=dtype))  # every (x, 0) stays
    found = find_fixed_points(shear, torch.tensor([[1.0, 2.0]], dtype=dtype))
    assert found.converged.all()
    torch.testing.assert_close(found.points, torch.tensor([[1.0, 0.0]], dtype=dtype))


def test_beyond_the_dense_limit_gmres_restarts() -> None:
    step = maps.linear(random_matrix(300, 0.5), torch.ones(300, dtype=D))
    found = find_fixed_points(step, torch.zeros(2, 300, dtype=D), krylov=6)
    assert found.converged.all()
    assert found.jvp_calls < 300


def test_one_krylov_space_is_enough_where_the_jacobian_is_simple() -> None:
    found = find_fixed_points(lambda x: 3 * x + 1, torch.zeros(2, 100, dtype=D))
    assert found.converged.all()
    assert (found.iterations.max(), found.jvp_calls) == (1, 2)  # Newton's step, and the look for the point
    assert found.step_calls == 2  # at the start, and where that step leads


def test_a_singular_system_gives_one_of_its_solutions() -> None:
    matrix = random_matrix(60, 1.4)
    matrix[0] = torch.eye(60, dtype=D)[0]  # the first coordinate never moves: a line of fixed points
    found = find_fixed_points(maps.linear(matrix), torch.ones(3, 60, dtype=D))
    assert found.converged.all()


@pytest.mark.parametrize("method", ALL)
def test_a_step_that_works_in_place_is_no_trouble(method: str) -> None:
    starts = torch.ones(2, 3, dtype=D)
    found = find_fixed_points(lambda x: x.mul_(0.5), starts, method)
    assert found.converged.all()
    assert found.points.abs().max() < 1e-9
    assert (starts == 1).all()
