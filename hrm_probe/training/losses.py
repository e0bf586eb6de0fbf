"""The training loss of a segment: the cells' cross-entropy, and the halting terms beside it."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_probe.models.losses import LossForm, cell_losses, is_asked, is_solved


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
        form, dtype: see :func:`hrm_probe.models.losses.cell_losses`.
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
        [batch] in 0..1, without a gradient.
    """
    return next_q_halt.where(last, torch.maximum(next_q_halt, next_q_continue)).sigmoid().detach()


def _binary(logits: Tensor, targets: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
