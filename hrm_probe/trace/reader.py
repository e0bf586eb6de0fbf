"""Traces, read: lazily, by name, with named axes; and honest about what is not there yet."""

from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.files import path_of
from hrm_probe.models.config import ModelConfig
from hrm_probe.models.hooks import of_short_name
from hrm_probe.near_names import near_or_all
from hrm_probe.trace.store import OUTPUTS, PUZZLE_ARRAYS, TraceStore, plain_strings
from hrm_probe.wording import counted

if TYPE_CHECKING:
    from xarray import DataArray, Dataset


class RecordedPuzzles(NamedTuple):
    """The puzzles of a trace as arrays with a row per puzzle; what was not recorded is None.

    ``hrm_probe.sudoku.Puzzles(*trace.puzzles)`` makes a set of them again, where answers, sources and ratings were
    recorded.
    """

    tokens: np.ndarray
    answers: np.ndarray | None
    source: np.ndarray | None
    rating: np.ndarray | None


class Trace:
    """A recorded rollout of many puzzles.

    >>> trace = hrm_probe.open_trace("traces/hard")                                  # doctest: +SKIP
    >>> z = trace["z_H"].sel(segment=16, H_cycle=2).astype("float32")                # doctest: +SKIP
    >>> (trace["predictions"] == trace["answers"]).all("cell").mean("puzzle")        # accuracy  # doctest: +SKIP

    States are kept in float16: convert them before arithmetic that sums over many.

    Attributes:
        dataset: an xarray Dataset of the finished puzzles. Nothing is read before it is used, and nothing that
            was read is kept. Axes: puzzle, segment, H_cycle, L_cycle (1-based ticks), pos, d_model, cell, vocab,
            and a site's own.
        total: number of puzzles the recording was asked for; ``len(trace)`` is how many are there.
        path: its folder; None for a trace in memory.
    """

    def __init__(self, store: TraceStore, dask: bool = False) -> None:
        self._store = store
        self.path: Path | None = store.path
        self.total = store.total
        self.dataset: Dataset = _open_dataset(store, dask)

    if not TYPE_CHECKING:  # a type checker would take every name for one of the trace's

        def __getattr__(self, name: str) -> Any:
            """What an xarray Dataset has (``sizes``, ``coords``, ``sel``, ...), of ``dataset``."""
            if name.startswith("_") or name == "dataset":  # where copying looks before there is one
                raise AttributeError(name)
            return getattr(self.dataset, name)

    def __getitem__(self, name: str) -> "DataArray":
        """An array by its name, full or short: "z_H", "logits", "L.blocks.0.attn.hook_pattern", "pattern"."""
        if not isinstance(name, str):
            raise InputError(
                f"A trace is indexed by name, as in trace['z_H'], not by {name!r}; index the array it returns."
            )
        names = [str(known) for known in self.dataset.variables]
        if name.removeprefix("hook_") in names:
            return self.dataset[name.removeprefix("hook_")]
        found = of_short_name(name, names)
        if len(found) == 1:
            return self.dataset[found[0]]
        if found:
            raise InputError(f"The trace holds {name!r} at several places: {', '.join(found)}; name one.")
        raise InputError(f"The trace holds no {name!r}; {near_or_all(name, names)}.")

    def __contains__(self, name: str) -> bool:
        try:
            self[name]
        except InputError:
            return False
        return True

    def __len__(self) -> int:
        return int(self.dataset.sizes["puzzle"])

    @property
    def complete(self) -> bool:
        """Has every puzzle been recorded?"""
        return len(self) == self.total

    @property
    def attributes(self) -> dict[str, Any]:
        """Model config, fingerprint of the weights, settings and library versions of the recording."""
        return self._store.attributes

    @property
    def sites(self) -> list[str]:
        """Full names of the hook points that were recorded."""
        return list(self.attributes["settings"]["sites"])

    @property
    def model_config(self) -> ModelConfig:
        return ModelConfig.from_dict(self.attributes["model"])

    @property
    def initial_state(self) -> dict[str, np.ndarray]:
        """What every position of z_H and z_L starts from, each [d_model]; empty in traces of older versions."""
        return {site: np.array(values) for site, values in self.attributes.get("initial_state", {}).items()}

    @property
    def puzzles(self) -> RecordedPuzzles:
        """The finished puzzles: tokens and answers int64 [puzzle, cell], source str and rating int64 [puzzle]."""
        held = {name: values[: len(self)] for name, values in self._store.puzzles().items()}
        answers = held["answers"].astype(np.int64) if "answers" in held else None
        return RecordedPuzzles(
            held["tokens"].astype(np.int64), answers, held.get("source"), held.get("rating")
        )

    def close(self) -> None:
        """Close the files."""
        self.dataset.close()

    def __enter__(self) -> "Trace":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        settings, config = self.attributes["settings"], self.model_config
        done = "" if self.complete else f"{len(self):,} of "
        what = f"{config.architecture.upper()} (d_model {config.d_model}, {config.cells} cells)"
        lines = [
            f"Trace({done}{counted(self.total, 'puzzle')}, {counted(settings['segments'], 'segment')} of {what})",
            f"  at: {self.path or 'memory'} ({self.dataset.nbytes / 1e6:,.1f} MB)",
        ]
        if not self.complete:
            lines.append(
                f"  unfinished; resume with: record(model, puzzles, {str(self.path)!r}, ..., resume=True)"
            )
        for name, array in self.dataset.data_vars.items():
            axes = ", ".join(f"{axis} {size}" for axis, size in array.sizes.items())
            lines.append(f"  {name}: {array.dtype} [{axes}]")
        return "\n".join(lines)


def open_trace(path: str | Path, dask: bool = False) -> Trace:
    """Open a trace that :func:`hrm_probe.record` wrote, finished or not; only finished puzzles are seen.

    >>> open_trace("traces/hard")                                                    # doctest: +SKIP
    Trace(120 of 400 puzzles, 16 segments of HRM (d_model 64, 36 cells))
      at: traces/hard (55.4 MB)
      unfinished; resume with: record(model, puzzles, 'traces/hard', ..., resume=True)
      ...

    Args:
        path: its folder.
        dask: give dask arrays, a chunk a recorded batch, for work on traces that are larger than memory.

    Raises:
        InputError: there is no trace; or dask is asked for and not installed.
    """
    return Trace(TraceStore.open(path_of(path)), dask)


def _open_dataset(store: TraceStore, dask: bool) -> "Dataset":
    import xarray

    if dask:
        try:
            import_module("dask.array")
        except ImportError:
            raise InputError("dask is not installed; `pip install 'hrm-probe[scale]'` brings it.") from None
    dataset = xarray.open_dataset(
        store.group.store,
        engine="zarr",
        chunks={} if dask else None,
        cache=False,
        consolidated=False,
        decode_cf=False,
    )
    sites = [hook.removeprefix("hook_") for hook in store.attributes["settings"]["sites"]]
    order = [*sites, *OUTPUTS, *(name for name in PUZZLE_ARRAYS if name in dataset)]
    dataset = dataset[order].isel(puzzle=slice(store.completed))
    if "source" in dataset:
        dataset["source"] = ("puzzle", plain_strings(dataset["source"].values))
    return dataset
