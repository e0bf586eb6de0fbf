"""Cross-entropy of cells: hand-computed values, and what is ignored."""

import pytest
import torch

from hrm_probe.models.losses import cell_losses, is_solved, log_stablemax


def test_stablemax_is_a_ratio_of_shifted_and_inverted_logits() -> None:
    # s(3) = 4, s(0) = 1, s(-1) = 1/2, s(-3) = 1/4: the sum is 5.75
    p = log_stablemax(torch.tensor([3.0, 0.0, -1.0, -3.0], dtype=torch.float64)).exp()
    assert p.tolist() == pytest.approx([4 / 5.75, 1 / 5.75, 0.5 / 5.75, 0.25 / 5.75])


def test_stablemax_has_a_finite_gradient_where_the_other_branch_would_divide_by_zero() -> None:
    logits = torch.tensor([1.0, -1.0, 0.0, 1e6, -1e6], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        log_stablemax, (torch.tensor([0.3, -2.0, 1.0]).double().requires_grad_(),)
    )
    log_stablemax(logits)[0].backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize("form", ["stablemax", "softmax"])
def test_cells_not_asked_for_cost_nothing_and_send_no_gradient(form: str) -> None:
    logits = torch.randn(1, 3, 5, requires_grad=True)
    losses = cell_losses(logits, torch.tensor([[2, 0, -100]]), form)  # type: ignore[arg-type]
    losses.sum().backward()
    assert losses[0, 1:].tolist() == [0.0, 0.0]
    assert losses[0, 0] > 0
    assert logits.grad is not None
    assert logits.grad[0, 1:].abs().sum() == 0


def test_softmax_form_is_torch_cross_entropy() -> None:
    logits, answers = torch.randn(4, 9, 7), torch.randint(1, 7, (4, 9))
    ours = cell_losses(logits, answers, "softmax", torch.float32)
    theirs = torch.nn.functional.cross_entropy(logits.mT, answers, reduction="none")
    torch.testing.assert_close(ours, theirs)


def test_float32_differs_from_float64_by_rounding_only() -> None:
    logits, answers = 5 * torch.randn(64, 36, 8), torch.randint(1, 8, (64, 36))
    narrow, wide = (cell_losses(logits, answers, dtype=d) for d in (torch.float32, torch.float64))
    torch.testing.assert_close(narrow.double(), wide, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("form", ["stablemax", "softmax"])
def test_logits_are_widened_before_anything_is_computed_of_them(form: str) -> None:
    logits, answers = 5 * torch.randn(64, 36, 8), torch.randint(1, 8, (64, 36))
    narrow, wide = (cell_losses(x, answers, form) for x in (logits, logits.double()))  # type: ignore[arg-type]
    assert torch.equal(narrow, wide)


def test_a_row_is_solved_by_its_asked_cells_alone() -> None:
    logits = torch.nn.functional.one_hot(torch.tensor([[2, 3, 4], [2, 3, 4], [2, 3, 4]]), 6).float()
    answers = torch.tensor([[2, 3, 4], [2, -100, 0], [2, 3, 5]])
    assert is_solved(logits, answers).tolist() == [True, True, False]
    assert is_solved(logits, torch.full_like(answers, -100)).all()
