"""Dimensions: do the slow module's states lie in more of them, and is that learned?"""

from typing import TYPE_CHECKING, Any

import numpy as np

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.plots import style
from hrm_probe.plots.dimensions import dimension_marks, dimensions_by_segment, dimensions_by_tasks
from hrm_probe.plots.plain_page import Picture, Table
from hrm_probe.reasoning.inside.dimensions import Dimensions
from hrm_probe.reasoning.inside.dimensions import dimensions as ask
from hrm_probe.report.claim import Claim, Results, Topic
from hrm_probe.report.plan import UNTRAINED
from hrm_probe.report.subject import Subject
from hrm_probe.report.verdicts import Control, Judgement, decide, enough

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AS_MANY = 1.0
FEWEST = 20


def gather(subject: Subject) -> dict[str, Any]:
    """States at the ends of segments, of the model and of untrained networks like it."""
    some = subject.some(subject.plan.spread)
    counts = sorted({n for n in (10, 20, 50, 100) if n < len(some)} | {len(some)})
    found = ask(
        subject.model,
        some,
        subject.segments,
        untrained=UNTRAINED,
        tasks=counts,
        groups=subject.groups_of(some),
        **subject.usual,
    )
    return {"dimensions": found}


def judge_hierarchy(results: Results) -> Judgement:
    found: Dimensions = results["dimensions"]
    sentence = (
        f"A cell's states at the ends of {found.segments} segments lie in {_told(found.H)} dimensions in z_H and "
        f"{_told(found.L)} in z_L, of {found.d_model}: {_told(found.times)} times as many. In {found.untrained} "
        f"untrained networks of this shape it is {found.untrained_least:.2f} to {found.untrained_most:.2f} times."
    )
    others = (found.times_apart, found.times_grids)
    sides = {bool(one.estimate > AS_MANY) for one in (found.times, *others) if np.isfinite(one.estimate)}
    controls = [
        enough(found.puzzles, FEWEST, "puzzles"),
        Control(
            "readings",
            len(sides) == 1,
            f"From the mean of each cell over all runs it is {_told(found.times_apart)} times as many, of whole grids "
            f"{_told(found.times_grids)}; all on one side of {AS_MANY:g} wanted.",
        ),
        Control(
            "learned",
            found.times.low > found.untrained_most,
            "More than in any of the untrained networks is wanted.",
            needed_for="holds",
        ),
    ]
    return decide(found.times, AS_MANY, sentence, controls, unit="ratio")


def _told(interval: Interval) -> str:
    if not np.isfinite(interval.estimate):
        return "an unknown number of"
    return f"{interval.estimate:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def dimensions_picture(found: Dimensions) -> "Figure":
    """Dimensions by segment and by the number of puzzles, and how many times as many in z_H as in z_L."""
    readings = {str(reading): rows for reading, rows in found.ratios.groupby("reading", sort=False)}
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN, 2.9)
        segments, tasks, times = figure.subplots(1, 3)
        dimensions_by_segment(segments, found.by_segment, title="by segment")
        dimensions_by_tasks(tasks, found.growth, title="by puzzles")
        dimension_marks(times, readings, title="how many times")
    return figure


def draw(results: Results, model: str, seed: int) -> list[Picture]:
    found: Dimensions = results["dimensions"]
    return [
        Picture(
            "dimensions",
            "Dimensions of states",
            f"{model} on {found.puzzles} puzzles, seed {seed}. Left: participation ratios of a cell's states at the "
            f"end of each segment; dotted: {found.untrained} untrained networks. Middle: of the states of whole grids "
            "by how many puzzles are taken; dashed: plain, as it is usually told, which grows by itself; solid: from "
            "pairs of different puzzles. Right: how many times as many dimensions z_H has as z_L, by what is taken for "
            "a point; hollow: untrained networks.",
            dimensions_picture(found),
        )
    ]


def tables(results: Results) -> list[Table]:
    found: Dimensions = results["dimensions"]
    return [
        Table(
            "Dimensions of states",
            found.table,
            "Participation ratios of states from different puzzles; plain, of all states together. Cells: the state "
            "of one cell; cells apart: from the mean of its own cell over all runs; grids: of all cells together.",
        ),
        Table("z_H over z_L", found.ratios, "How many times as many dimensions z_H has as z_L."),
    ]


TOPIC = Topic(
    name="dimensions",
    title="Dimensions",
    gather=gather,
    parts=("spread",),
    claims=(
        Claim(
            name="slow_states_have_more_dimensions",
            title="The slow module's states lie in more dimensions than the fast one's, and that is learned.",
            source="arXiv 2506.21734, section 4 and figure 8, of an HRM (one module updates both in a TRM; z_H is its "
            "answer)",
            published="participation ratios of 89.95 and 30.22 on a hundred Sudokus (2.98 times), 42.09 and 40.75 in "
            "an untrained network (1.03 times)",
            criterion="Holds if z_H lies in more dimensions than z_L, by participation ratios of a cell's states from "
            "different puzzles, if it does so from the mean of each cell and for the states of whole grids as well, "
            f"and by more than in any of {UNTRAINED} untrained networks of the same shape.",
            sceptic="A participation ratio counts directions of variance, not what they carry: that of a state which "
            "shows one of n digits is about n - 1, whatever was reasoned. States within segments are left out. The "
            "published growth of z_H with the number of puzzles is not a claim here: the plain ratio of more puzzles "
            "grows for any model whose grids differ in more directions than there are puzzles.",
            judge=judge_hierarchy,
        ),
    ),
    draw=draw,
    tables=tables,
)
