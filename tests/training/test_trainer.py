"""The rows of a batch: together from the start to the end, unless they are staggered."""

from typing import Any

import numpy as np
import pytest
import torch

from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.cost import training_flops
from hrm_probe.sudoku import Puzzles, generate
from hrm_probe.training import Recipe, loop
from hrm_probe.training.budget import Budget
from hrm_probe.training.display import Display
from hrm_probe.training.distributed import Group
from hrm_probe.training.loop import Loop
from hrm_probe.training.metrics import FIELDS, MetricsFile
from hrm_probe.training.trainer import Trainer

ROWS, LONGEST = 32, 8
SETTINGS: dict[str, Any] = {
    "d_model": 16, "n_heads": 2, "H_layers": 1, "L_layers": 1, "H_cycles": 1, "L_cycles": 1, "device": "cpu",
    "compile": "off", "batch_size": ROWS, "max_segments": LONGEST, "lr": 1e-9, "dtype": "float32", "halting": "sign",
}  # fmt: skip
PUZZLES = generate(20, "minimal", "4x4", seed=0)


def trainer(**settings: Any) -> Trainer:
    """Of a model that does not want to halt by itself, as none does in the beginning."""
    return Trainer(Recipe().replace({**SETTINGS, **settings}), PUZZLES)


def finished(trainer: Trainer, steps: int) -> list[int]:
    counts = []
    for _ in range(steps):
        trainer.advance(0.0)
        counts.append(int(trainer.take_sums()[FIELDS.index("finished")]))
    return counts


def test_rows_that_do_not_halt_by_themselves_end_together() -> None:
    assert finished(trainer(), 2 * LONGEST) == 2 * [*(LONGEST - 1) * [0], ROWS]


def test_staggered_rows_end_at_all_times_and_each_once_in_a_life() -> None:
    staggered = trainer(stagger=True)
    first, second = finished(staggered, LONGEST), finished(staggered, LONGEST)
    assert sum(first) == sum(second) == ROWS
    assert first == second  # from the second life on each lasts as long as any other
    assert sum(count > 0 for count in first) >= LONGEST - 1


def test_a_staggered_row_begins_where_every_row_begins() -> None:
    staggered = trainer(stagger=True)
    start = staggered.model.initial_state(ROWS)
    assert torch.equal(staggered.carry.state.z_H, start.z_H)
    assert torch.equal(staggered.carry.state.z_L, start.z_L)
    assert set(staggered.carry.segments.tolist()) <= set(range(LONGEST))
    assert staggered.carry.puzzles.tokens.min() > 0  # true puzzles, not the padding that others begin with


@pytest.mark.parametrize("seed", [0, 1])
def test_the_seed_staggers(seed: int) -> None:
    begun = [trainer(stagger=True, seed=seed).carry.segments for _ in range(2)]
    assert torch.equal(*begun)
    assert not torch.equal(begun[0], trainer(stagger=True, seed=seed + 1).carry.segments)


def test_the_seed_decides_the_first_weights_and_the_puzzles_drawn() -> None:
    one, other = trainer(seed=0), trainer(seed=1)
    assert not torch.equal(one.model.W_E, other.model.W_E)
    assert not torch.equal(one.stream.draw().tokens, other.stream.draw().tokens)


def test_the_learning_rate_ends_at_the_recipes_share() -> None:
    training = trainer(lr=1e-3, warmup=0.0, lr_min_ratio=0.25)
    training.advance(1.0)
    (network,) = training.optimizers.network
    assert [group["lr"] for group in network.param_groups] == pytest.approx([0.25e-3])


@pytest.mark.parametrize(("exploration", "ended"), [(0.0, ROWS), (1.0, 0)])
def test_rows_that_explore_do_not_halt_in_their_first_segment(exploration: float, ended: int) -> None:
    training = trainer(exploration=exploration)
    with torch.no_grad():
        training.model.q_head.bias.fill_(1.0)  # every row wants to halt
    assert finished(training, 1) == [ended]


def test_rows_that_explore_may_go_on_beyond_half_of_the_longest_life() -> None:
    training = trainer(exploration=1.0)
    with torch.no_grad():
        training.model.q_head.bias.fill_(1.0)
    for _ in range(LONGEST // 2 + 1):
        training.advance(0.0)
    assert training.carry.segments.max() == LONGEST // 2 + 1


def test_with_a_horizon_of_the_whole_training_the_average_is_the_mean_of_all_steps() -> None:
    training = trainer(lr=0.05, warmup=0.0, ema_horizon=1.0)
    weights = []
    for _ in range(3):
        training.advance(0.0)
        weights.append(training.model.W_E.detach().clone())
    torch.testing.assert_close(training.ema.average["W_E"], torch.stack(weights).mean(dim=0))


def test_operations_are_counted_by_how_far_the_gradient_reaches() -> None:
    counted = []
    for gradient in ("published", "segment"):
        training = trainer(gradient=gradient, L_cycles=2)
        for _ in range(2):
            training.advance(0.0)
        two_steps = [(2, 2, 1)]  # of two L-cycles and one H-cycle
        assert training.flops == training_flops(training.config, ROWS, two_steps, gradient)
        counted.append(training.flops)
    assert counted[0] < counted[1]


def test_evaluations_while_training_are_of_the_averaged_weights_at_full_depth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    training = trainer(lr=0.05, warmup=0.0, ema_horizon=1.0, depth="cgar", L_cycles=3, H_cycles=3)
    for _ in range(3):
        training.advance(0.2)  # in the shallowest stage
    own = {name: p.detach().clone() for name, p in training.model.named_parameters()}
    asked: list[tuple[dict[str, torch.Tensor], int, int]] = []

    def solved(group: Group, model: RecursiveReasoner, puzzles: Puzzles, *_: object) -> np.ndarray:
        weights = {name: p.detach().clone() for name, p in model.named_parameters()}
        asked.append((weights, model.config.L_cycles, model.config.H_cycles))
        return np.zeros((LONGEST, len(puzzles)), bool)

    monkeypatch.setattr(loop, "solved_by_group", solved)
    with Display("tiny", silent=True) as display:
        Loop(training, Budget(9), PUZZLES, MetricsFile(None), display, lambda *state: None).evaluate(PUZZLES)
    ((weights, L_cycles, H_cycles),) = asked
    assert (L_cycles, H_cycles) == (3, 3)
    for name, average in training.ema.average.items():
        assert torch.equal(weights[name], average), name
    assert any(not torch.equal(weights[name], value) for name, value in own.items())
    for name, value in training.model.named_parameters():
        assert torch.equal(value, own[name]), name
