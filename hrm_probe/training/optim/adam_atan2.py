"""Adam whose division cannot blow up."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


class AdamAtan2(torch.optim.Optimizer):
    """Adam with ``atan2(m, sqrt(v))`` in place of ``m / (sqrt(v) + eps)``, and decoupled weight decay.

    No epsilon, and no dependence on the scale of the loss. With the running means m and v of gradients and of their
    squares, after t steps: ``w <- w * (1 - lr * weight_decay) - lr / (1 - beta1**t) * atan2(m, sqrt(v / (1 -
    beta2**t)))``. The bias of m is corrected outside of the arctangent, as in the optimiser that HRM and TRM train
    with; Everett et al. (arXiv 2407.05872, section 4; here with a = b = 1) correct it inside. Where gradients keep
    their sign that makes the first step 1.27 times as long, the tenth 1.13 times, the fiftieth 1.003 times.

    >>> weights = torch.nn.Parameter(torch.ones(3))
    >>> optimizer = AdamAtan2([weights], lr=0.1, weight_decay=0.0)
    >>> weights.sum().backward(); optimizer.step()      # the first step is lr / 0.1 * atan2(0.1, 1) = 0.997 lr
    >>> weights.data
    tensor([0.9003, 0.9003, 0.9003])

    Args:
        params: parameters or parameter groups.
        lr: learning rate.
        betas: decay of the first and second moment, in steps.
        weight_decay: share of a weight lost in a step, in units of ``lr``.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.95),
        weight_decay: float = 0.1,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            if params:
                self._move(params, group)
        return loss

    def _move(self, params: list[Tensor], group: dict[str, Any]) -> None:
        grads = [p.grad for p in params if p.grad is not None]
        first: list[Tensor] = []
        second: list[Tensor] = []
        for p in params:
            state = self.state[p]
            if not state:
                state["step"] = 0
                state["first"] = torch.zeros_like(p)
                state["second"] = torch.zeros_like(p)
            state["step"] += 1
            first.append(state["first"])
            second.append(state["second"])
        beta1, beta2 = group["betas"]
        torch._foreach_lerp_(first, grads, 1 - beta1)
        torch._foreach_mul_(second, beta2)
        torch._foreach_addcmul_(second, grads, grads, 1 - beta2)
        torch._foreach_mul_(params, 1 - group["lr"] * group["weight_decay"])
        steps = [self.state[p]["step"] for p in params]
        roots = torch._foreach_sqrt(second)
        torch._foreach_div_(roots, [(1 - beta2**t) ** 0.5 for t in steps])
        for p, m, root, t in zip(params, first, roots, steps, strict=True):
            p.add_(torch.atan2(m, root), alpha=-group["lr"] / (1 - beta1**t))
