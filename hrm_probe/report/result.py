"""What an audit comes to: a report, chapter by chapter."""

from dataclasses import dataclass
from typing import Any

from hrm_probe.near_names import name_among
from hrm_probe.plots.plain_page import Picture, Table
from hrm_probe.report.claim import Claim, Topic
from hrm_probe.report.correction import Correction, corrections
from hrm_probe.report.power import Power
from hrm_probe.report.verdicts import Judgement

RESULTS = "results.npz"
"""The file of a report's folder that all of it can be made from again."""


@dataclass(frozen=True)
class Chapter:
    """A topic as it came out: judgements by claim, pictures and tables, and the power behind each share."""

    topic: Topic
    judgements: tuple[tuple[Claim, Judgement], ...]
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]
    powers: tuple[Power, ...]


@dataclass(frozen=True)
class Report:
    """What an audit came to.

    Attributes:
        model: its name.
        chapters: in order.
        about: the plan, provenance, data and time behind the numbers.
    """

    model: str
    chapters: tuple[Chapter, ...]
    about: dict[str, Any]

    @property
    def judgements(self) -> list[tuple[Claim, Judgement]]:
        return [pair for chapter in self.chapters for pair in chapter.judgements]

    @property
    def corrections(self) -> dict[str, Correction]:
        """What becomes of each verdict when the number of claims is corrected for, by claim."""
        return corrections({claim.name: judgement for claim, judgement in self.judgements})

    def verdict(self, claim: str) -> str:
        """The verdict on a claim by its name.

        Raises:
            InputError: no such claim.
        """
        found = {c.name: judgement.verdict for c, judgement in self.judgements}
        return found[name_among(claim, found, "claim")]

    def __str__(self) -> str:
        lines = [f"{self.model}, claim by claim:"]
        for claim, judgement in self.judgements:
            lines.append(f"[{judgement.verdict}] {claim.title}")
            lines.append(f"    {judgement.sentence or judgement.reason}")
            if judgement.sentence and judgement.reason:
                lines.append(f"    {judgement.reason}")
        return "\n".join(lines)
