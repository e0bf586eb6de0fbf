"""A finding: a picture, its numbers, and what they say in words; how it is judged and how it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.files import writing
from hrm_probe.plots.page import Section, Statement, Verdict
from hrm_probe.plots.saving import save_figure
from hrm_probe.report.numbers import write_rounded
from hrm_probe.report.verdicts import Judgement, decide

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Finding:
    """The result of one question.

    Attributes:
        name: of its files, without ending.
        title, caption: of the picture; the caption says how many puzzles and which seed.
        figure: the picture for print.
        numbers: everything the picture shows, and more, ready for JSON.
        statements: claims with their verdicts on this model, computed from the numbers.
        interactive: the picture for the page, where it has one of its own.
        interactive_caption: what to write under that one, if it is not the same.
    """

    name: str
    title: str
    caption: str
    figure: "Figure"
    numbers: dict[str, Any]
    statements: list[Statement] = field(default_factory=list)
    interactive: "go.Figure | None" = None
    interactive_caption: str = ""

    def section(self) -> Section | None:
        """Its place on the page."""
        return (
            None
            if self.interactive is None
            else Section(self.name, self.title, self.interactive_caption or self.caption, self.interactive)
        )

    def write(self, out: Path, provenance: Mapping[str, Any] | None = None) -> list[Path]:
        """Write ``NAME.png`` and ``NAME.pdf``; with a provenance also ``NAME.json`` and its ``NAME.html``, if any."""
        written = save_figure(self.figure, out, self.name)
        if provenance is not None:
            content = {
                "title": self.title,
                "caption": self.caption,
                "statements": statements_as_json(self.statements),
                "numbers": self.numbers,
                "provenance": dict(provenance),
            }
            written.append(write_rounded(out / f"{self.name}.json", content))
            if self.interactive is not None:
                with writing(out / f"{self.name}.html") as beside:
                    self.interactive.write_html(
                        beside, include_plotlyjs=True, config={"displayModeBar": False, "responsive": True}
                    )
                written.append(out / f"{self.name}.html")
        return written


def judge(interval: Interval, threshold: float) -> Verdict:
    """A claim "the value is above the threshold", by the rule of reports; undecided where there was nothing to see."""
    verdict = decide(interval, threshold, "").verdict
    return "undecided" if verdict == "not testable" else verdict


def as_reports_do(claim: str, judgement: Judgement, sentence: str, picture: str) -> Statement:
    """A claim with the verdict that a report would give, and why, where more than its interval decides."""
    if judgement.controls and judgement.verdict == "undecided":
        sentence = f"{sentence} {judgement.reason}"
    verdict: Verdict = "undecided" if judgement.verdict == "not testable" else judgement.verdict
    return Statement(claim, verdict, sentence, picture)


def statements_as_json(statements: list[Statement]) -> list[dict[str, str]]:
    return [
        {"claim": s.claim, "verdict": s.verdict, "sentence": s.sentence, "picture": s.section}
        for s in statements
    ]
