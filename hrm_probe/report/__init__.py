"""The audit of a model: each claim of the literature tested, with an effect, controls and a verdict.

>>> from hrm_probe.report import audit                                          # doctest: +SKIP
>>> print(audit("hrm-6x6", out="report"))                                       # doctest: +SKIP
"""

from pathlib import Path
from typing import TYPE_CHECKING

from hrm_probe.lazy import attached

if TYPE_CHECKING:
    from hrm_probe.report.adding import add_topics
    from hrm_probe.report.asking_again import ask_again
    from hrm_probe.report.auditing import audit, reread
    from hrm_probe.report.comparing import Comparison, compare
    from hrm_probe.report.comparing_reports import compare_reports
    from hrm_probe.report.plan import Plan
    from hrm_probe.report.result import Report
    from hrm_probe.report.topics import TOPICS
    from hrm_probe.report.verdicts import Control, Judgement, decide
    from hrm_probe.report.writing import write_report

REPORTS = Path("figures/report")
"""Where the reports of shipped models are kept."""

OWN_REPORTS = Path("reports")
"""Where a report is written if no folder is named, so that no shipped one is replaced by a smaller one."""

_HOMES = {
    "TOPICS": "topics",
    "Comparison": "comparing",
    "Control": "verdicts",
    "Judgement": "verdicts",
    "Plan": "plan",
    "Report": "result",
    "add_topics": "adding",
    "ask_again": "asking_again",
    "audit": "auditing",
    "compare": "comparing",
    "compare_reports": "comparing_reports",
    "decide": "verdicts",
    "reread": "auditing",
    "write_report": "writing",
}

__all__ = [
    "OWN_REPORTS",
    "REPORTS",
    "TOPICS",
    "Comparison",
    "Control",
    "Judgement",
    "Plan",
    "Report",
    "add_topics",
    "ask_again",
    "audit",
    "compare",
    "compare_reports",
    "decide",
    "reread",
    "write_report",
]

__getattr__, __dir__ = attached(__name__, _HOMES)
