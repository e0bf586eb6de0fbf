"""Gradients at activations, whatever is frozen, and without a trace in the parameters."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from hrm_probe.errors import InputError


@contextmanager
def all_require_grad(parameters: Iterable[nn.Parameter]) -> Iterator[None]:
    """Inside, nothing is frozen and gradients are on, even where the caller has turned them off.

    A frozen parameter before the first trained one would cut the graph off from the activations between them.

    Raises:
        InputError: inside ``torch.inference_mode()``, where no gradient can be had.
    """
    if torch.is_inference_mode_enabled():
        raise InputError("There are no gradients inside torch.inference_mode(); ask for them outside it.")
    frozen = [parameter for parameter in parameters if not parameter.requires_grad]
    try:
        for parameter in frozen:
            parameter.requires_grad_(True)
        with torch.enable_grad():
            yield
    finally:
        for parameter in frozen:
            parameter.requires_grad_(False)


def backward_without_trace(scalar: object) -> None:
    """Let the gradient of a scalar flow back through a run, past its hooks; no tensor's own gradient changes.

    Raises:
        InputError: not a scalar tensor, or one that no gradient flows from.
    """
    if not isinstance(scalar, Tensor):
        raise InputError(
            f"backward must give a scalar tensor, not something of type {type(scalar).__name__}; "
            "return what it computes, without float() or .item()."
        )
    if scalar.ndim:
        raise InputError(
            f"backward must give a scalar, not a tensor of shape {list(scalar.shape)}; sum it, say."
        )
    if not scalar.requires_grad:
        raise InputError(
            "backward needs a scalar that depends on the run, and a run with gradients; leave gradient out, say."
        )
    torch.autograd.grad(scalar, leaves_of(scalar))


def leaves_of(tensor: Tensor) -> list[Tensor]:
    """All tensors whose gradient a tensor's own flows back to: parameters, and values that hooks have put in."""
    if tensor.grad_fn is None:
        return [tensor]
    leaves: list[Tensor] = []
    waiting, seen = [tensor.grad_fn], {tensor.grad_fn}
    while waiting:
        node = waiting.pop()
        if hasattr(node, "variable"):
            leaves.append(node.variable)
        before = {function for function, _ in node.next_functions if function is not None} - seen
        waiting += before
        seen |= before
    return leaves
