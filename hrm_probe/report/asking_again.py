"""Questions that saved results answer, asked again by the present version; no model is run."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.provenance import provenance
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.storing import load_about, load_results
from hrm_probe.report.auditing import judge
from hrm_probe.report.claim import Results
from hrm_probe.report.result import RESULTS, Report
from hrm_probe.report.sample import belonging_together, the_sample
from hrm_probe.report.topics import TOPICS


def ask_again(folder: str | Path, puzzles: str | Path | Asked | None = None) -> tuple[Report, Results]:
    """A saved report whose topics that need only curves (jumps, modes) are asked again; all else is as it was.

    >>> report, results = ask_again("figures/report/hrm-6x6")                     # doctest: +SKIP
    >>> write_report(report, "figures/report/hrm-6x6", results)                   # doctest: +SKIP

    Args:
        folder: the report's.
        puzzles: the set that its sample was drawn from; the bundled test set of its board if None.

    Returns:
        The report, which says in ``about["asked_again"]`` what was asked by which version, and its results.

    Raises:
        InputError: no results there, none to be asked again, or other puzzles than those of the report.
    """
    path = Path(folder) / RESULTS
    results, about = dict(load_results(path)), load_about(path)
    topics = [topic for topic in about["topics"] if TOPICS[topic].again is not None]
    if not topics:
        raise InputError(f"The report in {folder} has nothing to be asked again; run hrm-probe report again.")
    sample = the_sample(about, puzzles, folder)
    groups = None if about["clustered_by"] == "puzzle" else belonging_together(sample)
    for topic in topics:
        ask = TOPICS[topic].again
        assert ask is not None
        results |= ask(_as_gathered(results), sample, groups, about["seed"])
    about = {**about, "asked_again": {"topics": topics, **provenance()}}
    return judge(results, about), results


def _as_gathered(results: Results) -> Results:
    """With predictions as a run gives them; they are saved in fewer bytes."""
    if "curves" not in results:
        return results
    curves: Curves = results["curves"]
    return {**results, "curves": replace(curves, predictions=curves.predictions.astype(np.int64))}
