"""A report that was stopped: the topics it had finished, for the next one that asks the same to go on from."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from hrm_probe.reasoning.storing import load_about, load_results, save_results
from hrm_probe.report.claim import Results
from hrm_probe.report.plan import Plan

UNFINISHED = "unfinished.npz"


class Unfinished(NamedTuple):
    """What a stopped report leaves: its plan, what the finished topics gathered, and the seconds each took."""

    plan: Plan
    results: Results
    seconds: dict[str, float]

    def keep(self, folder: Path, asked: dict[str, Any]) -> None:
        """Write it into the report's folder. ``asked`` is all that the results depend on, ready for JSON."""
        about = {"asked": asked, "plan": self.plan.to_dict(), "seconds": self.seconds}
        save_results(folder / UNFINISHED, self.results, about)


def left_unfinished(folder: Path, asked: dict[str, Any]) -> Unfinished | None:
    """What a report of the same question left in its folder; None if there is nothing, or another question's."""
    path = folder / UNFINISHED
    if not path.is_file():
        return None
    about = load_about(path)
    if about["asked"] != json.loads(json.dumps(asked)):
        return None
    return Unfinished(Plan.saved(about["plan"]), load_results(path), about["seconds"])


def forget(folder: Path) -> None:
    """The report is whole: nothing is unfinished any more."""
    (folder / UNFINISHED).unlink(missing_ok=True)
