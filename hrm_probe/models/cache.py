"""Everything a run was asked to remember, with time on named leading axes."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hrm_probe.models.clock import Tick
from hrm_probe.models.hooks import HookError, HookPoint, NamesFilter, of_short_name

Record = list[tuple[Tick, Tensor]]
Key = str | tuple[Any, ...]

TIME_AXES = ("segment", "H_cycle", "L_cycle")

UPDATE = "update"
"""The last time axis of a module that serves both levels (TRM's L): L-updates, and last, numbered 0, the H-update."""


def time_axes(name: str, levels: tuple[str, ...]) -> tuple[str, ...]:
    """The time axes of a hook point, in a cache as in a trace: what runs in an L-update has three.

    >>> time_axes("hook_z_L", ("L",)), time_axes("L.blocks.0.hook_mlp_out", ("L",))
    (('segment', 'H_cycle', 'L_cycle'), ('segment', 'H_cycle', 'update'))

    Args:
        name: full name of the point.
        levels: the model's modules, as its config has them.
    """
    if name.startswith("L.") and "H" not in levels:
        return (*TIME_AXES[:2], UPDATE)
    if name == "hook_z_L" or name.startswith("L."):
        return TIME_AXES
    if name == "hook_z_H" or name.startswith("H."):
        return TIME_AXES[:2]
    return TIME_AXES[:1]


class Recorder:
    """A hook function that keeps a copy of what passes a model with these modules (``model.config.levels``)."""

    def __init__(self, levels: tuple[str, ...], device: torch.device | str | None = None) -> None:
        self.levels, self.device = levels, device
        self.records: dict[str, Record] = {}

    def __call__(self, activation: Tensor, hook: HookPoint) -> None:
        copy = activation.detach().to(self.device or activation.device, copy=True)
        self.records.setdefault(hook.name, []).append((hook.tick, copy))

    def check_reached(self, asked: NamesFilter, names_of: Callable[[NamesFilter], list[str]]) -> None:
        """Each name that was asked for has been recorded somewhere; of predicates and of all, something has.

        Raises:
            HookError: nothing was recorded, or nothing of one of the names.
        """
        if not self.records:
            raise HookError(
                "Nothing was recorded: no selected hook point was reached at the ticks asked for."
            )
        if asked is None or callable(asked):
            return
        for name in [asked] if isinstance(asked, str) else asked:
            if not self.records.keys() & set(names_of(name)):
                raise HookError(
                    f"Nothing was recorded of {name!r}: it was not reached at the ticks asked for; leave it out, or "
                    "ask for other ticks."
                )

    def fill_in(self, values: "Recorder") -> None:
        """Make these gradients stand at the same points and ticks as ``values``: where none arrived, it is zero."""
        arrived = {name: dict(record) for name, record in self.records.items()}
        # Gradients arrive last point first; names are to come in the order of the values.
        self.records = {
            name: [(tick, arrived.get(name, {}).get(tick, torch.zeros_like(value))) for tick, value in record]
            for name, record in values.records.items()
        }

    def to_cache(self, gradients: "Cache | None" = None) -> "Cache":
        """Stack what was recorded; the recorder is empty afterwards."""
        entries = {}
        for name in list(self.records):
            entries[name] = Entry.stacked(self.records.pop(name), time_axes(name, self.levels))
        return Cache(entries, gradients)


class Entry:
    """One hook point's values at all recorded ticks.

    Attributes:
        values: time axes, then the activation's own.
        axes: names of the time axes; ("tick",) where the recorded ticks do not fill a grid.
        ticks: the tick of each slice, in the order of the flattened time axes.
    """

    def __init__(self, values: Tensor, axes: tuple[str, ...], ticks: list[Tick]) -> None:
        self.values, self.axes, self.ticks = values, axes, ticks

    @classmethod
    def stacked(cls, record: Record, axes: tuple[str, ...]) -> "Entry":
        # The H-update (L_cycle 0) comes after the L-updates of its cycle, so it is stacked last.
        record = sorted(record, key=lambda item: (item[0].segment, item[0].H_cycle, item[0].L_cycle or 10**9))
        ticks = [tick for tick, _ in record]
        lengths = tuple(len({tick[axis] for tick in ticks}) for axis in range(len(axes)))
        values = torch.stack([value for _, value in record])
        if len(set(ticks)) == len(ticks) == torch.Size(lengths).numel():
            return cls(values.unflatten(0, lengths), axes, ticks)
        return cls(values, ("tick",), ticks)


class Cache:
    """Recorded activations by name: ``cache["z_H"]`` is [segment, H-cycle, batch, pos, d_model].

    Keys are full hook names, short names where only one point has them, or TransformerLens' tuples with the
    level last: ``cache["pattern", 0, "L"]`` is block 0 of the L module, ``cache["resid_post", -1]`` the last
    block of the only level. Values are copies: neither later runs nor edits of the model's tensors reach them.

    What a hook point holds is described in :mod:`hrm_probe.models.layers`; ``axes`` and ``ticks`` tell the time, ``at``
    takes one tick. TRM's only module serves both levels: points inside it have an axis "update" in place of "L_cycle",
    on which the H-update that ends the cycle stands last.
    ``cache.gradients`` is a cache of the same names, axes and ticks, where the run was asked for gradients; zeros
    stand where none arrived.
    """

    def __init__(self, entries: dict[str, Entry], gradients: "Cache | None" = None) -> None:
        self._entries = entries
        self.gradients = gradients

    def __getitem__(self, key: Key) -> Tensor:
        return self._entries[self._resolve(key)].values

    def __contains__(self, key: Key) -> bool:
        try:
            self._resolve(key)
        except HookError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        lines = [
            f"  {name}: {entry.axes} + {list(entry.values.shape)}" for name, entry in self._entries.items()
        ]
        return "Cache(\n" + "\n".join(lines) + "\n)"

    def keys(self) -> list[str]:
        return list(self._entries)

    def values(self) -> list[Tensor]:
        return [entry.values for entry in self._entries.values()]

    def items(self) -> list[tuple[str, Tensor]]:
        return [(name, entry.values) for name, entry in self._entries.items()]

    def get(self, key: Key, default: Tensor | None = None) -> Tensor | None:
        try:
            return self[key]
        except HookError:
            return default

    def axes(self, key: Key) -> tuple[str, ...]:
        """Names of the leading time axes of an entry."""
        return self._entries[self._resolve(key)].axes

    def ticks(self, key: Key) -> list[Tick]:
        """The tick of each slice, in the order of the flattened time axes."""
        return list(self._entries[self._resolve(key)].ticks)

    def at(self, key: Key, tick: Tick | tuple[int, int, int]) -> Tensor:
        """The activation at one tick, without time axes, as a copy: what a hook that patches it in returns.

        >>> cache.at("z_H", Tick(3, 2)).shape                                 # doctest: +SKIP
        torch.Size([batch, pos, d_model])

        Raises:
            HookError: no such entry, or a tick that it was not recorded at.
        """
        entry = self._entries[self._resolve(key)]
        try:
            tick = Tick(*tick)
        except TypeError:
            raise HookError(
                f"{tick!r} is not a tick; give (segment, H_cycle, L_cycle), as in (3, 2, 0)."
            ) from None
        if tick not in entry.ticks:
            first, last = (tuple(end) for end in (entry.ticks[0], entry.ticks[-1]))
            raise HookError(
                f"{key!r} was not recorded at {tuple(tick)}; its ticks (segment, H_cycle, L_cycle) go from {first} to "
                f"{last}."
            )
        return entry.values.flatten(0, len(entry.axes) - 1)[entry.ticks.index(tick)].clone()

    def to(self, device: torch.device | str) -> "Cache":
        """A copy of this cache on another device; this one stays as it is."""
        moved = {
            n: Entry(e.values.to(device, copy=True), e.axes, list(e.ticks)) for n, e in self._entries.items()
        }
        return Cache(moved, None if self.gradients is None else self.gradients.to(device))

    def _resolve(self, key: Key) -> str:
        if isinstance(key, tuple):
            match tuple(int(part) if isinstance(part, np.integer) else part for part in key):
                case (str(kind), int(layer)):
                    return self._resolve_tuple(kind, layer)
                case (str(kind), int(layer), str() | None as level):
                    return self._resolve_tuple(kind, layer, level)
            raise HookError(
                f"{key!r} names no entry; give (name, block) or (name, block, level), as ('pattern', 0, 'L')."
            )
        if not isinstance(key, str):
            raise HookError(f"{key!r} names no entry; give a name, such as 'z_H', and index the result.")
        if key in self._entries:
            return key
        found = of_short_name(key, self._entries)
        if len(found) == 1:
            return found[0]
        if found:
            raise HookError(
                f"The cache holds {key!r} at several places: {', '.join(found)}; name one of them."
            )
        raise HookError(f"The cache holds no {key!r}; it holds {', '.join(self._entries) or 'nothing'}.")

    def _resolve_tuple(self, kind: str, layer: int, level: str | None = None) -> str:
        found = [name for name in of_short_name(kind, self._entries) if ".blocks." in name]
        levels = sorted({name.split(".", 1)[0] for name in found})
        if level is None and len(levels) == 1:
            level = levels[0]
        layers = {int(name.split(".")[2]): name for name in found if name.split(".", 1)[0] == level}
        index = layer if layer >= 0 else max(layers, default=-1) + 1 + layer
        if level is None and levels:
            raise HookError(
                f"The cache holds {kind!r} of blocks at levels {' and '.join(levels)}; "
                f"name one, as in ({kind!r}, {layer}, {levels[0]!r})."
            )
        if index not in layers:
            raise HookError(
                f"The cache holds no {kind!r} of block {layer}{f' at level {level}' if level else ''}; "
                f"it holds {', '.join(found or self._entries)}."
            )
        return layers[index]
