"""Linear systems by their products: many rows at once, each as if it were alone."""

from collections.abc import Callable

import pytest
import torch

from hrm_probe.dynamics.gmres import gmres, least_squares, solve

D = torch.float64


class Counted:
    """Products with one matrix for every row, counted."""

    def __init__(self, matrix: torch.Tensor) -> None:
        self.matrix, self.calls = matrix, 0

    def __call__(self, vectors: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return vectors @ self.matrix.T

    def left(self, solution: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
        """||A p - b|| / ||b||, without counting."""
        return (solution @ self.matrix.T - rhs).norm(dim=1) / rhs.norm(dim=1)


def tolerance(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=D)


def random_matrix(d: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(d, d, dtype=D, generator=torch.Generator().manual_seed(seed))


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


@pytest.mark.parametrize(("dtype", "tiny"), [(torch.float32, 1e-9), (D, 1e-14), (D, 1e-17)])
def test_a_direction_seen_by_rounding_alone_is_left_out(dtype: torch.dtype, tiny: float) -> None:
    turn = torch.linalg.qr(random_matrix(3).to(dtype))[0]
    singular = turn @ torch.diag(torch.tensor([1.0, 0.5, tiny], dtype=dtype)) @ turn.T
    found, left = gmres(lambda v: v @ singular.T, torch.ones(1, 3, dtype=dtype), 3, tolerance(1e-6))
    assert found.norm() < 10
    assert left > 0.01
    if tiny != 1e-14:  # a formed matrix shows it to a few eps
        found, left = solve(lambda v: v @ singular.T, torch.ones(1, 3, dtype=dtype), 3, tolerance(1e-6))
        assert found.norm() < 10
        assert left > 0.01


def test_a_defective_matrix_is_solved_without_a_krylov_space() -> None:
    shear = torch.tensor([[0.0, 1.0], [0.0, 0.0]], dtype=D)
    rhs, tol = torch.tensor([[2.0, 0.0]], dtype=D), torch.tensor([1e-6], dtype=D)
    assert gmres(lambda v: v @ shear.T, rhs, 2, tol)[1] == 1
    found, left = solve(lambda v: v @ shear.T, rhs, 2, tol)
    assert found.tolist() == [[0.0, 2.0]]
    assert left == 0


@pytest.mark.parametrize("dtype", [torch.float32, D])
@pytest.mark.parametrize("spread", [1e3, 1e6])
def test_what_is_said_to_be_left_is_left_and_next_to_nothing(spread: float, dtype: torch.dtype) -> None:
    turns = torch.linalg.qr(random_matrix(60))[0], torch.linalg.qr(random_matrix(60, 1))[0]
    sizes = torch.logspace(0, -torch.tensor(spread).log10().item(), 60, dtype=D)
    times = Counted((turns[0] * sizes @ turns[1]).to(dtype))
    rhs = times(torch.ones(1, 60, dtype=dtype))
    found, left = gmres(times, rhs, 60, tolerance(0.0))
    assert left < 30 * torch.finfo(dtype).eps
    assert (
        times.left(found, rhs) < 30 * torch.finfo(dtype).eps
    )  # Gram-Schmidt once leaves a thousand times that


def test_no_more_products_than_the_krylov_space_has_dimensions() -> None:
    times, rhs = Counted(random_matrix(50)), torch.ones(2, 50, dtype=D)
    found, left = gmres(times, rhs, 7, tolerance(1e-9, 1e-9))
    assert times.calls == 7
    torch.testing.assert_close(left, times.left(found, rhs))


def test_products_end_where_the_space_is_complete() -> None:
    across = random_matrix(50)[:1]
    times = Counted(across.T @ across)  # of rank one, and the right side lies elsewhere
    _, left = gmres(times, torch.ones(1, 50, dtype=D), 30, tolerance(1e-6))
    assert left > 0.5
    assert times.calls <= 3


def test_a_matrix_is_formed_up_to_256_dimensions() -> None:
    for d, formed in ((256, True), (257, False)):
        shear = torch.zeros(d, d, dtype=D)
        shear[0, 1] = 1.0
        rhs = torch.zeros(1, d, dtype=D)
        rhs[0, 0] = 2.0
        found, left = solve(Counted(shear), rhs, 4, tolerance(1e-6))
        assert (found[0, 1].item(), left.item()) == ((2.0, 0.0) if formed else (0.0, 1.0))


def test_only_rows_in_need_are_solved_by_their_matrices() -> None:
    matrices = torch.stack([torch.eye(30, dtype=D), random_matrix(30)])
    rhs, tol = torch.ones(2, 30, dtype=D), tolerance(1e-6, 1e-6)

    def times(v: torch.Tensor) -> torch.Tensor:
        return (matrices @ v[:, :, None])[:, :, 0]

    easy, hard = gmres(times, rhs, 5, tol)[1]
    assert easy <= 1e-6 < hard
    found, left = solve(times, rhs, 5, tol)
    torch.testing.assert_close(times(found), rhs)
    assert left.max() < 1e-10
    inconsistent = torch.diag_embed(torch.tensor([[1.0, 0.0]], dtype=D))
    missed = solve(
        lambda v: (inconsistent @ v[:, :, None])[:, :, 0], 5 * torch.ones(1, 2, dtype=D), 2, tol[:1]
    )
    assert missed[0].tolist() == [[5.0, 0.0]]
    assert missed[1].item() == pytest.approx(0.5**0.5)  # relative to the right side


def test_restarts_take_up_what_is_left() -> None:
    rates = torch.linspace(1, 2, 300, dtype=D)
    rhs = random_matrix(300)[:3] * tolerance(1e-3, 1.0, 1e3)[:, None]
    rhs[2] = 1e3 * torch.eye(300, dtype=D)[0]  # solved at once
    for tol, least, most in ((1e-14, 24, 24), (1e-3, 5, 7)):
        calls = []

        def times(v: torch.Tensor, calls: list[int] = calls) -> torch.Tensor:
            calls.append(len(v))
            return rates * v

        found, left = solve(times, rhs, 4, tolerance(tol, tol, tol))
        true = (rates * found - rhs).norm(dim=1) / rhs.norm(dim=1)
        torch.testing.assert_close(left, true, rtol=1e-2, atol=1e-15)
        assert least <= len(calls) <= most  # at most 4, and 4 times one more to see what is left
        assert left.max() <= max(tol, 1e-10)
        torch.testing.assert_close(found[2], rhs[2])


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_systems_that_are_no_numbers_give_zero_and_spoil_no_others(bad: float) -> None:
    matrix, rhs = torch.eye(2, dtype=D).repeat(3, 1, 1), torch.ones(3, 2, 1, dtype=D)
    matrix[0, 1, 1] = bad
    rhs[1, 0] = bad
    assert least_squares(matrix, rhs, 1e-12)[:, :, 0].tolist() == [[0, 0], [0, 0], [1, 1]]


@pytest.mark.parametrize("rank", [1, 3, 5])
def test_least_squares_are_the_shortest_of_all(rank: int) -> None:
    factors: Callable[[int], torch.Tensor] = lambda seed: random_matrix(6, seed)[:, :rank]  # noqa: E731
    matrix, rhs = factors(0) @ factors(1).T, random_matrix(6, 2)[:, :1]
    found = least_squares(matrix[None], rhs[None], 1e-12)[0]
    torch.testing.assert_close(found, torch.linalg.pinv(matrix) @ rhs)
