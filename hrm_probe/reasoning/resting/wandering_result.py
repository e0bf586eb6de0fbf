"""What following failing runs to rest, or to none, came to: shares, drifts, exponents, and what they foretell."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.reasoning.resting.rest_rule import RULES
from hrm_probe.reasoning.result import Result, percent
from hrm_probe.wording import counted


@dataclass(frozen=True)
class Wandering(Result):
    """Whether runs rest, how sure that is, and what foretells failure.

    A failure is a puzzle that is wrong at the first horizon. At later horizons it is counted among "still failures"
    where it is wrong there too; one that was solved late is not a failure that settled.

    Attributes:
        table: one row per puzzle: solved, settled, late_drift (largest of the last three displacements of z_H), q_halt
            and entropy, all at the first horizon. For the long sample (else NaN) and each later horizon S: drift_S,
            settled_S, solved_S, moved_S (root mean square distance of z_H from where it was at the first horizon),
            and grid_changed (at any segment after the first horizon). For the exponent sample (else NaN):
            exponent_1, exponent_2, ... in nats a segment.
        drift: one row per (segments, outcome): n, lower_quartile, median, upper_quartile of late drift.
        settled: one row per (segments, outcome): n, settled, low, high, and solved (share right there).
        by_threshold: one row per (segments, threshold), failures wrong and successes right at the first horizon and
            there: failures_share, successes_share (settled), with _low and _high; counts settled_wrong,
            settled_right, wandering_wrong, wandering_right.
        failures_settle, successes_settle: shares settled at the last horizon, over the long sample.
        failures_settle_short, successes_settle_short: at the first horizon, over all puzzles.
        spread: failures_settle with a threshold three times smaller, and three times larger.
        creeping: of the failures of the long sample that were settled at the first horizon, the share that later
            changed the grid or were found further off than ``tolerance``.
        exponent_error: by how much another random first frame moves the leading exponents of a few puzzles against
            each other, mean absolute deviation in nats a segment; None without exponents.
        auc: one row per (among, score), among "all" puzzles or the "exponent sample": n, failures, auc, low, high,
            and by which method, how many rows or groups resampled. Above a half, failures score higher.
        models: one row per model, of failure among the exponent sample: held-out auc and log_loss (nats a puzzle), with
            _low and _high. Empty where they cannot be fitted; ``no_models`` says why.
        exponents_add: by how many nats a puzzle the exponents lower the held-out log loss of drift and halting value;
            ``exponents_add_auc`` what they add to its AUC; ``leading_adds``, ``leading_adds_auc``: the leading one.
            None without models.
        planted: what numbers made up to be worth 0.04 nats a puzzle are found to add, one row each: gain, low, high.
            None without models, or where drift and halting value leave too little to be known.
        threshold, rule: of settling; ``rule`` says how it was found (see ``hrm_probe.dynamics.settle``).
        horizons, tolerance, folds, repeats, puzzles, long_puzzles, exponent_puzzles, seed, resampled: how it was done.
        asked_of: what the puzzles are known by (:func:`~hrm_probe.reasoning.asking.tokens_sha256`).
    """

    table: pd.DataFrame
    drift: pd.DataFrame
    settled: pd.DataFrame
    by_threshold: pd.DataFrame
    failures_settle: Interval
    successes_settle: Interval
    failures_settle_short: Interval
    successes_settle_short: Interval
    spread: tuple[float, float]
    creeping: Interval
    exponent_error: float | None
    auc: pd.DataFrame
    models: pd.DataFrame
    no_models: str | None
    exponents_add: Interval | None
    exponents_add_auc: Interval | None
    leading_adds: Interval | None
    leading_adds_auc: Interval | None
    threshold: float
    rule: str
    horizons: tuple[int, ...]
    tolerance: float
    folds: int
    repeats: int
    puzzles: int
    long_puzzles: int
    exponent_puzzles: int
    seed: int
    resampled: str
    asked_of: str = ""
    planted: pd.DataFrame | None = None

    def __str__(self) -> str:
        lines = [
            f"Of {counted(self.puzzles, 'puzzle')} at segment {self.horizons[0]}, "
            f"{percent(self.failures_settle_short)} of the failures and {percent(self.successes_settle_short)} of the "
            f"successes have settled (z_H moves less than {self.threshold:.2g}, {RULES[self.rule]})."
        ]
        rows = self.settled.merge(self.drift, on=["segments", "outcome", "n"])
        for row in rows[(rows["segments"] > self.horizons[0]) & (rows["n"] > 0)].to_dict("records"):
            lines.append(
                f"  At segment {row['segments']}, {row['outcome']}: {row['settled']:.1%} of {row['n']} settled "
                f"(median drift {row['median']:.2g}), {row['solved']:.1%} right."
            )
        if self.long_puzzles:
            low, high = self.spread
            swept = f", {low:.1%} to {high:.1%} as the threshold varies threefold" if np.isfinite(low) else ""
            lines.append(
                f"At the end {percent(self.failures_settle)} of the lasting failures have settled{swept}. Of those "
                f"settled at segment {self.horizons[0]}, {percent(self.creeping)} crept on: a new grid, or further "
                f"than {self.tolerance:g}."
            )
        lines += self._told_of_exponents()
        return "\n".join(lines)

    def _told_of_exponents(self) -> list[str]:
        if not self.exponent_puzzles:
            return ["No exponents were computed."]
        leading = self.table["exponent_1"].groupby(self.table["solved"]).median()
        sides = {"failures": leading.get(False), "successes": leading.get(True)}
        medians = ", ".join(f"{name} {value:.2f}" for name, value in sides.items() if value is not None)
        lines = [
            f"Leading exponent of {counted(self.exponent_puzzles, 'puzzle')} (median, nats a segment): {medians}; "
            f"another first frame moves them against each other by {self.exponent_error:.2f}."
        ]
        scores = self.auc[self.auc["among"] == "exponent sample"]
        if scores["auc"].notna().any():
            told = (f"{r.score!s} {r.auc:.2f} [{r.low:.2f}, {r.high:.2f}]" for r in scores.itertuples())
            lines.append(f"  AUC for failure: {', '.join(told)}.")
        if self.no_models:
            return [*lines, f"What exponents add cannot be judged: {self.no_models}."]
        return [
            *lines,
            f"To drift and halting value the leading exponent adds {self.leading_adds} nats a puzzle of held-out log "
            f"loss and {self.leading_adds_auc} of AUC; all exponents {self.exponents_add} and "
            f"{self.exponents_add_auc}.",
        ]
