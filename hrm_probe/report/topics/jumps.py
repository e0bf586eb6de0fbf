"""Jumps: does an answer come in one segment, or bit by bit?"""

from typing import TYPE_CHECKING, Any

import numpy as np

from hrm_probe.plots import style
from hrm_probe.plots.jumps import align, aligned_curves, curves_and_average, jump_raster
from hrm_probe.plots.plain_page import Picture, Table
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.result import Groups
from hrm_probe.reasoning.timing.jumps import Jumps, arrivals_in_words, curves_in_words
from hrm_probe.reasoning.timing.jumps import jumps as find
from hrm_probe.report.claim import Claim, Results, Topic
from hrm_probe.report.in_words import rounded
from hrm_probe.report.subject import Subject
from hrm_probe.report.verdicts import Control, Judgement, decide, enough, same_side, untestable
from hrm_probe.wording import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GROUPS = ("at once", "by a jump", "otherwise", "not solved")
REACH = 5  # segments to either side of a jump
MOST = 0.5
FEWEST = 20
FALSE_ALARMS = 0.1
POWER = 0.5


def gather(subject: Subject) -> dict[str, Any]:
    """The curves of all puzzles, and what a change-point test says of them."""
    asked = again({"curves": subject.curves}, subject.puzzles, subject.groups, subject.seed)
    return {"curves": subject.kept_curves, **asked}


def again(results: Results, puzzles: Asked, groups: Groups, seed: int) -> dict[str, Any]:
    """The same of curves that are there."""
    return {"jumps": find(None, puzzles, curves=results["curves"], groups=groups, seed=seed)}


def judge_jumping(results: Results) -> Judgement:
    found: Jumps = results["jumps"]
    if not found.late:
        return untestable("No puzzle is solved after the first segment.", MOST)
    sentence = (
        f"Of {counted(found.late, 'answer')} found after the first segment {rounded(found.share)} come in a single "
        f"one, {rounded(found.gradual)} gradually, by a change-point test at level {found.alpha:g}; by the segment "
        f"that they come at: {arrivals_in_words(found)}. That is {curves_in_words(found)}."
    )
    if found.steepest_single is not None and found.steepest_average is not None:
        sentence += (
            f" The typical curve makes {found.steepest_single.estimate:.0%} of its fall in one segment, the average of "
            f"all {found.steepest_average.estimate:.0%}."
        )
    swept = found.sweep[found.sweep["criterion"] != "steepest"]
    controls = [
        enough(found.late, FEWEST, "late answers"),
        Control(
            "false alarms",
            found.false_alarms.high < FALSE_ALARMS,
            f"Of simulated gradual curves of the same size and noise {rounded(found.false_alarms)} are called jumps "
            f"(fewer than {FALSE_ALARMS:.0%} wanted).",
            needed_for="holds",
        ),
        Control(
            "power",
            found.power.low > POWER,
            f"Of simulated jumps of the same size and noise {rounded(found.power)} are called jumps (more than "
            f"{POWER:.0%} wanted).",
            needed_for="does not hold",
        ),
        same_side(swept["share"].to_list(), MOST, "Share over levels, widths and curves of the test"),
    ]
    return decide(found.share, MOST, sentence, controls)


def judge_halting(results: Results) -> Judgement:
    found: Jumps = results["jumps"]
    jumps = int(((found.table["kind"] == "jump") & found.table["late"]).sum())
    if not jumps:
        return untestable("There are no jumps.", MOST)
    assert found.minus_halt is not None
    before = 0.0 - found.minus_halt.estimate
    sentence = (
        f"Of {counted(jumps, 'jump')} {rounded(found.before_halt)} come no later than the segment at which the model "
        f"would halt; the median one comes {before:g} segment{'' if before == 1 else 's'} before it."
    )
    return decide(found.before_halt, MOST, sentence, [enough(jumps, FEWEST, "jumps")])


def kinds(result: Jumps) -> tuple[np.ndarray, np.ndarray]:
    """Which of ``GROUPS`` each puzzle is in, and its segment of the jump (NaN for none, and where not solved late)."""
    table = result.table
    solved, late = table["solved"].to_numpy(bool), table["late"].to_numpy(bool)
    jumped = (table["kind"] == "jump").to_numpy()
    groups = np.select(
        [solved & ~late, solved & late & jumped, solved & late], GROUPS[:3], default=GROUPS[3]
    ).astype(str)
    jump = np.where(groups == GROUPS[1], table["jump_segment"], np.nan).astype(float)
    return groups, jump


def _quartiles(shifted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median and quartiles of each offset; NaN where no curve reaches."""
    reached = ~np.isnan(shifted).all(0) if len(shifted) else np.zeros(shifted.shape[1], bool)
    three = np.full((3, shifted.shape[1]), np.nan)
    if reached.any():
        three[:, reached] = np.nanquantile(shifted[:, reached], [0.5, 0.25, 0.75], axis=0)
    return three[0], three[1], three[2]


def jumps_picture(loss: np.ndarray, found: Jumps, model: str) -> "Figure":
    """Every puzzle's loss as a row, single curves beside their average, and all aligned at their jumps.

    Args:
        loss: [puzzle, segment].
        found: which of them jump.
        model: what to call it.
    """
    groups, jump = kinds(found)
    late = np.isin(groups, GROUPS[1:3])
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN, 2.8)
        raster, single, aligned = figure.subplots(1, 3, width_ratios=[1.6, 1, 1])
        jump_raster(raster, loss, jump, groups, GROUPS, title=f"{model}, every puzzle")
        curves_and_average(single, loss[late], jump[late], title="solved late")
        offsets, shifted = align(loss, jump, min(REACH, loss.shape[1] - 1))
        title = f"{int((groups == GROUPS[1]).sum())} jumps, aligned"
        aligned_curves(aligned, offsets, *_quartiles(shifted), title=title)
        aligned.set_ylabel("")
    return figure


def draw(results: Results, model: str, seed: int) -> list[Picture]:
    found: Jumps = results["jumps"]
    figure = jumps_picture(results["curves"].loss, found, model)
    return [
        Picture(
            "jumps",
            "Every puzzle's loss",
            f"Loss after each segment of {found.puzzles} puzzles, seed {seed}. Left: all, sorted by how and when they "
            "were solved; the black stair marks jumps. Middle: of those solved late, some puzzles and the average of "
            "all: an average of curves that jump at different segments falls gradually. Right: those that jump, "
            "counted from their jumps.",
            figure,
        )
    ]


def tables(results: Results) -> list[Table]:
    before = results["jumps"].before
    shown = before[["signal", "lag", "auc", "low", "high", "foretells", "jumps", "needs_answer"]]
    return [
        Table(
            "Jumps by the segment that answers come at",
            results["jumps"].by_arrival(),
            "An answer at segment 2 has one point before it and looks like a jump however it came, so models that "
            "solve sooner have more jumps. Wilson's intervals, each puzzle for itself; then the shares by the other "
            "curves.",
        ),
        Table(
            "What precedes a jump",
            shown,
            "The chance that a puzzle about to jump, so many segments ahead, shows more of the signal than one that "
            "waits at the same segment. A signal foretells if its interval, corrected for the number of rows, excludes "
            "0.5; the last two need the answer.",
        ),
    ]


TOPIC = Topic(
    name="jumps",
    title="Jumps",
    gather=gather,
    again=again,
    parts=("puzzles",),
    claims=(
        Claim(
            name="answers_jump",
            title="Answers come in one jump, not step by step.",
            source="Ren & Liu, arXiv 2601.10679, claim 3",
            published="one critical segment, hidden by the average over puzzles",
            criterion=f"Holds if a change-point test calls more than {MOST:.0%} of the answers found after the first "
            f"segment jumps, with fewer than {FALSE_ALARMS:.0%} of simulated gradual curves called so, by the loss, by "
            "its logarithm and by the number of wrong cells.",
            sceptic="A segment is many updates: what is one jump between segments may be gradual inside one. Answers "
            "found in the first segment show no curve and are left out, and with few segments a short slope looks "
            "like a step: at segment 2 nearly all answers do. The loss is that of training, under stablemax; by "
            "ordinary cross-entropy of the same outputs answers jump more often, in HRMs much more.",
            judge=judge_jumping,
            threshold=MOST,
            alternative=0.75,
            cases=lambda results: int(results["jumps"].late),
        ),
        Claim(
            name="jumps_before_halting",
            title="The jump comes before the model would halt.",
            source="Ren & Liu, arXiv 2601.10679, claim 3",
            published="no number",
            criterion=f"Holds if more than {MOST:.0%} of the jumps come no later than the first segment at which the "
            "model's own rule says halt.",
            sceptic="A model that never halts passes this trivially; the halting segments are in the numbers.",
            judge=judge_halting,
            threshold=MOST,
            alternative=0.75,
            cases=lambda results: int(
                ((results["jumps"].table["kind"] == "jump") & results["jumps"].table["late"]).sum()
            ),
        ),
    ),
    draw=draw,
    tables=tables,
)
