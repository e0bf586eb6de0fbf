"""One training a folder: two that wrote into the same one would mix their metrics and checkpoints."""

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from hrm_probe.errors import InputError

try:
    import fcntl
except ImportError:  # Windows has no such lock; there nobody is kept out
    fcntl = None  # type: ignore[assignment]


class FolderLock:
    """A lock on a folder that the system lets go of when the process ends, however it ends; no file is left.

    A folder that was made for the run and is still empty at the end of the block is removed.

    >>> with FolderLock() as lock:              # doctest: +SKIP
    ...     lock.make_and_take(Path("runs/hrm-6x6"))

    Known inaccuracy: file systems without locks, and processes on other machines, are not kept out.
    """

    def __init__(self) -> None:
        self._held: int | None = None
        self._made: Path | None = None

    def make_and_take(self, folder: Path) -> None:
        """Hold the folder, which is made if there is none, until the end of the ``with`` block.

        Raises:
            InputError: another process holds it.
        """
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        if fcntl is None:
            self._made = folder if made else None
            return
        self._held = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"Another process is training in {folder}; wait for it, or name another folder with --out."
            ) from None
        except OSError:  # a file system without locks
            pass
        self._made = folder if made else None

    def __enter__(self) -> "FolderLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._made is not None:
            with suppress(OSError):  # it holds something, as it should
                self._made.rmdir()
        if self._held is not None:
            os.close(self._held)
            self._held = None
