"""Train recursive reasoning models, record every latent state, and measure whether they reason or guess.

>>> import hrm_probe
>>> model = hrm_probe.load("hrm-6x6")                                        # doctest: +SKIP
>>> puzzles = hrm_probe.load_puzzles("6x6-test", n=100)                      # doctest: +SKIP
>>> rollout, cache = model.run_with_cache(puzzles.tokens, names_filter="z_H")  # doctest: +SKIP
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hrm_probe.models.bundled import default_model, load
    from hrm_probe.models.published import import_checkpoint, load_arc, load_tasks
    from hrm_probe.sudoku import load_puzzles
    from hrm_probe.trace import open_trace, record

try:
    __version__ = version("hrm-probe")
except PackageNotFoundError:  # a source tree that is not installed
    __version__ = "unknown"

__all__ = [
    "__version__",
    "default_model",
    "import_checkpoint",
    "load",
    "load_arc",
    "load_puzzles",
    "load_tasks",
    "open_trace",
    "record",
]

_HOMES = {
    "default_model": "hrm_probe.models.bundled",
    "import_checkpoint": "hrm_probe.models.published",
    "load": "hrm_probe.models.bundled",
    "load_arc": "hrm_probe.models.published",
    "load_puzzles": "hrm_probe.sudoku",
    "load_tasks": "hrm_probe.models.published",
    "open_trace": "hrm_probe.trace",
    "record": "hrm_probe.trace",
}
_ROOMS = (
    "bench", "cli", "demo", "dynamics", "models", "plots", "reasoning", "report", "sudoku", "trace", "training"
)  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load names and rooms when they are first used, so that importing the package stays quick."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _ROOMS:
        return import_module(f"hrm_probe.{name}")
    raise AttributeError(f"module 'hrm_probe' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])
