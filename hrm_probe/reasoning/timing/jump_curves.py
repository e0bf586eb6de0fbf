"""The curves of a run that may jump: its loss, by whichever function of the logits, and its wrong cells."""

from collections.abc import Callable

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.reasoning.runs.curves import Curves


def _softmax_loss(curves: Curves) -> np.ndarray:
    if curves.softmax_loss is None:
        raise InputError("These curves were saved without the loss under softmax; follow() makes them anew.")
    return curves.softmax_loss


CURVES: dict[str, Callable[[Curves], np.ndarray]] = {
    "loss": lambda curves: curves.loss,
    "errors": lambda curves: curves.errors,
    "log loss": lambda curves: np.log(curves.loss + 1e-8),
    "softmax loss": _softmax_loss,
    "log softmax loss": lambda curves: np.log(_softmax_loss(curves) + 1e-8),
}
"""What may be looked at, [puzzle, segment]: each bends the same run another way."""
SWEPT = ("loss", "errors", "log loss")
"""Those that are looked at beside the one that is asked about."""
CURVES_IN_WORDS = {
    "loss": "the loss",
    "errors": "wrong cells",
    "log loss": "the logarithm of the loss",
    "softmax loss": "the loss under softmax",
    "log softmax loss": "the logarithm of the loss under softmax",
}
