"""Writing files so that a reader never meets half of one."""

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hrm_probe.errors import InputError


def path_of(given: str | Path) -> Path:
    """A path as it was given, the home folder's sign (``~``) written out.

    >>> path_of("runs/mine").as_posix()
    'runs/mine'

    Raises:
        InputError: not a path, or the home of a user that is not there.
    """
    if not isinstance(given, str | os.PathLike):
        raise InputError(f"A path was expected, not {given!r}; name a file or a folder.")
    try:
        return Path(given).expanduser()
    except RuntimeError:
        raise InputError(f"{given} cannot be found: there is no user of that name here.") from None


def check_folder(path: str | Path) -> Path:
    """A folder that can be written to, or will be made; raises an InputError where none can be."""
    folder = path_of(path)
    if os.path.exists(folder) and not folder.is_dir():
        raise InputError(f"{path} is a file; give a folder to write to.")
    _refuse_unwritable(folder, folder)
    return folder


def check_file(path: str | Path) -> Path:
    """A file that can be written or replaced; raises an InputError where none can be. Missing folders do not matter."""
    file = path_of(path)
    if file.is_dir():
        raise InputError(f"{path} is a folder; give a file to write to.")
    _refuse_unwritable(file, file.parent)
    return file


def nearest_there(path: Path) -> Path:
    """A file or folder that is there, or the nearest one above where it would be."""
    return next(above for above in (path, *path.absolute().parents) if os.path.exists(above))


def _refuse_unwritable(path: Path, folder: Path) -> None:
    """Try to write into the folder, or into the nearest one above it that is there."""
    nearest = nearest_there(folder)
    if not nearest.is_dir():
        raise InputError(f"{path} cannot be made: {nearest} is a file, not a folder; give another path.")
    try:
        tempfile.TemporaryFile(dir=nearest).close()
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: nothing can be written to {nearest} ({error.strerror}); "
            "give another path."
        ) from None


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Give a path to write to, beside ``path``; on success it replaces ``path``, on failure it vanishes.

    Works for files and for folders (make the given path a folder yourself).

    >>> with writing("metrics.json") as beside:          # doctest: +SKIP
    ...     beside.write_text("{}")
    """
    target = path_of(path).absolute()
    if target == Path.cwd():
        raise InputError(
            f"{path} is the folder you are in, which cannot be replaced; name a folder inside it."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    beside = workshop / target.name
    try:
        yield beside
        _share(beside)
        if beside.is_dir() and target.is_dir():
            # A folder cannot be renamed over a full one: move the old one aside first, and drop it last.
            os.replace(target, workshop / "replaced")
        os.replace(beside, target)
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)  # a full disk does not say which file it did not hold
        raise
    finally:
        if (workshop / "replaced").exists() and not target.exists():
            os.replace(workshop / "replaced", target)  # stopped between the two renames
        shutil.rmtree(workshop, ignore_errors=True)


def remove_unfinished(path: str | Path) -> None:
    """Remove what a process killed while :func:`writing` ``path`` left beside it.

    Call it only when nothing can be writing to it now.
    """
    target = path_of(path).absolute()
    for workshop in target.parent.glob(f".{glob.escape(target.name)}.{'?' * 8}"):  # as mkdtemp names them
        if workshop.is_dir():
            shutil.rmtree(workshop, ignore_errors=True)


def _share(written: Path) -> None:
    """Give files the usual permissions: some writers make theirs unreadable for everybody else."""
    mask = os.umask(0)
    os.umask(mask)
    files = written.rglob("*") if written.is_dir() else [written]
    for file in files:
        if file.is_file() and not file.is_symlink():
            file.chmod(0o666 & ~mask)
