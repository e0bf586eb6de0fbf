"""The null distributions behind the finder of jumps: noise as it is said to be, and tails counted by hand."""

import numpy as np
import pytest

from hrm_probe.dynamics import find_jumps
from hrm_probe.dynamics.jump_null import NullTable, fit, noise, null_table, p_shuffled
from hrm_probe.dynamics.jump_shapes import Families, best_fit, two_best

ONE = np.ones((1, 1))  # all weight on the only phi


def table_of(change: list[float], step_like: list[list[float]]) -> NullTable:
    """Nulls at a single phi, by hand."""
    return NullTable(np.zeros(1), np.array([change]), np.array([step_like]), np.ones((1, 1)))


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_noise_has_variance_one_at_every_point_and_remembers_as_told(phi: float) -> None:
    values = noise(20_000, 8, phi, np.random.default_rng(0))
    np.testing.assert_allclose(values.var(axis=0), 1.0, atol=0.05)
    np.testing.assert_allclose((values[:, 1:] * values[:, :-1]).mean(axis=0), phi, atol=0.05)


@pytest.mark.parametrize(("observed", "p"), [(-1.0, 1.0), (1.0, 0.75), (1.5, 0.5), (2.0, 0.5), (9.0, 0.25)])
def test_a_p_value_counts_simulations_at_least_as_large_and_the_observed_curve(
    observed: float, p: float
) -> None:
    table = table_of(change=[0.0, 1.0, 2.0], step_like=[[0.0, 1.0, 2.0]])
    assert table.p_flat(np.array([observed]), ONE) == pytest.approx(p)
    assert table.p_gradual(np.array([observed]), ONE) == pytest.approx(p)


@pytest.mark.parametrize("falls", [[[0.0, 1.0, 2.0], [4.0, 5.0, 6.0]], [[4.0, 5.0, 6.0], [0.0, 1.0, 2.0]]])
def test_of_gradual_curves_the_size_of_fall_that_looks_most_like_a_step_decides(
    falls: list[list[float]],
) -> None:
    table = table_of(change=[0.0, 1.0, 2.0], step_like=falls)
    assert table.p_gradual(np.array([4.5]), ONE) == pytest.approx(0.75)  # of the other size it is 0.25


def test_p_values_are_means_over_what_the_noise_may_remember() -> None:
    table = NullTable(
        np.array([0.0, 0.5]),
        np.array([[0.0, 0.0, 0.0], [3.0, 3.0, 3.0]]),
        np.array([[[0.0, 0.0, 0.0]], [[3.0, 3.0, 3.0]]]),
        np.ones((2, 1)),
    )
    weights = np.array([[0.25, 0.75], [1.0, 0.0]])
    for p in (table.p_flat, table.p_gradual):
        np.testing.assert_allclose(p(np.array([1.0, 1.0]), weights), [0.25 * 0.25 + 0.75 * 1.0, 0.25])


def test_rounding_to_a_grain_leaves_noise_of_a_twelfth_of_its_square_unexplained() -> None:
    # Of a step of size 1 between halves the sum of squares is 16 / 4, the rounding noise of grain 1.5 adds 16 * 0.1875.
    step = np.repeat([0.0, 1.0], 8)[None]
    found = find_jumps(step, resolution=1.5, autocorrelation=0.0, simulations=500)
    null = null_table(Families(16, 1, 4.0, "both"), 0.0, 500, 0)
    expected = null.p_flat(np.array([4 / 7]), ONE).item()
    assert 2 / 501 < expected < 0.05  # neither end of what 500 simulations can say
    assert found["p_flat"].item() == pytest.approx(expected)


def test_flags_beyond_all_orders_drawn_are_as_rare_as_the_draws_can_say() -> None:
    # Half of 40 flags: 10^11 orders, of which 50 are drawn; the observed one counts too, so that no p is 0.
    flags = np.repeat([0.0, 1.0], 20)[None]
    families = Families(40, 1, 4.0, "both")
    found = p_shuffled(flags, fit(flags, families).change, families, simulations=50, seed=0)
    assert found.tolist() == [1 / 51]


def test_two_shapes_are_fitted_together_not_one_on_top_of_the_other() -> None:
    curves = noise(50, 16, 0.5, np.random.default_rng(1))
    centred = curves - curves.mean(axis=1, keepdims=True)
    units = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    explained = two_best(units, Families(16, 1, 4.0, "both").every)
    left = units - explained
    np.testing.assert_allclose((left * explained).sum(axis=1), 0.0, atol=1e-12)  # as least squares leave it
    one = best_fit(units, Families(16, 1, 4.0, "both").every, "both")[1]
    assert ((left**2).sum(axis=1) < 1 - one**2).all()
