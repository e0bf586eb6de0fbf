"""Two reports about the same puzzles: what differs, question by question?"""

import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.files import path_of
from hrm_probe.near_names import names_among
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.comparing import ComparedAnswers, compare_answers, may_be_about_the_same
from hrm_probe.reasoning.result import group_labels
from hrm_probe.reasoning.storing import load_about, load_results
from hrm_probe.report.effects import labels_as_resampled
from hrm_probe.report.result import RESULTS
from hrm_probe.report.sample import belonging_together, the_sample

COMPARED_IN_REPORTS: dict[str, str] = {
    "singles": "single blanks",
    "masked": "grids with a row masked",
    "given": "puzzles as given, in long runs",
    "jumps": "jumps",
    "modes": "modes",
    "traps_3": "traps",
    "wandering": "rest",
}
"""Results that every report has of the same puzzles, whatever the model, and what to call them."""
_LABELS = {"singles": "singles_groups", "masked": "keeping_groups", "given": "keeping_groups"}
_LABELS_OF_ALL = "settling_groups"


def compare_reports(
    first: str | Path,
    second: str | Path,
    puzzles: str | Path | Asked | None = None,
    *,
    questions: Collection[str] = tuple(COMPARED_IN_REPORTS),
    seed: int = 0,
) -> dict[str, ComparedAnswers]:
    """What differs between the models of two reports, by name of the result, in each question that both were asked?

    >>> for found in compare_reports("reports/hrm-6x6", "reports/trm-6x6").values():     # doctest: +SKIP
    ...     print(found)

    Args:
        first, second: folders of reports.
        puzzles: the set that the reports were made from, if it is not the bundled one; read only where a report does
            not hold by itself which puzzles belong together.
        questions: which of them, by ``COMPARED_IN_REPORTS``.
        seed: for the resampling.

    Raises:
        InputError: no report there, reports of different puzzles, an unknown question, or none that both were asked
            about the same puzzles. One that both were asked about different ones is left out with a warning: single
            blanks and long runs are of as many puzzles as a report had time for.

    Several models of each of two kinds are compared by :func:`hrm_probe.report.compare`.

    Source: :func:`hrm_probe.reasoning.compare_answers`. Attractors and suppositions are left out: each model is asked
    about those for puzzles of its own.
    """
    folders = [path_of(first), path_of(second)]
    about = [load_about(folder / RESULTS) for folder in folders]
    results = [load_results(folder / RESULTS) for folder in folders]
    samples = [one["data"]["sample"]["tokens_sha256"] for one in about]
    if samples[0] != samples[1]:
        raise InputError(
            f"The reports in {first} and {second} are of different puzzles; make both from the same set, with the same "
            "--n, --minutes and --seed."
        )
    asked = names_among(questions, COMPARED_IN_REPORTS, "question to compare")
    common = [name for name in asked if all(one.get(name) is not None for one in results)]
    found = {}
    for name in common:
        one, other = (kept[name] for kept in results)
        if not _of_the_same(name, results):
            warnings.warn(
                f"Left out {COMPARED_IN_REPORTS[name]}: the reports are about different ones, "
                f"{len(one.table):,} and {len(other.table):,}.",
                stacklevel=2,
            )
            continue
        labels = _labels(name, one.resampled, results, about[0], puzzles, folders[0])
        names = _told_apart(*(str(one["model"]) for one in about))
        found[name] = compare_answers(one, other, names, groups=labels, seed=seed)
    if not found:
        raise InputError(
            f"The reports in {first} and {second} have no question in common that can be compared; add topics to one "
            "with hrm-probe report MODEL --add."
        )
    return found


def _of_the_same(name: str, results: list[dict[str, Any]]) -> bool:
    """Did both reports draw equally many of the puzzles for this question, and so the same ones?"""
    if not may_be_about_the_same(*(getattr(kept[name], "asked_of", "") for kept in results)):
        return False
    one, other = (kept[name].table for kept in results)
    here, there = (kept.get(_LABELS.get(name, _LABELS_OF_ALL)) for kept in results)
    return len(one) == len(other) and (here is None or there is None or np.array_equal(here, there))


def _labels(
    name: str,
    resampled: str,
    results: list[dict[str, Any]],
    about: Mapping[str, Any],
    puzzles: str | Path | Asked | None,
    folder: Path,
) -> np.ndarray | None:
    """Of the puzzles that a result is about, which belong together; drawn again where neither report holds it."""
    if resampled == "puzzle":
        return None
    kept = next((one[key] for one in results if (key := _LABELS.get(name, _LABELS_OF_ALL)) in one), None)
    if kept is not None:
        return labels_as_resampled(kept, resampled)
    asked = the_sample(about, puzzles, folder)
    return group_labels(asked, belonging_together(asked))[0]


def _told_apart(first: str, second: str) -> tuple[str, str]:
    """Names of two models; numbered where they have the same."""
    return (first, second) if first != second else (f"{first} (1)", f"{second} (2)")
