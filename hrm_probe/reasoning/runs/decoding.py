"""What a model's own head reads in the states that pass, at every update and not only where a segment ends."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from hrm_probe.allocator import keep_freed_memory
from hrm_probe.errors import InputError
from hrm_probe.models import HookPoint, RecursiveReasoner, State, Tick
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.reasoning.asking import Asked, names_asked
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.curves import read_logits, where_asked
from hrm_probe.wording import counted

READABLE = ("hook_z_H", "hook_z_L", "hook_resid_mid", "hook_resid_post")
"""Points that hold a stream [batch, pos, d_model] after its norm, as the head is given it; no norm comes after."""


@dataclass(frozen=True)
class Reads:
    """What the head reads at one site.

    Attributes:
        updates: (H-cycle, L-cycle) of the updates of a segment at which the site is reached, in the order of time;
            L-cycle 0 is the H-update that ends a cycle.
        predictions: int16 [puzzle, segment, update, cell], tokens.
        loss, entropy: [puzzle, segment, update], as in :class:`hrm_probe.reasoning.Curves`.
        q_halt: [puzzle, segment, update], the halting value read from the first position.
    """

    updates: tuple[tuple[int, int], ...]
    predictions: np.ndarray
    loss: np.ndarray
    entropy: np.ndarray
    q_halt: np.ndarray

    def __repr__(self) -> str:
        puzzles, segments, updates, _ = self.predictions.shape
        return f"Reads({counted(puzzles, 'puzzle')}, {segments} segments of {counted(updates, 'update')})"

    def in_time(self) -> np.ndarray:
        """The grids one after another: [puzzle, segment * update, cell]."""
        puzzles, _, _, cells = self.predictions.shape
        return self.predictions.reshape(puzzles, -1, cells)


@dataclass(frozen=True)
class Decoded:
    """All reads of a run.

    Attributes:
        reads: by site, "z_H" first.
        ends: tokens int16 [puzzle, segment, cell], the model's own answers where segments end.
        control: largest difference between the logits read from z_H at the last H-update of a segment and the
            model's own.
    """

    reads: dict[str, Reads]
    ends: np.ndarray
    control: float


def sites_to_read(model: RecursiveReasoner, sites: str | Sequence[str]) -> list[str]:
    """Full names of the hook points to read, z_H first, which is always among them.

    Raises:
        HookError: a name that matches no hook point.
        InputError: a point whose activation the head cannot read.
    """
    names = model.hook_names(names_asked(sites))
    for name in names:
        if not name.endswith(READABLE):
            raise InputError(
                f"The lens cannot read {name}: the head is made for streams of width d_model after their norm, which "
                "are z_H, z_L, resid_mid and resid_post."
            )
    return ["hook_z_H", *(name for name in names if name != "hook_z_H")]


def one_site_to_read(model: RecursiveReasoner, site: str, question: str) -> tuple[list[str], str]:
    """What :func:`sites_to_read` gives, and what the one site that is asked for is called.

    Raises:
        HookError: a name that matches no hook point.
        InputError: several sites, or one that the head cannot read.
    """
    names = sites_to_read(model, site)
    if len(names) > 2:
        others = ", ".join(site_of(name) for name in names[1:])
        raise InputError(f"{question} reads one site, and {site!r} names several: {others}.")
    return names, site_of(names[-1])


def site_of(name: str) -> str:
    """What a site is called: "z_H" and "z_L" for short, points inside blocks by their full names."""
    return name.removeprefix("hook_")


def decode_updates(
    model: RecursiveReasoner,
    puzzles: Asked,
    names: Sequence[str],
    segments: int,
    *,
    batch_size: int = 128,
    progress: bool = False,
) -> Decoded:
    """Run a model, and read every activation of some points as it passes; no activation is kept.

    Args:
        model, puzzles, segments, batch_size, progress: as in :func:`hrm_probe.reasoning.follow`.
        names: full names of hook points, "hook_z_H" among them.

    Memory grows as puzzles x reads x cells, two bytes each.
    """
    keep_freed_memory()
    batches = in_batches(len(puzzles), batch_size, "reading", progress)
    parts = [_batch(model, puzzles[rows], names, segments) for rows in batches]
    return Decoded(
        {site: _joined([part.reads[site] for part in parts]) for site in parts[0].reads},
        np.concatenate([part.ends for part in parts]),
        float(np.max([part.control for part in parts])),  # NaN stays NaN
    )


class Reader:
    """A hook function that puts what passes to the model's head, and keeps only what the head says."""

    def __init__(self, model: RecursiveReasoner, answers: Tensor) -> None:
        self.model, self.answers = model, answers
        self.ticks: dict[str, list[Tick]] = {}
        self.told: dict[str, list[dict[str, Tensor]]] = {}
        self.logits = torch.empty(0)  # of the last read of z_H

    def __call__(self, z: Tensor, hook: HookPoint) -> None:
        tick = hook.tick  # asked now: the clock moves on with what is run here
        output = self.model.read_out(State(z, z))
        if hook.name == "hook_z_H":
            self.logits = output.logits
        told = read_logits(output.logits, self.answers)
        self.ticks.setdefault(hook.name, []).append(tick)
        self.told.setdefault(hook.name, []).append(
            {
                "predictions": told["predictions"].to(torch.int16),
                "loss": told["loss"],
                "entropy": told["entropy"],
                "q_halt": output.q_halt,
            }
        )

    def reads(self, name: str, segments: int) -> Reads:
        """All that was read at one point."""
        updates = tuple((t.H_cycle, t.L_cycle) for t in self.ticks[name] if t.segment == 1)
        told = self.told[name]
        stacked = {field: torch.stack([one[field] for one in told], 1).cpu().numpy() for field in told[0]}
        shape = len(self.answers), segments, len(updates)
        return Reads(updates, **{field: a.reshape(*shape, *a.shape[2:]) for field, a in stacked.items()})


def _batch(model: RecursiveReasoner, puzzles: Asked, names: Sequence[str], segments: int) -> Decoded:
    tokens = model.check_tokens(puzzles.tokens)
    reader = Reader(model, torch.as_tensor(puzzles.answers).to(model.device))
    ends, apart = [], []
    with model.hooks([(names, reader)]):
        for _, output in model.unroll(tokens, segments, puzzle_ids_of(puzzles)):
            ends.append(where_asked(output.logits.argmax(-1), reader.answers).to(torch.int16))
            apart.append((reader.logits - output.logits).abs().max())
    return Decoded(
        {site_of(name): reader.reads(name, segments) for name in names},
        torch.stack(ends, 1).cpu().numpy(),
        float(torch.stack(apart).max()),
    )


def _joined(parts: list[Reads]) -> Reads:
    arrays = [each.name for each in fields(Reads) if each.name != "updates"]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in arrays}
    return Reads(parts[0].updates, **joined)
