"""Results show what was found in a line or a few, not every number they hold."""

import numpy as np
import pytest
import torch

from hrm_probe import dynamics
from hrm_probe.dynamics import maps

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def test_fixed_points_and_which_differ() -> None:
    starts = torch.linspace(0.1, 0.9, 7, dtype=torch.float64)[:, None]
    found = dynamics.find_fixed_points(maps.logistic(4.0), starts)
    assert repr(found).startswith(
        f"FixedPoints({int(found.converged.sum())} of 7 starts converged, residuals up to "
    )
    assert "newton-krylov, tol 3.7e-11" in str(found)
    assert repr(dynamics.find_fixed_points(lambda x: x + 1, starts)).startswith(
        "FixedPoints(0 of 7 starts converged;"
    )
    distinct = dynamics.distinct_points(torch.tensor([[0.0], [1.0], [0.0]]))
    assert repr(distinct) == "DistinctPoints(2 points; counts 2, 1)"


def test_spectra() -> None:
    halving = maps.linear(torch.diag(torch.tensor([0.5, 0.25], dtype=torch.float64)))
    points = torch.ones(8, 2, dtype=torch.float64)
    spectrum = dynamics.jacobian_spectrum(halving, points[:1], 2)
    assert repr(spectrum) == "Spectrum(leading 2 at 1 point, 2 of 2 converged; spectral radii 0.5; dense)"
    lines = repr(dynamics.lyapunov_spectrum(halving, points, k=2, steps=100)).splitlines()
    assert lines[0] == "LyapunovSpectrum(of 8 starts over 100 steps; nats a step, 95% intervals)"
    assert lines[1].startswith("  start 0: -0.693 [-0.693, -0.693], -1.39 [")
    assert lines[-1] == "  and 3 more"
    assert len(lines) == 7


def test_settling_attractors_and_planes() -> None:
    rows = np.stack([0.1 ** np.arange(16)] * 20 + [np.ones(16)] * 20)
    shown = repr(dynamics.settle(rows))
    assert shown.startswith("Settling(20 of 40 rows settled, share 0.5 [")
    assert "rule 'two modes'" in shown
    ends = np.array([[1.0], [1.0001], [-1.0], [-1.0001], [0.9999]])
    assert (
        repr(dynamics.cluster_attractors(ends))
        == "Attractors(2 with 3, 2 members among 5 ends, 0 of them in none)"
    )
    lost = dynamics.cluster_attractors(np.random.default_rng(0).normal(size=(9, 2)))
    assert repr(lost) == "Attractors(0 among 9 ends, 9 of them in none)"
    plane = dynamics.plane_through([[0, 0, 0], [2, 0, 0], [1, 3, 0]])
    assert repr(plane).startswith("Plane(in 3 dimensions; ")
