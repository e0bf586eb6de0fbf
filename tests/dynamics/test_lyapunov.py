"""Lyapunov exponents from the books."""

import math

import numpy as np
import pytest
import torch

from hrm_probe.dynamics import lyapunov_spectrum, maps
from hrm_probe.errors import InputError

D = torch.float64


def test_henon_has_0419_and_sum_ln_03() -> None:
    starts = 0.1 * torch.rand(150, 2, dtype=D, generator=torch.Generator().manual_seed(0))
    spectrum = lyapunov_spectrum(maps.henon(), starts, k=2, steps=200, discard=40)
    mean = spectrum.exponents.mean(axis=0)
    assert mean == pytest.approx(maps.HENON_EXPONENTS, abs=0.006)
    np.testing.assert_allclose(spectrum.exponents.sum(axis=1), math.log(0.3), atol=1e-10)
    # The interval of each start covers the book's value about 95 times in 100.
    covers = (spectrum.low[:, 0] < 0.41922) & (spectrum.high[:, 0] > 0.41922)
    assert covers.mean() > 0.85
    assert 0.5 < spectrum.standard_errors[:, 0].mean() / spectrum.exponents[:, 0].std() < 2


def test_logistic_at_4_has_ln_2() -> None:
    starts = torch.rand(150, 1, dtype=D, generator=torch.Generator().manual_seed(1))
    spectrum = lyapunov_spectrum(maps.logistic(4.0), starts, k=1, steps=300)
    assert spectrum.exponents.mean() == pytest.approx(math.log(2), abs=0.003)


def test_linear_maps_have_the_logs_of_moduli() -> None:
    matrix = torch.tensor([[0.0, -1.2, 0.0], [1.2, 0.0, 0.0], [0.3, 0.1, 0.5]], dtype=D)
    spectrum = lyapunov_spectrum(maps.linear(matrix), torch.zeros(2, 3, dtype=D), k=3, steps=80)
    expected = [math.log(1.2), math.log(1.2), math.log(0.5)]
    np.testing.assert_allclose(spectrum.exponents, [expected] * 2, atol=1e-2)


def test_running_exponents_end_at_the_exponents() -> None:
    spectrum = lyapunov_spectrum(maps.henon(), torch.zeros(2, 2, dtype=D), k=2, steps=50)
    assert spectrum.running.shape == (50, 2, 2)
    np.testing.assert_allclose(spectrum.running[-1], spectrum.exponents)


def test_few_steps_give_no_interval() -> None:
    spectrum = lyapunov_spectrum(maps.henon(), torch.zeros(1, 2, dtype=D), k=1, steps=16, discard=0)
    assert np.isfinite(spectrum.exponents).all()
    assert np.isnan(spectrum.low).all()


def test_the_largest_comes_first_however_short_the_time() -> None:
    matrix = torch.diag(torch.tensor([0.5, 0.9, 0.7], dtype=D))
    exponents = lyapunov_spectrum(
        maps.linear(matrix), torch.ones(20, 3, dtype=D), k=3, steps=3, discard=0
    ).exponents
    assert (np.diff(exponents, axis=1) <= 0).all()


def test_lost_and_destroyed_are_told_apart() -> None:
    with pytest.warns(RuntimeWarning, match="1 of 2 trajectories"):
        lost = lyapunov_spectrum(maps.logistic(4.0), torch.tensor([[2.0], [0.3]], dtype=D), k=1, steps=40)
    assert np.isnan(lost.exponents[0]).all()
    assert np.isfinite(lost.exponents[1]).all()
    rank_one = torch.tensor([[0.5, 0.0], [0.0, 0.0]], dtype=D)
    destroyed = lyapunov_spectrum(maps.linear(rank_one), torch.ones(1, 2, dtype=D), k=2, steps=40)
    assert destroyed.exponents[0, 0] == pytest.approx(math.log(0.5))
    assert destroyed.exponents[0, 1] < -30


def test_a_lost_trajectory_says_when_and_keeps_what_was_measured() -> None:
    starts = torch.tensor([[1.0], [0.0]])
    with pytest.warns(RuntimeWarning, match="at step 128 of 200"):  # 2^128 is beyond float32
        spectrum = lyapunov_spectrum(lambda x: 2 * x, starts, k=1, steps=200, discard=0)
    assert np.isnan(spectrum.exponents[0]).all()
    np.testing.assert_allclose(spectrum.running[:127, 0], math.log(2), rtol=1e-6)
    assert np.isnan(spectrum.running[127:, 0]).all()
    np.testing.assert_allclose(spectrum.exponents[1], math.log(2), rtol=1e-6)


def test_without_vmap_the_same() -> None:
    a, b = (
        lyapunov_spectrum(maps.henon(), torch.zeros(2, 2, dtype=D), k=2, steps=30, at_once=at_once)
        for at_once in (None, 1)
    )
    np.testing.assert_allclose(a.exponents, b.exponents)


@pytest.mark.parametrize(("k", "steps"), [(0, 10), (3, 10), (1, 0)])
def test_bad_input_is_told(k: int, steps: int) -> None:
    with pytest.raises(InputError):
        lyapunov_spectrum(maps.henon(), torch.zeros(1, 2), k=k, steps=steps)
