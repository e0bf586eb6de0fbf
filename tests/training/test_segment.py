"""One training step of a batch: who is replaced, who halts, what is carried, and what is counted."""

import pytest
import torch

from hrm_probe.models import RecursiveReasoner, build_model
from hrm_probe.models.recursion import Gradient
from hrm_probe.training.curriculum import SupervisionWeighting
from hrm_probe.training.data.stream import Batch
from hrm_probe.training.losses import act_loss, continue_target
from hrm_probe.training.metrics import FIELDS, averages
from hrm_probe.training.recipe import Recipe
from hrm_probe.training.segment import Carry, draw_least_segments, empty_carry, refill, run_segment

UNIFORM = SupervisionWeighting.uniform()
ROWS = 4


def recipe_of(architecture: str) -> Recipe:
    settings = {
        "architecture": architecture,
        "d_model": 16,
        "n_heads": 2,
        "dtype": "float32",
        "max_segments": 3,
    }
    return Recipe(H_layers=1, L_layers=1, H_cycles=1, L_cycles=2).replace(settings)


def model_of(recipe: Recipe) -> RecursiveReasoner:
    return build_model(recipe.model_config(cells=16, vocab=6), seed=1)


def batch_of(seed: int) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    answers = torch.randint(2, 6, (ROWS, 16), generator=generator)
    tokens = answers.where(torch.rand(ROWS, 16, generator=generator) < 0.5, 1)
    return Batch(tokens, answers, torch.zeros(ROWS, dtype=torch.long))


def never(rows: int = ROWS) -> torch.Tensor:
    """As many least segments as make halting before the last one impossible."""
    return torch.full((rows,), 99)


def set_halting(model: RecursiveReasoner, q_halt: float, q_continue: float) -> None:
    """Let the model want the same in every row."""
    with torch.no_grad():
        model.q_head.weight.zero_()
        assert model.q_head.bias is not None
        model.q_head.bias.copy_(torch.tensor([q_halt, q_continue]))


def test_halted_rows_start_a_fresh_puzzle_and_the_others_go_on() -> None:
    model = model_of(recipe_of("hrm"))
    old, fresh = (batch_of(i)._replace(puzzle_ids=torch.full((ROWS,), i)) for i in (0, 1))
    carry = empty_carry(model, old)
    state = type(carry.state)(*(torch.randn_like(z) for z in carry.state))
    carry = Carry(state, old, torch.tensor([2, 1, 2, 3]), torch.tensor([False, True, False, True]))
    filled = refill(model, carry, fresh)
    start = model.initial_state(ROWS)
    for row, is_fresh in enumerate([False, True, False, True]):
        source, begin = (fresh, start) if is_fresh else (old, state)
        assert torch.equal(filled.puzzles.tokens[row], source.tokens[row])
        assert torch.equal(filled.puzzles.answers[row], source.answers[row])
        assert filled.puzzles.puzzle_ids[row] == source.puzzle_ids[row]
        assert torch.equal(filled.state.z_H[row], begin.z_H[row])
        assert torch.equal(filled.state.z_L[row], begin.z_L[row])
    assert filled.segments.tolist() == [2, 0, 2, 0]


@pytest.mark.parametrize("architecture", ["hrm", "trm"])
def test_rows_run_the_same_segments_as_the_model_alone(architecture: str) -> None:
    recipe = recipe_of(architecture)
    model, puzzles = model_of(recipe), batch_of(0)
    carry = empty_carry(model, batch_of(9))
    for _ in range(recipe.max_segments):
        _, carry, _ = run_segment(model, recipe, UNIFORM, carry, puzzles, never())
    rollout = model.run(puzzles.tokens, segments=recipe.max_segments)
    torch.testing.assert_close(carry.state.z_H, rollout.state.z_H)
    assert carry.halted.all()  # the largest number of segments was reached
    assert not carry.state.z_H.requires_grad


def test_loss_is_the_published_one_with_a_look_ahead_for_the_continuing_value() -> None:
    recipe = recipe_of("hrm")
    model, puzzles = model_of(recipe), batch_of(0)
    loss, _, _ = run_segment(model, recipe, UNIFORM, empty_carry(model, puzzles), puzzles, never())
    state, output = model.segment(model.initial_state(ROWS), puzzles.tokens, gradient="published")
    _, ahead = model.segment(state, puzzles.tokens, gradient="none")
    target = continue_target(ahead.q_halt, ahead.q_continue, torch.zeros(ROWS, dtype=torch.bool))
    expected = act_loss(*output, puzzles.answers, target_q_continue=target).total / ROWS
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)


def test_the_look_ahead_is_of_the_new_state_and_sends_no_gradient() -> None:
    recipe = recipe_of("hrm")
    model, puzzles = model_of(recipe), batch_of(0)
    with torch.no_grad():  # zero at first: then every state has the same halting values
        model.q_head.weight.normal_(generator=torch.Generator().manual_seed(0))
    start = model.initial_state(ROWS)
    state, output = model.segment(start, puzzles.tokens, gradient="published")
    with torch.no_grad():
        _, ahead = model.segment(state, puzzles.tokens)
        _, old = model.segment(start, puzzles.tokens)
    no = torch.zeros(ROWS, dtype=torch.bool)
    target, wrong = (continue_target(o.q_halt, o.q_continue, no) for o in (ahead, old))
    assert (target - wrong).abs().max() > 0.01
    expected = act_loss(*output, puzzles.answers, target_q_continue=target).total / ROWS
    loss, _, _ = run_segment(model, recipe, UNIFORM, empty_carry(model, puzzles), puzzles, never())
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    ours, theirs = (torch.autograd.grad(value, model.q_head.weight)[0] for value in (loss, expected))
    torch.testing.assert_close(ours, theirs)


def test_gradients_reach_as_far_as_the_recipe_says() -> None:
    recipe = recipe_of("trm").replace({"gradient": "segment", "H_cycles": 2})
    model, puzzles = model_of(recipe), batch_of(0)
    weights = list(model.L.parameters())

    def expected(gradient: Gradient) -> list[torch.Tensor]:
        _, output = model.segment(model.initial_state(ROWS), puzzles.tokens, gradient=gradient)
        return list(torch.autograd.grad(act_loss(*output, puzzles.answers).total / ROWS, weights))

    loss, _, _ = run_segment(model, recipe, UNIFORM, empty_carry(model, puzzles), puzzles, never())
    found = torch.autograd.grad(loss, weights)
    for ours, whole, last in zip(found, expected("segment"), expected("published"), strict=True):
        torch.testing.assert_close(ours, whole)
        assert not torch.allclose(ours, last, rtol=0.1)


@pytest.mark.parametrize(
    ("architecture", "q_halt", "q_continue", "halts"),
    [
        ("hrm", 1.0, 0.5, True),
        ("hrm", -1.0, -2.0, True),  # compares two values
        ("hrm", 1.0, 2.0, False),
        ("trm", 0.1, 9.0, True),  # looks at one
        ("trm", -0.1, -9.0, False),
    ],
)
def test_halting_rules(architecture: str, q_halt: float, q_continue: float, halts: bool) -> None:
    recipe = recipe_of(architecture)
    model, puzzles = model_of(recipe), batch_of(0)
    set_halting(model, q_halt, q_continue)
    _, carry, _ = run_segment(
        model, recipe, UNIFORM, empty_carry(model, puzzles), puzzles, torch.tensor([0, 1, 2, 3])
    )
    assert carry.halted.tolist() == [halts, halts, False, False]  # exploring rows may not halt yet


@pytest.mark.parametrize("architecture", ["hrm", "trm"])
def test_without_early_halting_every_row_runs_all_its_segments(architecture: str) -> None:
    recipe = recipe_of(architecture).replace(early_halting=False)
    model, puzzles = model_of(recipe), batch_of(0)
    set_halting(model, 9.0, -9.0)
    carry, least = empty_carry(model, puzzles), torch.zeros(ROWS, dtype=torch.long)
    for segment in range(1, recipe.max_segments + 1):
        _, carry, _ = run_segment(model, recipe, UNIFORM, carry, puzzles, least)
        assert carry.halted.tolist() == [segment == recipe.max_segments] * ROWS


def test_exploration_demands_at_least_two_segments_of_some_rows() -> None:
    generator = torch.Generator().manual_seed(0)
    least = draw_least_segments(20_000, 16, 0.1, generator)
    assert set(least.tolist()) == {0, *range(2, 17)}
    assert (least > 0).float().mean().item() == pytest.approx(0.1, abs=0.01)
    assert (draw_least_segments(100, 16, 0.0, generator) == 0).all()


def test_weighting_reaches_the_loss() -> None:
    recipe = recipe_of("trm")
    model, puzzles = model_of(recipe), batch_of(0)
    carry = empty_carry(model, puzzles)
    plain, _, _ = run_segment(model, recipe, UNIFORM, carry, puzzles, never())
    weighting = SupervisionWeighting.cgar(segments=3)
    weighed, _, _ = run_segment(model, recipe, weighting, carry, puzzles, never())
    assert weighed.item() == pytest.approx(weighting.weight(1) * plain.item(), rel=1e-6)


def test_the_published_weighting_counts_what_finished_rows_had_run_too() -> None:
    recipe = recipe_of("trm")
    model, puzzles = model_of(recipe), batch_of(0)
    carry = empty_carry(model, puzzles)._replace(
        segments=torch.full((ROWS,), 3), halted=torch.tensor([True, True, False, False])
    )
    plain, _, _ = run_segment(model, recipe, UNIFORM, carry, puzzles, never())
    weighed, _, _ = run_segment(model, recipe, SupervisionWeighting.published(), carry, puzzles, never())
    assert weighed.item() == pytest.approx(0.7**3 * plain.item(), rel=1e-6)


def test_the_form_of_the_loss_is_the_recipes() -> None:
    recipe = recipe_of("trm").replace({"loss": "softmax"})
    model, puzzles = model_of(recipe), batch_of(0)
    loss, _, _ = run_segment(model, recipe, UNIFORM, empty_carry(model, puzzles), puzzles, never())
    _, output = model.segment(model.initial_state(ROWS), puzzles.tokens)
    logits, q_halt, q_continue = output
    softmax, stablemax = (
        act_loss(logits, q_halt, q_continue, puzzles.answers, form=form).total.item() / ROWS
        for form in ("softmax", "stablemax")
    )
    assert loss.item() == pytest.approx(softmax, rel=1e-6)
    assert loss.item() != pytest.approx(stablemax, rel=0.01)


def test_counts() -> None:
    recipe = recipe_of("trm")
    model, puzzles = model_of(recipe), batch_of(0)
    set_halting(model, -1.0, 0.0)
    with torch.no_grad():  # the model answers with token 2 everywhere; row 0 asks for nothing else
        model.unembed.weight.zero_()
    puzzles.answers[0] = -100
    carry = empty_carry(model, puzzles)
    sums = torch.zeros(len(FIELDS), dtype=torch.float64)
    for _ in range(3):
        _, carry, counts = run_segment(model, recipe, UNIFORM, carry, puzzles, never())
        sums += counts
    means = averages(sums)
    assert means["finished"] == ROWS
    assert means["finished_segments"] == 3
    assert means["exact_accuracy"] == means["finished_exact"] == 0.25
    assert means["finished_halt_right"] == 0.75  # "not solved" is said of all, and true of three
    assert means["loss"] == pytest.approx(means["lm_loss"] + 0.5 * means["q_halt_loss"])


def test_at_the_last_segment_going_on_is_worth_what_halting_is() -> None:
    recipe = recipe_of("hrm").replace({"max_segments": 1})
    model, puzzles = model_of(recipe), batch_of(0)
    set_halting(model, -1.0, 2.0)
    loss, carry, _ = run_segment(model, recipe, UNIFORM, empty_carry(model, puzzles), puzzles, never())
    _, output = model.segment(model.initial_state(ROWS), puzzles.tokens)
    worth = torch.tensor(-1.0).sigmoid().expand(ROWS)
    expected = act_loss(*output, puzzles.answers, target_q_continue=worth).total / ROWS
    assert carry.halted.all()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)


def test_cells_that_are_not_asked_for_do_not_lower_the_accuracy() -> None:
    recipe = recipe_of("trm")
    model, puzzles = model_of(recipe), batch_of(0)
    said = model.run(puzzles.tokens, segments=1).predictions[-1]
    answers = said.where(said > 0, -100)
    answers[:, ::2] = -100
    answers[1] = (answers[1] % 5 + 1).where(answers[1] > 0, -100)  # another token wherever one is asked
    assert ((answers > 0).sum(1) > 0).all()
    fresh = puzzles._replace(answers=answers)
    _, _, counts = run_segment(model, recipe, UNIFORM, empty_carry(model, fresh), fresh, never())
    means = averages(counts)
    assert (means["cell_accuracy"], means["exact_accuracy"]) == (0.75, 0.75)
