"""The authors' own numbers: forward pass, every inner update, loss and gradients, from their golden vectors.

Tolerances are those that the authors' code itself shows between float32 and float64.
"""

import numpy as np
import pytest
import torch
from torch import Tensor

from hrm_probe.models import RecursiveReasoner, SegmentOutput, State
from hrm_probe.models.published import import_checkpoint, published_name
from tests.models import reference
from tests.models.golden import NAMES, Golden, golden, needed
from tests.models.reference import continue_target, published
from tests.models.variants import loss

pytestmark = needed

ATOL = {"logits": 1e-4, "q": 1e-5, "z": 5e-4, "first": 3e-5, "loss": 1e-5}


@pytest.fixture(params=NAMES)
def g(request: pytest.FixtureRequest) -> Golden:
    return golden(request.param)


@pytest.fixture
def model(g: Golden) -> RecursiveReasoner:
    return import_checkpoint(g.path)


def close(ours: Tensor | np.ndarray, theirs: np.ndarray, atol: float) -> None:
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=0, atol=atol)


def test_reference_agrees_with_the_authors_code(g: Golden) -> None:
    ids, labels, θ = g["input/puzzle_identifiers"], g["input/labels"], published(g.weights)
    segments = reference.run(g["input/inputs"], 4, θ, g.settings, ids)
    for name in ("z_L", "z_H"):
        path = np.stack([value for which, value in segments[0].path if which == name])
        close(path, g[f"seg0/trace/{name}"], ATOL["first"])
    assert [int(which == "z_H") for which, _ in segments[0].path] == g["seg0/trace/order"].tolist()
    for k, out in enumerate(segments):
        close(out.logits, g[f"seg{k}/logits"], ATOL["logits"] if k else ATOL["first"])
        close(out.Q_halt, g[f"seg{k}/q_halt_logits"], ATOL["q"])
        close(out.Q_continue, g[f"seg{k}/q_continue_logits"], ATOL["q"])
        close(out.z_H, g[f"seg{k}/z_H"], ATOL["z"])
        close(out.z_L, g[f"seg{k}/z_L"], ATOL["z"])
        assert reference.loss(out, labels) == pytest.approx(g[f"seg{k}/loss"], abs=ATOL["loss"])
    G_continue = continue_target(segments[1]) if g.is_hrm else None
    assert reference.loss(segments[0], labels, G_continue) == pytest.approx(g["train/loss"], abs=ATOL["loss"])
    softmax = reference.answer_loss(segments[0].logits, labels, reference.log_softmax)
    assert softmax == pytest.approx(g["train/lm_loss_softmax_variant"], abs=ATOL["loss"])


def test_input_embedding(g: Golden, model: RecursiveReasoner) -> None:
    tokens, ids = torch.tensor(g["input/inputs"]).long(), torch.tensor(g["input/puzzle_identifiers"]).long()
    close(model.input_embedding(tokens, ids).detach(), g["input_embeddings"], 1e-6)


def test_rotary_table_is_the_published_one(g: Golden, model: RecursiveReasoner) -> None:
    tables = [module for module in model.modules() if hasattr(module, "cos")]
    assert bool(tables) == (model.config.positions == "rope")
    for table in tables:
        close(table.cos[:, 0], g["rope/cos"], 2e-6)
        close(table.sin[:, 0], g["rope/sin"], 2e-6)


def test_every_inner_update_of_the_first_segment(g: Golden, model: RecursiveReasoner) -> None:
    _, cache = model.run_with_cache(g["input/inputs"], ["z_L", "z_H"], segments=1)
    close(cache["z_L"][0].flatten(0, 1), g["seg0/trace/z_L"], ATOL["first"])
    close(cache["z_H"][0], g["seg0/trace/z_H"], ATOL["first"])


def test_the_order_of_updates(g: Golden, model: RecursiveReasoner) -> None:
    order: list[int] = []
    hooks = [("z_L", lambda z, hook: order.append(0)), ("z_H", lambda z, hook: order.append(1))]
    model.run_with_hooks(g["input/inputs"], hooks, segments=1)
    assert order == g["seg0/trace/order"].tolist()


def test_four_segments(g: Golden, model: RecursiveReasoner) -> None:
    rollout, cache = model.run_with_cache(g["input/inputs"], ["z_L", "z_H"], segments=4)
    for k in range(4):
        close(rollout.logits[k], g[f"seg{k}/logits"], ATOL["logits"] if k else ATOL["first"])
        close(rollout.q_halt[k], g[f"seg{k}/q_halt_logits"], ATOL["q"])
        close(rollout.q_continue[k], g[f"seg{k}/q_continue_logits"], ATOL["q"])
        close(cache["z_H"][k, -1], g[f"seg{k}/z_H"], ATOL["z"])
        close(cache["z_L"][k, -1, -1], g[f"seg{k}/z_L"], ATOL["z"])
        output = SegmentOutput(rollout.logits[k], rollout.q_halt[k], rollout.q_continue[k])
        ours = loss(output, torch.tensor(g["input/labels"]).long())
        assert ours.item() == pytest.approx(g[f"seg{k}/loss"], abs=ATOL["loss"])
    np.testing.assert_array_equal(rollout.predictions[0], g["seg0/logits"].argmax(-1))


def test_a_finished_row_starts_its_new_puzzle_while_the_others_go_on(
    g: Golden, model: RecursiveReasoner
) -> None:
    """``mixed/*``: after two segments row 1 is replaced; rows 0 and 2 must not notice."""
    old, new = (torch.tensor(g[f"{name}/inputs"]).long() for name in ("input", "input2"))
    carried = model.run(old, segments=2).state
    fresh, finished = model.initial_state(3), torch.tensor([False, True, False])
    state = State(*(torch.where(finished[:, None, None], f, c) for f, c in zip(fresh, carried, strict=True)))
    tokens = torch.where(finished[:, None], new, old)
    np.testing.assert_array_equal(tokens, g["mixed/current_inputs"])
    state, output = model.segment(state, tokens, gradient="none")
    close(output.logits, g["mixed/logits"], ATOL["logits"])
    close(output.q_halt, g["mixed/q_halt_logits"], ATOL["q"])
    close(output.q_continue, g["mixed/q_continue_logits"], ATOL["q"])
    close(state.z_H, g["mixed/z_H"], ATOL["z"])
    close(state.z_L, g["mixed/z_L"], ATOL["z"])


def test_training_loss_and_every_gradient(g: Golden, model: RecursiveReasoner) -> None:
    tokens, labels = (torch.tensor(g[f"input/{name}"]).long() for name in ("inputs", "labels"))
    state, output = model.segment(model.initial_state(3), tokens, gradient="published")
    close(output.logits.detach(), g["train/logits"], ATOL["first"])
    close(state.z_H.detach(), g["train/z_H"], ATOL["first"])
    close(state.z_L.detach(), g["train/z_L"], ATOL["first"])
    G_continue = None
    if g.is_hrm:
        _, next_output = model.segment(state.detach(), tokens, gradient="none")
        G_continue = torch.maximum(next_output.q_halt, next_output.q_continue).sigmoid()
        close(G_continue, g["train/target_q_continue"], ATOL["q"])
    total = loss(output, labels, G_continue)
    assert total.item() == pytest.approx(g["train/loss"], abs=ATOL["loss"])
    total.backward()

    theirs = {name: g[key] for key in g.tensors if (name := key.removeprefix(f"grad/{g.prefix}")) != key}
    # Their training keeps one row of the puzzle embedding for each row of the batch; ours sums them, as theirs does
    # later, in the optimiser.
    theirs["puzzle_emb.weights"] = theirs.pop("puzzle_emb.local_weights").sum(0, keepdims=True)
    ours = {published_name(name): parameter.grad for name, parameter in model.named_parameters()}
    assert ours.keys() == theirs.keys()
    for name, gradient in ours.items():
        assert gradient is not None, name
        np.testing.assert_allclose(
            gradient, theirs[name], rtol=0, atol=1e-4 * np.abs(theirs[name]).max(), err_msg=name
        )


def test_gradient_through_the_whole_segment_is_another_one(g: Golden, model: RecursiveReasoner) -> None:
    """Guards the test above: the two gradients are far apart, so agreement there is no accident."""
    tokens, labels = (torch.tensor(g[f"input/{name}"]).long() for name in ("inputs", "labels"))
    loss(model.segment(model.initial_state(3), tokens)[1], labels).backward()
    assert model.W_E.grad is not None
    theirs = g[f"grad/{g.prefix}embed_tokens.embedding_weight"]
    assert np.abs(model.W_E.grad.numpy() - theirs).max() > 0.5 * np.abs(theirs).max()
