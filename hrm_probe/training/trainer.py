"""A training: everything that moves in it, and one step of it."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor

from hrm_probe.models import ModelConfig, RecursiveReasoner, State, build_model
from hrm_probe.models.config import ForwardDtype
from hrm_probe.models.cost import training_flops
from hrm_probe.models.saving import usable_device
from hrm_probe.models.tasks import Asked
from hrm_probe.training.compiling import Compiled
from hrm_probe.training.computation import Computation, Depth
from hrm_probe.training.curricula import EasyFirst, PlateauDepth
from hrm_probe.training.curriculum import ProgressiveDepth, SupervisionWeighting
from hrm_probe.training.data.sets import model_config_for
from hrm_probe.training.data.stream import Batch, PuzzleStream
from hrm_probe.training.distributed import Group
from hrm_probe.training.ema import EMA, ema_decay
from hrm_probe.training.memory import refuse_too_large
from hrm_probe.training.metrics import FIELDS
from hrm_probe.training.optim import Optimizers, learning_rate_factor
from hrm_probe.training.recipe import Recipe
from hrm_probe.training.segment import Carry, draw_least_segments, empty_carry, run_segment
from hrm_probe.training.warm_start import take_weights

STEPS_THAT_COMPILE = 2  # at each depth: the second starts from a state that a compiled graph has left


class Trainer:
    """Model, average, optimisers, stream of puzzles, and the carry between steps.

    A step draws fresh puzzles, lets every row run one segment, and moves the weights; the host never waits for
    the device in it. :meth:`state_dict` holds all that the next step depends on.

    Args:
        recipe: the settings.
        puzzles: the training set, or ``Tasks``.
        say: told once if compiling is not possible.
        group: the processes that train together, each with its rows of the recipe's batch. All draw the whole
            batch from the same generator, so that their number changes nothing but rounding.
        begins_as: a model of the recipe's shape whose weights are the first; random ones if None.
        depth, supervision: curricula in the place of the recipe's; those if None.
        config: of the model; the recipe's for the training set if None.
    """

    def __init__(
        self,
        recipe: Recipe,
        puzzles: Asked,
        say: Any = print,
        group: Group | None = None,
        begins_as: RecursiveReasoner | None = None,
        depth: ProgressiveDepth | PlateauDepth | None = None,
        supervision: SupervisionWeighting | None = None,
        config: ModelConfig | None = None,
    ) -> None:
        self.recipe = recipe
        self.group = group or Group()
        self.device = choose_device(recipe.device, self.group)
        self.config = model_config_for(recipe, puzzles) if config is None else config
        refuse_too_large(recipe, self.config, self.device)
        self.model: RecursiveReasoner = build_model(self.config, recipe.seed).to(self.device)
        if begins_as is not None:
            take_weights(self.model, begins_as, recipe.init_from)
        self.ema = EMA(self.model)
        self.optimizers = Optimizers(self.model, recipe)
        self.stream = PuzzleStream(
            puzzles, recipe.batch_size, recipe.seed, self.device,
            recipe.augment, recipe.hint_fraction, recipe.hint_min_blanks, _order(recipe), recipe.turns,
        )  # fmt: skip
        self.depth = _depth(recipe, self.config) if depth is None else depth
        self._configs = {(recipe.L_cycles, recipe.H_cycles): self.config}  # one for each depth met
        self.computation = Computation()
        self._weighting = _weighting(recipe) if supervision is None else supervision
        self.run_segment = Compiled(
            partial(run_segment, self.model, recipe, self._weighting), recipe.compile, self.device, say
        )
        self._steps_at: Counter[Depth] = Counter()  # in this process, those before training among them
        self.step = 0
        self.sums = torch.zeros(len(FIELDS), dtype=torch.float64, device=self.device)
        self.carry = self._first_carry()

    def _first_carry(self) -> Carry:
        if self.recipe.stagger:
            return self._staggered_carry()
        rows, cells = self.recipe.batch_size, self.config.cells
        # Tensors of their own, laid out as later ones are: views would cost the first step a graph of its own.
        nothing = (
            self.group.rows(torch.zeros(shape, dtype=torch.long, device=self.device))
            for shape in ((rows, cells), (rows, cells), (rows,))
        )
        return empty_carry(self.model, Batch(*nothing))

    def _staggered_carry(self) -> Carry:
        """Fresh puzzles whose first life is cut short: each row counts from a random segment on."""
        generator, longest = self.stream.generator, self.recipe.max_segments
        puzzles = Batch(*(self.group.rows(rows).clone() for rows in self.stream.draw(0.0)))
        counts = torch.randint(longest, (self.recipe.batch_size,), generator=generator, device=self.device)
        going_on = self.group.rows(torch.zeros_like(counts, dtype=torch.bool)).clone()
        start = self.model.initial_state(len(going_on))
        return Carry(start, puzzles, self.group.rows(counts).clone(), going_on)

    def advance(self, progress: float) -> None:
        """One step, with the learning rate and depth of ``progress`` (0..1)."""
        recipe = self.recipe
        fresh = Batch(*map(self.group.rows, self.stream.draw(progress)))
        least = draw_least_segments(
            recipe.batch_size, recipe.max_segments, recipe.exploration, self.stream.generator
        )
        depth = self.depth.depth(progress)
        self._set_depth(depth)
        self.carry, counts = self.run_segment.attempt(
            partial(self._differentiate, fresh, self.group.rows(least), self._segments_before())
        )
        self.group.average_gradients(self.model.parameters())
        self.optimizers.step(
            learning_rate_factor(progress, recipe.warmup, recipe.lr_min_ratio),
            self.group.whole(self.carry.puzzles.puzzle_ids),
        )
        self.step += 1
        self.computation.count(depth)
        self.ema.update(ema_decay(self.step, recipe.ema_horizon))
        self.sums += counts

    def _differentiate(
        self, fresh: Batch, least_segments: Tensor, segments_before: Tensor | None
    ) -> tuple[Carry, Tensor]:
        self._steps_at[self.model.config.L_cycles, self.model.config.H_cycles] += 1
        self.optimizers.clear_gradients()
        loss, carry, counts = self.run_segment(self.carry, fresh, least_segments, segments_before)
        loss.backward()
        return carry, counts

    def _segments_before(self) -> Tensor | None:
        """What weighs the batch as a whole must see the whole batch; no other weighting asks for it."""
        return self.group.whole(self.carry.segments) if self._weighting.mode == "published" else None

    @property
    def blocks(self) -> int:
        """Blocks that a row has passed so far in forward passes; see :meth:`Computation.blocks`."""
        config = self.model.config
        return self.computation.blocks(config.L_layers, config.layers_of_H_update)

    @property
    def flops(self) -> int:
        """Floating-point operations of all steps so far, backward passes included, evaluations and optimiser not."""
        schedule = [(n, L, H) for (L, H), n in self.computation.steps.items()]
        return training_flops(self.config, self.recipe.batch_size, schedule, self.recipe.gradient)

    def observe(self, progress: float, loss: float) -> None:
        """Tell the curriculum how the loss stands at ``progress``."""
        self.depth.observe(progress, loss)

    def compiles_at(self, progress: float) -> bool:
        """May the next step compile a graph? The first ones at each depth do."""
        return (
            self.run_segment.is_compiled and self._steps_at[self.depth.depth(progress)] < STEPS_THAT_COMPILE
        )

    def warm_graphs(self, progress: float = 0.0, while_true: Callable[[], bool] = lambda: True) -> None:
        """Compile the graph of every stage from the present one on, by steps whose gradients are thrown away.

        Nothing that training depends on moves: no puzzle is drawn, no weight, average, moment or carry changes.

        Args:
            progress: how much of the training is done (0..1); stages that are over are left out.
            while_true: asked before every stage but the first; at a False the later ones wait until they come.
        """
        stages = self.depth.stages
        stages = stages[stages.index(self.depth.stage(progress)) :]
        own, nothing = self.carry, torch.zeros_like(self.carry.segments)
        try:
            for number, stage in enumerate(stages):
                if number and not while_true():
                    break
                self._set_depth((stage.L_cycles, stage.H_cycles))
                fresh = Batch(
                    *map(torch.clone, own.puzzles)
                )  # a graph of its own would be compiled for aliases
                for _ in range(STEPS_THAT_COMPILE):
                    self.carry, _ = self.run_segment.attempt(
                        partial(self._differentiate, fresh, nothing, self._segments_before())
                    )
        finally:
            self.carry = own
            self.optimizers.clear_gradients()
            self.set_full_depth()

    def _set_depth(self, depth: Depth) -> None:
        # The same object each time a depth comes back, so that its compiled graph is found again.
        if depth not in self._configs:
            self._configs[depth] = self.config.replace(L_cycles=depth[0], H_cycles=depth[1])
        self.model.config = self._configs[depth]

    def set_full_depth(self) -> None:
        """The depth that the model is evaluated and kept with, whatever the curriculum's stage."""
        self.model.config = self.config

    def finish(self) -> None:
        """Give the model what is kept of the training: averaged weights, full depth, ``kept_dtype``."""
        self.ema.install()
        self.set_full_depth()
        self.model.compute_in(self.recipe.kept_dtype)
        self.model.eval()

    @contextmanager
    def averaged(self, dtype: ForwardDtype) -> Iterator[RecursiveReasoner]:
        """The model with its averaged weights, at full depth, with activations of ``dtype``, for a while."""
        self.set_full_depth()
        with self.ema.applied(), self.computing_in(dtype) as model:
            yield model

    @contextmanager
    def computing_in(self, dtype: ForwardDtype) -> Iterator[RecursiveReasoner]:
        """The model as it stands, but with activations of ``dtype``."""
        config = self.model.config
        try:
            self.model.compute_in(dtype)
            yield self.model
        finally:
            self.model.compute_in(config.forward_dtype)
            self.model.config = config  # the same object, whose compiled graph is found again

    def whole_sums(self) -> Tensor:
        """The counts of ``metrics.FIELDS`` over the rows of all processes, since they were last taken."""
        sums = self.sums.clone()
        if not self.group.leads:
            sums[FIELDS.index("steps")] = 0  # a step that all take together is one
        return self.group.sum(sums)

    def take_sums(self) -> Tensor:
        """:meth:`whole_sums` on the CPU, which then start from zero; this is where the host waits."""
        sums = self.whole_sums().cpu()
        self.sums = torch.zeros_like(self.sums)
        return sums

    def state_dict(self) -> dict[str, Any]:
        """Everything that the next step depends on, as tensors, numbers and dicts; for any number of processes."""
        state, puzzles, segments, halted = self.carry
        return {
            "model": self.model.state_dict(),
            "ema": self.ema.average,
            "optimizers": self.optimizers.state_dict(),
            "stream": self.stream.state_dict(),
            "carry": [self.group.whole(rows) for rows in (*state, *puzzles, segments, halted)],
            "sums": self.whole_sums(),
            "step": self.step,
            "depth": self.depth.state_dict(),
            "computation": self.computation.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what :meth:`state_dict` returned."""
        self.model.load_state_dict(state["model"])
        self.ema.load_state_dict(state["ema"])
        self.optimizers.load_state_dict(state["optimizers"])
        self.stream.load_state_dict(state["stream"])
        carry = (self.group.rows(whole).to(self.device) for whole in state["carry"])
        z_H, z_L, tokens, answers, ids, segments, halted = carry
        self.carry = Carry(State(z_H, z_L), Batch(tokens, answers, ids), segments, halted)
        self.sums = state["sums"].to(self.device) if self.group.leads else torch.zeros_like(self.sums)
        self.step = state["step"]
        self.depth.load_state_dict(state["depth"])
        self.computation.load_state_dict(state["computation"])


def choose_device(name: str, group: Group | None = None) -> torch.device:
    """The device of this process: its own GPU, the CPU, or for "auto" a GPU where there is one."""
    kind = usable_device(None) if name == "auto" else name
    return usable_device((group or Group()).own_device(kind))


def _depth(recipe: Recipe, full: ModelConfig) -> ProgressiveDepth | PlateauDepth:
    makers = {
        "full": ProgressiveDepth.constant,
        "shallow": ProgressiveDepth.shallow,
        "cgar": ProgressiveDepth.cgar,
        "plateau": ProgressiveDepth.cgar,
    }
    schedule = makers[recipe.depth](full.L_cycles, full.H_cycles, full.L_layers, full.layers_of_H_update)
    return PlateauDepth(schedule, latest=recipe.full_depth_by) if recipe.depth == "plateau" else schedule


def _order(recipe: Recipe) -> EasyFirst | None:
    return EasyFirst(all_by=recipe.all_puzzles_by) if recipe.order == "easy_first" else None


def _weighting(recipe: Recipe) -> SupervisionWeighting:
    kinds = {
        "uniform": SupervisionWeighting.uniform,
        "cgar": SupervisionWeighting.cgar,
        "published": SupervisionWeighting.published,
    }
    return kinds[recipe.supervision](recipe.max_segments)
