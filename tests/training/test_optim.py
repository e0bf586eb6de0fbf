"""Optimisers and learning rate: single steps by hand, and what must stay as it is."""

import copy
import math

import pytest
import torch

from hrm_probe.models import build_model
from hrm_probe.training.optim import AdamAtan2, Optimizers, SignSGD, learning_rate_factor
from hrm_probe.training.recipe import Recipe

SMALL = Recipe(d_model=16, n_heads=2, H_layers=1, L_layers=1, dtype="float32")


def parameter(*values: float) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.tensor(values, dtype=torch.float64))


def test_first_step_of_adam_atan2_is_nearly_lr_whatever_the_scale() -> None:
    weights = parameter(1.0, 1.0, 1.0)
    optimizer = AdamAtan2([weights], lr=0.1, weight_decay=0.0)
    weights.grad = torch.tensor([1e-12, -3.0, 1e12], dtype=torch.float64)
    optimizer.step()
    step = 0.1 / (1 - 0.9) * math.atan2(1 - 0.9, 1)
    assert 0.996 * 0.1 < step < 0.997 * 0.1
    assert weights.tolist() == pytest.approx([1 - step, 1 + step, 1 - step])


def test_adam_atan2_by_its_formula_over_several_steps() -> None:
    beta1, beta2, lr, decay = 0.9, 0.95, 0.01, 0.5
    weights = parameter(2.0)
    optimizer = AdamAtan2([weights], lr=lr, betas=(beta1, beta2), weight_decay=decay)
    w, m, v = 2.0, 0.0, 0.0
    for t, gradient in enumerate([1.0, -0.5, 3.0, 0.25], start=1):
        weights.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        m, v = beta1 * m + (1 - beta1) * gradient, beta2 * v + (1 - beta2) * gradient**2
        moved = lr / (1 - beta1**t) * math.atan2(m, math.sqrt(v / (1 - beta2**t)))
        w = w * (1 - lr * decay) - moved
    assert weights.item() == pytest.approx(w, rel=1e-12)


def test_adam_atan2_leaves_parameters_without_gradient_alone() -> None:
    weights = parameter(1.0)
    AdamAtan2([weights], lr=0.1, weight_decay=1.0).step()
    assert weights.item() == 1.0


def test_sign_descent_moves_only_the_puzzles_of_the_batch() -> None:
    table = torch.nn.Parameter(torch.ones(4, 2))
    optimizer = SignSGD(table, lr=0.1, weight_decay=0.5)
    # Puzzle 1 occurs twice, and its gradients sum to (+, 0); puzzle 3 has (-, +).
    items = table[torch.tensor([1, 1, 3])]
    (items * torch.tensor([[2.0, 1.0], [1.0, -1.0], [-5.0, 7.0]])).sum().backward()
    optimizer.step(torch.tensor([1, 1, 3]))
    kept = 1 - 0.1 * 0.5
    assert table[[0, 2]].tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert table[1].tolist() == pytest.approx([kept - 0.1, kept])
    assert table[3].tolist() == pytest.approx([kept + 0.1, kept - 0.1])


def test_learning_rate_warms_up_and_then_follows_half_a_cosine() -> None:
    rates = [learning_rate_factor(p, warmup=0.1, min_ratio=0.2) for p in (0, 0.05, 0.1, 0.55, 1.0, 1.5)]
    assert rates == pytest.approx([0.0, 0.5, 1.0, 0.6, 0.2, 0.2])
    assert learning_rate_factor(0.0) == 1.0  # no warm-up
    assert learning_rate_factor(0.7, min_ratio=1.0) == pytest.approx(1.0)  # the papers' constant rate


@pytest.mark.parametrize("kind", ["adamw", "adam_atan2", "muon"])
def test_puzzle_embedding_has_its_own_optimiser_and_rate(kind: str) -> None:
    recipe = SMALL.replace({"optimizer": kind, "lr": 1e-3, "puzzle_lr": 0.25, "puzzle_weight_decay": 0.0})
    model = build_model(recipe.model_config(16, 6))
    optimizers = Optimizers(model, recipe)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    optimizers.step(0.5, torch.zeros(3, dtype=torch.long))
    moved = {name: (p.detach() - before[name]).abs().max().item() for name, p in model.named_parameters()}
    assert moved.pop("puzzle_emb") == pytest.approx(0.125)
    assert all(0 < size < 2e-3 for size in moved.values())
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize("kind", ["adamw", "adam_atan2", "muon"])
def test_without_a_gradient_to_follow_weights_decay_by_the_recipes_share(kind: str) -> None:
    recipe = SMALL.replace({"optimizer": kind, "lr": 1e-2, "weight_decay": 0.5})
    model = build_model(recipe.model_config(16, 6))
    before = {name: p.detach().clone() for name, p in model.named_parameters() if name != "puzzle_emb"}
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    Optimizers(model, recipe).step(1.0, None)
    for name, value in before.items():
        torch.testing.assert_close(model.get_parameter(name).detach(), (1 - 1e-2 * 0.5) * value)


@pytest.mark.parametrize("kind", ["adamw", "adam_atan2"])
def test_moments_forget_as_the_recipe_says(kind: str) -> None:
    recipe = SMALL.replace({"optimizer": kind, "beta1": 0.8, "beta2": 0.9})
    (network,) = Optimizers(build_model(recipe.model_config(16, 6)), recipe).network
    assert [group["betas"] for group in network.param_groups] == [(0.8, 0.9)]


def test_muon_takes_the_matrices_inside_and_adamw_the_rest() -> None:
    model = build_model(SMALL.model_config(16, 6))
    adamw, muon = Optimizers(model, SMALL.replace({"optimizer": "muon"})).network
    names = {id(p): name for name, p in model.named_parameters()}
    by_muon = {names[id(p)] for group in muon.param_groups for p in group["params"]}
    by_adamw = {names[id(p)] for group in adamw.param_groups for p in group["params"]}
    assert by_muon == {name for name in names.values() if name.startswith(("H.", "L."))}
    assert by_adamw == {"W_E", "unembed.weight", "q_head.weight", "q_head.bias"}


def test_a_step_of_muon_moves_a_matrix_along_all_its_directions_alike() -> None:
    model = build_model(SMALL.model_config(16, 6))
    optimizers = Optimizers(model, SMALL.replace({"optimizer": "muon", "weight_decay": 0.0}))
    matrix = next(p for name, p in model.named_parameters() if name.startswith("L."))
    before = matrix.detach().clone()
    generator = torch.Generator().manual_seed(0)
    left, right = (torch.linalg.qr(torch.randn(n, n, generator=generator)).Q for n in matrix.shape)
    values = torch.zeros_like(before)
    values.diagonal().copy_(torch.logspace(0, -1, min(matrix.shape)))
    for p in model.parameters():
        p.grad = left @ values @ right if p is matrix else torch.zeros_like(p)
    optimizers.step(1.0, None)
    moved = torch.linalg.svdvals(matrix.detach() - before)
    assert moved.max() / moved.min() < 2  # of the gradient it is 10


@pytest.mark.parametrize("kind", ["adamw", "adam_atan2", "muon"])
def test_an_optimiser_goes_on_where_it_was_saved(kind: str) -> None:
    recipe = SMALL.replace({"optimizer": kind})

    def moved(optimizers: Optimizers, model: torch.nn.Module, seed: int) -> list[torch.Tensor]:
        generator = torch.Generator().manual_seed(seed)
        for p in model.parameters():
            p.grad = torch.randn(p.shape, generator=generator)
        optimizers.step(1.0, None)
        return [p.detach().clone() for p in model.parameters()]

    first, second = (build_model(recipe.model_config(16, 6)) for _ in range(2))
    ours = Optimizers(first, recipe)
    moved(ours, first, seed=1)
    theirs = Optimizers(second, recipe)
    second.load_state_dict(first.state_dict())
    theirs.load_state_dict(copy.deepcopy(ours.state_dict()))  # torch keeps the tensors that it is given
    for a, b in zip(moved(ours, first, seed=2), moved(theirs, second, seed=2), strict=True):
        assert torch.equal(a, b)
