"""The whole story in one go: what the literature says of recursive reasoners, tested and drawn on bundled models.

>>> from hrm_probe.demo import run_demo                  # doctest: +SKIP
>>> print(run_demo("demo"))                              # doctest: +SKIP
"""

from typing import TYPE_CHECKING

from hrm_probe.lazy import attached

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

__getattr__, __dir__ = attached(__name__, _HOMES)
