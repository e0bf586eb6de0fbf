"""The training loss: hand-computed values, and the authors' own numbers where they are at hand."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from hrm_probe.models.published import import_checkpoint, published_name
from hrm_probe.training.losses import act_loss, continue_target

PARITY = Path(__file__).resolve().parents[2].parent / "shared" / "parity"
needs_parity = pytest.mark.skipif(
    not PARITY.is_dir(), reason=f"golden vectors of the authors' code are not at hand ({PARITY})"
)


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_loss_by_hand() -> None:
    # Two rows of two cells and three tokens; every logit 0, so every cell costs ln 3.
    logits = torch.zeros(2, 2, 3)
    answers = torch.tensor([[1, 2], [1, -100]])  # argmax is token 0: no row is solved
    q_halt, q_continue = torch.tensor([logit(0.2), logit(0.2)]), torch.tensor([logit(0.5), logit(0.5)])
    loss = act_loss(logits, q_halt, q_continue, answers, target_q_continue=torch.tensor([0.5, 1.0]))
    assert loss.lm.item() == pytest.approx(2 * math.log(3))  # a mean over asked cells, in each row
    assert loss.q_halt.item() == pytest.approx(-2 * math.log(0.8))
    assert loss.q_continue.item() == pytest.approx(2 * math.log(2))
    assert loss.total.item() == pytest.approx(2 * math.log(3) - math.log(0.8) + math.log(2))


def test_a_row_of_which_nothing_is_asked_has_no_answer_loss() -> None:
    loss = act_loss(torch.randn(1, 4, 5), torch.zeros(1), torch.zeros(1), torch.full((1, 4), -100))
    assert loss.lm.item() == 0
    assert loss.q_continue.item() == 0  # no target given


def test_row_weights_multiply_whole_rows() -> None:
    torch.manual_seed(0)
    parts = torch.randn(3, 4, 5), torch.randn(3), torch.randn(3), torch.randint(1, 5, (3, 4))
    weights = torch.tensor([1.0, 0.5, 0.0])
    alone = [act_loss(*(p[i : i + 1] for p in parts)).total for i in range(3)]
    together = act_loss(*parts, row_weights=weights).total
    assert together.item() == pytest.approx((alone[0] + 0.5 * alone[1]).item())


def test_continuing_is_worth_the_better_of_what_follows_and_at_the_end_halting() -> None:
    target = continue_target(
        torch.tensor([1.0, -2.0, -2.0]), torch.tensor([-1.0, 3.0, 3.0]), torch.tensor([False, False, True])
    )
    assert target.tolist() == pytest.approx(torch.tensor([1.0, 3.0, -2.0]).sigmoid().tolist())


def test_what_continuing_is_worth_is_a_target_without_a_gradient() -> None:
    halting, continuing = torch.zeros(2, requires_grad=True), torch.ones(2, requires_grad=True)
    assert not continue_target(halting, continuing, torch.tensor([False, True])).requires_grad


@needs_parity
@pytest.mark.parametrize("name", ["hrm_rope", "hrm_learned", "trm_att", "trm_mlp"])
def test_training_loss_and_gradients_are_those_of_the_authors(name: str) -> None:
    from safetensors import safe_open

    with safe_open(PARITY / f"{name}.safetensors", "pt") as file:
        golden = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        is_hrm = "H_level" in " ".join(golden)
        largest = json.loads(file.metadata()["config"])["halt_max_steps"]
    model = import_checkpoint(PARITY / f"{name}.safetensors")
    tokens, answers = golden["input/inputs"].long(), golden["input/labels"].long()
    ids = golden["input/puzzle_identifiers"].long()

    state, output = model.segment(model.initial_state(3), tokens, ids, gradient="published")
    target = None
    if is_hrm:
        _, ahead = model.segment(state.detach(), tokens, ids, gradient="none")
        target = continue_target(ahead.q_halt, ahead.q_continue, torch.full((3,), largest <= 1))
        torch.testing.assert_close(target, golden["train/target_q_continue"], rtol=0, atol=1e-5)
    loss = act_loss(*output, answers, target_q_continue=target)
    softmax = act_loss(*output, answers, form="softmax", dtype=torch.float32)
    assert loss.total.item() == pytest.approx(golden["train/loss"].item(), abs=1e-5)
    assert softmax.lm.item() == pytest.approx(golden["train/lm_loss_softmax_variant"].item(), abs=1e-5)

    loss.total.backward()
    compared = 0
    for ours, parameter in model.named_parameters():
        theirs = _gradient(golden, published_name(ours))
        if theirs is not None:
            assert parameter.grad is not None, ours
            atol = 1e-4 * theirs.abs().max().item()
            np.testing.assert_allclose(parameter.grad, theirs, rtol=0, atol=atol, err_msg=ours)
            compared += 1
    assert compared >= 10


def _gradient(golden: dict[str, Tensor], name: str) -> Tensor | None:
    return next(
        (value for key, value in golden.items() if key.startswith("grad/") and key.endswith("." + name)), None
    )
