"""How far logits are from the answers: stablemax or softmax cross-entropy of each cell."""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

LossForm = Literal["stablemax", "softmax"]


def log_stablemax(logits: Tensor) -> Tensor:
    """Log-probabilities that grow like a ratio of numbers, not of exponentials.

    ``s(x) = x + 1`` for ``x >= 0`` and ``1 / (1 - x)`` below; the probability of a class is its share of ``s``.
    Source: Prieto et al., arXiv 2501.04697, section 4; the form used by HRM and TRM.

    >>> log_stablemax(torch.tensor([[1.0, 1.0]])).exp()
    tensor([[0.5000, 0.5000]])

    Args:
        logits: [..., vocab].

    Returns:
        [..., vocab], in the dtype of ``logits``.
    """
    # Each branch is kept inside its own domain, so that the branch not taken sends no infinity backwards.
    above, below = logits.clamp_min(0.0), logits.clamp_max(0.0)
    s = torch.where(logits < 0, 1.0 / (1.0 - below), above + 1.0)
    return s.log() - s.sum(dim=-1, keepdim=True).log()


def cell_losses(
    logits: Tensor, answers: Tensor, form: LossForm = "stablemax", dtype: torch.dtype = torch.float64
) -> Tensor:
    """Cross-entropy of every cell, 0 where the cell is not asked for.

    Args:
        logits: [batch, cell, vocab].
        answers: tokens [batch, cell]; 0 (padding) and -100 are not asked for.
        form: which distribution the logits stand for.
        dtype: in which it is computed. The reference takes float64; float32 differs by about 1e-7 relative.

    Returns:
        [batch, cell] in ``dtype``.
    """
    log_probabilities: Callable[[Tensor], Tensor] = (
        log_stablemax if form == "stablemax" else lambda x: F.log_softmax(x, dim=-1)
    )
    asked = is_asked(answers)
    chosen = log_probabilities(logits.to(dtype)).gather(-1, answers.where(asked, 0).unsqueeze(-1)).squeeze(-1)
    return -chosen.where(asked, 0.0)


def is_asked(answers: Tensor) -> Tensor:
    """Which cells count: those whose answer is neither padding (0) nor ignored (-100); bool [batch, cell]."""
    return answers > 0


def is_solved(logits: Tensor, answers: Tensor) -> Tensor:
    """Whether every asked cell of a row has its answer as the largest logit; bool [batch].

    A row of which nothing is asked counts as solved, as in the reference.
    """
    return ((logits.argmax(dim=-1) == answers) | ~is_asked(answers)).all(dim=-1)
