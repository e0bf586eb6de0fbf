"""When a row stops: the published halting rules."""

import torch
from torch import Tensor

from hrm_probe.models.config import ModelConfig


def wants_to_halt(config: ModelConfig, q_halt: Tensor, q_continue: Tensor) -> Tensor:
    """Which rows the model would stop, from its halting values of any shape.

    HRM compares two Q-values, q_halt > q_continue (arXiv 2506.21734, "Adaptive computational time"); TRM keeps
    one logit of "the answer is right" and stops at q_halt > 0 (arXiv 2510.04871, section 4.6).

    >>> trm = ModelConfig(architecture="trm", cells=16, vocab=6)
    >>> wants_to_halt(trm, torch.tensor([-1.0, 2.0]), torch.tensor([0.0, 5.0])).tolist()
    [False, True]

    Args:
        config: of the model; its ``halting_rule`` decides.
        q_halt, q_continue: of one shape; a TRM's q_continue is not looked at.

    Returns:
        bool, of that shape.
    """
    return q_halt > q_continue if config.halting_rule == "q_learning" else q_halt > 0


def first_halt(config: ModelConfig, q_halt: Tensor, q_continue: Tensor) -> Tensor:
    """The 1-based segment at which each row would halt; the last one where it never wants to.

    Args:
        q_halt, q_continue: [segment, batch].

    Returns:
        int64 [batch].
    """
    halts = wants_to_halt(config, q_halt, q_continue)
    halts = torch.cat((halts[:-1], torch.ones_like(halts[-1:])))
    return halts.int().argmax(0) + 1
