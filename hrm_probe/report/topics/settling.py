"""Settle or wander: do failing runs come to rest at a wrong answer?"""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.plots import style
from hrm_probe.plots.plain_page import Picture, Table
from hrm_probe.plots.settling import drift_points, score_bars, settled_by_threshold
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.resting.foretelling_failure import BASE, WORTH, auc_table, foretold
from hrm_probe.reasoning.resting.rest_rule import RULES
from hrm_probe.reasoning.resting.wandering import wandering
from hrm_probe.reasoning.resting.wandering_result import Wandering
from hrm_probe.reasoning.result import Groups, group_labels
from hrm_probe.report.claim import Claim, Results, Topic
from hrm_probe.report.in_words import rounded
from hrm_probe.report.subject import Subject
from hrm_probe.report.verdicts import Control, Judgement, decide, enough, same_side, untestable
from hrm_probe.wording import counted

if TYPE_CHECKING:
    import pandas as pd

MOST = 0.5
FEWEST = 10
CREEPING = 0.25  # a share of settled failures that move on after all, above which "settled" is the wrong word
SEPARATES = 0.9  # an AUC; published are 0.98 to 0.99
LEADING = "leading_exponent"
NOTHING = 0.02  # nats a puzzle of held-out log loss; guessing costs 0.69
MISSED = 0.1  # share of planted numbers worth twice that, which may pass for nothing


def gather(subject: Subject) -> dict[str, Any]:
    """Runs to 16, 64 and 256 segments, and Lyapunov exponents."""
    plan = subject.plan
    return {
        "settling_groups": group_labels(subject.puzzles, subject.groups)[0],
        "wandering": wandering(
            subject.model,
            subject.puzzles,
            horizons=(subject.segments, *(h for h in plan.horizons if h > subject.segments)),
            long_puzzles=plan.long,
            exponents=plan.tangents,
            exponent_puzzles=plan.exponents,
            groups=subject.groups,
            curves=subject.curves,
            **subject.usual,
        ),
    }


def again(results: Results, puzzles: Asked, groups: Groups, seed: int) -> dict[str, Any]:
    """What exponents tell of failure, from the runs that were made."""
    found: Wandering = results["wandering"]
    labels = results["settling_groups"]
    known = (
        found.table["exponent_1"].notna() if "exponent_1" in found.table else np.zeros(len(found.table), bool)
    )
    rows = np.flatnonzero(known)
    told = foretold(found.table, rows, labels, found.folds, found.repeats, found.seed)
    return {"wandering": replace(found, auc=auc_table(found.table, rows, labels, found.seed), **told)}


def judge_settling(results: Results) -> Judgement:
    found: Wandering = results["wandering"]
    failures = _lasting_failures(found)
    if not failures:
        return untestable("No puzzle of the long runs fails to the end.", MOST)
    sentence = (
        f"Of {counted(failures, 'puzzle')} wrong at segment {found.horizons[0]} and at segment {found.horizons[-1]} "
        f"{rounded(found.failures_settle)} have settled by then (z_H moves less than {found.threshold:.2g} a segment, "
        f"{RULES[found.rule]}), of all failures {rounded(found.failures_settle_short)} by segment {found.horizons[0]}; "
        f"of successes {rounded(found.successes_settle)} and {rounded(found.successes_settle_short)}."
    )
    controls = [
        enough(failures, FEWEST, "lasting failures"),
        same_side(
            [*found.spread, found.failures_settle.estimate],
            MOST,
            "Share settled as the threshold varies threefold",
        ),
        Control(
            "no creeping",
            not found.creeping.estimate > CREEPING,
            f"Of those settled at segment {found.horizons[0]} {rounded(found.creeping)} move on by segment "
            f"{found.horizons[-1]} after all.",
            needed_for="holds",
        ),
    ]
    return decide(found.failures_settle, MOST, sentence, controls)


def judge_separation(results: Results) -> Judgement:
    found: Wandering = results["wandering"]
    told = found.auc[found.auc["among"] == "exponent sample"]
    scores = {row["score"]: row for row in told.to_dict("records")}
    if LEADING not in scores or not math.isfinite(scores[LEADING]["auc"]):
        return untestable("There are too few failures, or successes, to compare.", SEPARATES, "auc")
    row = scores[LEADING]
    method, resampled = row.get("method", "bootstrap"), row.get("resampled", found.exponent_puzzles)
    effect = Interval(row["auc"], row["low"], row["high"], 0.95, int(resampled), method)
    others = ", ".join(f"{name} {score['auc']:.2f}" for name, score in scores.items() if name != LEADING)
    sentence = (
        f"The leading exponent over {found.horizons[0]} segments is larger for a failure than for a success with a "
        f"chance of {effect} ({found.exponent_puzzles} puzzles, {row['failures']} of them failures). "
        f"Other scores: {others.replace('_', ' ')}."
    )
    values = found.table["exponent_1"].dropna()
    error = found.exponent_error or 0.0
    controls = [
        enough(
            int(min(row["failures"], row["n"] - row["failures"])), FEWEST, "failures, and as many successes"
        ),
        Control(
            "exponents are exact enough",
            bool(error <= values.std()),
            f"Another first frame moves exponents against each other by {error:.2f} nats; they spread by "
            f"{values.std():.2f}.",
            needed_for="does not hold",
        ),
    ]
    return decide(effect, SEPARATES, sentence, controls, unit="auc")


def judge_nothing_added(results: Results) -> Judgement:
    found: Wandering = results["wandering"]
    if found.leading_adds is None or found.exponents_add is None:
        return untestable(
            f"No classifier could be fitted: {found.no_models or 'no exponents'}.", NOTHING, "nats"
        )
    sentence = (
        f"To a classifier of failure by late drift and halting value the leading exponent adds {found.leading_adds} "
        f"nats a puzzle of held-out log loss, all {found.exponents_add}; of AUC {found.leading_adds_auc}."
    )
    models = found.models.set_index("model")
    held, left = models["auc"], float(models["log_loss"].to_dict()[BASE])
    controls = [
        Control(
            "room for more",
            left > 2 * NOTHING,
            f"Drift and halting value leave {left:.3f} nats a puzzle unexplained (more than {2 * NOTHING:g} wanted).",
            needed_for="holds",
        ),
        Control(
            "the classifier works",
            bool(held.max() > 0.6),
            f"The best held-out AUC is {held.max():.2f}; where nothing foretells failure nothing could be added.",
        ),
        *_would_be_seen(found.planted),
    ]
    return decide(found.leading_adds, NOTHING, sentence, controls, unit="nats", claims="below")


def _would_be_seen(planted: "pd.DataFrame | None") -> list[Control]:
    """The control that a number worth something would not pass for nothing; none where it could not be made up."""
    if planted is None:
        return []
    missed = float((planted["high"] < NOTHING).mean())
    return [
        Control(
            "something would be seen",
            missed <= MISSED,
            f"Of {len(planted)} numbers made up to be worth {WORTH:g} nats a puzzle {missed:.0%} pass for nothing (at "
            f"most {MISSED:.0%} wanted).",
            needed_for="holds",
        )
    ]


def _lasting_failures(found: Wandering) -> int:
    last = found.settled[found.settled["segments"] == found.horizons[-1]]
    for outcome in ("still failures", "failures"):
        rows = last[last["outcome"] == outcome]
        if len(rows):
            return int(rows["n"].iloc[0])
    return 0


def draw(results: Results, model: str, seed: int) -> list[Picture]:
    found: Wandering = results["wandering"]
    last, threshold = found.horizons[-1], found.threshold
    table = found.table
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN, 2.8)
        short, long, share, scores = figure.subplots(1, 4, width_ratios=[1, 1, 1.15, 1.1])
        drift_points(
            short, table["late_drift"].to_numpy(float), table["solved"].to_numpy(bool), threshold,
            title=f"to segment {found.horizons[0]}",
        )  # fmt: skip
        swept = found.by_threshold[found.by_threshold["segments"] == last]
        if f"drift_{last}" in table:
            ran = table[table[f"drift_{last}"].notna()]
            drift_points(
                long, ran[f"drift_{last}"].to_numpy(float), ran[f"solved_{last}"].to_numpy(bool), threshold,
                title=f"to segment {last}",
            )  # fmt: skip
        long.set_ylabel("")
        settled_by_threshold(share, swept, threshold, title=f"by threshold, {last}")
        score_bars(scores, found.auc[found.auc["among"] == "exponent sample"], title="what tells failure")
    return [
        Picture(
            "settling",
            "Rest or wandering",
            f"{model}. Largest of the last three displacements of z_H a run, after {found.horizons[0]} segments "
            f"({found.puzzles} puzzles) and after {last} ({found.long_puzzles}, half of them failures where there are "
            f"enough); dashed: the threshold of settling ({RULES[found.rule]}). Third: what the threshold decides, "
            "bands are 95% intervals. Right: how well each score tells failures among "
            f"{found.exponent_puzzles} puzzles. Seed {seed}.",
            figure,
        )
    ]


def tables(results: Results) -> list[Table]:
    found: Wandering = results["wandering"]
    shown = [
        Table(
            "Settled by horizon",
            found.settled.merge(found.drift, on=["segments", "outcome", "n"]),
            "Failures and successes by the first horizon; still failures are wrong at both. Drift: quartiles of the "
            "largest of the last three displacements of z_H.",
        )
    ]
    if len(found.models):
        shown.append(
            Table(
                "Foretelling failure",
                found.models,
                "Ridge-penalised logistic regressions, held-out scores of repeated cross-validation, puzzles that "
                "intervals keep together in one fold.",
            )
        )
    return shown


TOPIC = Topic(
    name="settling",
    title="Settle or wander",
    gather=gather,
    again=again,
    parts=("puzzles", "long", "exponents"),
    claims=(
        Claim(
            name="failures_settle",
            title="Failing runs settle at a wrong fixed point.",
            source="Ren & Liu, arXiv 2601.10679 (trapping); later studies disagree",
            published="one study finds that failures never settle (TRM 0 of 254, HRM 0.55%), another that failed TRM "
            "runs sit at stable high-loss attractors",
            criterion=f"Holds if more than {MOST:.0%} of the puzzles that are wrong at the trained length and at the "
            "last horizon have settled by then, at the threshold found and at a third and three times of it, and at "
            f"most {CREEPING:.0%} of those settled early creep on.",
            sceptic="Where late movement has one mode only, any threshold is a convention: look at the sweep. Creeping "
            "slower than the last horizon shows passes for rest.",
            judge=judge_settling,
            threshold=MOST,
            alternative=0.9,
            cases=lambda results: _lasting_failures(results["wandering"]),
        ),
        Claim(
            name="exponent_separates",
            title="The leading finite-time Lyapunov exponent separates wrong from right.",
            source="a later study of 16 segments",
            published="AUC 0.98 to 0.99",
            criterion=f"Holds if the AUC of the leading exponent for failure lies above {SEPARATES}.",
            sceptic="An exponent over a run of 16 segments blends the way to an attractor with the attractor: that a "
            "run still moves at its end may be all that it says. See the next claim.",
            judge=judge_separation,
        ),
        Claim(
            name="exponents_add_nothing",
            title="Beyond late drift and the halting value exponents say nothing.",
            source="a later study of 16 segments",
            published="nothing added",
            criterion="Holds if the leading exponent lowers the held-out log loss of a classifier by drift and "
            f"halting value by less than {NOTHING} nats a puzzle.",
            sceptic="A linear classifier may not use what is there, and where drift and halting alone foretell failure "
            "nearly perfectly there is nothing left to add.",
            judge=judge_nothing_added,
        ),
    ),
    draw=draw,
    tables=tables,
)
