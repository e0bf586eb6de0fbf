"""Recording: run puzzles batch by batch, and stream what passes the chosen hook points to a store.

The arithmetic is that of ``model.run`` and nothing is computed twice: a hook converts each state once and copies
it into a buffer, and one thread writes a batch to the store while the model is at the next.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, cast, get_args

import numpy as np
import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.files import path_of
from hrm_probe.given_numbers import whole_number
from hrm_probe.models import HookPoint, RecursiveReasoner, Rollout
from hrm_probe.models.batching import puzzles_at_once
from hrm_probe.models.cache import UPDATE
from hrm_probe.models.hooks import NamesFilter
from hrm_probe.progress import track
from hrm_probe.provenance import version_of
from hrm_probe.trace.origin import Origin, puzzle_arrays, puzzle_differences, weights_sha256
from hrm_probe.trace.reader import Trace
from hrm_probe.trace.sites import Every, Site, find_sites
from hrm_probe.trace.store import OUTPUTS, TraceStore, Variable, holds_trace
from hrm_probe.wording import counted

Dtype = Literal["float16", "float32", "float64"]

BATCH_BYTES = {"cpu": 64 << 20, "cuda": 256 << 20}  # what a batch of the default size takes at most


def record(
    model: RecursiveReasoner,
    puzzles: Any,
    out: str | Path | None = None,
    sites: NamesFilter = ("z_H", "z_L"),
    every: Every = "cycle",
    segments: int | None = None,
    dtype: Dtype | torch.dtype | np.dtype[Any] | type[np.floating[Any]] = "float16",
    *,
    batch_size: int | None = None,
    resume: bool = False,
    puzzle_ids: Any = None,
) -> Trace:
    """Run a model over puzzles and keep its latent states, with logits, predictions and halting values.

    >>> trace = record(model, puzzles, "traces/hard", sites="z_H")                  # doctest: +SKIP
    >>> trace["z_H"].dims                                                           # doctest: +SKIP
    ('puzzle', 'segment', 'H_cycle', 'pos', 'd_model')

    Memory does not grow with the number of puzzles (with ``out``): two batches are held, one being run and one
    being written. A recording that was stopped, by Ctrl-C, SIGKILL or a full disk, goes on with ``resume=True``
    from the last whole batch and ends as it would have without the stop.

    Args:
        model: any model; hooks that are attached to it act during the recording, and their names are noted.
        puzzles: a ``Puzzles``, ``Tasks``, anything else with ``tokens`` [puzzle, cell], or the tokens.
        out: a folder that is new or empty; None keeps the trace in memory.
        sites: hook points, as in ``model.hook_names``: "z_H", full names, patterns, short names, a predicate, or
            None for all of them, which is much. Logits, predictions and halting values are always there.
        every: "cycle" keeps every update; "segment" only the state after a segment's last one.
        segments: how many to run; the model's ``max_segments`` if None.
        dtype: for the sites, by name or as torch or numpy write it; logits and halting values are kept in float32, or
            in float64 where the model computes in it.
            float16 has 11 significant bits and reaches to 65504, where states normed by the model stay below
            sqrt(d_model).
        batch_size: puzzles run, and stored, together; chosen by size if None.
        resume: go on with the trace that is at ``out``; start one if there is none.
        puzzle_ids: [puzzle], which puzzle embedding; those of the puzzles if None, all 0 where they have none.

    Raises:
        InputError: a value does not fit; ``out`` is taken, or its trace is of another model, of other puzzles or
            settings (the sentence names what differs); a value does not fit in float16.
        HookError: a site that the model does not have; near names are listed.

    A model compiled with ``model.compile()`` runs uncompiled while it is recorded, as with any hook.
    """
    if not isinstance(model, RecursiveReasoner):
        raise InputError(
            f"record() needs a model, not a {type(model).__name__}; hrm_probe.load() loads one by its name or "
            "folder."
        )
    dtype = _name_of(dtype)
    segments = whole_number(model.config.max_segments if segments is None else segments, "segments")
    if batch_size is not None:
        batch_size = whole_number(batch_size, "batch_size")
    if resume and out is None:
        raise InputError("A trace in memory cannot be resumed; give the folder of the one to resume as out.")
    chosen = find_sites(model, sites, every)
    arrays = puzzle_arrays(puzzles, model, puzzle_ids)
    origin = Origin(
        model.config.to_dict(),
        weights_sha256(model),
        {
            "sites": [site.hook for site in chosen],
            "every": every,
            "segments": segments,
            "dtype": dtype,
            "hooks": [name for name, point in model.hook_dict.items() if point.watched],
        },
    )
    path = None if out is None else path_of(out)
    if path is not None and holds_trace(path):
        store = _reopen(path, origin, arrays, batch_size, resume)
    else:
        variables = _variables(model, chosen, segments, dtype)
        size = batch_size or _batch_size(model, variables)
        store = TraceStore.create(
            path,
            arrays,
            variables,
            _coordinates(model, segments, chosen),
            _attributes(model, origin, min(size, len(arrays["tokens"]))),
        )
    if store.completed < store.total:
        _run(model, store, chosen, segments, getattr(torch, dtype))
    return Trace(store)


def _name_of(dtype: Any) -> Dtype:
    """The name that stands in a trace, of "float16", torch.float16, numpy.float16 or numpy's dtype of that name."""
    name = getattr(dtype, "__name__", str(dtype)).removeprefix("torch.")
    for known in get_args(Dtype):
        if name == known:
            return cast(Dtype, known)
    raise InputError(f"dtype is {dtype!r}; it must be float16, float32 or float64.")


class Buffer:
    """Where the hooks put one batch. Time comes first, so that every copy is of one piece."""

    def __init__(self, site: Site, segments: int, batch: int, dtype: torch.dtype, pinned: bool) -> None:
        shape = (segments, *site.cycles, batch, *site.shape)
        self.site = site
        self.values = torch.empty(shape, dtype=dtype, pin_memory=pinned)
        self.batch_axis = 1 + len(site.cycles)

    def __call__(self, activation: Tensor, hook: HookPoint) -> None:
        """The hook function."""
        segment, H_cycle, L_cycle = hook.tick
        index = self.site.places.get((H_cycle, L_cycle))
        if index is not None:
            place = self.values[(segment - 1, *index)][: len(activation)]
            place.copy_(activation.to(self.values.dtype), non_blocking=True)

    def by_puzzle(self, batch: int) -> np.ndarray:
        """What was recorded, [puzzle, segment, ...]."""
        # A copy, also where the order is right already: a store in memory keeps what it is given.
        values = np.moveaxis(self.values.numpy(), self.batch_axis, 0)[:batch].copy(order="C")
        if values.dtype == np.float16 and _overflows(values):
            raise InputError(
                f"{self.site.name} holds values beyond 65504, the largest of float16; "
                "record with dtype='float32', to a new folder."
            )
        return values


def _run(
    model: RecursiveReasoner, store: TraceStore, sites: list[Site], segments: int, dtype: torch.dtype
) -> None:
    puzzles, size = store.puzzles(), int(store.attributes["batch_size"])
    on_gpu = model.device.type == "cuda"
    # While one set of buffers is filled, the other is written.
    sets = [[Buffer(site, segments, size, dtype, on_gpu) for site in sites] for _ in range(2)]
    writing: Future[None] | None = None
    starts = range(store.completed, store.total, size)
    with ThreadPoolExecutor(1, "trace-writer") as writer:
        for number, start in enumerate(
            track(starts, "recording", total=store.total - store.completed, each=size)
        ):
            buffers, rows = sets[number % 2], slice(start, start + size)
            ids = puzzles.get("puzzle_ids")
            with model.hooks([(buffer.site.hook, buffer) for buffer in buffers]):
                rollout = model.run(
                    puzzles["tokens"][rows],
                    segments,
                    None if ids is None else torch.as_tensor(ids[rows], device=model.device),
                )
            said = _said(rollout)
            if on_gpu:
                torch.cuda.synchronize(model.device)
            # A batch is written only once the one before it is safe.
            if writing is not None:
                writing.result()
            writing = writer.submit(_write, store, start, buffers, said)
        if writing is not None:
            writing.result()


def _said(rollout: Rollout) -> dict[str, Tensor]:
    """What a rollout says, [puzzle, segment, ...], on the CPU."""
    said = {name: getattr(rollout, name).cpu() for name in OUTPUTS}
    return {name: values.transpose(0, 1) if values.ndim > 1 else values for name, values in said.items()}


def _write(store: TraceStore, start: int, buffers: list[Buffer], said: dict[str, Tensor]) -> None:
    batch = {name: values.numpy() for name, values in said.items()}
    n = len(batch["halted_at"])
    for buffer in buffers:
        batch[buffer.site.name] = buffer.by_puzzle(n)
    store.write(start, batch)


def _overflows(values: np.ndarray) -> bool:
    """Is there an infinity among these float16 numbers? (numpy's isinf is several times slower.)"""
    infinite = np.uint16(0x7C00)
    return any(
        bool(((piece.view(np.uint16) & np.uint16(0x7FFF)) == infinite).any())
        for piece in values.reshape(len(values), -1)
    )


def _reopen(
    path: Path, origin: Origin, arrays: dict[str, np.ndarray], batch_size: int | None, resume: bool
) -> TraceStore:
    store = TraceStore.open(path)
    kept = store.attributes
    if not resume:
        raise InputError(
            f"There is a trace at {path} already ({store.completed:,} of {counted(store.total, 'puzzle')}); "
            "resume it, or give another path."
        )
    recorded = Origin(kept["model"], kept["weights"], kept["settings"])
    differences = recorded.differences(origin) + puzzle_differences(store.puzzles(), arrays)
    if batch_size is not None and min(batch_size, store.total) != kept["batch_size"]:
        differences.append(f"batch_size was {kept['batch_size']} and is {batch_size}")
    if differences:
        raise InputError(f"{path} cannot be resumed with this: {'; '.join(differences)}.")
    return store


def _variables(model: RecursiveReasoner, sites: list[Site], segments: int, dtype: str) -> list[Variable]:
    config = model.config
    wide = "float64" if config.forward_dtype == "float64" else "float32"
    token = "uint8" if config.vocab <= 256 else "int32"
    S, cell = ("segment",), (segments, config.cells)
    return [
        Variable("logits", (*S, "cell", "vocab"), (*cell, config.vocab), wide, "scores of the tokens of a cell"),
        Variable("predictions", (*S, "cell"), cell, token, "likeliest token of a cell"),
        Variable("q_halt", S, (segments,), wide, "halting value: stop"),
        Variable("q_continue", S, (segments,), wide, "halting value: go on"),
        Variable("halted_at", (), (), "int32", "segment at which the model would have stopped; the last if never"),
        *(
            Variable(site.name, (*site.time, *site.dims), (segments, *site.cycles, *site.shape), dtype, site.hook)
            for site in sites
        ),
    ]  # fmt: skip


def _coordinates(model: RecursiveReasoner, segments: int, sites: list[Site]) -> dict[str, list[int]]:
    """Ticks count from 1; on the axis ``update``, 0 is the H-update."""
    L_cycles = list(range(1, model.config.L_cycles + 1))
    ticks = {
        "segment": list(range(1, segments + 1)),
        "H_cycle": list(range(1, model.config.H_cycles + 1)),
        "L_cycle": L_cycles,
        UPDATE: [*L_cycles, 0],
    }
    used = {axis for site in sites for axis in site.time} | {"segment"}
    return {axis: values for axis, values in ticks.items() if axis in used}


def _attributes(model: RecursiveReasoner, origin: Origin, batch_size: int) -> dict[str, Any]:
    start = model.initial_state(1)
    libraries = ("hrm-probe", "torch", "numpy", "zarr")
    return {
        "model": origin.model,
        "weights": origin.weights,
        "settings": origin.settings,
        "initial_state": {"z_H": start.z_H[0, 0].tolist(), "z_L": start.z_L[0, 0].tolist()},
        "batch_size": batch_size,
        "versions": {name: version_of(name) for name in libraries},
    }


def _batch_size(model: RecursiveReasoner, variables: list[Variable]) -> int:
    place = "cuda" if model.device.type == "cuda" else "cpu"
    fitting = BATCH_BYTES[place] // sum(variable.bytes_per_puzzle for variable in variables)
    return max(1, min(puzzles_at_once(model.device), fitting))
