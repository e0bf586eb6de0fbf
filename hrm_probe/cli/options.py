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
    """Does it say which version of hrm_probe it came from?"""
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError):
        return False
    told = [content.get(name) for name in ("provenance", "versions")] if isinstance(content, dict) else []
    return any(isinstance(origin, dict) and {"hrm_probe", "hrm-probe"} & origin.keys() for origin in told)


def writable_folder(path: Path | None) -> Path | None:
    return None if path is None else check_folder(path)


def refuse_one_path_for_both(out: Path | None, json: Path | None) -> None:
    """Raise an InputError where --json names the folder of --out."""
    if out is not None and json is not None and json.resolve() == out.resolve():
        raise InputError(f"--out and --json are both {out}; give JSON a file of its own.")


def is_stream(path: Path) -> bool:
    """Is this standard output, a pipe or a device: written to as it is, for it cannot be replaced?"""
    return path == STANDARD_OUTPUT or (path.exists() and not path.is_file() and not path.is_dir())


def positive(option: typer.CallbackParam, number: float | None) -> float | None:
    if number is not None and not 0 < number < math.inf:
        raise InputError(f"{option.opts[0]} is {number:g}; it must be a number above 0.")
    return number


def at_least_one(option: typer.CallbackParam, count: int | None) -> int | None:
    if count is not None and count < 1:
        raise InputError(f"{option.opts[0]} is {count}; it must be at least 1.")
    return count


def forward_dtype(option: typer.CallbackParam, name: str | None) -> str | None:
    from hrm_probe.models.config import ForwardDtype

    if name is not None and name not in (known := get_args(ForwardDtype)):
        raise InputError(f"{option.opts[0]} is {name!r}; it must be one of {', '.join(known)}.")
    return name


ModelArgument = Annotated[str, typer.Argument(help="A shipped model's name, or a model folder.")]
Device = Annotated[str | None, typer.Option(help="cpu or cuda; CUDA where there is one.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of everything drawn at random.")]
SampleSize = Annotated[
    int | None, typer.Option(callback=at_least_one, help="Take a random sample of this many puzzles.")
]
BatchSize = Annotated[
    int, typer.Option(callback=at_least_one, help="Puzzles run at once; lower it if memory is short.")
]
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
