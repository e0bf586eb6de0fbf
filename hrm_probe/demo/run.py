"""The whole story on the bundled models and puzzles: findings, page, numbers, and a summary in words."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hrm_probe.demo.accuracy import accuracy
from hrm_probe.demo.blanks import easy_puzzles
from hrm_probe.demo.evidence import Evidence
from hrm_probe.demo.film import film
from hrm_probe.demo.finding import Finding, statements_as_json
from hrm_probe.demo.jumps import jumping, jumping_elsewhere
from hrm_probe.demo.modes import reasoning_modes
from hrm_probe.demo.stories import stories
from hrm_probe.demo.traps import trapping
from hrm_probe.files import writing
from hrm_probe.plots.page import VERDICT_WORDS, Statement, interactive_page
from hrm_probe.report.numbers import write_rounded
from hrm_probe.report.provenance import full_provenance

FINDINGS: dict[str, Callable[[Evidence], Finding]] = {
    "accuracy": accuracy,
    "blanks": easy_puzzles,
    "jumps": jumping,
    "jumps_other": jumping_elsewhere,
    "modes": reasoning_modes,
    "plane": trapping,
    "film": film,
}
"""Every picture of the demo by the name of its files, in the order in which they are told."""

PAGE, NUMBERS = "demo.html", "demo.json"


@dataclass(frozen=True)
class Demo:
    """The result of a demo.

    Attributes:
        findings: in order.
        files: written, in order.
        seconds: it took.
        provenance: seed, settings, models, data, versions and kind of machine.
    """

    findings: list[Finding]
    files: list[Path]
    seconds: float
    provenance: dict[str, Any]

    @property
    def statements(self) -> list[Statement]:
        return [statement for finding in self.findings for statement in finding.statements]

    def __str__(self) -> str:
        """The summary in words."""
        return "\n".join(
            f"{s.claim} {VERDICT_WORDS[s.verdict].capitalize()}.\n  {s.sentence}" for s in self.statements
        )


def run_demo(
    out: str | Path = "demo", evidence: Evidence | None = None, say: Callable[[str], None] = lambda line: None
) -> Demo:
    """Make every picture, the page and the numbers, and write them to a folder.

    >>> demo = run_demo("demo")                          # doctest: +SKIP
    >>> print(demo)                                      # doctest: +SKIP

    Args:
        out: the folder; made if it is not there.
        evidence: models, puzzles and settings; the bundled ones if None.
        say: is told, in a line each, what is being done.

    Returns:
        The findings, and the files: NAME.png and NAME.pdf for each, ``demo.html`` and ``demo.json``.
    """
    begun, out = time.monotonic(), Path(out)
    evidence = Evidence() if evidence is None else evidence
    findings, files = [], []
    for name, find in FINDINGS.items():
        say(name)
        finding = find(evidence)
        files += finding.write(out)
        findings.append(finding)
    say("page")
    origin = full_provenance(
        evidence.settings.seed, evidence.models, {"sample": evidence.puzzles}, evidence.settings.to_dict()
    )
    with writing(out / PAGE) as beside:
        beside.write_text(page(evidence, findings, origin), encoding="utf-8")
    seconds = time.monotonic() - begun
    demo = Demo(findings, [out / PAGE, out / NUMBERS, *files], seconds, origin)
    write_rounded(out / NUMBERS, numbers(demo))
    return demo


def numbers(demo: Demo) -> dict[str, Any]:
    """The content of ``demo.json``."""
    return {
        "statements": statements_as_json(demo.statements),
        "findings": {
            finding.name: {"title": finding.title, "caption": finding.caption, "numbers": finding.numbers}
            for finding in demo.findings
        },
        "provenance": demo.provenance,
        "seconds": round(demo.seconds, 1),
    }


def page(evidence: Evidence, findings: list[Finding], origin: dict[str, Any]) -> str:
    """The interactive page."""
    settings = evidence.settings
    sections = [section for finding in findings if (section := finding.section()) is not None]
    return interactive_page(
        title="Reasoning or guessing?",
        lead=f"A recursive model, {settings.model}, answers a Sudoku by updating a hidden state in "
        f"{evidence.segments} segments and reading out a whole grid after each. Below: what it does on puzzles it has "
        "never seen, and whether what the literature says of such models holds for this one (arXiv 2601.10679). "
        "Brackets are 95% confidence intervals.",
        statements=[statement for finding in findings for statement in finding.statements],
        stories=stories(evidence),
        sections=sections,
        about={
            "models": ", ".join(origin["models"]),
            "puzzles": evidence.describe(len(evidence.puzzles)),
            "seed": str(settings.seed),
            "machine": str(origin["machine"]),
            "versions": f"hrm_probe {origin['hrm_probe']}, torch {origin['torch']}",
            "commit": origin["commit"] or "none (an installed package)",
            "numbers": f"all in {NUMBERS} beside this page",
        },
        box=evidence.box,
    )
