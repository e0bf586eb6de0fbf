"""Downloading the published Sudoku-Extreme."""

import hashlib
import http
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO

from hrm_probe.errors import InputError
from hrm_probe.files import check_folder
from hrm_probe.progress import track

SOURCE = "https://huggingface.co/datasets/sapientinc/sudoku-extreme/resolve/main"
FILES = ("train.csv", "test.csv")
CHUNK = 1 << 20
TIMEOUT = 30.0


@dataclass(frozen=True)
class Download:
    """One downloaded file: where it lies, its size in bytes, and the SHA-256 of its content."""

    path: Path
    size: int
    sha256: str


def fetch(out: str | Path, files: tuple[str, ...] = FILES, source: str = SOURCE) -> list[Download]:
    """Download Sudoku-Extreme's CSV files (about 700 MB of training and 80 MB of test puzzles) into a folder.

    A file appears under its name only when it is whole. A download that was cut off leaves ``NAME.part`` and
    goes on from there next time; files that are there already are not fetched again.

    Args:
        out: the folder.
        files: which files of ``source``.
        source: the address of the folder to fetch from.

    Raises:
        InputError: no such folder can be made, the network or the file cannot be reached, or the download was cut off.
    """
    folder = check_folder(out)
    return [_fetch_one(f"{source}/{name}", folder / name) for name in files]


def _fetch_one(address: str, target: Path) -> Download:
    if not target.exists():
        part = target.with_name(target.name + ".part")
        try:
            _resume(address, part)
        except (OSError, http.client.HTTPException) as fault:
            reason = getattr(fault, "reason", None) or fault
            raise InputError(
                f"{address} could not be downloaded ({reason}); check the network and run the command again"
                + (f"; it will resume from {part}." if part.exists() else ".")
            ) from None
        os.replace(part, target)
    return Download(target, target.stat().st_size, _sha256(target))


def _resume(address: str, part: Path) -> None:
    """Complete ``part``, from where it ends if the server can do that."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as fault:
        if (
            fault.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
            and _length_of_whole(fault.headers) == have
        ):
            return  # nothing was missing
        raise
    with answer:
        goes_on = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        length = answer.headers.get("Content-Length")
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab" if goes_on else "wb") as file:
            missing = None if length is None else int(length)
            chunks = None if missing is None else -(-missing // CHUNK)
            for chunk in track(_chunks(answer), part.stem, chunks, unit="MiB"):
                file.write(chunk)
                missing = None if missing is None else missing - len(chunk)
    if missing:
        raise OSError(f"the connection closed {missing:,} bytes too early")


def _length_of_whole(headers: Message) -> int | None:
    """The length in a ``Content-Range: bytes */LENGTH`` header."""
    length = headers.get("Content-Range", "").rpartition("/")[2]
    return int(length) if length.isdigit() else None


def _chunks(answer: IO[bytes]) -> Iterator[bytes]:
    while chunk := answer.read(CHUNK):
        yield chunk


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
