"""The whole story in one go: what the literature says of recursive reasoners, tested and drawn on bundled models.

>>> from hrm_probe.demo import run_demo                  # doctest: +SKIP
>>> print(run_demo("demo"))                              # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hrm_probe.demo.evidence import Evidence, Settings
    from hrm_probe.demo.finding import Finding
    from hrm_probe.demo.run import FINDINGS, Demo, run_demo

_HOMES = {
    "FINDINGS": "run",
    "Demo": "run",
    "Evidence": "evidence",
    "Finding": "finding",
    "Settings": "evidence",
    "run_demo": "run",
}

__all__ = ["FINDINGS", "Demo", "Evidence", "Finding", "Settings", "run_demo"]


def __getattr__(name: str) -> Any:
    """Load names when they are first used, so that importing the room stays quick."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
