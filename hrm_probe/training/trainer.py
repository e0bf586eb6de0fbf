"""A training: everything that moves in it, and one step of it."""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from hrm_probe.models import RecursiveReasoner, State, build_model
from hrm_probe.sudoku import Puzzles
from hrm_probe.training.compiling import Compiled
from hrm_probe.training.curriculum import ProgressiveDepth, SupervisionWeighting
from hrm_probe.training.data.stream import Batch, PuzzleStream
from hrm_probe.training.ema import EMA, ema_decay
from hrm_probe.training.metrics import FIELDS
from hrm_probe.training.optim import Optimizers, learning_rate_factor
from hrm_probe.training.recipe import Recipe
from hrm_probe.training.segment import Carry, draw_least_segments, empty_carry, run_segment


class Trainer:
    """Model, average, optimisers, stream of puzzles, and the carry between steps.

    A step draws fresh puzzles, lets every row run one segment, and moves the weights; the host never waits for
    the device in it. :meth:`state_dict` holds all that the next step depends on.

    Args:
        recipe: the settings.
        puzzles: the training set.
        say: told once if compiling is not possible.
    """

    def __init__(self, recipe: Recipe, puzzles: Puzzles, say: Any = print) -> None:
        self.recipe = recipe
        self.device = choose_device(recipe.device)
        self.config = recipe.model_config(puzzles.board.cells, puzzles.board.vocab)
        self.model: RecursiveReasoner = build_model(self.config, recipe.seed).to(self.device)
        self.ema = EMA(self.model)
        self.optimizers = Optimizers(self.model, recipe)
        self.stream = PuzzleStream(
            puzzles, recipe.batch_size, recipe.seed, self.device,
            recipe.augment, recipe.hint_fraction, recipe.hint_min_blanks,
        )  # fmt: skip
        self.depth = _depth(recipe)
        self.run_segment = Compiled(
            partial(run_segment, self.model, recipe, _weighting(recipe)), recipe.compile, self.device, say
        )
        self.step = 0
        self.sums = torch.zeros(len(FIELDS), dtype=torch.float64, device=self.device)
        self.carry = self._first_carry()

    def _first_carry(self) -> Carry:
        shape = (self.recipe.batch_size, self.config.cells)
        nothing = torch.zeros(shape, dtype=torch.long, device=self.device)
        return empty_carry(self.model, Batch(nothing, nothing, nothing[:, 0]))

    def advance(self, progress: float) -> None:
        """One step, with the learning rate and depth of ``progress`` (0..1)."""
        recipe = self.recipe
        fresh = self.stream.draw()
        least = draw_least_segments(
            recipe.batch_size, recipe.max_segments, recipe.exploration, self.stream.generator
        )
        self._set_depth(*self.depth.depth(progress))
        self.carry, counts = self.run_segment.attempt(partial(self._differentiate, fresh, least))
        self.optimizers.step(
            learning_rate_factor(progress, recipe.warmup, recipe.lr_min_ratio), self.carry.puzzles.puzzle_ids
        )
        self.step += 1
        self.ema.update(ema_decay(self.step, recipe.ema_horizon))
        self.sums += counts

    def _differentiate(self, fresh: Batch, least_segments: Tensor) -> tuple[Carry, Tensor]:
        self.optimizers.clear_gradients()
        loss, carry, counts = self.run_segment(self.carry, fresh, least_segments)
        loss.backward()
        return carry, counts

    def _set_depth(self, L_cycles: int, H_cycles: int) -> None:
        if (self.model.config.L_cycles, self.model.config.H_cycles) != (L_cycles, H_cycles):
            self.model.config = self.config.replace(L_cycles=L_cycles, H_cycles=H_cycles)

    def set_full_depth(self) -> None:
        """The depth that the model is evaluated and kept with, whatever the curriculum's stage."""
        self.model.config = self.config

    def finish(self) -> None:
        """Give the model what is kept of the training: averaged weights, full depth, ``kept_dtype``."""
        self.ema.install()
        self.model.config = self.config.replace(forward_dtype=self.recipe.kept_dtype)
        self.model.forward_dtype = getattr(torch, self.recipe.kept_dtype)
        self.model.eval()

    def take_sums(self) -> Tensor:
        """The counts of ``metrics.FIELDS`` since the last call, on the CPU; this is where the host waits."""
        sums = self.sums.cpu()
        self.sums = torch.zeros_like(self.sums)
        return sums

    def state_dict(self) -> dict[str, Any]:
        """Everything that the next step depends on, as tensors, numbers and dicts."""
        state, puzzles, segments, halted = self.carry
        return {
            "model": self.model.state_dict(),
            "ema": self.ema.average,
            "optimizers": self.optimizers.state_dict(),
            "stream": self.stream.state_dict(),
            "carry": [*state, *puzzles, segments, halted],
            "sums": self.sums,
            "step": self.step,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what :meth:`state_dict` gave."""
        self.model.load_state_dict(state["model"])
        self.ema.load_state_dict(state["ema"])
        self.optimizers.load_state_dict(state["optimizers"])
        self.stream.load_state_dict(state["stream"])
        z_H, z_L, tokens, answers, ids, segments, halted = (t.to(self.device) for t in state["carry"])
        self.carry = Carry(State(z_H, z_L), Batch(tokens, answers, ids), segments, halted)
        self.sums = state["sums"].to(self.device)
        self.step = state["step"]


def choose_device(name: str) -> torch.device:
    """ "auto" is CUDA where there is one, else the CPU."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        from hrm_probe.errors import InputError

        raise InputError("device=cuda, but torch sees no CUDA device here; train with device=cpu or auto.")
    return torch.device(name)


def _depth(recipe: Recipe) -> ProgressiveDepth:
    H_layers = recipe.H_layers if recipe.architecture == "hrm" else recipe.L_layers
    make = ProgressiveDepth.cgar if recipe.depth == "cgar" else ProgressiveDepth.constant
    return make(recipe.L_cycles, recipe.H_cycles, recipe.L_layers, H_layers)


def _weighting(recipe: Recipe) -> SupervisionWeighting:
    kinds = {
        "uniform": SupervisionWeighting.uniform,
        "cgar": SupervisionWeighting.cgar,
        "published": SupervisionWeighting.published,
    }
    return kinds[recipe.supervision](recipe.max_segments)
