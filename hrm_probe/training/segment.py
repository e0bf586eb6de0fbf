"""One training step for a batch whose rows stand at different segments of different puzzles."""

from typing import NamedTuple

import torch
from torch import Tensor

from hrm_probe.models import RecursiveReasoner, State, wants_to_halt
from hrm_probe.models.losses import is_asked, is_solved
from hrm_probe.training.curriculum import SupervisionWeighting
from hrm_probe.training.data.stream import Batch
from hrm_probe.training.losses import Loss, act_loss, continue_target
from hrm_probe.training.recipe import Recipe


class Carry(NamedTuple):
    """What one step leaves to the next.

    Attributes:
        state: z_H and z_L after the last segment, [batch, pos, d_model], without gradients.
        puzzles: what each row is working on.
        segments: segments that each row has run on its puzzle, int64 [batch].
        halted: rows that are done and take a fresh puzzle in the next step, bool [batch].
    """

    state: State
    puzzles: Batch
    segments: Tensor
    halted: Tensor


def empty_carry(model: RecursiveReasoner, puzzles: Batch) -> Carry:
    """The carry before the first step: every row waits for a fresh puzzle, whatever ``puzzles`` holds."""
    rows = puzzles.puzzle_ids
    return Carry(
        model.initial_state(len(rows)), puzzles, torch.zeros_like(rows), torch.ones_like(rows).bool()
    )


def refill(model: RecursiveReasoner, carry: Carry, fresh: Batch) -> Carry:
    """Halted rows take the puzzle of their row in ``fresh`` and start from the initial state; the others go on."""
    done = carry.halted
    start = model.initial_state(len(done))
    state = State(*(a.where(done[:, None, None], b) for a, b in zip(start, carry.state, strict=True)))
    puzzles = Batch(
        fresh.tokens.where(done[:, None], carry.puzzles.tokens),
        fresh.answers.where(done[:, None], carry.puzzles.answers),
        fresh.puzzle_ids.where(done, carry.puzzles.puzzle_ids),
    )
    return Carry(state, puzzles, carry.segments.where(~done, 0), torch.zeros_like(done))


def draw_least_segments(rows: int, longest: int, probability: float, generator: torch.Generator) -> Tensor:
    """Exploration: how many segments each row must have run before it may halt, int64 [batch].

    With the given probability uniform in ``2..longest``, else 0; drawn afresh in every step, as HRM is trained
    (arXiv 2506.21734, section 2).
    """
    device = generator.device
    explores = torch.rand(rows, generator=generator, device=device) < probability
    return torch.randint(2, max(longest, 2) + 1, (rows,), generator=generator, device=device) * explores


def run_segment(
    model: RecursiveReasoner,
    recipe: Recipe,
    weighting: SupervisionWeighting,
    carry: Carry,
    fresh: Batch,
    least_segments: Tensor,
    segments_before: Tensor | None = None,
) -> tuple[Tensor, Carry, Tensor]:
    """Refill, run one segment, and say what was lost, who halts, and how it went. All on the device.

    Args:
        model, recipe, weighting: what is trained, and how.
        carry: from the last step.
        fresh: a puzzle for every row, used where the row had halted.
        least_segments: see :func:`draw_least_segments`.
        segments_before: segments that the rows of the whole batch had run, where these rows are only some of it.

    Returns:
        The loss to differentiate (mean over rows), the next carry, and the counts of ``metrics.FIELDS``.
    """
    if segments_before is None:
        segments_before = carry.segments
    carry = refill(model, carry, fresh)
    tokens, answers, ids = carry.puzzles
    segments = carry.segments + 1
    last = segments >= recipe.max_segments

    state, output = model(carry.state, tokens, ids, gradient=recipe.gradient)
    state = state.detach()

    target = None
    if model.config.halting_rule == "q_learning":
        _, ahead = model(state, tokens, ids, gradient="none")
        target = continue_target(ahead.q_halt, ahead.q_continue, last)
    loss = act_loss(
        output.logits,
        output.q_halt,
        output.q_continue,
        answers,
        target_q_continue=target,
        form=recipe.loss,
        dtype=getattr(torch, recipe.loss_dtype),
        row_weights=weighting.row_weights(segments, segments_before),
    )
    with torch.no_grad():
        wish = wants_to_halt(model.config, output.q_halt, output.q_continue)
        halted = last | (wish & (segments >= least_segments)) if recipe.early_halting else last
        counts = _count(loss, output.logits, output.q_halt, answers, segments, halted)
    return loss.total / len(ids), Carry(state, carry.puzzles, segments, halted), counts


def _count(
    loss: Loss, logits: Tensor, q_halt: Tensor, answers: Tensor, segments: Tensor, halted: Tensor
) -> Tensor:
    """The counts of ``metrics.FIELDS``, float64."""
    asked = is_asked(answers)
    right = (((logits.argmax(dim=-1) == answers) & asked).sum(dim=1) / asked.sum(dim=1).clamp_min(1)).sum()
    solved = is_solved(logits, answers)
    counts = (
        torch.ones_like(right),
        torch.full_like(right, len(answers)),
        loss.total,
        loss.lm,
        loss.q_halt,
        loss.q_continue,
        right,
        solved.sum(),
        halted.sum(),
        (solved & halted).sum(),
        segments.where(halted, 0).sum(),
        (((q_halt >= 0) == solved) & halted).sum(),
    )
    return torch.stack([count.detach().to(torch.float64) for count in counts])
