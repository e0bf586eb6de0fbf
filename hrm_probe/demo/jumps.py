"""Jumps: does an answer come in one segment or bit by bit, and what does an average make of it?"""

from hrm_probe.demo.evidence import Evidence
from hrm_probe.demo.finding import Finding, as_reports_do
from hrm_probe.plots.jumps import jump_figure
from hrm_probe.plots.page import Statement
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.timing.jumps import Jumps, curves_in_words
from hrm_probe.report.in_words import rounded
from hrm_probe.report.topics.jumps import GROUPS, judge_jumping, jumps_picture, kinds
from hrm_probe.wording import counted

CLAIM = "Answers come in a jump, not bit by bit."


def jumping(evidence: Evidence) -> Finding:
    """The jumps of the model that most findings are about."""
    return _jumping(evidence, evidence.settings.model, "jumps")


def jumping_elsewhere(evidence: Evidence) -> Finding:
    """The jumps of the other architecture, which need not agree."""
    return _jumping(evidence, evidence.settings.other, "jumps_other")


def _jumping(evidence: Evidence, name: str, finding: str) -> Finding:
    """Every puzzle's loss as a row, single curves beside their average, and all aligned at their jumps."""
    curves, result = evidence.curves(name), evidence.jumps(name)
    groups, jump = kinds(result)
    rows = (
        f"sorted by how and when they were solved; the black stair marks jumps, called by a change-point test at level "
        f"{result.alpha:g} against flat and gradual curves."
    )
    of = f"{name}, loss after each segment for {evidence.describe(len(curves))}"
    return Finding(
        name=finding,
        title=f"Jumps of {name}",
        caption=f"{of}. Left: all puzzles, {rows} Middle: of those solved after the first segment, some puzzles and "
        "the average of all; an average of curves that jump at different segments falls gradually. Right: those that "
        "jump, counted from their jumps.",
        figure=jumps_picture(curves.loss, result, name),
        numbers={
            "model": name,
            **result.summary(),
            "groups": {group: int((groups == group).sum()) for group in GROUPS},
            "mean_loss": curves.loss.mean(0),
            "per_puzzle": result.table.to_dict("list"),
        },
        statements=[_jump(name, result, finding)],
        interactive=jump_figure(curves.loss, jump, groups, GROUPS),
        interactive_caption=f"{of}, {rows}",
    )


def story_jump(curves: Curves, result: Jumps, row: int) -> int | None:
    """The segment of a puzzle's jump, for the page."""
    at = int(result.table["jump_segment"].iloc[row])
    return at if 1 <= at <= curves.segments else None


def _jump(name: str, result: Jumps, finding: str) -> Statement:
    if not result.late:
        return Statement(CLAIM, "undecided", f"{name} solves no puzzle after its first segment.", finding)
    sentence = (
        f"Of {counted(result.late, 'answer')} that {name} finds after its first segment, {rounded(result.share)} come "
        "in a single one by a change-point test"
    )
    if result.false_alarms.n:
        sentence += f" (which calls {rounded(result.false_alarms)} of simulated gradual curves jumps)"
    if result.steepest_single is not None and result.steepest_average is not None:
        sentence += (
            f". The typical one makes {result.steepest_single.estimate:.0%} of its fall in loss in one segment, the "
            f"average of all curves {result.steepest_average.estimate:.0%}"
        )
    sentence += f". That is {curves_in_words(result)}"
    return as_reports_do(CLAIM, judge_jumping({"jumps": result}), sentence + ".", finding)
