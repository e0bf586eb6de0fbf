"""One recipe on this machine: training steps, inference segments, and the ceiling, timed in turns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hrm_probe.bench.ceiling import bare_product
from hrm_probe.bench.timing import Timing, Work, in_turns, timed
from hrm_probe.models import ModelConfig, RecursiveReasoner, State, build_model
from hrm_probe.models.cost import (
    Cost,
    Product,
    activation_bytes,
    parameter_bytes,
    segment_cost,
    state_bytes,
    training_cost,
)
from hrm_probe.models.saving import to_device_and_dtype
from hrm_probe.models.tasks import Asked
from hrm_probe.training.computation import Depth
from hrm_probe.training.curriculum import ProgressiveDepth
from hrm_probe.training.data import model_config_for, named_set
from hrm_probe.training.recipe import Recipe
from hrm_probe.training.trainer import Trainer, choose_device

AT_THE_END = 1.0  # of the training
WARM_UPS = 3  # the second step starts from a state that a compiled graph has left, and may compile once more
SMALL_BATCH = 32  # large enough to keep a GPU busy, small enough to take no time on a CPU
TRAINING, EAGER, COMPILED, CEILING = "training step", "segment, eager", "segment, compiled", "bare product"


@dataclass(frozen=True)
class RecipeBench:
    """How fast one recipe runs.

    Attributes:
        recipe: its name.
        config: the model's, at full depth.
        device: where it ran.
        batch_size: rows of a step; smaller than ``recipe_batch_size`` where that would take too long here.
        recipe_batch_size: what the recipe trains with.
        costs: of one call of each work.
        timings: of each work: a training step; a segment without gradients, eager and compiled; the bare product.
        product: the shape of the bare product.
        first_steps_s: seconds of the warm-up steps beyond what they take later: compiling, above all.
        compiled: whether the training step is compiled.
        peak_bytes: the most memory that the device held in a training step; None on a CPU, where torch does not tell.
        gradient: the updates that are differentiated.
        shares: of each training step that is timed, how many of the training's steps are such ones; empty where no
            clock says so.
    """

    recipe: str
    config: ModelConfig
    device: str
    batch_size: int
    recipe_batch_size: int
    costs: dict[str, Cost]
    timings: dict[str, Timing]
    product: Product
    first_steps_s: float
    compiled: bool
    peak_bytes: int | None
    gradient: Any
    shares: dict[str, float] = field(default_factory=dict)

    @property
    def ceiling(self) -> float:
        """Operations a second of the bare product."""
        return self.product.flops / self.timings[CEILING].seconds

    @property
    def mean_step(self) -> float | None:
        """Seconds of a training step on average over the recipe's curriculum; None where no clock says its depth."""
        if not self.shares:
            return None
        return sum(share * self.timings[work].seconds for work, share in self.shares.items())

    def rates(self, work: str) -> dict[str, float]:
        """Puzzle-segments and operations a second of a work, and the share of the ceiling that it reaches."""
        seconds = self.timings[work].seconds
        flops = self.costs[work].flops / seconds
        return {
            "puzzle_segments_per_second": self.batch_size / seconds,
            "flops_per_second": flops,
            "utilisation": flops / self.ceiling,
        }

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        works = {
            name: {
                **timing.to_dict(),
                "flops": self.costs[name].flops,
                "product_bytes": self.costs[name].product_bytes,
                **(self.rates(name) if name != CEILING else {"flops_per_second": self.ceiling}),
            }
            for name, timing in self.timings.items()
        }
        return {
            "device": self.device,
            "dtype": self.config.forward_dtype,
            "batch_size": self.batch_size,
            "recipe_batch_size": self.recipe_batch_size,
            "compiled": self.compiled,
            "first_steps_s": self.first_steps_s,
            "shares_of_the_training": self.shares,
            "mean_step_s": self.mean_step,
            "works": works,
            "ceiling_shape": [self.product.m, self.product.k, self.product.n],
            "bytes": {
                "parameters": parameter_bytes(self.config),
                "state": state_bytes(self.config, self.batch_size),
                "kept_for_backward_estimated": activation_bytes(self.config, self.batch_size, self.gradient),
                "peak_measured": self.peak_bytes,
            },
            "model": self.config.to_dict(),
        }


def bench_recipe(
    recipe: Recipe,
    seconds: float = 5.0,
    batch_size: int | None = None,
    say: Callable[[str], None] = print,
) -> RecipeBench:
    """Time a recipe's training step and its model's segments on this machine.

    >>> bench_recipe(load_recipe("trm-6x6")).rates("training step")                     # doctest: +SKIP

    Args:
        recipe: with the device, dtype and compiling that are to be timed.
        seconds: of timing for each work, warm-up and compiling apart. Where three training steps of the recipe's
            batch would take longer, the batch is halved until they do not.
        batch_size: rows of a step, kept whatever it takes; the recipe's if None.
        say: told what cannot be compiled.

    Weights are fresh and puzzles few: neither changes the time of a step. A step at full depth is timed whatever the
    curriculum, so that recipes can be compared, and beside it one at each other depth that the curriculum has.
    """
    device = choose_device(recipe.device)
    puzzles = some_puzzles(recipe)
    config = model_config_for(recipe, puzzles)
    fitting = batch_size or _affordable(recipe, config, device, seconds)
    torch.compiler.reset()  # graphs of other recipes count against the same limit
    trainer = Trainer(recipe.replace({"batch_size": fitting}), puzzles, say)
    depths = _depths(trainer)
    steps = {name: _steps_at(trainer, depth) for name, depth in depths.items()}
    shares = _shares(trainer, depths)
    step = steps[TRAINING]
    warm_up = timed(step, device, WARM_UPS)
    peak = _peak_bytes(step, device)

    model = to_device_and_dtype(build_model(config, recipe.seed), device, recipe.forward_dtype)
    tokens = torch.as_tensor(np.resize(puzzles.tokens, (fitting, config.cells)), device=device)
    product, multiply = bare_product(config, fitting, device)
    works: dict[str, Work] = {**steps, EAGER: _segments(model, model.segment, tokens)}
    if trainer.run_segment.is_compiled:
        works[COMPILED] = _segments(model, torch.compile(model.segment, dynamic=False), tokens)
    works[CEILING] = multiply
    for work in works.values():
        timed(work, device, WARM_UPS)
    timings = in_turns(works, device, seconds)

    once = segment_cost(config, fitting)
    costs = {
        **{name: _step_cost(config, depth, fitting, recipe) for name, depth in depths.items()},
        EAGER: once,
        COMPILED: once,
        CEILING: Cost(product.flops),
    }
    return RecipeBench(
        recipe.name, config, str(device), fitting, recipe.batch_size, {name: costs[name] for name in timings},
        timings, product, max(0.0, warm_up - WARM_UPS * timings[TRAINING].seconds),
        trainer.run_segment.is_compiled, peak, recipe.gradient, shares,
    )  # fmt: skip


def some_puzzles(recipe: Recipe, n: int = 256) -> Asked:
    """Puzzles of the recipe's training set, enough to time it, without asking whether they leak into the test."""
    return named_set(recipe.train_set, recipe.data_seed, n)


def _depths(trainer: Trainer) -> dict[str, Depth]:
    """The training steps to time, by name: at full depth, and at the other depths of the curriculum."""
    full = (trainer.config.L_cycles, trainer.config.H_cycles)
    others = [(stage.L_cycles, stage.H_cycles) for stage in trainer.depth.stages]
    return {TRAINING: full} | {f"{TRAINING}, (L, H) = {depth}": depth for depth in others if depth != full}


def _shares(trainer: Trainer, depths: Mapping[str, Depth]) -> dict[str, float]:
    """How many of the training's steps have each depth, where the clock decides it."""
    if not isinstance(trainer.depth, ProgressiveDepth):
        return {}
    shares, begin = dict.fromkeys(depths, 0.0), 0.0
    names = {depth: name for name, depth in depths.items()}
    for stage in trainer.depth.stages:
        shares[names[stage.L_cycles, stage.H_cycles]] += stage.until - begin
        begin = stage.until
    return shares


def _steps_at(trainer: Trainer, depth: Depth) -> Work:
    """Training steps at one depth, with the learning rate of the training's end."""
    constant = ProgressiveDepth.constant(*depth)

    def advance() -> None:
        trainer.depth = constant
        trainer.advance(AT_THE_END)

    return advance


def _step_cost(config: ModelConfig, depth: Depth, batch: int, recipe: Recipe) -> Cost:
    L_cycles, H_cycles = depth
    return training_cost(config.replace(L_cycles=L_cycles, H_cycles=H_cycles), batch, recipe.gradient).total


def _segments(model: RecursiveReasoner, segment: Callable[..., Any], tokens: Tensor) -> Work:
    """One segment after another, each from the state that the last one left."""
    states = [model.initial_state(len(tokens))]

    @torch.no_grad()
    def advance() -> None:
        state, _ = segment(states[0], tokens, gradient="none")
        states[0] = State(*state)

    return advance


def _affordable(recipe: Recipe, config: ModelConfig, device: torch.device, seconds: float) -> int:
    """The recipe's batch, halved until three steps take about the seconds, at the rate of a bare product."""
    product, multiply = bare_product(config, min(recipe.batch_size, SMALL_BATCH), device)
    rate = product.flops / min(timed(multiply, device) for _ in range(WARM_UPS))
    batch = recipe.batch_size
    while batch > 1 and 3 * training_cost(config, batch, recipe.gradient).total.flops / rate > seconds:
        batch //= 2
    return batch


def _peak_bytes(step: Work, device: torch.device) -> int | None:
    if device.type != "cuda":
        return None
    torch.cuda.reset_peak_memory_stats(device)
    step()
    torch.cuda.synchronize(device)
    return torch.cuda.max_memory_allocated(device)
