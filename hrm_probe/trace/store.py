"""The zarr store under a trace: its arrays, how a batch gets in, and what marks it as finished.

One chunk holds one batch, uncompressed: latent states of float16 shrink by a fifth at best, at ten times the
cost of writing them. ``completed`` in the group's attributes counts the puzzles that are wholly there; it is
rewritten (atomically) after every batch, so it is the journal from which a recording resumes.
"""

import json
import shutil
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.files import nearest_there, writing
from hrm_probe.wording import size

KIND = "hrm_probe trace"
FORMAT = 1
OUTPUTS = ("logits", "predictions", "q_halt", "q_continue", "halted_at")
PUZZLE_ARRAYS = ("tokens", "answers", "source", "rating", "group", "puzzle_ids")


@dataclass(frozen=True)
class Variable:
    """An array of a trace that is written batch by batch; ``dims`` and ``shape`` come after ``puzzle``."""

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    meaning: str

    @property
    def bytes_per_puzzle(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize


class TraceStore:
    """A zarr group, in memory or in a folder, that a recording fills from the front."""

    def __init__(self, group: Any, path: Path | None) -> None:
        self.group, self.path = group, path
        self._arrays: dict[str, Any] = {}

    @classmethod
    def create(
        cls,
        path: Path | None,
        puzzles: Mapping[str, np.ndarray],
        variables: list[Variable],
        coordinates: Mapping[str, list[int]],
        attributes: Mapping[str, Any],
    ) -> "TraceStore":
        """Lay out an empty trace; ``attributes`` holds ``batch_size``. A folder appears whole or not at all."""
        if path is None:
            from zarr.storage import MemoryStore

            store = MemoryStore()
            _lay_out(store, puzzles, variables, coordinates, attributes)
            return cls(_open_group(store), None)
        _check_room(path, sum(v.bytes_per_puzzle for v in variables) * len(puzzles["tokens"]))
        try:
            with writing(path) as beside:
                _lay_out(beside, puzzles, variables, coordinates, attributes)
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror or error}.") from error
        return cls(_open_group(path), path)

    @classmethod
    def open(cls, path: Path) -> "TraceStore":
        """Open what :meth:`create` made.

        Raises:
            InputError: nothing there, not a trace, or one of another format.
        """
        if not path.exists():
            raise InputError(f"There is no trace at {path}; record one with `hrm-probe record`.")
        if not holds_trace(path):
            raise InputError(f"{path} is not a trace: it was not written by hrm_probe.record.")
        store = cls(_open_group(path), path)
        if (written := store.attributes.get("format")) != FORMAT:
            raise InputError(
                f"{path} has trace format {written}, but this version reads {FORMAT}; record it again."
            )
        return store

    @property
    def attributes(self) -> dict[str, Any]:
        return dict(self.group.attrs)

    @property
    def total(self) -> int:
        return int(self.group["tokens"].shape[0])

    @property
    def completed(self) -> int:
        return int(self.group.attrs["completed"])

    def puzzles(self) -> dict[str, np.ndarray]:
        """What was recorded of the puzzles themselves, those not yet run included."""
        held = {name: self.group[name][:] for name in PUZZLE_ARRAYS if name in self.group}
        if "source" in held:
            held["source"] = plain_strings(held["source"])
        return held

    def write(self, start: int, batch: Mapping[str, np.ndarray]) -> None:
        """Write a batch (arrays [puzzle, ...]) and then count it as done."""
        stop = start
        try:
            for name, values in batch.items():
                stop = start + len(values)
                self._array(name)[start:stop] = values
            self.group.attrs["completed"] = stop
            if stop == self.total:
                self._finish()
        except OSError as error:
            raise InputError(
                f"{self.path} cannot be written ({error.strerror or error}); {start:,} of {self.total:,} puzzles "
                "are safe: fix that and resume."
            ) from error

    def _finish(self) -> None:
        """Spare other readers (``xarray.open_zarr``) the walk through the folder."""
        import zarr

        with warnings.catch_warnings():
            # Zarr says that some libraries ignore consolidated metadata, which does no harm.
            warnings.simplefilter("ignore")
            zarr.consolidate_metadata(self.group.store)

    def _array(self, name: str) -> Any:
        import zarr

        if name not in self._arrays:
            # Otherwise zarr would compare every chunk with its fill value before it writes it.
            with zarr.config.set({"array.write_empty_chunks": True}):
                self._arrays[name] = self.group[name]
        return self._arrays[name]


def plain_strings(values: np.ndarray) -> np.ndarray:
    """numpy's own fixed-width strings; zarr's kind is strange to pandas."""
    return np.array(values.tolist(), str)


def holds_trace(path: Path) -> bool:
    """Is this a folder that :meth:`TraceStore.create` made?"""
    try:
        return json.loads((path / "zarr.json").read_text())["attributes"]["kind"] == KIND
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _lay_out(
    store: Any,
    puzzles: Mapping[str, np.ndarray],
    variables: list[Variable],
    coordinates: Mapping[str, list[int]],
    attributes: Mapping[str, Any],
) -> None:
    import zarr

    n = len(puzzles["tokens"])
    marks: dict[str, Any] = {"kind": KIND, "format": FORMAT, "completed": 0}
    group = zarr.open_group(store, mode="w", zarr_format=3, attributes={**marks, **attributes})
    for name, values in puzzles.items():
        dims = ("puzzle", "cell") if values.ndim == 2 else ("puzzle",)
        dtype = str if values.dtype.kind == "U" else values.dtype
        array = group.create_array(name, shape=values.shape, dtype=dtype, dimension_names=dims)
        array[:] = values.astype(object) if dtype is str else values
    for name, ticks in {"puzzle": list(range(n)), **coordinates}.items():
        group.create_array(name, data=np.array(ticks, np.int64), dimension_names=(name,))
    for variable in variables:
        group.create_array(
            variable.name,
            shape=(n, *variable.shape),
            chunks=(min(attributes["batch_size"], n), *variable.shape),
            dtype=variable.dtype,
            compressors=None,
            filters=None,
            fill_value=np.nan if np.dtype(variable.dtype).kind == "f" else 0,
            dimension_names=("puzzle", *variable.dims),
            attributes={"long_name": variable.meaning},
        )


def _open_group(store: Any) -> Any:
    import zarr

    return zarr.open_group(store, mode="r+", use_consolidated=False)


def _check_room(path: Path, needed: int) -> None:
    if path.is_file():
        raise InputError(f"{path} is a file; a trace is a folder: give another path.")
    if path.is_dir() and any(path.iterdir()):
        raise InputError(f"{path} is a folder with something else in it; give a new or empty one.")
    there = nearest_there(path)
    if not there.is_dir():
        raise InputError(f"{path} cannot be made: {there} is a file, not a folder.")
    free = shutil.disk_usage(there).free
    if needed > free:
        raise InputError(
            f"The trace needs {size(needed)} and {path} has room for {size(free)}; "
            'record fewer puzzles, segments or sites, or every="segment".'
        )
