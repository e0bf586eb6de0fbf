"""Lyapunov exponents from the books."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from hrm_probe.dynamics import LyapunovSpectrum, lyapunov_spectrum, maps
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


@pytest.mark.parametrize(
    ("k", "steps", "told"),
    [(0, 10, "k is 0; it must be from 1 to 2"), (3, 10, "k is 3"), (1, 0, "steps is 0")],
)
def test_bad_input_is_told_in_a_sentence_that_names_it(k: int, steps: int, told: str) -> None:
    with pytest.raises(InputError, match=told):
        lyapunov_spectrum(maps.henon(), torch.zeros(1, 2), k=k, steps=steps)


def covered(spectrum: LyapunovSpectrum, truth: float, j: int = 0) -> float:
    """Share of starts whose interval holds the truth, up to rounding."""
    return float(((spectrum.low[:, j] <= truth + 1e-12) & (truth <= spectrum.high[:, j] + 1e-12)).mean())


@pytest.mark.parametrize("steps", [101, 205])
def test_a_cycle_is_covered_wherever_it_is_cut(steps: int) -> None:
    starts = torch.linspace(0.1, 0.9, 20, dtype=D)[:, None]
    spectrum = lyapunov_spectrum(maps.logistic(3.2), starts, k=1, steps=steps, discard=100)
    assert covered(spectrum, math.log(0.16) / 2) == 1  # two points, whose multipliers are 0.16 together


@pytest.mark.parametrize("steps", [100, 300])
@pytest.mark.parametrize(("diagonal", "truth"), [(1.0, 0.0), (0.9, math.log(0.9))])
def test_what_nears_its_limit_like_log_steps_over_steps_is_covered(
    steps: int, diagonal: float, truth: float
) -> None:
    shear = torch.tensor([[diagonal, 1.0], [0.0, diagonal]], dtype=D)
    spectrum = lyapunov_spectrum(maps.linear(shear), torch.zeros(100, 2, dtype=D), k=2, steps=steps)
    assert covered(spectrum, truth, 0) >= 0.93
    assert covered(spectrum, truth, 1) >= 0.93


def test_the_tori_of_the_standard_map_are_not_chaotic() -> None:
    def step(state: torch.Tensor) -> torch.Tensor:
        momentum = state[:, 1] + 0.2 * torch.sin(state[:, 0])
        return torch.stack([state[:, 0] + momentum, momentum], dim=1)

    starts = 2 * math.pi * torch.rand(100, 2, dtype=D, generator=torch.Generator().manual_seed(1))
    spectrum = lyapunov_spectrum(step, starts, k=2, steps=200)
    assert covered(spectrum, 0.0) >= 0.9


def test_chaos_is_covered_and_told_from_none() -> None:
    starts = torch.rand(300, 1, dtype=D, generator=torch.Generator().manual_seed(2))

    def tent(x: torch.Tensor) -> torch.Tensor:
        return torch.where(x < 0.3, x / 0.3, (1 - x) / 0.7)

    truth = -0.3 * math.log(0.3) - 0.7 * math.log(0.7)
    spectrum = lyapunov_spectrum(tent, starts, k=1, steps=200)
    assert 0.92 <= covered(spectrum, truth) <= 0.99
    assert (spectrum.low > 0).all()
    # Independent steps: their standard deviation over sqrt(steps), times 2.1 and a little more.
    deviation = math.sqrt(0.3 * 0.7) * math.log(0.7 / 0.3)
    assert (spectrum.high - spectrum.low).mean() / 2 < 2.6 * deviation / math.sqrt(200)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_sixteen_bits_are_too_few(dtype: torch.dtype) -> None:
    with pytest.raises(InputError, match="too coarse for growth rates; give them in float32 or float64"):
        lyapunov_spectrum(maps.logistic(4.0), torch.rand(2, 1, dtype=dtype), k=1, steps=50)


def planted_rates(rates: list[float]) -> Callable[[torch.Tensor], torch.Tensor]:
    """A map of (phase, x) whose x stretches by exp(rates[phase]) as the phase goes round."""
    logs = torch.tensor(rates, dtype=D)

    def step(state: torch.Tensor) -> torch.Tensor:
        phase, x = state[:, 0], state[:, 1]
        growth = logs[phase.detach().round().long() % len(rates)].exp()
        return torch.stack([phase + 1, x * growth], dim=1)

    return step


def of_planted(rates: list[float]) -> LyapunovSpectrum:
    """The exponent of x over 40 steps in 4 blocks, by itself."""
    x_alone = torch.tensor([[[0.0, 1.0]]], dtype=D)
    return lyapunov_spectrum(
        planted_rates(rates), torch.zeros(1, 2, dtype=D), k=1, steps=40, discard=0, blocks=4, tangents=x_alone,
        at_once=1,
    )  # fmt: skip


def test_blocks_that_differ_give_students_interval_of_their_mean() -> None:
    spectrum = of_planted([1.0] * 10 + [-1.0] * 10)  # blocks of 10 have means 1, -1, 1, -1
    error = (4 / 3 / 4) ** 0.5
    assert spectrum.exponents.item() == pytest.approx(0.0, abs=1e-12)
    assert spectrum.standard_errors.item() == pytest.approx(error)
    assert spectrum.high.item() == pytest.approx(3.182446 * error)  # t of 3 degrees of freedom
    assert spectrum.low.item() == pytest.approx(-3.182446 * error)


def test_blocks_that_are_all_alike_leave_the_doubt_of_a_cycle_seen_at_an_odd_moment() -> None:
    spectrum = of_planted([1.0] * 5 + [-1.0] * 5)  # every block of 10 has the mean 0
    assert spectrum.standard_errors.item() == pytest.approx(0.0, abs=1e-12)
    assert spectrum.high.item() == pytest.approx(5 / 40)  # the sum of the rates goes up to 5 and back
    assert spectrum.low.item() == pytest.approx(-5 / 40)


def test_lengths_and_angles_of_the_first_tangents_do_not_matter() -> None:
    matrix = torch.diag(torch.tensor([0.5, 0.25], dtype=D))
    oblique = torch.tensor([[[10.0, 0.0], [3.0, 2.0]]], dtype=D)
    spectrum = lyapunov_spectrum(
        maps.linear(matrix), torch.ones(1, 2, dtype=D), k=2, steps=4, discard=0, tangents=oblique
    )
    np.testing.assert_allclose(spectrum.exponents, [[math.log(0.5), math.log(0.25)]])
