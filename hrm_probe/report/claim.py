"""A claim of the literature, and the topic it belongs to: what is run, how it is judged, what is drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hrm_probe.plots.plain_page import Picture, Table
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.result import Groups
from hrm_probe.report.subject import Subject
from hrm_probe.report.verdicts import Judgement

Results = Mapping[str, Any]
"""Results of :mod:`hrm_probe.reasoning` by a topic's own names; None for what could not be asked."""


@dataclass(frozen=True)
class Claim:
    """One claim and the rule for it, written before data are seen.

    Attributes:
        name: short, without spaces.
        title: the claim, a sentence.
        source: who makes it, and where.
        published: what was found there, in numbers.
        criterion: when it holds, in words; ``judge`` does what they say.
        sceptic: what would make the verdict wrong, however the numbers come out.
        threshold, alternative: the share it is held against, and one worth telling from it, for the power; None for
            effects that are not a share.
        cases: how many cases a plan gives it, from the topic's results.
        judge: results of the topic -> judgement.
    """

    name: str
    title: str
    source: str
    published: str
    criterion: str
    sceptic: str
    judge: Callable[[Results], Judgement]
    threshold: float | None = None
    alternative: float | None = None
    cases: Callable[[Results], int] | None = None


@dataclass(frozen=True)
class Topic:
    """Claims that rest on the same runs.

    Attributes:
        name: of its script and files.
        title: heading of its section.
        gather: runs the model; the only part that takes time.
        parts: of the plan (:meth:`Plan.cost`) that gathering runs.
        claims: judged from what was gathered alone.
        draw: pictures from what was gathered alone; the second argument is the model's name, the third the seed.
        tables: tables from what was gathered alone.
        again: what gathering asks of what a report has saved, and can ask anew without the model: of the saved results,
            their puzzles, groups and seed, the results that take the place of saved ones.
    """

    name: str
    title: str
    gather: Callable[[Subject], dict[str, Any]]
    parts: tuple[str, ...]
    claims: tuple[Claim, ...]
    draw: Callable[[Results, str, int], list[Picture]]
    tables: Callable[[Results], list[Table]]
    again: Callable[[Results, Asked, Groups, int], dict[str, Any]] | None = None
