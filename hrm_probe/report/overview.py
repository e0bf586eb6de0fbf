"""Several reports on one page: a row per claim, a column per model."""

import math
from collections.abc import Sequence

from hrm_probe.report import in_words
from hrm_probe.report.page import effect_in_words
from hrm_probe.report.result import Report

OVERVIEW = "verdicts.md"
FALLS = "†"


def overview(reports: Sequence[Report]) -> str:
    """The verdicts of several reports as a Markdown table, effects with their 95% intervals.

    A dagger marks verdicts that fall when the number of claims in their report is corrected for.
    """
    titles = {claim.name: claim.title for report in reports for claim, _ in report.judgements}
    names = [report.model for report in reports]
    rows = [_row("claim", *(f"`{name}`" for name in names)), _row(*["---"] * (1 + len(names)))]
    for claim, title in titles.items():
        rows.append(_row(title, *(_cell(report, claim) for report in reports)))
    about = "; ".join(
        f"`{report.model}`: {in_words.sample(report.about['data']['sample'])}, seed {report.about['seed']}, "
        f"{report.about['seconds']['all']:.0f} s on {report.about['machine']}"
        for report in reports
    )
    return "\n".join(
        [
            "# Verdicts, claim by claim",
            "",
            "Made by `hrm-probe figures` from the results beside each report; criteria, controls and pictures are in "
            "each model's `report.html`.",
            "",
            *rows,
            "",
            f"Brackets are 95% intervals. {FALLS}: falls when a report's number of claims is corrected for (Holm).",
            "",
            about + ".",
            "",
        ]
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(report: Report, claim: str) -> str:
    found = {c.name: judgement for c, judgement in report.judgements}.get(claim)
    if found is None:
        return "not asked"
    if found.effect is None or not math.isfinite(found.effect.estimate):
        return found.verdict
    correction = report.corrections.get(claim)
    mark = FALLS if correction is not None and correction.stands is False else ""
    return f"{found.verdict}{mark}: {effect_in_words(found)}"
