"""What a report is about: a model, the puzzles put to it, and the runs that several topics share."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from hrm_probe.dynamics.jumps import FEWEST_POINTS
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner, load
from hrm_probe.models.batching import puzzles_at_once
from hrm_probe.models.bundled import bundled_models
from hrm_probe.reasoning.asking import Asked, check_asked
from hrm_probe.reasoning.result import Groups
from hrm_probe.reasoning.runs.curves import Curves, follow
from hrm_probe.report.plan import Plan, seconds_per_segment
from hrm_probe.report.sample import are_clustered, belonging_together, read_pool
from hrm_probe.sudoku import Puzzles

LENGTHENED = 8  # segments of a model trained for fewer than jumps can be seen in
OVERRUN = 1.2  # times the minutes asked for, beyond which that is said


@dataclass
class Subject:
    """A model under audit.

    Attributes:
        name: the model's, as pictures call it.
        model: any recursive reasoner.
        puzzles: the sample that everything is drawn from, or tasks without rules, to which fewer questions can be put;
            ``plan.puzzles`` of them, or all there are.
        plan: sample sizes and seed.
        twin: the same model trained with hints mixed in, by its name, if there is one to compare.
        progress: show bars.
        minutes: what the parts asked for are expected to take on this machine; None if that is not known.
        asked: what the whole plan was fitted to.
        parts: of the plan, those that are run; all if None.
        pool: what the sample was drawn from; the sample itself if None.
    """

    name: str
    model: RecursiveReasoner
    puzzles: Asked
    plan: Plan = field(default_factory=Plan)
    twin: tuple[str, RecursiveReasoner] | None = None
    progress: bool = True
    minutes: float | None = None
    asked: float | None = None
    parts: frozenset[str] | None = None
    pool: Asked | None = None

    def __str__(self) -> str:
        sizes = str(self.plan) if self.parts is None else self.plan.describe(self.parts)
        if self.segments > (trained := self.model.config.max_segments):
            sizes += f"; all followed to segment {self.segments}, though trained for {trained}"
        if self.minutes is None or self.asked is None:
            return f"{self.name}: {sizes}"
        time = f"about {self.minutes:.0f} min" if self.minutes >= 1 else "less than a minute"
        told = f"{self.name}: {sizes}; {time}"
        if self.minutes > OVERRUN * self.asked:
            told += f" (the {self.asked:g} asked for are too few: no part can be smaller and still be judged)"
        return told

    @property
    def segments(self) -> int:
        """Of every usual run: as many as the model was trained for, or ``LENGTHENED`` where those show no jump."""
        return segments_followed(self.model)

    @property
    def seed(self) -> int:
        return self.plan.seed

    @property
    def rules(self) -> bool:
        """Are these Sudokus, whose cells can be blanked and whose grids can be judged without their answers?"""
        return isinstance(self.puzzles, Puzzles)

    @cached_property
    def clustered(self) -> bool:
        """Do intervals keep puzzles together? Not where there are next to no groups of them."""
        return are_clustered(self.puzzles)

    @property
    def clustered_by(self) -> str:
        """What intervals resample, in a word."""
        if not self.clustered:
            return "puzzle"
        return "solution class" if self.rules else "group"

    @property
    def groups(self) -> Groups:
        """What intervals over all the puzzles keep together: solution classes, groups of tasks, or nothing."""
        return self.groups_of(self.puzzles)

    @property
    def batch_size(self) -> int:
        """Puzzles at once."""
        return puzzles_at_once(self.model.device)

    @property
    def usual(self) -> dict[str, Any]:
        """What every question is asked with."""
        return {"batch_size": self.batch_size, "seed": self.seed, "progress": self.progress}

    @cached_property
    def kept_curves(self) -> Curves:
        """``curves``, small enough to be saved: tokens in a byte each, where they fit."""
        smallest = np.min_scalar_type(self.model.config.vocab - 1)
        return replace(self.curves, predictions=self.curves.predictions.astype(smallest))

    def groups_of(self, some: Asked) -> Groups:
        """What intervals over some of the puzzles keep together."""
        return belonging_together(some) if self.clustered else None

    def with_plan(self, plan: Plan) -> "Subject":
        """The same subject, asked by another plan."""
        pool = self.puzzles if self.pool is None else self.pool
        return replace(self, plan=plan, puzzles=pool.sample(min(plan.puzzles, len(pool)), plan.seed))

    def some(self, n: int) -> Asked:
        """``n`` of the puzzles, the same ones for the same n."""
        return self.puzzles.sample(min(n, len(self.puzzles)), self.seed)

    @cached_property
    def curves(self) -> Curves:
        """What each segment says, of all puzzles."""
        return follow(
            self.model, self.puzzles, self.segments, batch_size=self.batch_size, progress=self.progress
        )


def subject_of(
    model: str | Path | RecursiveReasoner,
    puzzles: str | Path | Asked | None,
    twin: str | Path | RecursiveReasoner | None,
    name: str | None,
    device: str | None,
    dtype: str | None,
    plan: Plan,
    minutes: float | None,
    progress: bool,
    parts: frozenset[str] | None = None,
) -> Subject:
    """Load what is named, draw the sample, and fit the plan to the time; arguments are those of ``audit``.

    The plan is fitted as if all its parts were run, so that a topic says the same alone and in a whole report;
    ``parts`` are those that will be.
    """
    reasoner = loaded(model, device, dtype)
    called = name or name_of(model)
    every = read_pool(puzzles, reasoner.config.cells, plan.puzzles, plan.seed)
    check_asked(reasoner, every)
    pair = twin_of(model, twin, called, every, device, dtype)
    minutes = (5 if reasoner.config.cells <= 36 else 20) if minutes is None else minutes
    if minutes <= 0:
        raise InputError(f"minutes is {minutes:g}; a report needs some.")
    each = seconds_per_segment(reasoner, every) * (1 if pair is None else 1.2)
    plan = plan.among(len(every))
    plan = plan if isinstance(every, Puzzles) else plan.without_rules()
    sizes = segments_followed(reasoner), reasoner.config.cells
    plan = plan.fitted(each, minutes, *sizes)
    plan = plan.among(plan.puzzles)
    sample = every.sample(plan.puzzles, plan.seed)
    expected = plan.minutes(each, *sizes, parts)
    return Subject(
        called,
        reasoner,
        sample,
        plan,
        twin=pair,
        progress=progress,
        minutes=expected,
        asked=minutes,
        parts=parts,
        pool=every,
    )


def loaded(model: str | Path | RecursiveReasoner, device: str | None, dtype: str | None) -> RecursiveReasoner:
    """A model at hand, or one by name or folder."""
    return model if isinstance(model, RecursiveReasoner) else load(model, device, dtype)


def twin_of(
    model: str | Path | RecursiveReasoner,
    twin: str | Path | RecursiveReasoner | None,
    called: str,
    puzzles: Asked,
    device: str | None,
    dtype: str | None,
) -> tuple[str, RecursiveReasoner] | None:
    """The model trained with hints to compare with, by a name other than ``called``; the shipped one if there is one.

    Raises:
        InputError: it cannot be asked these puzzles.
    """
    if twin is None and not isinstance(model, RecursiveReasoner):
        twin = shipped_twin(str(model))
    if twin is None:
        return None
    other, name = loaded(twin, device, dtype), name_of(twin)
    check_asked(other, puzzles)
    return (f"{name}, with hints" if name == called else name), other


def segments_followed(model: RecursiveReasoner) -> int:
    trained = model.config.max_segments
    return trained if trained >= FEWEST_POINTS else LENGTHENED


def name_of(model: str | Path | RecursiveReasoner) -> str:
    """What to call a model: its folder's name, of RUN/model, as trainings leave it, RUN; else its architecture."""
    if isinstance(model, RecursiveReasoner):
        return model.config.architecture
    folder = Path(model).resolve()
    return folder.parent.name if folder.name == "model" else folder.name


def shipped_twin(name: str) -> str | None:
    """The model of the same recipe trained with hints, where both are shipped."""
    names = bundled_models()
    return f"{name}-mixed" if name in names and f"{name}-mixed" in names else None
