"""Accuracy by segment: does what is solved stay solved?"""

from hrm_probe.demo.evidence import Evidence
from hrm_probe.demo.finding import Finding, judge
from hrm_probe.dynamics.intervals import wilson
from hrm_probe.plots import style
from hrm_probe.plots.accuracy import accuracy_by_segment, accuracy_figure
from hrm_probe.plots.page import Statement
from hrm_probe.reasoning.easy.keeping import shares_by_segment
from hrm_probe.report.in_words import rounded
from hrm_probe.report.topics.keeping import UNSTABLE as LOST_MATTERS

CLAIM = "Right answers to real puzzles get lost."


def accuracy(evidence: Evidence) -> Finding:
    """Solved now, solved so far, and lost again, for the three models."""
    settings = evidence.settings
    names = [settings.model, settings.mixed, settings.other]
    tables = {name: shares_by_segment(evidence.curves(name).solved) for name in names}
    n = len(evidence.puzzles)
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN, 2.5)
        axes = figure.subplots(1, len(names), sharey=True)
        for ax, name in zip(axes, names, strict=True):
            accuracy_by_segment(ax, tables[name], title=name, legend=False)
            if ax is not axes[0]:
                ax.set_ylabel("")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return Finding(
        name="accuracy",
        title="Accuracy by segment",
        caption=f"Shares of {evidence.describe(n)}, after each segment; bands are 95% Wilson intervals.",
        figure=figure,
        numbers={
            name: evidence.accuracy(name).summary() | {"by_segment": tables[name].to_dict("list")}
            for name in names
        },
        statements=[_lost(evidence, settings.model)],
        interactive=accuracy_figure(tables),
    )


def _lost(evidence: Evidence, name: str) -> Statement:
    solved = evidence.curves(name).solved
    now, ever = solved[:, -1], solved.any(1)
    final = wilson(int(now.sum()), len(now))
    lost = wilson(int((ever & ~now).sum()), int(ever.sum()))
    solves = f"{name} solves {rounded(final)} of {len(now):,} held-out puzzles at segment {solved.shape[1]}"
    if not ever.any():
        return Statement(CLAIM, "undecided", f"{solves}, and none at any segment before.", "accuracy")
    return Statement(
        CLAIM,
        judge(lost, LOST_MATTERS),
        f"{solves}. Of the {int(ever.sum()):,} that were right at some segment, {rounded(lost)} are wrong again at "
        "the end.",
        "accuracy",
    )
