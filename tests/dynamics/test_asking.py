"""What is no number where one is meant, and what is no array, is told in a sentence."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from hrm_probe.dynamics import (
    cluster_attractors,
    distinct_points,
    find_fixed_points,
    find_jumps,
    jacobian_eigenvalues,
    landscape,
    lyapunov_spectrum,
    maps,
    nearest_attractor,
    perturbed,
    plane_through,
    settle,
)
from hrm_probe.errors import InputError

STARTS = torch.full((3, 2), 0.1)
CURVES = np.linspace(1, 0, 12)[None].repeat(4, 0)


def searched(**settings: Any) -> Any:
    return find_fixed_points(maps.henon(), STARTS, **settings)


def linearised(k: Any = 2, **settings: Any) -> Any:
    return jacobian_eigenvalues(maps.henon(), STARTS, k, **settings)


def grown(k: Any = 2, steps: Any = 20, **settings: Any) -> Any:
    return lyapunov_spectrum(maps.henon(), STARTS, k, steps, **settings)


def jumping(**settings: Any) -> Any:
    return find_jumps(CURVES, **settings)


def settling(**settings: Any) -> Any:
    return settle(CURVES, **settings)


def clustering(**settings: Any) -> Any:
    return cluster_attractors(CURVES, **settings)


def nearest(**settings: Any) -> Any:
    return nearest_attractor(CURVES, CURVES, **settings)


def telling_apart(**settings: Any) -> Any:
    return distinct_points(STARTS, **settings)


def perturbing(size: Any = 0.1, copies: Any = 2) -> Any:
    return perturbed(STARTS, size, copies)


def looking_around(**settings: Any) -> Any:
    return landscape(lambda states: states[:, 0], plane_through(np.eye(3)), (0, 1, 0, 1), **settings)


WHOLE = [
    (searched, "krylov"), (searched, "window"), (searched, "max_iterations"),
    (linearised, "k"), (linearised, "dense_below"),
    (grown, "k"), (grown, "steps"), (grown, "discard"), (grown, "blocks"), (grown, "at_once"),
    (jumping, "margin"), (jumping, "simulations"), (jumping, "seed"),
    (settling, "late"), (settling, "simulations"), (settling, "seed"),
    (clustering, "min_size"), (perturbing, "copies"), (looking_around, "batch"),
]  # fmt: skip
ANY = [
    (searched, "tol"), (searched, "reach"), (searched, "damping"), (searched, "seconds"),
    (linearised, "tol"), (grown, "level"),
    (jumping, "alpha"), (jumping, "gradual_width"), (jumping, "autocorrelation"),
    (settling, "alpha"), (settling, "fallback"), (settling, "threshold"),
    (clustering, "gap"), (clustering, "resolution"), (clustering, "tolerance"),
    (nearest, "radius"), (telling_apart, "tolerance"), (perturbing, "size"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "name"), WHOLE, ids=lambda one: getattr(one, "__name__", one))
@pytest.mark.parametrize("value", [1.5, "3", [1], -1])
def test_what_counts_something_is_a_whole_number(ask: Callable[..., Any], name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"{name} is .*; it must be"):
        ask(**{name: value})


@pytest.mark.parametrize(("ask", "name"), ANY, ids=lambda one: getattr(one, "__name__", one))
@pytest.mark.parametrize("value", ["3", [1, 2], float("nan"), -1])
def test_what_measures_something_is_a_number(ask: Callable[..., Any], name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"{name} is .*; it must be"):
        ask(**{name: value})


@pytest.mark.parametrize("value", [1, (1, 5), (5, 1), 2.5])
def test_a_landscape_has_two_points_along_each_side(value: Any) -> None:
    with pytest.raises(InputError, match=r"resolution is .*; it must be"):
        looking_around(resolution=value)


@pytest.mark.parametrize("extent", [(1, 0, 0, 1), (0, 1, 1, 1)])
def test_an_extent_runs_from_less_to_more(extent: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match=r"extent is \(.*\); it must be \(u_min, u_max, v_min, v_max\)"):
        landscape(lambda states: states[:, 0], plane_through(np.eye(3)), extent)  # type: ignore[arg-type]


def test_true_is_no_number() -> None:
    with pytest.raises(InputError, match="k is True; it must be a whole number"):
        grown(k=True, steps=20)


@pytest.mark.parametrize("values", ["here", [["a", "b"]], None])
def test_words_are_no_states_and_no_curves(values: Any) -> None:
    with pytest.raises(InputError, match="starts must be a tensor or an array of numbers"):
        find_fixed_points(maps.henon(), values)
    if values is not None:
        with pytest.raises(InputError, match="curves must be an array of numbers"):
            find_jumps(values)
        with pytest.raises(InputError, match="displacements must be an array of numbers"):
            settle(values)
