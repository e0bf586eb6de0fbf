"""Maps from the books, whose fixed points, spectra, exponents and basins are known.

They are the control group of this toolkit: every detector is shown first to be right about these.
All take and give [n, d].
"""

from collections.abc import Callable

import torch
from torch import Tensor

HENON_EXPONENTS = (0.41922, -1.62319)
"""Lyapunov exponents of Hénon's map at a=1.4, b=0.3, in nats a step (Sprott 2003, table A.2); sum ln 0.3."""


def logistic(r: float = 4.0) -> Callable[[Tensor], Tensor]:
    """x -> r x (1 - x). Fixed points 0 (multiplier r) and 1 - 1/r (multiplier 2 - r); at r=4 exponent ln 2."""

    def step(x: Tensor) -> Tensor:
        return r * x * (1 - x)

    return step


def henon(a: float = 1.4, b: float = 0.3) -> Callable[[Tensor], Tensor]:
    """(x, y) -> (1 - a x^2 + y, b x), Hénon (1976); Jacobian determinant -b everywhere."""

    def step(state: Tensor) -> Tensor:
        x, y = state[:, 0], state[:, 1]
        return torch.stack([1 - a * x**2 + y, b * x], dim=1)

    return step


def linear(matrix: Tensor, offset: Tensor | None = None) -> Callable[[Tensor], Tensor]:
    """x -> A x + c; exponents are the logs of the moduli of A's eigenvalues."""

    def step(x: Tensor) -> Tensor:
        image = x @ matrix.T
        return image if offset is None else image + offset

    return step


def double_well(rate: float = 0.1) -> Callable[[Tensor], Tensor]:
    """Gradient descent on (x^2 - 1)^2 / 4 + |y|^2 / 2: attractors at x = +1 and -1, a saddle at 0.

    Multipliers: 1 + rate at the saddle and 1 - 2 rate at the wells along x; 1 - rate along every other axis.
    """

    def step(state: Tensor) -> Tensor:
        x, rest = state[:, :1], state[:, 1:]
        return torch.cat([x - rate * (x**3 - x), rest - rate * rest], dim=1)

    return step


def newton_cube_roots() -> Callable[[Tensor], Tensor]:
    """Newton's iteration for z^3 = 1 on (Re z, Im z): three superstable attractors, basins with fractal edges."""

    def step(state: Tensor) -> Tensor:
        x, y = state[:, 0], state[:, 1]
        # z - (z^3 - 1) / (3 z^2) = (2 z + 1 / z^2) / 3, and 1 / z^2 = conj(z)^2 / |z|^4
        weight = (x**2 + y**2) ** 2
        return torch.stack([(2 * x + (x**2 - y**2) / weight) / 3, (2 * y - 2 * x * y / weight) / 3], dim=1)

    return step
