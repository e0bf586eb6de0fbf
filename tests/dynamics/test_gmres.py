"""Linear systems by their products: many rows at once, each as if it were alone."""

import torch

from hrm_probe.dynamics.gmres import gmres, solve

D = torch.float64


def test_each_row_has_its_own_matrix() -> None:
    matrices = torch.randn(5, 8, 8, dtype=D, generator=torch.Generator().manual_seed(0))
    rhs = torch.ones(5, 8, dtype=D)
    rhs[3] = 0.0
    found, left = gmres(
        lambda v: (matrices @ v[:, :, None])[:, :, 0], rhs, 8, torch.full((5,), 1e-10, dtype=D)
    )
    torch.testing.assert_close((matrices @ found[:, :, None])[:, :, 0], rhs)
    assert (found[3] == 0).all()
    assert left.max() <= 1e-10


def test_a_row_that_is_good_enough_stays_as_it_is() -> None:
    rates = torch.linspace(1, 3, 20, dtype=D)
    rhs = torch.ones(2, 20, dtype=D)
    loose = torch.tensor([0.3], dtype=D)
    alone, _ = gmres(lambda v: rates * v, rhs[:1], 20, loose)
    beside, left = gmres(lambda v: rates * v, rhs, 20, torch.tensor([0.3, 1e-10], dtype=D))
    torch.testing.assert_close(beside[0], alone[0])
    assert 1e-3 < left[0] <= 0.3
    assert left[1] <= 1e-10


def test_a_direction_seen_by_rounding_alone_is_left_out() -> None:
    turn = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(0)))[0]
    singular = turn @ torch.diag(torch.tensor([1.0, 0.5, 1e-9])) @ turn.T
    for method in (gmres, solve):
        found, left = method(lambda v: v @ singular.T, torch.ones(1, 3), 3, torch.tensor([1e-6], dtype=D))
        assert found.norm() < 10
        assert left > 0.01


def test_a_defective_matrix_is_solved_without_a_krylov_space() -> None:
    shear = torch.tensor([[0.0, 1.0], [0.0, 0.0]], dtype=D)
    rhs, tol = torch.tensor([[2.0, 0.0]], dtype=D), torch.tensor([1e-6], dtype=D)
    assert gmres(lambda v: v @ shear.T, rhs, 2, tol)[1] == 1
    found, left = solve(lambda v: v @ shear.T, rhs, 2, tol)
    assert found.tolist() == [[0.0, 2.0]]
    assert left == 0
