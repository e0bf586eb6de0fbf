"""Train recursive reasoning models, record every latent state, and measure whether they reason or guess.

>>> import hrm_probe
>>> model = hrm_probe.load("hrm-6x6")                                        # doctest: +SKIP
>>> puzzles = hrm_probe.load_puzzles("6x6-test", n=100)                      # doctest: +SKIP
>>> rollout, cache = model.run_with_cache(puzzles.tokens, names_filter="z_H")  # doctest: +SKIP
"""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from hrm_probe.lazy import attached

if TYPE_CHECKING:
    from hrm_probe.models.bundled import default_model, load
    from hrm_probe.models.published import import_checkpoint, load_arc, load_tasks, save_tasks
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
    "save_tasks",
]

_HOMES = {
    "default_model": "models.bundled",
    "import_checkpoint": "models.published",
    "load": "models.bundled",
    "load_arc": "models.published",
    "load_puzzles": "sudoku",
    "load_tasks": "models.published",
    "open_trace": "trace",
    "record": "trace",
    "save_tasks": "models.published",
}
_ROOMS = (
    "bench", "cli", "demo", "dynamics", "mazes", "models", "plots", "reasoning", "report", "sudoku", "trace", "training"
)  # fmt: skip

__getattr__, __dir__ = attached(__name__, _HOMES, _ROOMS)
