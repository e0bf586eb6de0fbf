"""Very easy puzzles: a reasoner should find them the easiest."""

from typing import Any

import pandas as pd

from hrm_probe.plots import style
from hrm_probe.plots.blanks import blank_curves
from hrm_probe.plots.cells import cell_map
from hrm_probe.plots.plain_page import Picture, Table
from hrm_probe.reasoning.easy.blanks import Blanks, blanks
from hrm_probe.reasoning.easy.single_blank import SingleBlank, single_blank
from hrm_probe.reasoning.result import group_labels
from hrm_probe.report.claim import Claim, Results, Topic
from hrm_probe.report.effects import complement
from hrm_probe.report.in_words import points, rounded
from hrm_probe.report.repairing import NO_TWIN, judge_repair
from hrm_probe.report.subject import Subject
from hrm_probe.report.verdicts import NO_RULES, Control, Judgement, decide, enough, untestable
from hrm_probe.sudoku import Puzzles

FAILING = 0.05  # a share of the easiest puzzles that no reasoner should fail; some hundred can refute it
SKILL = 0.1  # a share of real puzzles below which failures are mere inability
FEWEST = 20
GATHERED = ("blanks", "singles", "every_cell", "singles_groups", "twin", "twin_blanks", "twin_singles")


def gather(subject: Subject) -> dict[str, Any]:
    """Every number of blanks, single blanks, and every single blank of one grid; the first also of the twin."""
    plan = subject.plan
    usual = subject.usual
    if not isinstance(subject.puzzles, Puzzles):
        return dict.fromkeys(GATHERED)
    most = len(subject.puzzles)
    tried, singles = (subject.puzzles.sample(min(n, most), plan.seed) for n in (plan.blanks, plan.singles))
    groups = subject.groups_of(singles)
    found = dict.fromkeys(GATHERED) | {
        "blanks": blanks(subject.model, tried, None, subject.segments, n=None, groups=groups, **usual),
        "singles": single_blank(subject.model, singles, 1, subject.segments, groups=groups, **usual),
        "every_cell": single_blank(subject.model, singles[:1], "all", subject.segments, **usual),
        "singles_groups": group_labels(singles, groups)[0],
    }
    if subject.twin is not None:
        found["twin"], twin = subject.twin
        found["twin_blanks"] = blanks(twin, tried, None, subject.segments, n=None, groups=groups, **usual)
        found["twin_singles"] = single_blank(twin, singles, 1, subject.segments, groups=groups, **usual)
    return found


def judge_failing(results: Results) -> Judgement:
    singles: SingleBlank | None = results["singles"]
    given: Blanks | None = results["blanks"]
    if singles is None or given is None:
        return untestable(NO_RULES, FAILING)
    failed = complement(singles.last)
    assert given.original is not None
    skill = given.original
    sentence = (
        f"Of {singles.runs:,} solved grids with one blank cell {rounded(failed)} are wrong at segment "
        f"{singles.segments}; {rounded(singles.ever)} are right at some segment, {rounded(singles.at_halt)} where the "
        f"model would halt. Of the puzzles as given it solves {rounded(skill)}."
    )
    controls = [
        Control(
            "skill", skill.low > SKILL, f"It solves real puzzles: {rounded(skill)}, more than {SKILL:.0%}."
        ),
        enough(singles.runs, FEWEST, "grids"),
    ]
    if not controls[0].passed:
        return untestable(
            "It solves too few real puzzles for its failures on easy ones to mean anything.",
            FAILING,
            sentence=sentence,
            controls=controls,
        )
    return decide(failed, FAILING, sentence, controls)


def judge_hints(results: Results) -> Judgement:
    plain: SingleBlank | None = results["singles"]
    mixed: SingleBlank | None = results["twin_singles"]
    if plain is None or mixed is None:
        return untestable(NO_RULES if plain is None else NO_TWIN, unit="points")
    return judge_repair(
        plain.table["solved_last"].to_numpy(),
        mixed.table["solved_last"].to_numpy(),
        results["singles_groups"],
        plain.resampled,
        plain.seed,
        tolerated=FAILING,
        told=lambda before, after, gain: (
            f"On the same {plain.runs:,} single blanks {results['twin']}, trained with hints, is right in {after:.0%}, "
            f"this model in {before:.0%}: {points(gain)}."
        ),
        room="There is something to repair: {:.1%} fail.",
        nothing="There are no failures on easy puzzles to repair.",
    )


def draw(results: Results, model: str, seed: int) -> list[Picture]:
    if results["singles"] is None:
        return []
    tables = {model: results["blanks"].table}
    if results["twin_blanks"] is not None:
        tables[results["twin"]] = results["twin_blanks"].table
    every: SingleBlank = results["every_cell"]
    with style.style():
        curves = style.new_figure(style.DOUBLE_COLUMN * 0.72, 3.0)
        blank_curves(curves.subplots(), tables)
        cells = style.new_figure(style.SINGLE_COLUMN * 1.9, 2.7)
        left, right = cells.subplots(1, 2)
        cell_map(left, every.map(0), title="at the last segment")
        cell_map(right, every.map(0, "solved_ever"), title="at some segment")
    n = results["blanks"].puzzles
    return [
        Picture(
            "blanks",
            "Accuracy against the number of blanks",
            f"{n} puzzles, each with every number of blanks (a smaller set of blanks lies within a larger); the last "
            f"point are the puzzles as given, placed at their mean. Bars: 95% intervals. Seed {seed}.",
            curves,
        ),
        Picture(
            "every_cell",
            "Every single blank of one grid",
            f"{every.runs} runs of {model} on one solved grid, each with another cell blank: dark where the whole grid "
            f"is right. Seed {seed}.",
            cells,
        ),
    ]


def tables(results: Results) -> list[Table]:
    if results["singles"] is None:
        return []
    factors: pd.DataFrame = results["singles"].factors
    return [
        Table(
            "What makes a single blank fail",
            factors,
            "Share of the variance of failing that each factor explains, permutation tests that keep a grid's runs "
            "together, p-values corrected after Holm.",
        )
    ]


TOPIC = Topic(
    name="easy_puzzles",
    title="Very easy puzzles",
    gather=gather,
    parts=("blanks", "singles"),
    claims=(
        Claim(
            name="easy_puzzles_fail",
            title="Puzzles with a single blank fail.",
            source="Ren & Liu, arXiv 2601.10679, claim 1",
            published="HRM on 9x9 Sudoku-Extreme fails on puzzles with one blank",
            criterion=f"Holds if more than {FAILING:.0%} of solved grids with one blank are wrong at the last segment, "
            f"in a model that solves more than {SKILL:.0%} of the puzzles as given.",
            sceptic="Such puzzles are outside what the model was trained on, so that failing says as much about its "
            "training data as about its reasoning; trainings of one recipe that differ in their seed alone differ "
            "widely here. One seed is one model, not an architecture.",
            judge=judge_failing,
            threshold=FAILING,
            alternative=0.2,
            cases=lambda results: int(results["singles"].runs),
        ),
        Claim(
            name="hints_repair",
            title="Hints mixed into training repair them.",
            source="Ren & Liu, arXiv 2601.10679, data mixing",
            published="mixing easier puzzles into training restores them",
            criterion="Holds if the same recipe trained with hints solves more of the same single blanks.",
            sceptic="Two trainings are compared, one of each kind: the difference may be one of seeds.",
            judge=judge_hints,
        ),
    ),
    draw=draw,
    tables=tables,
)
