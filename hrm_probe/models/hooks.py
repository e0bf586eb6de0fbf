"""Hook points: where activations can be watched and replaced, with time made explicit.

Names and habits are TransformerLens'; what differs follows from recursion. The same module runs many times in
one rollout, so a hook always knows *when* it runs (``hook.tick``), and nothing is silently missed: a name that
matches nothing and a hook that never fired are errors.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from inspect import Parameter, signature
from typing import Any, Literal

import torch
from torch import Tensor, nn

from hrm_probe.errors import InputError
from hrm_probe.models.clock import Clock, Tick, TicksFilter
from hrm_probe.near_names import near_or_all

HookFunction = Callable[[Tensor, "HookPoint"], Tensor | None]
NamesFilter = str | Iterable[str] | Callable[[str], bool] | None
Direction = Literal["fwd", "bwd"]


class HookError(InputError):
    """A hook name that matches nothing, or a hook that never fired."""


@dataclass(eq=False)
class Hook:
    """One function attached to one hook point."""

    function: HookFunction
    direction: Direction = "fwd"
    ticks: TicksFilter = None
    permanent: bool = False
    must_fire: bool = True
    fired: int = 0
    depth: int = 0
    # The first and the last tick of its point that it did not want.
    passed_by: list[Tick] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.by_name = _takes_its_point_by_name(self.function)

    def call(self, value: Tensor, point: "HookPoint") -> Tensor | None:
        """What the function makes of an activation or a gradient; None if it leaves it."""
        return self.function(value, hook=point) if self.by_name else self.function(value, point)  # type: ignore[call-arg]

    def wants(self, tick: Tick) -> bool:
        if self.ticks is None:
            return True
        wanted = self.ticks(tick) if callable(self.ticks) else tick in self.ticks
        if not wanted:
            self.passed_by[1:] = [tick]
        return wanted


class HookPoint(nn.Module):
    """An identity through which an activation passes, and where functions ``fn(activation, hook)`` are called.

    None leaves the value, a tensor of its shape replaces it, in its dtype and on its device. ``hook.name`` is the
    point's place in the model, ``hook.tick`` the time, ``hook.ctx`` a dict for the function's own use, kept until
    ``reset_hooks``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        self.clock = Clock()
        self.ctx: dict[Any, Any] = {}
        self.attached: list[Hook] = []

    @property
    def watched(self) -> bool:
        return len(self.attached) > 0

    @property
    def heard(self) -> list[Hook]:
        """The hooks that what runs now is for; see :class:`Clock`."""
        return [hook for hook in self.attached if hook.depth == self.clock.depth]

    @property
    def tick(self) -> Tick:
        """The time of the activation, or of the activation whose gradient has arrived."""
        return self.clock.tick

    def attach(self, hook: Hook) -> None:
        self.attached.append(hook)
        self.clock.listeners += 1
        hook.depth = self.clock.depth
        if hook.depth:
            self.clock.attached_within.append(hook)

    def detach(self, hook: Hook) -> None:
        """Take a hook off; if it is already gone, that is not an error."""
        if hook in self.attached:
            self.attached.remove(hook)
            self.clock.listeners -= 1

    def forward(self, activation: Tensor) -> Tensor:
        if self.attached:
            return self._pass_through_hooks(activation)
        return activation

    def _pass_through_hooks(self, activation: Tensor) -> Tensor:
        now = self.clock.tick
        waiting = [hook for hook in self.heard if hook.wants(now)]
        given = activation
        for hook in waiting:
            if hook.direction == "fwd":
                hook.fired += 1
                with self.clock.standing_still():
                    replacement = hook.call(activation, self)
                if replacement is not None:
                    activation = self._fitting(replacement, activation)
        receivers = [hook for hook in waiting if hook.direction == "bwd"]
        if receivers:
            activation = self._hand_gradients_to(receivers, activation, activation is not given)
        return activation

    def _hand_gradients_to(self, hooks: list[Hook], activation: Tensor, replaced: bool) -> Tensor:
        """The value that flows on, with its gradient's way to these hooks; it belongs to what forward hooks left."""
        if replaced and torch.is_grad_enabled() and not activation.requires_grad:
            activation = activation.detach().requires_grad_()  # a patch has no history, but it has a gradient
        if activation.requires_grad:
            # Points may pass one tensor on, and a hook may give one tensor at several ticks: each has its own gradient.
            activation = activation.view_as(activation)
            for hook in hooks:
                hook.fired += 1
                activation.register_hook(self._gradient_hook(hook, self.clock.tick))
        return activation

    def _fitting(self, replacement: Tensor, activation: Tensor) -> Tensor:
        """What a hook returned, in the dtype of what it replaces, and on its device."""
        if not isinstance(replacement, Tensor) or replacement.shape != activation.shape:
            kind = type(replacement).__name__
            given = f"shape {list(replacement.shape)}" if isinstance(replacement, Tensor) else f"type {kind}"
            raise HookError(
                f"A hook at {self.name} returned something of {given}; it must return None, or a tensor of "
                f"the activation's shape {list(activation.shape)}."
            )
        return replacement.to(activation)

    def _gradient_hook(self, hook: Hook, tick: Tick) -> Callable[[Tensor], Tensor | None]:
        def receive(gradient: Tensor) -> Tensor | None:
            with self.clock.standing_still():
                self.clock.tick = tick
                replacement = hook.call(gradient, self)
            return None if replacement is None else self._fitting(replacement, gradient)

        return receive


@dataclass
class HookHandle:
    """What was attached by one call; ``remove()`` takes off exactly that."""

    places: list[tuple[HookPoint, Hook]] = field(default_factory=list)

    def remove(self) -> None:
        for point, hook in self.places:
            point.detach(hook)

    def check_fired(self) -> None:
        _complain_of_silence([(point, hook) for point, hook in self.places if hook.must_fire])


class HookedModule(nn.Module):
    """A module whose hook points have names, and the ways to attach functions to them."""

    def setup_hooks(self) -> None:
        """Name every hook point and put all on one clock; call it at the end of ``__init__``."""
        self.clock = Clock()
        for name, module in self.named_modules():
            if isinstance(module, HookPoint):
                module.name, module.clock = name, self.clock

    @property
    def hook_dict(self) -> dict[str, HookPoint]:
        """Every hook point by its full name."""
        return {module.name: module for module in self.modules() if isinstance(module, HookPoint)}

    def hook_names(self, names_filter: NamesFilter = None) -> list[str]:
        """Full names that a filter selects, in the order of the model.

        A string is a full name (``"L.blocks.0.attn.hook_pattern"``), a pattern (``"L.blocks.*.hook_resid_post"``)
        or a short name, which means every point of that kind (``"z_H"``, ``"pattern"``). An iterable joins several.
        A predicate takes the full name. None selects all.

        Raises:
            HookError: a string matches no point, or the filter as a whole selects none.
        """
        known = list(self.hook_dict)
        if names_filter is None:
            return known
        if callable(names_filter):
            selected = {name for name in known if names_filter(name)}
        else:
            wanted = [names_filter] if isinstance(names_filter, str) else _names(names_filter)
            selected = {name for text in wanted for name in _matching(text, known)}
        if not selected:
            raise HookError("The names filter selects no hook point; model.hook_dict lists them all.")
        return [name for name in known if name in selected]

    def add_hook(
        self,
        name: NamesFilter,
        function: HookFunction,
        dir: Direction = "fwd",
        ticks: TicksFilter = None,
        is_permanent: bool = False,
        must_fire: bool = True,
    ) -> HookHandle:
        """Attach ``function`` to every point that ``name`` selects, until removed or ``reset_hooks``.

        >>> handle = model.add_hook("z_H", lambda z, hook: 0 * z, ticks=[Tick(3, 1)])   # doctest: +SKIP
        >>> model.run(tokens); handle.remove()                                          # doctest: +SKIP

        Args:
            name: as in :meth:`hook_names`.
            function: ``fn(activation, hook)``, such as ``partial(fn, scale=0.5)``; for ``dir="bwd"``,
                ``fn(gradient, hook)``.
            dir: "fwd" or "bwd". Gradients flow only where ``run(gradient=...)`` lets them.
            ticks: at which ticks to fire: a collection of :class:`Tick` or a predicate; None for all.
            is_permanent: kept by ``reset_hooks()``.
            must_fire: a run that ends without this hook having fired is an error.
        """
        if dir not in ("fwd", "bwd"):
            raise HookError(f'dir is {dir!r}; it must be "fwd" or "bwd".')
        if not callable(function):
            raise HookError(f"A hook is a function of (activation, hook), not {function!r}.")
        handle = HookHandle()
        if isinstance(ticks, Tick):
            ticks = [ticks]
        if ticks is not None and not callable(ticks):
            try:
                ticks = frozenset(Tick(*tick) for tick in ticks)
            except TypeError:
                raise HookError(
                    f"ticks is {ticks!r}; give Tick(segment, H_cycle, L_cycle), several of them, or a predicate."
                ) from None
        points = self.hook_dict
        for full_name in self.hook_names(name):
            hook = Hook(function, dir, ticks, is_permanent, must_fire)
            points[full_name].attach(hook)
            handle.places.append((points[full_name], hook))
        return handle

    def add_perma_hook(self, name: NamesFilter, function: HookFunction, dir: Direction = "fwd") -> HookHandle:
        """Attach a hook that ``reset_hooks()`` keeps."""
        return self.add_hook(name, function, dir, is_permanent=True)

    def reset_hooks(self, including_permanent: bool = False) -> None:
        """Take off every hook (permanent ones only if asked to) and empty every ``hook.ctx``."""
        for point in self.hook_dict.values():
            point.ctx.clear()
            for hook in list(point.attached):
                if including_permanent or not hook.permanent:
                    point.detach(hook)

    @contextmanager
    def hooks(
        self,
        fwd_hooks: Iterable[tuple[NamesFilter, HookFunction]] = (),
        bwd_hooks: Iterable[tuple[NamesFilter, HookFunction]] = (),
        ticks: TicksFilter = None,
        must_fire: bool = True,
        reset_hooks_end: bool = True,
    ) -> Iterator["HookedModule"]:
        """Hooks for the length of a ``with`` block: exactly these are taken off at its end, whatever happens.

        With ``reset_hooks_end=False`` a block without error leaves them on, until ``reset_hooks()``. Backward hooks
        stay with the graphs built inside the block, so ``backward()`` may come after it.

        Raises:
            HookError: a name matches nothing (then none is attached), or at the end, a hook never fired.
        """
        handles: list[HookHandle] = []
        leave_on = False
        try:
            for direction, pairs in (("fwd", fwd_hooks), ("bwd", bwd_hooks)):
                for name, function in _pairs(pairs):
                    handles.append(self.add_hook(name, function, direction, ticks, must_fire=must_fire))  # type: ignore[arg-type]
            yield self
            leave_on = not reset_hooks_end
        finally:
            for handle in [] if leave_on else handles:
                handle.remove()
        for handle in handles:
            handle.check_fired()

    def forget_firings(self) -> None:
        """Begin a run: what fired in an earlier one does not count for this one."""
        if not self.clock.listeners:
            return
        for point in self.hook_dict.values():
            for hook in point.heard:
                hook.fired = 0
                hook.passed_by.clear()

    def check_all_fired(self) -> None:
        """Raise a HookError that names every attached hook that has not fired since the run began."""
        attached = [(point, hook) for point in self.hook_dict.values() for hook in point.heard]
        _complain_of_silence([(point, hook) for point, hook in attached if hook.must_fire])


def short_name(name: str) -> str:
    """What a hook point is called for short.

    >>> short_name("L.blocks.0.attn.hook_pattern"), short_name("hook_z_H")
    ('pattern', 'z_H')
    """
    return name.rsplit(".", 1)[-1].removeprefix("hook_")


def of_short_name(text: str, names: Iterable[str]) -> list[str]:
    """Those of the names that are called ``text`` for short, with or without "hook_" before it."""
    return [name for name in names if short_name(name) == text.removeprefix("hook_")]


def _pairs(pairs: Iterable[tuple[NamesFilter, HookFunction]]) -> list[tuple[NamesFilter, HookFunction]]:
    listed = list(pairs)
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in listed):
        raise HookError('Hooks are given as a list of pairs (name, function), such as [("z_H", function)].')
    return listed


def _takes_its_point_by_name(function: HookFunction) -> bool:
    """Can ``hook`` be given by name only, as in ``partial(fn, scale=0.5)`` of ``fn(activation, scale, hook)``?"""
    try:
        point = signature(function).parameters.get("hook")
    except (TypeError, ValueError):  # some functions written in C have none
        return False
    return point is not None and point.kind is Parameter.KEYWORD_ONLY


def _names(names: Iterable[str]) -> list[str]:
    listed = list(names) if isinstance(names, Iterable) else [names]
    if not all(isinstance(name, str) for name in listed):
        raise HookError(
            f"{names!r} names no hook points; give a name, several of them, a predicate, or None for all."
        )
    return listed


def _matching(text: str, known: list[str]) -> list[str]:
    if text in known:
        return [text]
    found = [name for name in known if fnmatchcase(name, text)] + of_short_name(text, known)
    if found:
        return found
    short = list(dict.fromkeys(map(short_name, known)))
    raise HookError(
        f"No hook point is named {text!r}; {near_or_all(text, dict.fromkeys([*short, *known]), short)}. "
        "model.hook_dict has all their names."
    )


def _complain_of_silence(places: list[tuple[HookPoint, Hook]]) -> None:
    silent = [(point.name, hook) for point, hook in places if not hook.fired]
    if not silent:
        return
    names = ", ".join(dict.fromkeys(name for name, _ in silent))
    if all(hook.direction == "bwd" for _, hook in silent):
        raise HookError(
            f"Backward hooks at {names} met no activation that needs a gradient; run with gradient='rollout', say."
        )
    seen = [(name, hook.passed_by) for name, hook in silent if hook.passed_by]
    if not seen:
        raise HookError(f"Hooks at {names} never fired: the points they wait at were not reached.")
    name, ticks = seen[0]
    reached = " to ".join(str(tuple(tick)) for tick in ticks)
    raise HookError(
        f"Hooks at {names} never fired: none of the ticks they wait for was reached; those of {name} were "
        f"(segment, H_cycle, L_cycle) {reached}."
    )
