"""What a trace can hold of a model: which hook points, on which axes, at which ticks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.cache import TIME_AXES, UPDATE, time_axes
from hrm_probe.models.hooks import NamesFilter, short_name

Every = Literal["cycle", "segment"]

ALWAYS_RECORDED = ("hook_logits", "hook_q_halt", "hook_q_continue")


@dataclass(frozen=True)
class Site:
    """One hook point as a trace holds it.

    Attributes:
        hook: its full name.
        time: names of its time axes, segment first.
        dims, shape: the activation's own axes, without batch.
        places: (H_cycle, L_cycle) of the ticks that are kept, and the index of each on the time axes after segment.
    """

    hook: str
    time: tuple[str, ...]
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    places: dict[tuple[int, int], tuple[int, ...]]

    @property
    def name(self) -> str:
        """What the trace calls it: ``z_H``, ``embed``; the full name for points inside a module."""
        return self.hook.removeprefix("hook_")

    @property
    def cycles(self) -> tuple[int, ...]:
        """Lengths of the time axes after segment."""
        last = list(self.places.values())[-1]
        return tuple(index + 1 for index in last)


def find_sites(model: RecursiveReasoner, sites: NamesFilter, every: Every) -> list[Site]:
    """The hook points that ``sites`` names (as in ``model.hook_names``), in the order of the model; none if empty.

    Raises:
        InputError: ``every`` is neither "cycle" nor "segment".
        HookError: a name matches nothing; the sentence lists near ones.
    """
    if every not in ("cycle", "segment"):
        raise InputError(f'every is {every!r}; it must be "cycle" or "segment".')
    if isinstance(sites, Iterable) and not isinstance(sites, str):
        sites = list(sites)
    names = [] if sites == [] else model.hook_names(sites)
    return [_site(model, name, every) for name in names if name not in ALWAYS_RECORDED]


def _site(model: RecursiveReasoner, hook: str, every: Every) -> Site:
    sizes = {
        "pos": model.config.pos,
        "key_pos": model.config.pos,
        "d_model": model.config.d_model,
        "head": model.config.n_heads,
        "d_head": model.config.d_head,
    }
    dims = _own_axes(hook)
    for hidden in {"d_mlp", "d_token_mlp"} & set(dims):
        sizes[hidden] = model.get_parameter(hook.rsplit(".", 1)[0] + ".W_out.weight").shape[1]
    time, places = _ticks(model, hook)
    if every == "segment":
        time, places = time[:1], {list(places)[-1]: ()}
    return Site(hook, time, dims, tuple(sizes[dim] for dim in dims), places)


def _own_axes(hook: str) -> tuple[str, ...]:
    kind = short_name(hook)
    if kind in ("q", "k", "v", "rot_q", "rot_k", "z"):
        return ("pos", "head", "d_head")
    if kind in ("attn_scores", "pattern"):
        return ("head", "pos", "key_pos")
    if ".token_mlp." in hook:
        return ("d_model", "d_token_mlp")
    if ".mlp." in hook:
        return ("pos", "d_mlp")
    return ("pos", "d_model")


def _ticks(
    model: RecursiveReasoner, hook: str
) -> tuple[tuple[str, ...], dict[tuple[int, int], tuple[int, ...]]]:
    """Time axes of a hook point, and its ticks within a segment, in the order in which they come."""
    H_cycles, L_cycles = range(1, model.config.H_cycles + 1), list(range(1, model.config.L_cycles + 1))
    time = time_axes(hook, model.config.levels)
    if time == TIME_AXES[:1]:
        return time, {(0, 0): ()}
    if time == TIME_AXES[:2]:
        return time, {(H, 0): (H - 1,) for H in H_cycles}
    if UPDATE in time:
        L_cycles.append(0)
    return time, {(H, L): (H - 1, index) for H in H_cycles for index, L in enumerate(L_cycles)}
