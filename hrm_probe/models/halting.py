"""When a row stops: the published halting rules."""

import torch
from torch import Tensor

from hrm_probe.models.config import ModelConfig


def wants_to_halt(config: ModelConfig, q_halt: Tensor, q_continue: Tensor) -> Tensor:
    """Which rows the model would stop, from its halting values of any shape.

    HRM compares two Q-values, q_halt > q_continue (arXiv 2506.21734, "Adaptive computational time"); TRM keeps
    one logit of "the answer is right" and stops at q_halt > 0 (arXiv 2510.04871, section 4.6).
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
