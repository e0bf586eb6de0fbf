"""The losses of recursive reasoning models: stablemax or softmax cross-entropy, and the halting terms beside it."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

LossForm = Literal["stablemax", "softmax"]

IGNORED = -100
"""Label of a cell that is not asked for; padding (token 0) is not asked for either."""


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


class Loss(NamedTuple):
    """The loss of one segment and its three terms, each summed over the batch (scalars)."""

    total: Tensor
    lm: Tensor
    q_halt: Tensor
    q_continue: Tensor


def act_loss(
    logits: Tensor,
    q_halt: Tensor,
    q_continue: Tensor,
    answers: Tensor,
    *,
    target_q_continue: Tensor | None = None,
    form: LossForm = "stablemax",
    dtype: torch.dtype = torch.float64,
    row_weights: Tensor | None = None,
) -> Loss:
    """The training loss of one segment: ``lm + (q_halt + q_continue) / 2``, summed over the batch.

    ``lm`` is the mean cross-entropy over a row's asked cells; ``q_halt`` the binary cross-entropy of the halting
    value against "the row is solved"; ``q_continue`` (only where a target is given) that of the continuing value
    against the target of :func:`continue_target`. Source: HRM, arXiv 2506.21734, section 2 (adaptive computation
    time); TRM, arXiv 2510.04871, section 4.6, drops ``q_continue``.

    Args:
        logits: [batch, cell, vocab].
        q_halt, q_continue: [batch], before the sigmoid.
        answers: tokens [batch, cell]; 0 and -100 are not asked for.
        target_q_continue: [batch] in 0..1, or None where continuing is not learnt.
        form, dtype: see :func:`cell_losses`.
        row_weights: [batch], multiplies the whole loss of each row (supervision weighting).
    """
    cells = is_asked(answers).sum(dim=-1).clamp_min(1)
    lm = cell_losses(logits, answers, form, dtype).sum(dim=-1) / cells
    halting = _binary(q_halt, is_solved(logits, answers).to(q_halt.dtype))
    if target_q_continue is None:
        continuing = torch.zeros_like(halting)
    else:
        continuing = _binary(q_continue, target_q_continue)
    if row_weights is not None:
        lm, halting, continuing = lm * row_weights, halting * row_weights, continuing * row_weights
    terms = lm.sum(), halting.sum(), continuing.sum()
    return Loss(terms[0] + 0.5 * (terms[1] + terms[2]), *terms)


def continue_target(next_q_halt: Tensor, next_q_continue: Tensor, last: Tensor) -> Tensor:
    """What continuing is worth: the better of the next segment's two values; at the last segment, halting's.

    A Q-learning target without replay or target network; the next values come from a second pass, without
    gradients, on the new state. Source: HRM, arXiv 2506.21734, section 2.

    Args:
        next_q_halt, next_q_continue: [batch], before the sigmoid.
        last: bool [batch], this segment was the last one allowed.

    Returns:
        [batch] in 0..1.
    """
    return next_q_halt.where(last, torch.maximum(next_q_halt, next_q_continue)).sigmoid()


def _binary(logits: Tensor, targets: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
