"""Accuracy against blanks: are the easiest puzzles the easiest?"""

import pandas as pd

from hrm_probe.demo.evidence import Evidence
from hrm_probe.demo.finding import Finding, judge
from hrm_probe.dynamics.intervals import share, wilson
from hrm_probe.models.batching import puzzles_at_once
from hrm_probe.plots import style
from hrm_probe.plots.blanks import blank_curves, blank_figure
from hrm_probe.plots.page import Statement
from hrm_probe.reasoning.easy.blanks import Blanks, blanks
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.report.in_words import points, rounded
from hrm_probe.report.topics.easy_puzzles import FAILING as FAILURES_MATTER
from hrm_probe.report.topics.easy_puzzles import SKILL
from hrm_probe.report.topics.keeping import UNSTABLE as LOST_MATTERS

FAILING = "The easiest puzzles can fail."
LOSING = "Right answers to easy puzzles get lost."
REPAIRING = "Hints mixed into training repair easy puzzles."


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
            batch_size=puzzles_at_once(evidence.model(name).device),
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
        statements=[
            _fails_easy(settings.model, results[settings.model]),
            _loses_easy(settings.model, results[settings.model]),
            _mixing_repairs(evidence, results),
        ],
        interactive=blank_figure(tables),
    )


def _fails_easy(name: str, result: Blanks) -> Statement:
    """Wrong on the easiest puzzles, though it can solve real ones?"""
    runs, label = _easiest(result), _fewest(result)
    failed = wilson(int((~runs["solved_last"]).sum()), len(runs))
    ever = wilson(int(runs["solved_ever"].sum()), len(runs))
    sentence = (
        f"On solved grids with {label} blank cell{'s' * (label != '1')} {name} is wrong at the last segment in "
        f"{rounded(failed)} of {len(runs):,} and right at some segment in {rounded(ever)}"
    )
    verdict = judge(failed, FAILURES_MATTER)
    if result.original is not None and result.easiest_minus_original is not None:
        gap = result.easiest_minus_original
        than = (
            "worse than" if gap.high < 0 else "better than" if gap.low > 0 else "not clearly different from"
        )
        sentence += (
            f"; that is {than} on the puzzles as given ({result.original.estimate:.0%} right, "
            f"difference {points(gap)})"
        )
        if result.original.low < SKILL:
            verdict = "undecided"
            sentence += ", but it solves too few of those for its failures to mean much"
    return Statement(FAILING, verdict, sentence + ".", "blanks")


def _loses_easy(name: str, result: Blanks) -> Statement:
    """Right on an easy puzzle at some segment: still right at the end?"""
    easy = result.runs[(result.runs["label"] != "all") & result.runs["solved_ever"]]
    most = result.table.loc[result.table["label"] != "all", "blanks"].max()
    if not len(easy):
        return Statement(
            LOSING, "undecided", f"{name} is right on no grid with {most} blanks or fewer.", "blanks"
        )
    lost = share(~easy["solved_last"], groups=easy["puzzle"], seed=result.seed)
    return Statement(
        LOSING,
        judge(lost, LOST_MATTERS),
        f"Of {len(easy):,} runs of {name} on grids with {most} blanks or fewer that were right at some segment, "
        f"{rounded(lost)} are wrong at the last (interval over grids).",
        "blanks",
    )


def _mixing_repairs(evidence: Evidence, results: dict[str, Blanks]) -> Statement:
    """Hints in training: better on the easiest puzzles?"""
    plain, mixed = evidence.settings.model, evidence.settings.mixed
    before, after = (_easiest(results[name])["solved_last"].to_numpy(bool) for name in (plain, mixed))
    # The same grids with the same blanks: pairs.
    gain = mean_change(before, after, seed=evidence.settings.seed)
    return Statement(
        REPAIRING,
        judge(gain, 0.0),
        f"On the same easiest puzzles {mixed}, trained with hints, is right at the last segment in "
        f"{after.mean():.0%}, {plain} in {before.mean():.0%}: difference {points(gain)}.",
        "blanks",
    )


def _easiest(result: Blanks) -> pd.DataFrame:
    """The runs with the fewest blanks."""
    return result.runs[result.runs["label"] == _fewest(result)]


def _fewest(result: Blanks) -> str:
    """The label of the grids with the fewest blanks."""
    tried = result.table[result.table["label"] != "all"]
    return str((tried if len(tried) else result.table).sort_values("blanks")["label"].iloc[0])
