"""The four reasoning modes, and whether failures come to rest."""

from hrm_probe.demo.evidence import Evidence
from hrm_probe.demo.finding import Finding, judge
from hrm_probe.plots.modes import mode_figure
from hrm_probe.plots.page import Statement
from hrm_probe.reasoning.resting.rest_rule import RULES
from hrm_probe.reasoning.trapping.modes import Modes
from hrm_probe.report.in_words import rounded
from hrm_probe.report.topics.modes import modes_picture
from hrm_probe.wording import counted

CLAIM = "Failures are trapped: they come to rest at a wrong answer."
MOST = 0.5  # more than half of the failures


def reasoning_modes(evidence: Evidence) -> Finding:
    """Shares of the modes, and curves of each."""
    name = evidence.settings.model
    curves, result = evidence.curves(name), evidence.modes(name)
    criterion = (
        f"{name} on {evidence.describe(result.puzzles)}. Trivial: the final grid is held from segment "
        f"{result.early} or before and, if it is wrong, the state has settled: it moves less than "
        f"{result.threshold:.2g} a segment, {RULES[result.rule]}."
    )
    return Finding(
        name="modes",
        title="Four modes of reasoning",
        caption=f"{criterion} Left: shares with 95% Wilson intervals. Right: wrong cells by segment; single puzzles in "
        "grey, their average in colour.",
        figure=modes_picture(curves.errors, result),
        numbers={"model": name, **result.summary(), "per_puzzle": result.table.to_dict("list")},
        statements=[_settled(name, result)],
        interactive=mode_figure(result.shares),
        interactive_caption=f"{criterion} Bars: 95% Wilson intervals.",
    )


def _settled(name: str, result: Modes) -> Statement:
    failures, settled = int((~result.table["solved"]).sum()), result.settled_failures
    if not failures:
        return Statement(CLAIM, "undecided", f"{name} fails on none of {result.puzzles} puzzles.", "modes")
    sentence = (
        f"Of {counted(failures, 'failure')} of {name} {rounded(settled)} end settled (the state moves less than "
        f"{result.threshold:.2g} a segment), {rounded(result.late_settlers)} after wandering first; the others wander "
        "to the end."
    )
    verdict = judge(settled, MOST)
    if result.rule == "fallback":
        # No gap between resting and moving runs sets the threshold: the verdict must not hang on the convention.
        swept = result.sweep[result.sweep["early"] == result.early]
        least, most = swept["settled_failures"].min(), swept["settled_failures"].max()
        if least <= MOST <= most:
            verdict = "undecided"
        sentence += (
            f" The threshold is a convention, for no gap parts resting from moving runs: over thresholds from "
            f"{swept['threshold'].min():.2g} to {swept['threshold'].max():.2g} the share runs from {least:.0%} to "
            f"{most:.0%}."
        )
    return Statement(CLAIM, verdict, sentence, "modes")
