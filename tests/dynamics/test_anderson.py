"""Anderson acceleration, step by step: what it mixes, how much it adds, and when it forgets."""

import pytest
import torch

from hrm_probe.dynamics import find_fixed_points, maps

D = torch.float64


def random_linear(d: int, radius: float, seed: int = 0):  # type: ignore[no-untyped-def]
    matrix = torch.randn(d, d, dtype=D, generator=torch.Generator().manual_seed(seed)) / d**0.5
    return maps.linear(radius * matrix, torch.ones(d, dtype=D))


def test_the_first_step_adds_the_damped_residual() -> None:
    for damping in (1.0, 0.5, 0.1):
        found = find_fixed_points(
            lambda x: 0.5 * x + 1,
            torch.zeros(1, 1, dtype=D),
            "anderson",
            damping=damping,
            max_iterations=1,
        )
        assert found.points.item() == pytest.approx(damping)


@pytest.mark.parametrize("damping", [1.0, 0.3])
def test_a_line_is_solved_by_two_points_whatever_the_damping(damping: float) -> None:
    found = find_fixed_points(lambda x: 3 - 4 * x, torch.ones(1, 1, dtype=D), "anderson", damping=damping)
    assert found.points.item() == pytest.approx(0.6)
    assert found.iterations.tolist() == [2]


@pytest.mark.parametrize("seed", range(4))
def test_a_window_as_wide_as_the_space_solves_linear_maps_in_as_many_steps(seed: int) -> None:
    d = 8
    step, begun = random_linear(d, 0.9, seed), torch.zeros(2, d, dtype=D)
    wide = find_fixed_points(step, begun, "anderson", window=d)
    assert wide.converged.all()
    assert wide.iterations.max() <= d + 1
    narrow = find_fixed_points(step, begun, "anderson", window=2, max_iterations=d + 2)
    assert not narrow.converged.any()


@pytest.mark.parametrize("dtype", [torch.float32, D])
def test_columns_that_shrink_by_orders_still_count(dtype: torch.dtype) -> None:
    rates = torch.tensor([0.9, -0.7, 0.5, 0.2, -0.3], dtype=dtype)
    found = find_fixed_points(lambda x: rates * x + 1, torch.zeros(1, 5, dtype=dtype), "anderson")
    assert found.converged.all()
    assert found.iterations.max() <= 7


def test_a_difference_of_millions_does_not_hide_one_of_a_hundredth() -> None:
    rates, point = torch.tensor([0.0, 0.99], dtype=D), torch.tensor([1e7, 1.0], dtype=D)
    found = find_fixed_points(lambda x: point + rates * (x - point), torch.zeros(1, 2, dtype=D), "anderson")
    torch.testing.assert_close(found.points[0], point)
    assert found.iterations.tolist() == [3]


def test_a_residual_grown_a_thousandfold_sends_a_row_back_without_its_past() -> None:
    visited = []

    def cliff(x: torch.Tensor) -> torch.Tensor:
        visited.append(x.flatten().tolist())
        return x + torch.where(x < 5, 1 - x / 10, 1e6)

    find_fixed_points(cliff, torch.tensor([[0.0], [3.0]], dtype=D), "anderson", max_iterations=3)
    places = [pytest.approx(place) for place in ([0, 3], [1, 3.7], [10, 10], [1, 3.7], [1.9, 4.33])]
    assert visited == places  # start, step, where the line leads, back, and a plain step again
