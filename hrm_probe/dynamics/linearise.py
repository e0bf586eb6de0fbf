"""The maps this room studies, and products with their Jacobians.

A ``step`` maps a tensor [n, d] to [n, d], each row on its own. It is always called with all n rows in their
order, so a row may have a context of its own (its puzzle, say). No Jacobian is formed: a Jacobian-vector product
of the whole batch is the product of every row at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number

Step = Callable[[Tensor], Tensor]


def as_tensor(values: object, name: str) -> Tensor:
    """A tensor, or what makes one, without its graph.

    Raises:
        InputError: not numbers.
    """
    try:
        if isinstance(values, np.ndarray):
            values = np.ascontiguousarray(values)  # torch takes no reversed rows
        return torch.as_tensor(values).detach()
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{name} must be a tensor or an array of numbers: {error}.") from None


def as_points(points: object, name: str = "points") -> Tensor:
    """Turn what the user gave into a finite floating tensor [n, d], detached.

    Raises:
        InputError: not real numbers, not two axes, no columns, or values that are not finite.
    """
    tensor = as_tensor(points, name)
    if tensor.is_complex():
        raise InputError(f"{name} are complex; give real and imaginary parts as columns of their own.")
    if not tensor.is_floating_point():
        tensor = tensor.to(torch.float64)
    if tensor.ndim != 2 or tensor.shape[1] == 0:
        raise InputError(f"{name} must have shape [n, d] with d >= 1, not {list(tensor.shape)}.")
    if not bool(torch.isfinite(tensor).all()):
        raise InputError(f"{name} hold NaN or infinity; leave those rows out.")
    return tensor


def apply(step: Step, points: Tensor) -> Tensor:
    """``step(points)`` without a graph, in the points' dtype; the points stay as they are.

    Raises:
        InputError: the shape changes.
    """
    with torch.no_grad():
        image = step(points.clone())  # a step may work in place
    if not isinstance(image, Tensor) or image.shape != points.shape:
        got = list(image.shape) if isinstance(image, Tensor) else type(image).__name__
        raise InputError(f"step must map [n, d] to [n, d]: it took {list(points.shape)} and gave {got}.")
    return image.detach().to(points.dtype)


@contextmanager
def _derivatives_of_steps() -> Iterator[None]:
    """Say in a sentence where a step leaves torch, so that no derivative can follow."""
    try:
        yield
    except RuntimeError as error:
        if "storage" not in str(error):  # what a tensor without numbers says when numpy asks for them
            raise
        raise InputError(
            "step has no derivative that torch can follow: it leaves torch on the way (for numpy, say). Write it in "
            'torch throughout, or take a method without derivatives, such as find_fixed_points(..., method="anderson").'
        ) from None


def jvp(step: Step, points: Tensor, tangents: Tensor) -> tuple[Tensor, Tensor]:
    """Image [n, d] and Jacobian-vector product J(x_i) v_i [n, d] of every row, in the points' dtype."""
    # The outer no_grad keeps parameters of a network from growing a reverse graph; forward mode ignores it.
    with torch.no_grad(), _derivatives_of_steps():
        pair = torch.func.jvp(step, (points.clone(),), (tangents.clone(),))
    return pair[0].detach().to(points.dtype), pair[1].detach().to(points.dtype)


def jvps(step: Step, points: Tensor, tangents: Tensor, at_once: int | None = None) -> tuple[Tensor, Tensor]:
    """Image [n, d] and products [k, n, d] for k tangents of every row, both in the points' dtype.

    The image is computed once a chunk.

    Args:
        step: the map.
        points: [n, d].
        tangents: [k, n, d].
        at_once: how many of the k tangents share one vectorised pass (memory grows with it). None: all. With 1
            no vmap is used, for maps that vmap does not support.
    """
    k = len(tangents)
    chunk = k if at_once is None else max(1, at_once)
    if k == 1 or chunk == 1:
        pairs = [jvp(step, points, tangent) for tangent in tangents]
        return pairs[0][0], torch.stack([product for _, product in pairs])

    def one(tangent: Tensor) -> tuple[Tensor, Tensor]:
        pair = torch.func.jvp(step, (points.clone(),), (tangent.clone(),))
        return pair[0], pair[1]

    products = []
    with torch.no_grad(), _derivatives_of_steps():
        for part in tangents.split(chunk):
            image, product = torch.func.vmap(one, out_dims=(None, 0))(part)  # type: ignore[arg-type]
            products.append(product.detach())
    return image.detach().to(points.dtype), torch.cat(products).to(points.dtype)


def dense_jacobians(step: Step, points: Tensor, at_once: int | None = None) -> Tensor:
    """Jacobians [n, d, d] of every row, entry [i, a, b] = d step(x_i)_a / d x_ib; for small d only."""
    n, d = points.shape
    basis = torch.eye(d, dtype=points.dtype, device=points.device)[:, None, :].expand(d, n, d)
    _, columns = jvps(step, points, basis.contiguous(), at_once)
    return columns.permute(1, 2, 0)


def derivative_error(step: Step, points: Tensor, seed: int = 0, spacing: float | None = None) -> Tensor:
    """How far the Jacobian-vector product is from a central difference, per row, relative to the larger.

    A check before believing any spectrum: a map with a detached part (a truncated gradient, a ``no_grad`` inside)
    has a wrong derivative that nothing else here would notice. Values well below 0.1 are fine in float32.

    >>> import torch
    >>> bool(derivative_error(torch.sin, torch.rand(3, 4, dtype=torch.float64)).max() < 1e-6)
    True

    Args:
        step: the map.
        points: [n, d].
        seed: for the random directions.
        spacing: step of the difference relative to the norm of the point (of 1 at the origin); by default
            eps ** (1/3).

    Returns:
        Relative error [n].

    Known inaccuracy: a point of tiny norm (below 1e-3 in float32, 1e-6 in float64) whose image is not tiny has a
    difference that rounding spoils; a larger ``spacing`` helps.
    """
    x = as_points(points)
    direction = random_directions(x.shape, x, seed)
    norm = x.norm(dim=1, keepdim=True)
    h = torch.where(norm > 0, norm, 1.0) * (
        torch.finfo(x.dtype).eps ** (1 / 3) if spacing is None else spacing
    )
    difference = (apply(step, x + h * direction) - apply(step, x - h * direction)) / (2 * h)
    _, product = jvp(step, x, direction)
    largest = torch.maximum(difference.norm(dim=1), product.norm(dim=1))
    return (difference - product).norm(dim=1) / largest.clamp_min(torch.finfo(x.dtype).tiny)


def random_directions(shape: torch.Size | tuple[int, ...], like: Tensor, seed: int) -> Tensor:
    """Unit vectors along the last axis; drawn on the CPU so that a seed means the same on every device."""
    generator = torch.Generator().manual_seed(whole_number(seed, "seed", 0))
    drawn = torch.randn(tuple(shape), generator=generator, dtype=torch.float64)
    return (drawn / drawn.norm(dim=-1, keepdim=True)).to(dtype=like.dtype, device=like.device)
