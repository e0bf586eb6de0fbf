"""A donor's activations put into the receiver's run, one condition after another, from the segment of the patch on."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models import HookPoint, RecursiveReasoner, State, Tick
from hrm_probe.models.checking import check_rows
from hrm_probe.models.hooks import NamesFilter
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.reasoning.asking import Asked
from hrm_probe.trace.sites import Site, find_sites

STATE = "state"
"""The site that is both states at once, as they stand after an update."""

Ticks = Tick | Collection[Tick] | Callable[[Tick], bool]
Values = dict[tuple[str, Tick], Tensor]
Key = int | Literal["itself", "whole"]


class Read(NamedTuple):
    """What a batch of runs reads at every segment: tokens [batch, cell] and puzzle embeddings [batch], if any."""

    tokens: Tensor
    puzzle_ids: Tensor | None = None

    @classmethod
    def of(cls, model: RecursiveReasoner, puzzles: Asked) -> "Read":
        """On the model's device; Sudokus all have the model's first embedding."""
        tokens = model.check_tokens(puzzles.tokens)
        ids = check_rows(len(tokens), model.config, puzzle_ids_of(puzzles), None)
        return cls(tokens, None if ids is None else ids.to(tokens.device))


@dataclass(frozen=True)
class Condition:
    """What is patched: ``site`` at ``tick`` in the set of positions; ``axis`` of the activation is that of positions.

    ``axis`` is None for activations that no longer have positions apart; ``hook`` is empty for both states.
    """

    site: str
    hook: str
    axis: int | None
    tick: Tick
    positions: str = "all"


def conditions_at(
    model: RecursiveReasoner, sites: NamesFilter, ticks: Ticks, positions: Iterable[str], segments: int
) -> list[Condition]:
    """Every site, in the model's order and the pair of states last, in every set of positions, at every tick.

    Raises:
        HookError: a name that matches no hook point.
        InputError: a site from which nothing flows on, one that does not run at any of the ticks, a tick at which no
            site runs, or positions asked of a site that has none.
    """
    wanted, listed = _wanted(ticks)
    found, reached = [], set()
    for site in _sites(model, sites):
        hook = "" if site is None else site.hook
        name = STATE if site is None else site.name
        runs = [Tick(s, *place) for s in range(1, segments + 1) for place in _places(model, site)]
        chosen = [tick for tick in runs if wanted(tick)]
        if not chosen:
            raise InputError(
                f"{name} does not run at any of the ticks asked for; it runs at (segment, H_cycle, L_cycle) "
                f"{tuple(runs[0])} to {tuple(runs[-1])}."
            )
        reached |= set(chosen)
        axis = 1 if site is None else 1 + site.dims.index("pos") if "pos" in site.dims else None
        for chosen_positions in positions:
            if axis is None and chosen_positions != "all":
                raise InputError(
                    f"{name} mixes the positions, so that {chosen_positions!r} cannot be patched there; leave it out."
                )
            found += [Condition(name, hook, axis, tick, chosen_positions) for tick in chosen]
    missed = [tick for tick in listed if tick not in reached]
    if missed:
        raise InputError(
            f"No site runs at {tuple(missed[0])} (segment, H_cycle, L_cycle) in {segments} segments; "
            "L_cycle 0 is the H-update, and H_cycle 0 what happens once a segment."
        )
    return found


def segments_to_run(conditions: list[Condition], segments: int) -> int:
    """How many patched segments a batch takes, controls included; what :func:`patched_runs` counts out."""
    starts = [condition.tick.segment for condition in conditions]
    return sum(segments - s + 1 for s in [*starts, *set(starts)]) + 1


def plain_end(model: RecursiveReasoner, read: Read, segments: int) -> Tensor:
    """Logits of the last segment, [batch, cell, vocab]."""
    for _, output in model.unroll(read.tokens, segments, read.puzzle_ids):
        logits = output.logits
    return logits


def patched_runs(
    model: RecursiveReasoner,
    receivers: Read,
    donors: Read,
    conditions: list[Condition],
    masks: Mapping[str, Tensor],
    segments: int,
) -> Iterator[tuple[Key, Tensor | None]]:
    """Patch a batch of pairs in every condition, and read the end.

    The plain runs of both go through once, a segment at a time; a patched run begins at the segment of its tick, from
    the state that the receiver's plain run has there, and its segments keep the numbers they have in the whole run.

    Args:
        receivers, donors: what either side reads; a patched run reads what its receiver does.
        masks: bool [batch, pos] for each set of positions, on the model's device.

    Yields:
        For every segment that is run, the condition's index and None; at the last one, its logits. "itself" is the
        control where everything asked for in a segment is replaced by what the receiver's own run has there, "whole"
        the one where the last z_H is the donor's.
    """
    own = donor = model.initial_state(len(receivers.tokens))
    end = Tick(segments, model.config.H_cycles, 0)
    for s in range(1, segments + 1):
        here = [(i, c) for i, c in enumerate(conditions) if c.tick.segment == s]
        keys = {key for _, c in here for key in _keys(model, c)}
        after_own, own_values = _recorded(model, own, receivers, s, keys)
        after_donor, donor_values = _recorded(model, donor, donors, s, keys)

        def run_on(key: Key, start: State, values: Values, s: int = s) -> Iterator[tuple[Key, Tensor | None]]:
            return ((key, logits) for logits in _run_on(model, start, receivers, values, s, segments))

        for i, condition in here:
            mask = None if condition.positions == "all" else masks[condition.positions]
            values = {
                key: _blended(own_values[key], donor_values[key], mask, condition.axis)
                for key in _keys(model, condition)
            }
            start = own
            if condition.site == STATE and _H_is_older_than_segment(condition.tick):
                start = State(_blended(own.z_H, donor.z_H, mask, 1), own.z_L)
            yield from run_on(i, start, values)
        if here:
            yield from run_on("itself", own, own_values)
        if s == segments:
            yield from run_on("whole", own, {("hook_z_H", end): after_donor.z_H})
        own, donor = after_own, after_donor


def _run_on(
    model: RecursiveReasoner, state: State, read: Read, values: Values, s: int, segments: int
) -> Iterator[Tensor | None]:
    def put(activation: Tensor, hook: HookPoint) -> Tensor | None:
        return values.get((hook.name, hook.tick))

    names, ticks = {name for name, _ in values}, {tick for _, tick in values}
    with model.hooks([(names, put)], ticks=ticks):
        state, output = model.advance(state, read.tokens, s, read.puzzle_ids)
    for number in range(s + 1, segments + 1):
        yield None
        state, output = model.advance(state, read.tokens, number, read.puzzle_ids)
    yield output.logits


def _recorded(
    model: RecursiveReasoner, state: State, read: Read, s: int, keys: set[tuple[str, Tick]]
) -> tuple[State, Values]:
    """The state after a segment of a plain run, and what passed there."""
    values: Values = {}

    def keep(activation: Tensor, hook: HookPoint) -> None:
        if (hook.name, hook.tick) in keys:
            values[hook.name, hook.tick] = activation.clone()

    names = {name for name, _ in keys}
    with model.hooks([(names, keep)] if names else [], ticks={tick for _, tick in keys}):
        return model.advance(state, read.tokens, s, read.puzzle_ids)[0], values


def _keys(model: RecursiveReasoner, condition: Condition) -> list[tuple[str, Tick]]:
    """Where a condition's hooks stand. Of both states each is replaced where it was last updated."""
    if condition.site != STATE:
        return [(condition.hook, condition.tick)]
    s, H_cycle, L_cycle = condition.tick
    last_L = ("hook_z_L", Tick(s, H_cycle, L_cycle or model.config.L_cycles))
    if _H_is_older_than_segment(condition.tick):
        return [last_L]
    return [last_L, ("hook_z_H", Tick(s, H_cycle if L_cycle == 0 else H_cycle - 1, 0))]


def _H_is_older_than_segment(tick: Tick) -> bool:
    return tick.H_cycle == 1 and tick.L_cycle > 0


def _blended(own: Tensor, donor: Tensor, mask: Tensor | None, axis: int | None) -> Tensor:
    """The donor's activation where the mask [batch, pos] is true, the receiver's elsewhere."""
    if mask is None or axis is None:
        return donor
    shape = [1] * own.ndim
    shape[0], shape[axis] = mask.shape
    return torch.where(mask.view(shape), donor, own)


def _sites(model: RecursiveReasoner, sites: NamesFilter) -> list[Site | None]:
    """The hook points, and None last where both states together are asked for."""
    if isinstance(sites, str):
        sites = [sites]
    both = False
    if sites is not None and not callable(sites):
        given = list(sites)
        both, sites = STATE in given, [name for name in given if name != STATE]
    found: list[Site | None] = list(find_sites(model, sites, "cycle"))
    if both:
        found.append(None)
    if not found:
        raise InputError(
            "Name a site whose activation flows on: a state, or a point inside a module, not logits or halting values."
        )
    return found


def _places(model: RecursiveReasoner, site: Site | None) -> list[tuple[int, int]]:
    """(H_cycle, L_cycle) of the updates of a segment at which the site runs, in their order."""
    if site is not None:
        return list(site.places)
    H_cycles, L_cycles = model.config.H_cycles, model.config.L_cycles
    return [(H, L) for H in range(1, H_cycles + 1) for L in [*range(1, L_cycles + 1), 0]]


def _wanted(ticks: Ticks) -> tuple[Callable[[Tick], bool], list[Tick]]:
    """A test of ticks, and the list of them, where one was given."""
    if callable(ticks):
        return ticks, []
    try:
        listed = [ticks] if isinstance(ticks, Tick) else [Tick(*tick) for tick in ticks]
    except TypeError:
        raise InputError(
            f"ticks is {ticks!r}; give Tick(segment, H_cycle, L_cycle), several of them, or a predicate."
        ) from None
    return listed.__contains__, listed
