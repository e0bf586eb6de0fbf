"""A running average of the weights, which is what is evaluated and kept."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def ema_decay(step: int, horizon: float) -> float:
    """The decay that makes the average reach over the last ``horizon`` share of the training so far.

    ``1 - 1 / max(1, horizon * step)``: it needs no end in sight, so it suits a budget of minutes as well as one of
    steps, and the first weights leave no trace. A power-function average: Karras et al., arXiv 2312.02696, section 3.

    >>> ema_decay(step=50_000, horizon=0.02)      # the 0.999 of TRM, arXiv 2510.04871
    0.999
    """
    return 1.0 - 1.0 / max(1.0, horizon * step)


class EMA:
    """The average of a model's parameters over the recent steps.

    >>> ema = EMA(model)                            # doctest: +SKIP
    >>> ema.update(decay=0.999)                     # after every step       # doctest: +SKIP
    >>> with ema.applied():                         # doctest: +SKIP
    ...     evaluate(model)                         # the model carries the average; afterwards its own weights

    Args:
        model: whose parameters are averaged, in float32 whatever their dtype.
    """

    def __init__(self, model: nn.Module) -> None:
        self._parameters = dict(model.named_parameters())
        self.average = {name: p.detach().float().clone() for name, p in self._parameters.items()}

    @torch.no_grad()
    def update(self, decay: float) -> None:
        """``average <- decay * average + (1 - decay) * weights``."""
        weights = [p.detach().float() for p in self._parameters.values()]
        torch._foreach_lerp_(list(self.average.values()), weights, 1.0 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let the model carry the average; its own weights come back at the end, whatever happens.

        Values are copied into the same tensors, so that compiled graphs and optimisers keep hold of them.
        """
        own = {name: p.detach().clone() for name, p in self._parameters.items()}
        try:
            self.install()
            yield
        finally:
            self._copy(own)

    def install(self) -> None:
        """Give the model the average for good."""
        self._copy(self.average)

    @torch.no_grad()
    def _copy(self, values: dict[str, Tensor]) -> None:
        for name, p in self._parameters.items():
            p.copy_(values[name])

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restore an ``average`` saved before."""
        for name, value in self.average.items():
            value.copy_(state[name])
