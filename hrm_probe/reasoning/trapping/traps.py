"""Traps: do failures rest or wander, how many attractors has a puzzle, and does another start get out?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval, share
from hrm_probe.dynamics.settling import Settling, settle
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import number_within, numbers_within, whole_number
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked, check_asked, check_sudoku, tokens_sha256
from hrm_probe.reasoning.resting.drift_tables import Reading, settled_by_outcome, settled_table, thresholds
from hrm_probe.reasoning.resting.rest_rule import LATE, RULES
from hrm_probe.reasoning.result import (
    Groups,
    Result,
    group_labels,
    labels_of,
    percent,
    plain_labels,
    share_of,
)
from hrm_probe.reasoning.runs.curves import Curves, curves_of, follow
from hrm_probe.reasoning.runs.drawn_puzzles import drawn_by_outcome
from hrm_probe.reasoning.state_space.attractor_tables import has_rivals
from hrm_probe.reasoning.statistics.ranking import auc
from hrm_probe.reasoning.trapping.restarts import Restarts, attractor_table, restart, restart_table
from hrm_probe.reasoning.trapping.wrong_stays import escape_counts, first_traps, wrong_stays
from hrm_probe.wording import counted


@dataclass(frozen=True)
class Traps(Result):
    """Where runs rest, and whether they get away.

    Attributes:
        table: one row per puzzle: solved (at the last segment), settled, late_drift, longest_wrong (longest stay at
            one wrong grid, segments), trap_segment (first segment of the first stay of ``dwell`` segments or more,
            0 if none), trap_length, escaped. For the puzzles that were restarted (else NaN): rescued (some
            disturbed start or copy solves it), answers (different final grids of all runs), right_attractors,
            wrong_attractors (at ``tolerance``).
        settled: one row per (segments, outcome), outcome by the shorter run: n, settled, low, high, and solved (share
            right at the end of that run). The longer run has a sample of each outcome.
        settled_failures: share of failures that settle; ``settled_successes`` of successes.
        drift_auc: the chance that a failure drifts more at the end than a success: no threshold in it.
        by_threshold: one row per threshold: failures and successes settled there, with intervals.
        stays: every stay at a wrong grid, one row each (see :func:`wrong_stays`).
        trapped: share of puzzles that hold a wrong grid for ``dwell`` segments or more.
        first_is_last: of these, the share that never leave the first such grid.
        escape_rate: chance a segment of leaving a wrong grid held so long; ``escape_right`` of going to the right.
        restarts: one row per (source, scale): runs a puzzle; of failures: solved (a run), low, high, and rescued (some
            run), rescued_low, rescued_high; of successes: lost (a run, the control); answers (mean of different
            final grids a puzzle, the plain one among them).
        rescued: share of failures that some restart solves: a wrong start, not a wrong model.
        rivals: share of restarted puzzles whose settled runs end in both a right and a wrong attractor.
        attractors: one row per tolerance: mean number of right and wrong attractors, share of puzzles with several.
        threshold, rule, dwell, tolerance, segments, long_segments, puzzles, restarted, resampled: how it was done.
        asked_of: what the puzzles are known by (:func:`~hrm_probe.reasoning.asking.tokens_sha256`).
    """

    table: pd.DataFrame
    settled: pd.DataFrame
    settled_failures: Interval
    settled_successes: Interval
    drift_auc: Interval
    by_threshold: pd.DataFrame
    stays: pd.DataFrame
    trapped: Interval
    first_is_last: Interval
    escape_rate: Interval | None
    escape_right: Interval | None
    restarts: pd.DataFrame
    rescued: Interval
    rivals: Interval
    attractors: pd.DataFrame
    threshold: float
    rule: str
    dwell: int
    tolerance: float
    segments: int
    long_segments: int
    puzzles: int
    restarted: int
    resampled: str
    asked_of: str = ""

    _long = ("table", "stays")

    def __str__(self) -> str:
        drift = (
            f"failures drift more with AUC {self.drift_auc}"
            if np.isfinite(self.drift_auc.estimate)
            else "with no failures, or no successes, their drift cannot be compared"
        )
        lines = [
            f"Of {counted(self.puzzles, 'puzzle')} over {self.segments} segments, {percent(self.settled_failures)} of "
            f"the failures and {percent(self.settled_successes)} of the successes settle (z_H moves less than "
            f"{self.threshold:.2g}, {RULES[self.rule]}); {drift}."
        ]
        later = (self.settled["segments"] > self.segments) & (self.settled["n"] > 0)
        for row in self.settled[later].itertuples():
            lines.append(
                f"  After {row.segments} segments, {row.outcome}: {row.settled:.1%} of {row.n} settled, "
                f"{row.solved:.1%} right."
            )
        lines.append(
            f"{percent(self.trapped)} hold one wrong grid for {self.dwell} segments or more; of these "
            f"{percent(self.first_is_last)} never leave the first."
        )
        if self.restarted:
            lines.append(
                f"Other starts and copies rescue {percent(self.rescued)} of the failures; {percent(self.rivals)} of "
                f"{counted(self.restarted, 'restarted puzzle')} (failures preferred) have a right and a wrong "
                "attractor."
            )
        return "\n".join(lines)


def traps(
    model: RecursiveReasoner,
    puzzles: Asked,
    *,
    threshold: float | None = None,
    dwell: int = 3,
    long_segments: int | None = 64,
    long_puzzles: int = 24,
    restarted: int = 16,
    scales: Sequence[float] = (0.5, 1.0, 2.0),
    starts: int = 3,
    copies: int = 3,
    tolerance: float = 0.1,
    tolerances: Sequence[float] = (0.03, 0.3),
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    curves: Curves | None = None,
    seed: int = 0,
    progress: bool = False,
) -> Traps:
    """Are failures trapped at a wrong fixed point, the first one met, from which another start would be free?

    >>> print(traps(load("hrm-6x6"), load_puzzles("6x6-test", 300)))                 # doctest: +SKIP

    A run has settled when z_H moved no more than ``threshold`` in each of its last three segments. It is trapped
    at a wrong grid that it holds for ``dwell`` segments or more, and escapes by changing it.

    Args:
        model: any recursive reasoner.
        puzzles: what to solve, or ``Tasks``; those have no symmetric copies: give copies=0.
        threshold: movement of z_H a segment below which a run has settled; found by ``hrm_probe.dynamics.settle`` if
            None.
        dwell: for how many segments a wrong grid must stand to count as a trap.
        long_segments: length of a longer run, to tell creeping from rest; None for no such run.
        long_puzzles, restarted: how many puzzles take it, and how many are restarted: half of them failures, where
            there are so many, drawn at random within each outcome.
        scales, starts: of the disturbed starts, and how many for each scale.
        copies: symmetric copies of each restarted puzzle.
        tolerance, tolerances: root mean square distance of ends that belong to one attractor, and others to try.
        segments: the model's ``max_segments`` if None; at least 3.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once.
        curves: of the same model and puzzles, if they are at hand.
        seed: for draws, noise, copies and resampling.
        progress: show bars.

    Costs segments x (puzzles + restarted x (1 + copies + scales x starts)) + long_segments x long_puzzles.

    Raises:
        InputError: fewer than 3 segments, or ``long_segments``, or copies of what is not a Sudoku.

    Source: Ren & Liu, arXiv 2601.10679 (several fixed points; the first is kept for a while or for ever).
    Known inaccuracy: the attractors counted are those that the given starts reach, a lower bound; runs that
    wander count none. Intervals take one column at a time.
    """
    check_asked(model, puzzles, batch_size, seed)
    if copies and restarted:
        check_sudoku(puzzles, "traps() asks symmetric copies too", "leave them out with copies=0")
    whole_number(dwell, "dwell")
    for name, count in {
        "restarted": restarted,
        "starts": starts,
        "copies": copies,
        "long_puzzles": long_puzzles,
    }.items():
        whole_number(count, name, 0)
    scales = numbers_within(scales, "scales", least=0)
    tolerance = number_within(tolerance, "tolerance", least=0)
    tolerances = numbers_within(tolerances, "tolerances", least=0)
    labels, resampled = group_labels(puzzles, groups)
    if long_segments is not None and long_segments < LATE:
        raise InputError(
            f"long_segments is {long_segments}; settling is judged by the last {LATE} segments, so give at least "
            f"{LATE}, or None for no longer run."
        )
    curves = curves_of(model, puzzles, segments, curves, least=LATE, batch_size=batch_size, progress=progress)
    found = settle(curves.displacement, threshold=threshold, late=LATE, seed=seed)
    solved = curves.solved[:, -1]
    stays = wrong_stays(curves)
    table = pd.DataFrame({"solved": solved, "settled": found.settled, "late_drift": found.late})
    table = table.join(first_traps(stays, len(puzzles), dwell))
    rng = np.random.default_rng(seed)
    settled = [settled_table([_reading(curves, solved, labels)], found.threshold, seed)]
    if long_segments is not None:
        rows = drawn_by_outcome(solved, long_puzzles, rng)
        longer = follow(model, puzzles[rows], long_segments, batch_size=batch_size, progress=progress)
        reading = _reading(longer, solved[rows], labels_of(labels, rows))
        settled.append(settled_table([reading], found.threshold, seed))

    probed = drawn_by_outcome(solved, restarted, rng)
    again = None
    if len(probed):
        again = restart(
            model,
            puzzles[probed],
            scales=scales,
            starts=starts,
            copies=copies,
            segments=curves.segments,
            threshold=found.threshold,
            batch_size=batch_size,
            seed=seed,
            progress=progress,
        )
    table = table.join(_restarted(again, probed, tolerance))
    return Traps(
        table=table,
        settled=pd.concat(settled, ignore_index=True),
        settled_failures=share_of(found.settled, labels, ~solved, seed),
        settled_successes=share_of(found.settled, labels, solved, seed),
        drift_auc=auc(found.late, ~solved, groups=labels, seed=seed),
        by_threshold=_by_threshold(solved, found, labels, seed),
        stays=stays,
        **_held(table, labels, seed),
        **_escape_rates(escape_counts(stays, len(puzzles), dwell), labels, seed),
        restarts=restart_table(again, solved[probed], labels_of(labels, probed), seed),
        **_rescues(table, np.isin(np.arange(len(table)), probed), labels, seed),
        attractors=attractor_table(again, sorted({tolerance, *tolerances})),
        threshold=found.threshold,
        rule=found.rule,
        dwell=dwell,
        tolerance=tolerance,
        segments=curves.segments,
        long_segments=long_segments or 0,
        puzzles=len(puzzles),
        restarted=len(probed),
        resampled=resampled,
        asked_of=tokens_sha256(puzzles),
    )


def _restarted(again: Restarts | None, rows: np.ndarray, tolerance: float) -> pd.DataFrame:
    """The table's columns about the puzzles that were restarted."""
    names = ["rescued", "answers", "right_attractors", "wrong_attractors"]
    if again is None:
        return pd.DataFrame(columns=names, dtype=float)
    rescued, answers = again.solved[1:].any(0), again.answers(np.arange(len(again.source)))
    columns = np.column_stack([rescued, answers, again.attractors(tolerance)])
    return pd.DataFrame(columns, index=rows, columns=names).astype(float)


def _held(table: pd.DataFrame, labels: np.ndarray | None, seed: int) -> dict[str, Any]:
    """Shares of the puzzles that hold a wrong grid, and of these, that never leave it."""
    held = (table["trap_segment"] > 0).to_numpy()
    return {
        "trapped": share_of(held, labels, seed=seed),
        "first_is_last": share_of(~table["escaped"].to_numpy(bool), labels, held, seed),
    }


def _rescues(table: pd.DataFrame, probed: np.ndarray, labels: np.ndarray | None, seed: int) -> dict[str, Any]:
    """Shares of the puzzles restarted: of failures those that a restart solves, of all those with rival attractors."""
    failures = probed & ~table["solved"].to_numpy(bool)
    return {
        "rescued": share_of((table["rescued"] == 1).to_numpy(), labels, failures, seed),
        "rivals": share_of(has_rivals(table), labels, probed, seed),
    }


def _reading(curves: Curves, first: np.ndarray, labels: np.ndarray | None) -> Reading:
    """Runs at their end; ``first`` [puzzle], right at the end of the shorter ones."""
    late = curves.displacement[:, -LATE:].max(1)
    return Reading(curves.segments, late, curves.solved[:, -1], first, labels)


def _by_threshold(solved: np.ndarray, found: Settling, labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    if not (found.late > 0).any():
        return pd.DataFrame()
    rows = [
        {"threshold": float(threshold)}
        | settled_by_outcome(found.late <= threshold, ~solved, solved, labels, seed)
        for threshold in thresholds(found.late)
    ]
    return pd.DataFrame(rows)


def _escape_rates(counts: np.ndarray, labels: np.ndarray | None, seed: int) -> dict[str, Any]:
    """Escapes a segment at risk; the segments of one puzzle's run are not independent, nor are those of one group."""
    at_risk = counts[:, 2]
    if not at_risk.any():
        return {"escape_rate": None, "escape_right": None}
    own = plain_labels(labels, len(counts))

    def rate(column: int) -> Interval:
        escapes = counts[:, column]
        flags = np.repeat(
            np.tile([True, False], len(counts)), np.stack([escapes, at_risk - escapes], 1).ravel()
        )
        return share(flags, groups=np.repeat(own, at_risk), seed=seed)

    return {"escape_rate": rate(0), "escape_right": rate(1)}
