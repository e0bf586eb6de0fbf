"""Gradients at activations, whatever is frozen, and without a trace in the parameters."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from hrm_probe.errors import InputError


@contextmanager
def all_require_grad(parameters: Iterable[nn.Parameter]) -> Iterator[None]:
    """For a while nothing is frozen.

    A frozen parameter before the first trained one would cut the graph off from the activations between them.
    """
    frozen = [parameter for parameter in parameters if not parameter.requires_grad]
    try:
        for parameter in frozen:
            parameter.requires_grad_(True)
        yield
    finally:
        for parameter in frozen:
            parameter.requires_grad_(False)


def backward_without_trace(scalar: Tensor, parameters: Iterable[nn.Parameter]) -> None:
    """Let the gradient of a scalar flow back through a run, past its hooks; no parameter's own gradient changes.

    Raises:
        InputError: no scalar, or one that no gradient flows from.
    """
    if scalar.ndim:
        raise InputError(
            f"backward must give a scalar, not a tensor of shape {list(scalar.shape)}; sum it, say."
        )
    if not scalar.requires_grad:
        raise InputError(
            "backward needs a scalar that depends on the run, and a run with gradients; leave gradient out, say."
        )
    torch.autograd.grad(scalar, list(parameters), allow_unused=True)
