"""A report on disk: page, numbers, pictures, and the results they can be made from again."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hrm_probe.errors import InputError
from hrm_probe.files import check_folder, writing
from hrm_probe.plots.saving import save_figure
from hrm_probe.reasoning.storing import save_results
from hrm_probe.report.claim import Results
from hrm_probe.report.numbers import write_rounded
from hrm_probe.report.page import report_page
from hrm_probe.report.result import RESULTS, Report
from hrm_probe.report.unfinished import UNFINISHED

PAGE, NUMBERS = "report.html", "report.json"


def write_report(report: Report, out: str | Path, results: Results | None = None) -> list[Path]:
    """Write the page, the numbers, every picture (PNG and PDF), and the results if given.

    >>> report, results = ask_again("figures/report/hrm-6x6")                        # doctest: +SKIP
    >>> write_report(report, "figures/report/hrm-6x6", results)                      # doctest: +SKIP

    Args:
        report: from ``audit``, ``reread`` or ``ask_again``.
        out: a folder that is there or will be made; what a report left there is replaced.
        results: what the report was made from, which ``reread`` and ``hrm-probe figures`` need.

    Returns:
        The files, the page first.

    Raises:
        InputError: nothing can be written to ``out``.
    """
    out = check_folder(out)
    if results is not None:
        save_results(out / RESULTS, results, report.about)
    files = [
        file
        for chapter in report.chapters
        for picture in chapter.pictures
        for file in save_figure(picture.figure, out, picture.name)
    ]
    with writing(out / PAGE) as beside:
        beside.write_text(report_page(report), encoding="utf-8")
    write_rounded(out / NUMBERS, as_numbers(report))
    return [out / PAGE, out / NUMBERS, *files]


def refuse_to_lose_a_report(out: Path, model: str, topics: Iterable[str], puzzles: int) -> None:
    """Raise an InputError where what is there would be lost.

    That is a report of another model, of further topics or of more puzzles, or a file that is none of a report's.
    """
    try:
        there = json.loads((out / NUMBERS).read_text(encoding="utf-8"))["about"]
        other, lost = there["model"], [topic for topic in there["topics"] if topic not in set(topics)]
        more = int(there["settings"]["puzzles"])
    except (OSError, ValueError, KeyError, TypeError):
        foreign = [name for name in (PAGE, NUMBERS, RESULTS) if (out / name).exists()]
        if foreign and not (out / UNFINISHED).exists():
            raise InputError(
                f"{out} holds {' and '.join(foreign)}, but no report that can be read; name another folder with --out, "
                "or add --force."
            ) from None
        return
    if other != model:
        raise InputError(f"{out} holds a report of {other}; name another folder with --out, or add --force.")
    if lost:
        raise InputError(
            f"{out} holds a report with other topics ({', '.join(lost)}), which would be lost; name another folder "
            "with --out, or add --force."
        )
    if more > puzzles:
        raise InputError(
            f"{out} holds a report of more puzzles ({more:,}, not {puzzles:,}), which would be lost; give more "
            "--minutes, name another folder with --out, or add --force."
        )


def as_numbers(report: Report) -> dict[str, Any]:
    """The content of ``report.json``: verdicts first, then the tables, then what is behind them."""
    corrected = report.corrections
    return {
        "model": report.model,
        "claims": [
            {
                "claim": claim.name,
                "title": claim.title,
                "topic": chapter.topic.name,
                "source": claim.source,
                "published": claim.published,
                "criterion": claim.criterion,
                "sceptic": claim.sceptic,
                **judgement.to_dict(),
                "correction": asdict(corrected[claim.name]) if claim.name in corrected else None,
                "pictures": [picture.name for picture in chapter.pictures],
            }
            for chapter in report.chapters
            for claim, judgement in chapter.judgements
        ],
        "power": [power.to_dict() for chapter in report.chapters for power in chapter.powers],
        "tables": {
            chapter.topic.name: {table.title: table.rows for table in chapter.tables}
            for chapter in report.chapters
        },
        "about": report.about,
    }
