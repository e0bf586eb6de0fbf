"""What a number must be accompanied by: command, versions, commit and the kind of machine, without names or paths."""

import os
import platform
import shlex
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

COMMIT = "HRM_PROBE_COMMIT"


def provenance() -> dict[str, Any]:
    """Command, versions, source commit and machine kind, ready for JSON.

    >>> sorted(provenance())
    ['command', 'commit', 'hrm_probe', 'machine', 'numpy', 'python', 'torch']
    """
    return {
        "command": command(),
        "hrm_probe": version_of("hrm-probe"),
        "commit": commit(),
        "python": platform.python_version(),
        "torch": version_of("torch"),
        "numpy": version_of("numpy"),
        "machine": machine_kind(),
    }


def command() -> str | None:
    """The command that is running, such as "hrm-probe ask jumps hrm-6x6"; None in a notebook or a program of your own.

    Absolute paths are told by their last part, so that nothing of the machine is.
    """
    program = Path(sys.argv[0])
    if program.stem == "hrm-probe" or (program.parent.name, program.name) == ("hrm_probe", "__main__.py"):
        words = ["hrm-probe"]
    elif program.parent.name == "analyses":
        words = ["python", f"analyses/{program.name}"]
    else:
        return None
    return shlex.join([*words, *map(_without_folders, sys.argv[1:])])


def _without_folders(word: str) -> str:
    """An argument without the machine's folders, also where it is the value in ``--out=/a/b`` or ``train_set=/a/b``."""
    key, equals, value = word.rpartition("=")
    return f"{key}{equals}{Path(value).name if Path(value).is_absolute() else value}"


def version_of(package: str) -> str | None:
    """The version of an installed package; None for one that is not, such as a bare source tree.

    By its own word where it is loaded, for torch's names its build ("2.13.0+cpu").
    """
    try:
        installed = version(package)
    except PackageNotFoundError:
        return None
    return str(getattr(sys.modules.get(package), "__version__", installed))


def commit() -> str | None:
    """The source checkout's commit, with "+" if it has been changed since; None for an installed package.

    Where the source is a copy without its history, as in a container, the environment variable HRM_PROBE_COMMIT
    tells it.
    """
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return os.environ.get(COMMIT) or None
    try:
        head = _git(root, "rev-parse", "--short=12", "HEAD")
        return head + ("+" if _git(root, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def machine_kind() -> str:
    """Such as "2 cores, AMD EPYC" or "2 cores, AMD EPYC; NVIDIA H200"."""
    torch = sys.modules.get("torch")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    kind = f"{cores} core{'' if cores == 1 else 's'}, {_processor()}"
    if torch is not None and torch.cuda.is_available():
        count, name = torch.cuda.device_count(), torch.cuda.get_device_name()
        kind += f"; {name}" if count == 1 else f"; {count} x {name}"
    return kind


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
