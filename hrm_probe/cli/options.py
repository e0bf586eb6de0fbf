"""What options must fulfil, looked at as the command line is read: before any work is done."""

import json
import math
from pathlib import Path
from typing import Annotated, get_args

import typer

from hrm_probe.errors import InputError
from hrm_probe.files import check_file, check_folder

INTERRUPTED = 130  # exit status after Ctrl-C, as of shells
STANDARD_OUTPUT = Path("-")


def writable_file(path: Path | None) -> Path | None:
    """A file, or "-" for standard output, that can be written when the work is done."""
    return path if path is None or is_stream(path) else check_file(path)


def json_file(path: Path | None) -> Path | None:
    """The same, which replaces nothing but what an earlier command wrote."""
    file = writable_file(path)
    if file is not None and file.is_file() and file.stat().st_size and not _holds_our_json(file):
        raise InputError(f"{file} exists and is not JSON that hrm-probe wrote; give --json another file.")
    return file


def _holds_our_json(file: Path) -> bool:
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and bool({"provenance", "versions"} & content.keys())


def writable_folder(path: Path | None) -> Path | None:
    return None if path is None else check_folder(path)


def is_stream(path: Path) -> bool:
    """Is this standard output, a pipe or a device: written to as it is, for it cannot be replaced?"""
    return path == STANDARD_OUTPUT or (path.exists() and not path.is_file() and not path.is_dir())


def positive(option: typer.CallbackParam, number: float | None) -> float | None:
    if number is not None and not 0 < number < math.inf:
        raise InputError(f"{option.opts[0]} is {number:g}; it must be a number above 0.")
    return number


def forward_dtype(option: typer.CallbackParam, name: str | None) -> str | None:
    from hrm_probe.models.config import ForwardDtype

    if name is not None and name not in (known := get_args(ForwardDtype)):
        raise InputError(f"{option.opts[0]} is {name!r}; it must be one of {', '.join(known)}.")
    return name


ForwardDtypeName = Annotated[
    str | None,
    typer.Option(
        "--dtype", callback=forward_dtype, help="float32, bfloat16 or float64; as saved if not given."
    ),
]
JsonFile = Annotated[
    Path | None,
    typer.Option(
        "--json", callback=json_file, help="Write JSON to this file; - prints it instead of the text."
    ),
]
