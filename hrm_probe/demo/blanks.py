"""Accuracy against blanks: are the easiest puzzles the easiest?"""

import numpy as np

from hrm_probe.demo.evidence import Evidence
from hrm_probe.demo.finding import Finding, judge, percent
from hrm_probe.dynamics.intervals import bootstrap, wilson
from hrm_probe.plots import style
from hrm_probe.plots.blanks import blank_curves, blank_figure
from hrm_probe.plots.page import Statement
from hrm_probe.reasoning.blank_counts import Blanks, blanks

FAILURES_MATTER = 0.01  # a share of failures on the easiest puzzles that no reasoner should have


def easy_puzzles(evidence: Evidence) -> Finding:
    """k-blank curves of the model and of its twin trained with hints."""
    settings = evidence.settings
    results = {
        name: blanks(
            evidence.model(name),
            evidence.puzzles,
            (*settings.blanks, "all"),
            evidence.segments,
            n=settings.n_blanks,
            seed=settings.seed,
            progress=evidence.progress,
        )
        for name in (settings.model, settings.mixed)
    }
    tables = {name: result.table for name, result in results.items()}
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN * 0.72, 3.0)
        blank_curves(figure.subplots(), tables)
    n = next(iter(results.values())).puzzles
    return Finding(
        name="blanks",
        title="Easy puzzles",
        caption=f"Exact accuracy against blank cells, from nearly solved grids to the puzzles as given (last point, "
        f"placed at their mean): {evidence.describe(n)}, each with every number of blanks; 95% Wilson intervals.",
        figure=figure,
        numbers={
            name: result.summary() | {"by_blanks": result.table.to_dict("records")}
            for name, result in results.items()
        },
        statements=[_fails_easy(settings.model, results[settings.model]), _mixing_repairs(evidence, results)],
        interactive=blank_figure(tables),
    )


def _fails_easy(name: str, result: Blanks) -> Statement:
    easiest = result.table.iloc[0]
    runs = result.runs[result.runs["label"] == easiest["label"]]
    failed = wilson(int((~runs["solved_last"]).sum()), len(runs))
    ever = wilson(int(runs["solved_ever"].sum()), len(runs))
    verdict = judge(failed, FAILURES_MATTER)
    sentence = (
        f"On solved grids with {easiest['label']} blank cell{'s' * (easiest['label'] != '1')} {name} is wrong at the "
        f"last segment in {percent(failed)} of {len(runs):,}, though right at some segment in {percent(ever)}"
    )
    if result.original is not None and result.easiest_minus_original is not None:
        gap = result.easiest_minus_original
        harder = "worse than" if gap.high < 0 else "better than" if gap.low > 0 else "no different from"
        sentence += (
            f"; that is {harder} on the puzzles as given ({result.original.estimate:.0%} right, "
            f"difference {gap.estimate:+.0%} [{gap.low:+.0%}, {gap.high:+.0%}])"
        )
    return Statement(verdict, sentence + ".", "blanks")


def _mixing_repairs(evidence: Evidence, results: dict[str, Blanks]) -> Statement:
    """Hints in training: better on the easiest puzzles?"""
    plain, mixed = evidence.settings.model, evidence.settings.mixed
    solved = {
        name: results[name].runs.loc[
            results[name].runs["label"] == results[name].table["label"].iloc[0], "solved_last"
        ]
        for name in (plain, mixed)
    }
    # The same grids with the same blanks: pairs.
    change = solved[mixed].to_numpy(float) - solved[plain].to_numpy(float)
    gain = bootstrap(np.mean, change, seed=evidence.settings.seed)
    verdict = judge(gain, 0.0)
    word = {"holds": "repairs", "fails": "harms", "undecided": "neither clearly repairs nor harms"}[verdict]
    return Statement(
        verdict,
        f"Training with hints ({mixed}) {word} the easiest puzzles: {solved[mixed].mean():.0%} against "
        f"{solved[plain].mean():.0%} right at the last segment, difference {gain.estimate:+.0%} "
        f"[{gain.low:+.0%}, {gain.high:+.0%}].",
        "blanks",
    )
