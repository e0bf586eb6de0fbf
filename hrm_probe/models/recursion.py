"""The recursion, one method per level: update, cycle, segment, rollout.

Each level can be used alone, and every state passes a hook point. What differs between the architectures, the
two update rules and how far the published gradient reaches, is in :mod:`hrm` and :mod:`trm`.
"""

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.models.cache import Cache, Recorder
from hrm_probe.models.checking import Tokens, check_rows, check_state, check_tokens
from hrm_probe.models.clock import Tick, TicksFilter
from hrm_probe.models.config import ModelConfig
from hrm_probe.models.differentiating import all_require_grad, backward_without_trace
from hrm_probe.models.halting import first_halt
from hrm_probe.models.hooks import HookedModule, HookFunction, HookPoint, NamesFilter
from hrm_probe.models.layers import Linear, truncated_normal
from hrm_probe.models.states import Rollout, SegmentOutput, State
from hrm_probe.wording import joined_words

Gradient = Literal["none", "published", "segment"]
RolloutGradient = Literal["none", "published", "segment", "rollout"]

Q_HALT_BIAS = -5.0  # both halting values start almost sure of "no", as published


class RecursiveReasoner(HookedModule):
    """A model that answers by updating a latent state over and over. HRM and TRM are its two kinds.

    >>> model = build_model(ModelConfig(cells=36, vocab=8, d_model=64, n_heads=4))   # doctest: +SKIP
    >>> model.run(tokens).predictions[-1]                                            # doctest: +SKIP
    """

    H_init: Tensor
    L_init: Tensor
    trained_with_hooks: tuple[str, ...] = ()  # where: without them it is another model

    def __init__(self, config: ModelConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.forward_dtype: torch.dtype = getattr(torch, config.forward_dtype)
        self.embed_scale = math.sqrt(config.d_model)
        self.build_levels(generator)
        self.W_E = nn.Parameter(
            truncated_normal((config.vocab, config.d_model), 1 / self.embed_scale, generator)
        )
        self.W_pos: nn.Parameter | None = None
        if config.positions == "learned":
            shape = (config.pos, config.d_model)
            self.W_pos = nn.Parameter(truncated_normal(shape, 1 / self.embed_scale, generator))
        self.puzzle_emb: nn.Parameter | None = None
        if config.prefix:
            self.puzzle_emb = nn.Parameter(torch.zeros(config.puzzles, config.d_model))
        self.unembed = Linear(config.d_model, config.vocab, generator)
        self.q_head = Linear(config.d_model, 2, generator, bias=True)
        with torch.no_grad():
            self.q_head.weight.zero_()
            assert self.q_head.bias is not None
            self.q_head.bias.fill_(Q_HALT_BIAS)
        self.register_buffer("H_init", truncated_normal((config.d_model,), 1.0, generator))
        self.register_buffer("L_init", truncated_normal((config.d_model,), 1.0, generator))
        self.hook_embed = HookPoint()  # [batch, pos, d_model], what is added to z_H before each L-update
        self.hook_z_L = HookPoint()  # [batch, pos, d_model]
        self.hook_z_H = HookPoint()  # [batch, pos, d_model]
        self.hook_logits = HookPoint()  # [batch, cell, vocab]
        self.hook_q_halt = HookPoint()  # [batch]
        self.hook_q_continue = HookPoint()  # [batch]
        self.setup_hooks()

    # The two update rules.

    @abstractmethod
    def build_levels(self, generator: torch.Generator) -> None:
        """Make the module or modules that update the state."""

    @abstractmethod
    def update_L(self, state: State, x: Tensor) -> Tensor:
        """The new z_L, [batch, pos, d_model]."""

    @abstractmethod
    def update_H(self, state: State) -> Tensor:
        """The new z_H, [batch, pos, d_model]."""

    @abstractmethod
    def in_published_gradient(self, H_cycle: int, L_cycle: int) -> bool:
        """Is this update among those through which the published training lets gradient flow?"""

    # The recursion, from the outside in.

    def run(
        self,
        tokens: Tokens,
        segments: int | None = None,
        puzzle_ids: Tokens | None = None,
        *,
        gradient: RolloutGradient = "none",
        state: State | None = None,
    ) -> Rollout:
        """Roll the recursion out over a batch, all segments, whatever the halting values say.

        Args:
            tokens: [batch, cell] integers, torch or numpy.
            segments: how many; the model's own ``max_segments`` (16 as published) if None.
            puzzle_ids: [batch], which puzzle embedding; all 0 if None.
            gradient: "none" keeps no graph; "published" and "segment" keep it within segments (see
                :meth:`segment`) and cut it between them; "rollout" lets gradient flow through everything. This is of
                backward passes: forward-mode derivatives (``torch.func.jvp``) flow through everything in any case.
            state: where to start; the model's initial state if None.

        Raises:
            InputError: tokens of another shape or out of the vocabulary; states or puzzle embeddings that do not fit.
            HookError: a hook attached to the model did not fire by the end.
        """
        outputs = []
        for after, output in self.unroll(tokens, segments, puzzle_ids, gradient=gradient, state=state):
            state = after
            outputs.append(output)
        assert state is not None
        logits, q_halt, q_continue = (torch.stack(values) for values in zip(*outputs, strict=True))
        halted_at = first_halt(self.config, q_halt, q_continue)
        return Rollout(logits, logits.argmax(-1), q_halt, q_continue, halted_at, state)

    def unroll(
        self,
        tokens: Tokens,
        segments: int | None = None,
        puzzle_ids: Tokens | None = None,
        *,
        gradient: RolloutGradient = "none",
        state: State | None = None,
    ) -> Iterator[tuple[State, SegmentOutput]]:
        """The segments of :meth:`run`, one after another, each with the state it leaves; nothing else is kept.

        >>> for state, output in model.unroll(tokens, segments=1000):                    # doctest: +SKIP
        ...     print(output.logits.argmax(-1))

        Arguments and errors are those of :meth:`run`; hooks must have fired by the last segment.
        """
        tokens = self.check_tokens(tokens)
        ids = check_rows(len(tokens), self.config, puzzle_ids, state)
        puzzle_ids = None if ids is None else ids.to(tokens.device)
        segments = self.config.max_segments if segments is None else whole_number(segments, "segments")
        if gradient not in (known := get_args(RolloutGradient)):
            raise InputError(f"gradient is {gradient!r}; it must be one of {', '.join(known)}.")
        self.forget_firings()
        state = self.initial_state(len(tokens)) if state is None else state
        # A state in another dtype, one kept on disk say, would carry the whole run over to that.
        state = State(*(z.to(tokens.device, self.forward_dtype) for z in state))
        for number in range(1, segments + 1):
            state, output = self.advance(state, tokens, number, puzzle_ids, gradient=gradient)
            yield state, output
        if self.clock.listeners:
            self.check_all_fired()

    def advance(
        self,
        state: State,
        tokens: Tensor,
        number: int = 1,
        puzzle_ids: Tensor | None = None,
        *,
        gradient: RolloutGradient = "none",
    ) -> tuple[State, SegmentOutput]:
        """One segment of a run, which hooks see as segment ``number``. Arguments as in :meth:`segment`, unchecked."""
        grad_mode = nullcontext() if gradient != "none" else torch.no_grad()
        within = "segment" if gradient == "rollout" else gradient
        with grad_mode, self._counting_as(number):
            # Hooks are Python: let them run as such, even where the model is compiled. (Not ``self.segment``:
            # torch's own hooks on the model would stay silent.)
            call = self._call_impl if self.clock.listeners else self.__call__
            state, output = call(state, tokens, puzzle_ids, gradient=within)
        return state.detach() if gradient in ("published", "segment") else state, output

    def segment(
        self,
        state: State,
        tokens: Tokens,
        puzzle_ids: Tokens | None = None,
        *,
        gradient: Gradient = "segment",
    ) -> tuple[State, SegmentOutput]:
        """One forward pass of the whole recursion: the map whose fixed points, Jacobians and exponents are studied.

        A pure function of its arguments, which works under ``torch.func`` with the default gradient.

        Args:
            state: z_H and z_L, each [batch, pos, d_model].
            tokens: [batch, cell] integers, torch (on the model's device) or numpy.
            puzzle_ids: [batch], torch or numpy; all 0 if None.
            gradient: "segment" lets gradient flow through every update, "published" through the last ones only
                (HRM: one L- and one H-update; TRM: the last cycle), "none" through none. This is of backward passes:
                forward-mode derivatives (``torch.func.jvp``) flow through every update in any case.

        >>> state, output = model.segment(model.initial_state(len(tokens)), tokens)      # doctest: +SKIP

        Returns:
            The state after the segment, and what is read from it: logits [batch, cell, vocab], halting values [batch].

        Raises:
            InputError: an unknown ``gradient``; a state of another batch; numpy tokens or puzzle_ids that do not fit
                the model. Tokens in torch are not checked: derivatives and compilers have no values to look at.
        """
        if gradient not in (known := get_args(Gradient)):
            raise InputError(f"gradient is {gradient!r}; within a segment it is {joined_words(known, 'or')}.")
        if not isinstance(tokens, Tensor) or tokens.dtype not in (torch.int64, torch.int32):
            tokens = self.check_tokens(tokens)
        if puzzle_ids is not None and not isinstance(puzzle_ids, Tensor):
            ids = check_rows(len(tokens), self.config, puzzle_ids, None)
            puzzle_ids = None if ids is None else ids.to(tokens.device)
        check_state(state, len(tokens), self.config)
        x = self.input_embedding(tokens, puzzle_ids)
        for H_cycle in range(1, self.config.H_cycles + 1):
            state = self.cycle(state, x, H_cycle, gradient)
        with self._grad_mode(gradient, self.config.H_cycles, 0):
            return state, self.read_out(state)

    def cycle(self, state: State, x: Tensor, H_cycle: int = 1, gradient: Gradient = "segment") -> State:
        """``L_cycles`` L-updates, then one H-update. ``x`` is the input embedding, [batch, pos, d_model]."""
        z_H, z_L = state
        for L_cycle in range(1, self.config.L_cycles + 1):
            with self._grad_mode(gradient, H_cycle, L_cycle):
                self._set_tick(H_cycle, L_cycle)
                z_L = self.hook_z_L(self.update_L(State(z_H, z_L), x))
        with self._grad_mode(gradient, H_cycle, 0):
            self._set_tick(H_cycle, 0)
            z_H = self.hook_z_H(self.update_H(State(z_H, z_L)))
        return State(z_H, z_L)

    def initial_state(self, batch: int) -> State:
        """The state that every puzzle starts from: H_init and L_init at every position."""
        shape = (whole_number(batch, "batch", 0), self.config.pos, self.config.d_model)
        return State(
            self.H_init.to(self.forward_dtype).expand(shape).clone(),
            self.L_init.to(self.forward_dtype).expand(shape).clone(),
        )

    def input_embedding(self, tokens: Tensor, puzzle_ids: Tensor | None = None) -> Tensor:
        """sqrt(d_model) times the embedded prefix and cells, [batch, pos, d_model]."""
        self._set_tick(0, 0)
        x = F.embedding(tokens, self.W_E.to(self.forward_dtype))
        if self.puzzle_emb is not None:
            if puzzle_ids is None:
                puzzle_ids = torch.zeros(len(tokens), dtype=torch.long, device=tokens.device)
            # One vector a puzzle; the prefix positions that it does not fill stay zero.
            vector = F.embedding(puzzle_ids, self.puzzle_emb.to(self.forward_dtype))
            prefix = F.pad(vector[:, None], (0, 0, 0, self.config.prefix - 1))
            x = torch.cat((prefix, x), dim=1)
        if self.W_pos is not None:
            x = math.sqrt(0.5) * (x + self.W_pos.to(self.forward_dtype))
        return self.hook_embed(self.embed_scale * x)

    def read_out(self, state: State) -> SegmentOutput:
        """Logits of the cells, and the halting values, which are read at the first position."""
        self._set_tick(0, 0)
        logits = self.hook_logits(self.unembed(state.z_H)[:, self.config.prefix :])
        wide = torch.promote_types(logits.dtype, torch.float32)
        q_halt, q_continue = self.q_head(state.z_H[:, 0]).to(wide).unbind(-1)
        return SegmentOutput(logits.to(wide), self.hook_q_halt(q_halt), self.hook_q_continue(q_continue))

    def forward(
        self,
        state: State,
        tokens: Tensor | None = None,
        puzzle_ids: Tensor | None = None,
        *,
        gradient: Gradient = "segment",
    ) -> tuple[State, SegmentOutput]:
        """The same as :meth:`segment`, so that ``model.compile()`` and DDP wrap the unit of work."""
        if tokens is None:
            raise InputError("A model that is called runs one segment, of a state; use model.run(tokens).")
        return self.segment(state, tokens, puzzle_ids, gradient=gradient)

    # Watching it.

    def run_with_cache(
        self,
        tokens: Tokens,
        names_filter: NamesFilter = None,
        ticks: TicksFilter = None,
        segments: int | None = None,
        puzzle_ids: Tokens | None = None,
        *,
        device: torch.device | str | None = None,
        backward: Callable[[Rollout], Tensor] | None = None,
        gradient: RolloutGradient | None = None,
        state: State | None = None,
    ) -> tuple[Rollout, Cache]:
        """Run, and keep copies of what passed the selected hook points.

        >>> rollout, cache = model.run_with_cache(tokens, names_filter="z_H")            # doctest: +SKIP
        >>> cache["z_H"].shape     # segment, H-cycle, batch, pos, d_model               # doctest: +SKIP

        Args:
            tokens, segments, puzzle_ids, state: as in :meth:`run`.
            names_filter: which points (see :meth:`hook_names`); all if None, which is much.
            ticks: which ticks: a collection of :class:`Tick`, or a predicate.
            device: where the copies go; they stay where they are if None.
            backward: a function of the rollout that gives a scalar; its gradient at every recorded value is kept
                in ``cache.gradients``, also under ``torch.no_grad()``. The parameters' own gradients are left as they
                were.
            gradient: as in :meth:`run`; with ``backward`` it is "rollout" if None.

        Hooks of your own are active during the run, come before the recording and survive it.
        """
        names_filter = list(names_filter) if isinstance(names_filter, Iterator) else names_filter
        names = self.hook_names(names_filter)
        values, gradients = (Recorder(self.config.levels, device) for _ in range(2))
        if gradient is None:
            gradient = "none" if backward is None else "rollout"
        with nullcontext() if backward is None else all_require_grad(self.parameters()):
            handles = [self.add_hook(names, values, ticks=ticks, must_fire=False)]
            try:
                if backward is not None:
                    handles.append(self.add_hook(names, gradients, dir="bwd", ticks=ticks, must_fire=False))
                rollout = self.run(tokens, segments, puzzle_ids, gradient=gradient, state=state)
            finally:
                for handle in handles:
                    handle.remove()
            values.check_reached(names_filter, self.hook_names)
            if backward is None:
                return rollout, values.to_cache()
            backward_without_trace(backward(rollout))
        gradients.fill_in(values)
        return rollout, values.to_cache(gradients.to_cache())

    def run_with_hooks(
        self,
        tokens: Tokens,
        fwd_hooks: Iterable[tuple[NamesFilter, HookFunction]] = (),
        bwd_hooks: Iterable[tuple[NamesFilter, HookFunction]] = (),
        ticks: TicksFilter = None,
        must_fire: bool = True,
        reset_hooks_end: bool = True,
        **run_arguments: Any,
    ) -> Rollout:
        """Run with hooks that are there for this run only, see :meth:`hooks`; the rest is for :meth:`run`."""
        with self.hooks(fwd_hooks, bwd_hooks, ticks, must_fire, reset_hooks_end):
            return self.run(tokens, **run_arguments)

    @property
    def device(self) -> torch.device:
        return self.H_init.device

    @property
    def n_parameters(self) -> int:
        """Trained numbers, counted as published: without initial states and puzzle embeddings."""
        return sum(p.numel() for name, p in self.named_parameters() if name != "puzzle_emb")

    def check_tokens(self, tokens: Tokens) -> Tensor:
        """Tokens as int64 on the model's device; an InputError says what does not fit."""
        return check_tokens(tokens, self.config).to(self.device, torch.long)

    def save(self, path: str | Path, shard_bytes: int = 15_000_000) -> Path:
        """Write ``config.json`` and the weights into a folder; see :func:`hrm_probe.models.saving.save`."""
        from hrm_probe.models.saving import save

        return save(self, path, shard_bytes)

    def compute_in(self, dtype: torch.dtype | str) -> None:
        """Activations in another dtype from now on; the weights stay as they are, and are cast where they are used.

        Raises:
            InputError: a dtype other than float32, bfloat16 and float64.
        """
        self.config = self.config.replace(forward_dtype=str(dtype).removeprefix("torch."))
        self.forward_dtype = getattr(torch, self.config.forward_dtype)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "RecursiveReasoner":
        """Casting the model (``double()``, ``to(dtype)``) also casts what it computes in."""
        dtype = fn(torch.empty(0, dtype=self.forward_dtype, device=self.device)).dtype
        if dtype != self.forward_dtype:
            self.compute_in(dtype)
        return super()._apply(fn, recurse)

    @contextmanager
    def _counting_as(self, number: int) -> Iterator[None]:
        """A segment that is run on its own counts as the first, also after a run that failed."""
        self.clock.segment = number
        try:
            yield
        finally:
            self.clock.segment = 1

    def _set_tick(self, H_cycle: int, L_cycle: int) -> None:
        if self.clock.listeners:
            self.clock.tick = Tick(self.clock.segment, H_cycle, L_cycle)

    def _grad_mode(self, gradient: Gradient, H_cycle: int, L_cycle: int) -> AbstractContextManager[Any]:
        published = gradient == "published" and self.in_published_gradient(H_cycle, L_cycle)
        return nullcontext() if gradient == "segment" or published else torch.no_grad()
