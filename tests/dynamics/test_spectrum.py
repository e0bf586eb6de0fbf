"""Leading eigenvalues, with and without forming the Jacobian."""

import numpy as np
import pytest
import torch

from hrm_probe.dynamics import jacobian_eigenvalues, jacobian_spectrum, maps
from hrm_probe.errors import InputError

D = torch.float64


def test_multipliers_of_the_double_well() -> None:
    points = torch.tensor([[0.0, 0.0], [1.0, 0.0]], dtype=D)
    values = jacobian_eigenvalues(maps.double_well(rate=0.1), points, k=2)
    np.testing.assert_allclose(values, [[1.1, 0.9], [0.9, 0.8]])


def test_henon_at_its_fixed_point() -> None:
    x = (-0.7 + 6.09**0.5) / 2.8
    values = jacobian_eigenvalues(maps.henon(), torch.tensor([[x, 0.3 * x]], dtype=D), k=2)[0]
    assert values.prod() == pytest.approx(-0.3)
    assert values.sum() == pytest.approx(-2.8 * x)
    assert abs(values[0]) > 1 > abs(values[1])


def planted(d: int, seed: int = 0) -> tuple[torch.Tensor, np.ndarray]:
    """A matrix [d, d], not normal, with the pair 1.1 e^{+-i}, 0.9, -0.8 and the rest within 0.3."""
    rng = np.random.default_rng(seed)
    blocks = np.diag(rng.uniform(-0.3, 0.3, d))
    c, s = 1.1 * np.cos(1.0), 1.1 * np.sin(1.0)
    blocks[:2, :2] = [[c, -s], [s, c]]
    blocks[2, 2], blocks[3, 3] = 0.9, -0.8
    basis = np.eye(d) + 0.3 * rng.standard_normal((d, d)) / np.sqrt(d)
    matrix = basis @ blocks @ np.linalg.inv(basis)
    return torch.from_numpy(matrix), np.array([1.1 * np.exp(1j), 1.1 * np.exp(-1j), 0.9, -0.8])


@pytest.mark.parametrize("dense_below", [500, 0])
def test_a_complex_pair_and_its_followers(dense_below: int) -> None:
    matrix, expected = planted(300)
    spectrum = jacobian_spectrum(
        maps.linear(matrix), torch.zeros(3, 300, dtype=D), k=4, dense_below=dense_below
    )
    np.testing.assert_allclose(spectrum.eigenvalues, np.tile(expected, (3, 1)), atol=2e-3)
    assert spectrum.method == ("arnoldi" if dense_below == 0 else "dense")
    assert spectrum.converged.all()
    np.testing.assert_allclose(spectrum.radii, 1.1, atol=2e-3)


def test_tighter_tolerance_gives_more_digits() -> None:
    matrix, expected = planted(300)
    spectrum = jacobian_spectrum(maps.linear(matrix), torch.zeros(1, 300, dtype=D), k=4, tol=1e-10)
    np.testing.assert_allclose(spectrum.eigenvalues[0], expected, atol=1e-8)


def test_arnoldi_agrees_with_the_dense_spectrum_of_a_network() -> None:
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(120, 120, generator=generator, dtype=D) / 11
    points = torch.randn(2, 120, generator=generator, dtype=D)
    step = lambda x: torch.tanh(x @ weight.T)  # noqa: E731
    dense = jacobian_spectrum(step, points, k=3, dense_below=120)
    arnoldi = jacobian_spectrum(step, points, k=3, dense_below=0, krylov=120, tol=1e-8)
    np.testing.assert_allclose(arnoldi.eigenvalues, dense.eigenvalues, atol=1e-6)


def test_a_jacobian_of_low_rank_does_not_break_arnoldi() -> None:
    row = torch.zeros(150, dtype=D)
    row[0] = 2.0
    values = jacobian_eigenvalues(lambda x: torch.outer(x @ row, row), torch.ones(1, 150, dtype=D), k=2)
    np.testing.assert_allclose(values, [[4.0, 0.0]], atol=1e-8)


def test_a_space_too_small_is_admitted() -> None:
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(300, 300, generator=generator, dtype=D) / 300**0.5
    with pytest.warns(RuntimeWarning, match="krylov"):
        jacobian_eigenvalues(maps.linear(weight), torch.zeros(1, 300, dtype=D), k=4, krylov=10)


def far_from_normal(n: int) -> torch.Tensor:
    """Eigenvalues 0.1 to 0.9, whose condition numbers grow by orders of magnitude with n."""
    triangle = np.triu(np.ones((n, n)), 1) + np.diag(np.linspace(0.1, 0.9, n))
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(n, n)))[0]
    return torch.from_numpy(turn @ triangle @ turn.T)


@pytest.mark.parametrize("n", [5, 10, 20, 30, 60])
def test_dense_residuals_bound_what_rounding_has_done(n: int) -> None:
    spectrum = jacobian_spectrum(maps.linear(far_from_normal(n)), torch.zeros(1, n, dtype=D), k=1)
    assert abs(spectrum.radii[0] - 0.9) <= spectrum.residuals[0, 0]
    assert spectrum.converged.all() == (n <= 10)


@pytest.mark.parametrize("n", [128, 200])
@pytest.mark.parametrize("strength", [0.02, 0.1, 0.5])
def test_a_krylov_space_knows_when_it_is_misled(n: int, strength: float) -> None:
    """Far from normal, Ritz values with tiny residuals lie far outside; their condition numbers tell."""
    draw = np.random.default_rng(n)
    triangle = np.diag(np.linspace(-0.5, 0.895, n)) + strength * np.triu(draw.normal(size=(n, n)), 1)
    turn = np.linalg.qr(draw.normal(size=(n, n)))[0]
    step = maps.linear(torch.from_numpy(turn @ triangle @ turn.T))
    spectrum = jacobian_spectrum(step, torch.zeros(1, n, dtype=D), k=1, dense_below=0)
    assert spectrum.converged.all() == (strength < 0.5)
    assert abs(spectrum.radii[0] - 0.895) < (2e-3 if strength < 0.5 else 0.5)


def test_a_jordan_block_is_known_to_the_root_of_rounding() -> None:
    block = torch.tensor([[0.9, 1.0], [0.0, 0.9]], dtype=D)
    spectrum = jacobian_spectrum(maps.linear(block), torch.zeros(1, 2, dtype=D), k=2)
    assert spectrum.converged.all()
    assert (spectrum.residuals > 1e-9).all()
    assert (spectrum.residuals < 1e-7).all()


@pytest.mark.parametrize("size", [1e-21, 1e21])
def test_arnoldi_knows_no_scale(size: float) -> None:
    rates = torch.linspace(0, 1, 200) ** 4
    spectrum = jacobian_spectrum(lambda x: size * (rates * x), torch.zeros(1, 200), k=2)
    assert spectrum.converged.all()
    np.testing.assert_allclose(spectrum.eigenvalues[0].real / size, rates[-2:].flip(0), rtol=1e-3)


def test_products_that_overflow_are_not_converged() -> None:
    rates = torch.linspace(0, 1, 200) ** 4
    spectrum = jacobian_spectrum(lambda x: 1e30 * (1e30 * (rates * x)), torch.zeros(1, 200), k=2)
    assert not spectrum.converged.any()


@pytest.mark.parametrize("other", [torch.bfloat16, D])
@pytest.mark.parametrize("dense_below", [128, 0])
def test_a_step_may_compute_in_another_dtype(dense_below: int, other: torch.dtype) -> None:
    values = jacobian_eigenvalues(
        lambda x: 0.5 * x.to(other), torch.zeros(2, 100), k=1, dense_below=dense_below
    )
    np.testing.assert_allclose(values, 0.5, rtol=1e-2)


@pytest.mark.parametrize("dense_below", [128, 0])
@pytest.mark.parametrize("d", [1, 20])
def test_a_derivative_that_is_not_finite_spoils_its_own_row_only(d: int, dense_below: int) -> None:
    points = torch.full((3, d), 4.0, dtype=D)
    points[1, 0] = 0.0  # where the root has no derivative
    spectrum = jacobian_spectrum(lambda x: x.sqrt(), points, k=1, dense_below=dense_below)
    np.testing.assert_allclose(spectrum.eigenvalues[:, 0], [0.25, np.nan, 0.25])
    np.testing.assert_array_equal(np.isnan(spectrum.residuals[:, 0]), [False, True, False])
    assert spectrum.converged[:, 0].tolist() == [True, False, True]
    assert np.isnan(spectrum.radii).tolist() == [False, True, False]


@pytest.mark.parametrize("k", [0, 3])
def test_bad_k_is_told(k: int) -> None:
    with pytest.raises(InputError):
        jacobian_eigenvalues(maps.henon(), torch.zeros(1, 2), k=k)


def test_a_jacobian_without_numbers_is_told() -> None:
    with pytest.warns(RuntimeWarning, match="The Jacobian at 1 of 2 points holds NaN"):
        found = jacobian_eigenvalues(
            lambda x: x * x.new_tensor([[1.0], [float("nan")]])[: len(x)], torch.ones(2, 2), 2
        )
    assert np.isnan(found[1]).all()
    assert found[0].real.tolist() == [1.0, 1.0]


def test_complex_points_are_refused() -> None:
    with pytest.raises(InputError, match="points are complex; give real and imaginary parts"):
        jacobian_eigenvalues(lambda x: x, torch.ones(1, 2, dtype=torch.complex64), 1)
