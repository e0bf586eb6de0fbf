"""Jacobian-vector products: batched, right for networks, and checked against differences."""

import numpy as np
import pytest
import torch

from hrm_probe.dynamics import derivative_error, find_fixed_points, maps
from hrm_probe.dynamics.linearise import (
    apply,
    as_points,
    dense_jacobians,
    jvp,
    jvps,
    random_directions,
)
from hrm_probe.errors import InputError

D = torch.float64


def test_jacobian_of_henon_is_the_books() -> None:
    points = torch.tensor([[0.3, -0.2], [1.0, 0.5]], dtype=D)
    jacobians = dense_jacobians(maps.henon(), points)
    for x, jacobian in zip(points[:, 0], jacobians, strict=True):
        torch.testing.assert_close(jacobian, torch.tensor([[-2.8 * x, 1.0], [0.3, 0.0]], dtype=D))


def test_rows_may_be_different_maps() -> None:
    rates = torch.tensor([[0.5], [2.0]], dtype=D)
    _, product = jvp(lambda x: rates * x, torch.ones(2, 3, dtype=D), torch.ones(2, 3, dtype=D))
    assert product.tolist() == [[0.5] * 3, [2.0] * 3]


@pytest.mark.parametrize("at_once", [None, 1, 2])
def test_many_tangents_agree_with_one_at_a_time(at_once: int | None) -> None:
    points, tangents = torch.rand(4, 2, dtype=D), torch.randn(5, 4, 2, dtype=D)
    image, products = jvps(maps.henon(), points, tangents, at_once)
    torch.testing.assert_close(image, maps.henon()(points))
    for tangent, product in zip(tangents, products, strict=True):
        torch.testing.assert_close(product, jvp(maps.henon(), points, tangent)[1])


def test_a_network_leaves_no_graph_behind() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(6, 6), torch.nn.Tanh())
    image, products = jvps(network, torch.randn(3, 6), torch.randn(2, 3, 6))
    assert not image.requires_grad
    assert not products.requires_grad


def test_a_step_is_computed_without_a_graph() -> None:
    recorded = []

    def step(x: torch.Tensor) -> torch.Tensor:
        recorded.append(torch.is_grad_enabled())
        return 2 * x

    points = torch.ones(2, 3, requires_grad=True)
    apply(step, points)
    jvp(step, points, torch.ones(2, 3))
    jvps(step, points, torch.ones(2, 2, 3))
    assert recorded == [False, False, False]


@pytest.mark.parametrize(("at_once", "passes"), [(None, 1), (5, 1), (3, 2), (2, 3), (1, 5), (0, 5)])
def test_tangents_share_passes_as_they_were_told(at_once: int | None, passes: int) -> None:
    calls = []

    def step(x: torch.Tensor) -> torch.Tensor:
        calls.append(len(x))
        return x.sin()

    points, tangents = torch.rand(4, 2, dtype=D), torch.randn(5, 4, 2, dtype=D)
    jvps(step, points, tangents, at_once)
    assert calls == [4] * passes


def test_one_at_a_time_serves_maps_that_cannot_be_vectorised() -> None:
    def step(x: torch.Tensor) -> torch.Tensor:
        return 3 * x if x.sum().item() > 0 else -x

    points, tangents = torch.ones(2, 3, dtype=D), torch.ones(2, 2, 3, dtype=D)
    assert (jvps(step, points, tangents, at_once=1)[1] == 3).all()


def test_a_step_that_works_in_place_leaves_points_and_tangents_alone() -> None:
    points, tangents = torch.ones(2, 3, dtype=D), torch.ones(2, 2, 3, dtype=D)
    tangent = torch.ones(2, 3, dtype=D)  # torch copies views by itself
    for image in (
        apply(lambda x: x.mul_(0.5), points),
        jvp(lambda x: x.mul_(0.5), points, tangent)[1],
        jvps(lambda x: x.mul_(0.5), points, tangents, at_once=1)[1],
        jvps(lambda x: x.mul_(0.5), points, tangents)[1],
    ):
        assert (image == 0.5).all()
    assert (points == 1).all()
    assert (tangents == 1).all()
    assert (tangent == 1).all()


def test_derivative_error_finds_a_detached_part() -> None:
    points = torch.rand(5, 3, dtype=D)
    assert derivative_error(torch.sin, points).max() < 1e-6
    assert derivative_error(lambda x: torch.sin(x) + (2 * x).detach(), points).min() > 0.1


@pytest.mark.parametrize("dtype", [torch.float32, D])
@pytest.mark.parametrize("size", [1e-6, 1e-3, 1.0, 1e6])
def test_derivative_error_knows_no_scale(size: float, dtype: torch.dtype) -> None:
    points = size * torch.rand(4, 5, dtype=dtype, generator=torch.Generator().manual_seed(0))
    assert derivative_error(lambda x: size * torch.sin(x / size), points).max() < 1e-2
    assert derivative_error(torch.sin, torch.zeros(1, 5, dtype=dtype)).max() < 1e-2


def test_derivative_error_is_relative_to_the_larger_of_the_two() -> None:
    points = torch.rand(5, 3, dtype=D)
    wholly_detached = derivative_error(lambda x: torch.sin(x).detach() + 0 * x, points)
    wholly_made_up = derivative_error(lambda x: x - x.detach(), points)  # 0 with a derivative of 1
    for error in (wholly_detached, wholly_made_up):
        torch.testing.assert_close(error, torch.ones(5, dtype=D))
    assert (derivative_error(torch.zeros_like, points) == 0).all()


def test_derivative_error_looks_along_seeded_directions() -> None:
    points = torch.rand(5, 3, dtype=D)

    def half_detached(x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x[:, :1], x[:, 1:].detach()], dim=1)

    first, again, other = (derivative_error(half_detached, points, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert (first != other).all()


def test_a_larger_spacing_helps_a_tiny_point_with_an_image_that_is_not() -> None:
    points = torch.full((4, 5), 1e-5)

    def step(x: torch.Tensor) -> torch.Tensor:
        return 1 + torch.sin(x)

    assert derivative_error(step, points).min() > 0.1
    assert derivative_error(step, points, spacing=1e3).max() < 1e-2


@pytest.mark.parametrize("dtype", [torch.float32, D])
def test_random_directions_are_unit_vectors_that_the_seed_alone_decides(dtype: torch.dtype) -> None:
    like = torch.zeros(1, dtype=dtype)
    drawn = random_directions((4, 3, 50), like, seed=5)
    assert drawn.dtype == dtype
    torch.testing.assert_close(
        drawn.norm(dim=-1), torch.ones(4, 3, dtype=dtype), rtol=0, atol=4 * torch.finfo(dtype).eps
    )
    assert torch.equal(drawn, random_directions((4, 3, 50), like, seed=5))
    assert not torch.equal(drawn, random_directions((4, 3, 50), like, seed=6))
    assert drawn.mean().abs() < 0.02


def test_points_are_plain_numbers() -> None:
    assert as_points([[1, 2]]).dtype == D
    assert as_points(np.float32([[1, 2]])).dtype == torch.float32
    assert not as_points(torch.ones(1, 2, requires_grad=True)).requires_grad


@pytest.mark.parametrize("other", [torch.bfloat16, torch.float32, D])
def test_images_and_products_have_the_dtype_of_the_points(other: torch.dtype) -> None:
    points, tangents = torch.ones(2, 3), torch.ones(4, 2, 3)
    step = lambda x: 0.5 * x.to(other)  # noqa: E731
    pairs = [jvp(step, points, tangents[0]), jvps(step, points, tangents), jvps(step, points, tangents, 1)]
    assert {part.dtype for pair in pairs for part in pair} == {torch.float32}
    assert apply(step, points).dtype == torch.float32


@pytest.mark.parametrize(
    "bad",
    [torch.zeros(3), torch.zeros(2, 0), torch.tensor([[float("nan")]]), torch.tensor([[float("inf")]])],
)
def test_bad_points_are_told(bad: torch.Tensor) -> None:
    with pytest.raises(InputError):
        as_points(bad)


def test_a_step_that_leaves_torch_is_told_so() -> None:
    def step(x: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(np.sin(x.numpy()) / 2)

    points = torch.rand(3, 4, dtype=D, generator=torch.Generator().manual_seed(0))
    for ask in (find_fixed_points, lambda s, p: jvps(s, p, torch.ones(2, 3, 4, dtype=D))):
        with pytest.raises(InputError, match=r"it leaves torch on the way .* method=.anderson."):
            ask(step, points)
    assert find_fixed_points(step, points, "anderson").converged.all()  # needs no derivative


def test_other_faults_of_a_step_are_its_own() -> None:
    def broken(x: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        jvp(broken, torch.ones(1, 2), torch.ones(1, 2))


def test_points_in_reversed_order_are_taken() -> None:
    points = np.arange(6.0).reshape(3, 2)[::-1]
    assert as_points(points).tolist() == points.tolist()
