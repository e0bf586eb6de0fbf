"""Answers on disk: every result of this room in one file, tables and arrays and all, without pickles."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

import hrm_probe.reasoning as room
from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.files import path_of, writing
from hrm_probe.reasoning.runs.decoding import Reads

VERSION = 1
_HEADER = "results.json"
_NOW_CALLED = {"clustered_by": "resampled"}  # fields of files that were written before the name changed


def save_results(
    path: str | Path, results: Mapping[str, Any], about: Mapping[str, Any] | None = None
) -> None:
    """Write results of questions to one compressed file.

    >>> save_results("answers.npz", {"jumps": jumps(model, puzzles)})                # doctest: +SKIP
    >>> load_results("answers.npz")["jumps"].share                                  # doctest: +SKIP

    Args:
        path: a file ending in ``.npz``.
        results: dataclasses of :mod:`hrm_probe.reasoning` by a name; None is kept as None.
        about: whatever else belongs to them, as JSON knows it; see :func:`load_about`.

    Raises:
        InputError: results without names, a path that is none or leads to a folder, or what JSON does not know in
            ``about``.

    Known inaccuracy: tuples come back as lists, and keys of dicts as strings.
    """
    if not isinstance(results, Mapping):
        raise InputError(
            f"results must have names, as in {{'jumps': ...}}; this is of type {type(results).__name__}."
        )
    if Path(path_of(path)).is_dir():
        raise InputError(f"{path} is a folder; name a file in it that ends in .npz.")
    arrays: dict[str, np.ndarray] = {}
    content = {name: _pack(result, name, arrays) for name, result in results.items()}
    try:
        header = json.dumps({"version": VERSION, "results": content, "about": about or {}})
    except TypeError as error:
        raise InputError(f"about holds what JSON does not know: {error}.") from None
    with writing(path) as beside, beside.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **{_HEADER: np.array(header)}, **arrays)


def load_results(path: str | Path) -> dict[str, Any]:
    """Read what :func:`save_results` wrote: results by their names.

    Raises:
        InputError: a file that is missing, was not written by :func:`save_results`, or by a version whose results
            hold other fields.
    """
    with _opened(path) as (header, arrays):
        return {name: _unpack(packed, arrays) for name, packed in header["results"].items()}


def load_about(path: str | Path) -> dict[str, Any]:
    """What was said about results when they were saved."""
    with _opened(path) as (header, _):
        about: dict[str, Any] = header["about"]
        return about


@contextmanager
def _opened(path: str | Path) -> Iterator[tuple[dict[str, Any], Mapping[str, np.ndarray]]]:
    """The header, and the arrays, each read when it is asked for."""
    try:
        with np.load(path_of(path), allow_pickle=False) as file:
            header = json.loads(str(file[_HEADER]))
            if header["version"] != VERSION:
                raise InputError(
                    f"{path} has version {header['version']} of the format, not {VERSION}; make it again."
                )
            yield header, file
    except FileNotFoundError:
        raise InputError(
            f"There are no saved results at {path}; make them with hrm-probe report or ask."
        ) from None
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, OSError, BadZipFile) as error:
        raise InputError(f"{path} does not hold saved results that this version reads: {error}.") from None


def _pack(value: Any, at: str, arrays: dict[str, np.ndarray]) -> Any:
    """JSON for a value; arrays go aside under the place where they stand."""
    if isinstance(value, Interval):
        return {"interval": list(value.to_dict().values())}
    if isinstance(value, np.ndarray):
        arrays[at] = value
        return {"array": at}
    if isinstance(value, pd.DataFrame):
        columns = {str(c): _pack(_column(value[c]), f"{at}/{c}", arrays) for c in value.columns}
        return {"table": columns, "rows": len(value)}
    if is_dataclass(value):
        members = {f.name: _pack(getattr(value, f.name), f"{at}/{f.name}", arrays) for f in fields(value)}
        return {"result": type(value).__name__, "fields": members}
    if isinstance(value, Mapping):
        return {"dict": {str(key): _pack(item, f"{at}/{key}", arrays) for key, item in value.items()}}
    if isinstance(value, tuple | list):
        return {"list": [_pack(item, f"{at}/{i}", arrays) for i, item in enumerate(value)]}
    return value.item() if isinstance(value, np.generic) else value


def _unpack(packed: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    match packed:
        case {"interval": values}:
            return Interval(*values)
        case {"array": at}:
            return arrays[at]
        case {"table": columns, "rows": rows}:
            return pd.DataFrame(
                {name: _unpack(column, arrays) for name, column in columns.items()}, index=range(rows)
            )
        case {"result": name, "fields": members}:
            unpacked = {_NOW_CALLED.get(key, key): _unpack(item, arrays) for key, item in members.items()}
            return _result_class(name)(**unpacked)
        case {"dict": items}:
            return {key: _unpack(item, arrays) for key, item in items.items()}
        case {"list": items}:
            return [_unpack(item, arrays) for item in items]
    return packed


def _result_class(name: str) -> type:
    """A result of this room by its name, and nothing else that the room holds."""
    found = Reads if name == Reads.__name__ else getattr(room, name, None) if name in room.__all__ else None
    if not (isinstance(found, type) and is_dataclass(found)):
        raise ValueError(f"there is no result called {name!r}")
    return found


def _column(values: pd.Series) -> np.ndarray | list[Any]:
    """Numbers and flags as an array; anything else, such as words or flags that may be unknown, as a list."""
    array = values.to_numpy()
    return array if array.dtype.kind in "biuf" else [None if pd.isna(v) else v for v in values.tolist()]
