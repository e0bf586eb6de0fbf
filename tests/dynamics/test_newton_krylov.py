"""Newton's method, one iteration at a time: how far it goes along its direction, and what it spends.

In one dimension a map x + g(x) has the direction -g / g'.
"""

from collections.abc import Callable

import pytest
import torch

from hrm_probe.dynamics import FixedPoints, find_fixed_points

D = torch.float64
Curve = Callable[[torch.Tensor], torch.Tensor]


def one_iteration(g: Curve, start: float, iterations: int = 1) -> FixedPoints:
    return find_fixed_points(lambda x: x + g(x), torch.tensor([[start]], dtype=D), max_iterations=iterations)


def test_a_step_that_leads_too_far_is_halved() -> None:
    found = one_iteration(torch.atan, 2.0)  # -5.54 leads to -3.54, where atan is larger
    direction = -5 * torch.tensor(2.0, dtype=D).atan().item()
    assert found.points.item() == pytest.approx(2 + direction / 2)
    assert (found.iterations.item(), found.step_calls, found.jvp_calls) == (1, 3, 1)


def test_an_equal_residual_is_no_fall() -> None:
    found = one_iteration(lambda x: x.sign() * x.abs().sqrt(), 3.0)  # the full step leads to -3
    assert found.points.item() == pytest.approx(0, abs=1e-12)


def test_a_shorter_step_need_not_lower_the_residual_as_much() -> None:
    def g(x: torch.Tensor) -> torch.Tensor:
        beyond = torch.where(x < 1.2, 2.0, torch.where(x < 1.6, 0.99993, 0.5))
        return torch.where(x > 1.9, x - 1, beyond)

    assert one_iteration(g, 2.0).points.item() == 1.5  # half the way, by 7e-5 lower


def test_where_no_length_helps_the_row_follows_the_map_once() -> None:
    found = one_iteration(lambda x: 1 - x.square(), 0.0)  # a slope of 0, and a step of 1
    assert found.points.item() == 1
    assert (found.converged.item(), found.iterations.item()) == (True, 1)


def test_far_from_the_point_a_rough_direction_is_enough() -> None:
    rates = torch.linspace(2, 5, 200, dtype=D)
    far = find_fixed_points(lambda x: rates * x + 1, torch.zeros(1, 200, dtype=D), max_iterations=1)
    assert far.jvp_calls <= 4  # to a tenth; to a millionth it would take 20
    near = find_fixed_points(
        lambda x: rates * x + 1, -1 / (rates - 1)[None] + 1e-6, max_iterations=1, tol=1e-12
    )
    assert near.jvp_calls >= 5


def test_rows_at_rest_cost_nothing() -> None:
    turn = torch.linalg.qr(torch.randn(40, 40, dtype=D, generator=torch.Generator().manual_seed(0)))[0]
    rest = torch.full((40,), 2.0, dtype=D)

    def step(x: torch.Tensor) -> torch.Tensor:
        at_rest = rest + (x[0] - rest) @ turn.T + 1e-14  # found so at once, by the way that 1e-14 has to go
        return torch.stack([at_rest, 3 * x[1] + 1])

    alone = find_fixed_points(step, torch.stack([rest, rest]), max_iterations=0)
    found = find_fixed_points(step, torch.stack([rest, rest]))
    assert alone.converged.tolist() == [True, False]
    assert found.converged.all()
    assert found.jvp_calls == alone.jvp_calls + 2  # one direction for the second row, one look
    assert found.step_calls == 2


def test_each_row_asks_for_a_direction_as_exact_as_it_needs() -> None:
    rates, begun = torch.linspace(2, 5, 50, dtype=D), torch.zeros(2, 50, dtype=D)
    begun[1] = -1 / (rates - 1) + 1e-6
    together = find_fixed_points(lambda x: rates * x + 1, begun, max_iterations=1, tol=1e-13)
    for row in range(2):
        alone = find_fixed_points(lambda x: rates * x + 1, begun[row][None], max_iterations=1, tol=1e-13)
        torch.testing.assert_close(alone.residuals[0], together.residuals[row], rtol=1e-3, atol=0)
