"""Strict JSON of what was measured: values as JSON knows them, their text, and files of it."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hrm_probe.files import writing


def as_json(value: Any, digits: int | None = None) -> Any:
    """A value made of what JSON knows.

    >>> as_json({"share": np.float32(0.25), "ends": (float("nan"), 1.0)})
    {'share': 0.25, 'ends': [None, 1.0]}

    Tables become lists of rows, arrays and tuples lists, dataclasses and mappings dicts, numpy's scalars Python's;
    numbers that do not exist become None.

    Args:
        value: anything of these.
        digits: significant digits that floating-point numbers are rounded to; as they are if None.

    Raises:
        TypeError: JSON has no such thing, nor an obvious stand-in for it.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return value if digits is None else float(f"{value:.{digits}g}")
    if isinstance(value, pd.DataFrame):
        return as_json(value.to_dict("records"), digits)
    if isinstance(value, np.ndarray):
        return as_json(value.tolist(), digits)
    if isinstance(value, list | tuple):
        return [as_json(item, digits) for item in value]
    if isinstance(value, Mapping):
        return {str(key): as_json(item, digits) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name), digits) for field in fields(value)}
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"JSON has no equivalent of a {type(value).__name__}: {value!r}")


def json_text(content: Any, indent: int | None = 1, digits: int | None = None) -> str:
    """The text of a JSON file, on one line if ``indent`` is None; ``digits`` as in :func:`as_json`."""
    return json.dumps(as_json(content, digits), indent=indent, allow_nan=False) + "\n"


def write_json(path: Path, content: Any, indent: int | None = 1, digits: int | None = None) -> Path:
    """Write :func:`json_text` to a file, which is whole or absent."""
    text = json_text(content, indent, digits)
    with writing(path) as beside:
        beside.write_text(text, encoding="utf-8")
    return path
