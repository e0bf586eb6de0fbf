"""The maps of the books are what their docstrings claim, at settings other than the usual ones too."""

import math

import numpy as np
import pytest
import torch

from hrm_probe.dynamics import maps
from hrm_probe.dynamics.linearise import dense_jacobians

D = torch.float64


def points(n: int, d: int) -> torch.Tensor:
    return torch.randn(n, d, dtype=D, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("r", [2.5, 3.2, 4.0])
def test_the_logistic_map_and_its_multipliers(r: float) -> None:
    at_rest = torch.tensor([[0.0], [1 - 1 / r]], dtype=D)
    torch.testing.assert_close(maps.logistic(r)(at_rest), at_rest)
    assert dense_jacobians(maps.logistic(r), at_rest).flatten().tolist() == pytest.approx([r, 2 - r])
    assert maps.logistic()(torch.tensor([[0.5]], dtype=D)).item() == 1  # 4 is the usual r


@pytest.mark.parametrize(("a", "b"), [(1.4, 0.3), (1.0, 0.5), (0.2, -0.4)])
def test_henons_map_by_hand(a: float, b: float) -> None:
    state = torch.tensor([[0.5, 2.0]], dtype=D)
    assert maps.henon(a, b)(state)[0].tolist() == pytest.approx([3 - a / 4, b / 2])
    determinants = torch.linalg.det(dense_jacobians(maps.henon(a, b), points(5, 2)))
    np.testing.assert_allclose(determinants, -b)
    assert torch.equal(maps.henon()(state), maps.henon(1.4, 0.3)(state))
    assert sum(maps.HENON_EXPONENTS) == pytest.approx(math.log(0.3), abs=1e-5)


def test_a_linear_map_by_hand() -> None:
    matrix = torch.tensor([[1.0, 2.0], [0.0, 3.0]], dtype=D)
    state = torch.tensor([[1.0, 1.0], [0.0, 2.0]], dtype=D)
    assert maps.linear(matrix)(state).tolist() == [[3, 3], [4, 6]]
    assert maps.linear(matrix, torch.tensor([10.0, 20.0], dtype=D))(state).tolist() == [[13, 23], [14, 26]]


@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_the_double_well_goes_down_its_energy(rate: float) -> None:
    def energy(state: torch.Tensor) -> torch.Tensor:
        return (state[:, 0] ** 2 - 1) ** 2 / 4 + state[:, 1:].square().sum(dim=1) / 2

    states = points(6, 3).requires_grad_()
    (slope,) = torch.autograd.grad(energy(states).sum(), states)
    torch.testing.assert_close(maps.double_well(rate)(states), states - rate * slope)
    places = torch.tensor([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0]], dtype=D)
    multipliers = dense_jacobians(maps.double_well(rate), places).diagonal(dim1=1, dim2=2)
    along = [1 + rate, 1 - 2 * rate, 1 - 2 * rate]
    np.testing.assert_allclose(multipliers, [[x, 1 - rate] for x in along])
    assert maps.double_well()(torch.tensor([[2.0, 1.0]], dtype=D))[0].tolist() == pytest.approx([1.4, 0.9])


def test_newtons_iteration_for_the_cube_roots_of_one() -> None:
    states = points(8, 2)
    z = torch.view_as_complex(states)
    expected = z - (z**3 - 1) / (3 * z**2)
    torch.testing.assert_close(torch.view_as_complex(maps.newton_cube_roots()(states)), expected)
