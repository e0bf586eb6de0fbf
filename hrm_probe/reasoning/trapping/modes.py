"""The four reasoning modes: success or failure, at once or after wandering."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.dynamics.settling import settle
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import numbers_within, whole_number, whole_numbers
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import Asked, tokens_sha256
from hrm_probe.reasoning.resting.rest_rule import LATE, RULES
from hrm_probe.reasoning.result import Groups, Result, group_labels, percent, share_of
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.runs.traced import curves_of_either, length_asked, puzzles_asked_about
from hrm_probe.wording import counted

if TYPE_CHECKING:
    from hrm_probe.trace import Trace

MODES = ("trivial success", "non-trivial success", "trivial failure", "non-trivial failure")


@dataclass(frozen=True)
class Modes(Result):
    """Which mode each puzzle's run is in, and how common the modes are.

    Attributes:
        table: one row per puzzle: mode, solved (at the last segment), held_from (1-based: the first segment whose
            grid stays to the end), grids (different grids on the way), changes (segments that changed the grid),
            settled, settled_from (1-based segment after which z_H rests; 0 never), late_drift (largest of the last
            three displacements of z_H, relative to states of size 1).
        shares: one row per mode: puzzles, share, low, high, and what a typical one looks like: median_held_from,
            median_grids, settled (share).
        settled_failures: share of failures that end settled, early or late; ``late_settlers`` those that settle
            after wandering, which count as non-trivial.
        sweep: one row per (early, threshold): the shares of the four modes, and settled_failures, there.
        early, threshold, rule: the thresholds in force; ``rule`` says how the second was found (see
            ``hrm_probe.dynamics.settle``).
        puzzles, segments, resampled: how it was done.
        asked_of: what the puzzles are known by (:func:`~hrm_probe.reasoning.asking.tokens_sha256`).
    """

    table: pd.DataFrame
    shares: pd.DataFrame
    settled_failures: Interval
    late_settlers: Interval
    sweep: pd.DataFrame
    early: int
    threshold: float
    rule: str
    puzzles: int
    segments: int
    resampled: str
    asked_of: str = ""

    def __str__(self) -> str:
        lines = [
            f"Modes of {counted(self.puzzles, 'puzzle')} over {self.segments} segments (early: by segment "
            f"{self.early}; settled: z_H moves less than {self.threshold:.2g}, {RULES[self.rule]}):"
        ]
        row: Any
        for row in self.shares.itertuples():
            of = counted(row.puzzles, "puzzle")
            line = f"  {row.mode!s:<20} {row.share:6.1%} [{row.low:.1%}, {row.high:.1%}]  {of}"
            if row.puzzles:
                grids = counted(round(row.median_grids), "grid")
                line += f", {grids}, the last from segment {row.median_held_from:.0f} (medians)"
            lines.append(line)
        lines.append(
            f"Of the failures {percent(self.settled_failures)} end settled, {percent(self.late_settlers)} only after "
            "wandering."
        )
        return "\n".join(lines)


def modes(
    model: "RecursiveReasoner | Trace | None",
    puzzles: Asked | None = None,
    *,
    early: int | None = None,
    threshold: float | None = None,
    earlies: Sequence[int] = (1, 2, 4, 8),
    factors: Sequence[float] = (0.1, 0.3, 1.0, 3.0, 10.0),
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    curves: Curves | None = None,
    seed: int = 0,
    progress: bool = False,
) -> Modes:
    """Sort runs into the four modes of Ren & Liu, by two thresholds that are stated and swept.

    >>> print(modes(load("hrm-6x6"), load_puzzles("6x6-test", 300)))                 # doctest: +SKIP

    A run succeeds if the last segment's grid is right. It holds its grid from the first segment after which the
    grid changes no more. Then

    - trivial success: the right grid is held from segment ``early`` or before;
    - non-trivial success: it is held only from later on; before, the run wandered among other grids;
    - trivial failure: z_H has settled, and a wrong grid is held from segment ``early`` or before: the run went
      straight to a wrong fixed point;
    - non-trivial failure: every other failure. Most wander to the end; some settle late (``late_settlers``).

    Args:
        model: or a trace of these puzzles; may be None where ``curves`` are given.
        puzzles: what to solve, or ``Tasks``; those of the trace if None.
        early: the last segment (1-based) that counts as "at once"; a quarter of the run if None.
        threshold: z_H has settled when its last three displacements are no larger; found by
            ``hrm_probe.dynamics.settle`` from all runs together if None.
        earlies, factors: other values of ``early``, and factors on the threshold, for the sweep.
        segments: the model's ``max_segments`` if None.
        groups: puzzles that belong together in the intervals: None, "class" (of Puzzles) or labels [puzzle].
        batch_size: puzzles at once.
        curves: those of the same model and puzzles, if already computed.
        seed: for the resampling and the simulations behind the threshold.
        progress: show a bar while the model runs.

    Raises:
        InputError: ``early`` out of the run, fewer than 3 segments, or a trace without z_H.

    Source: the four modes are those of arXiv 2601.10679, which tells them apart by looking at trajectories in a
    plane; the criteria are ours. Known inaccuracy: slow creeping counts as settled if it is slow enough, so compare
    a longer run (``traps``); with one mode of displacement only, the threshold is a convention (``rule`` "fallback").
    """
    puzzles = puzzles_asked_about(model, puzzles)
    if early is not None:
        early = whole_number(early, "early", 1, length_asked(model, segments, curves))
    earlies = whole_numbers(earlies, "earlies")
    factors = numbers_within(factors, "factors", least=0)
    curves = curves_of_either(
        model, puzzles, segments, curves, least=LATE, batch_size=batch_size, progress=progress
    )
    if np.isnan(curves.displacement).any():
        raise InputError(
            "modes() needs to know how z_H moves, from its initial state on; record z_H in the trace."
        )
    labels, resampled = group_labels(puzzles, groups)
    early = max(1, curves.segments // 4) if early is None else early
    found = settle(curves.displacement, threshold=threshold, late=LATE, seed=seed)
    table = pd.DataFrame(
        {
            "solved": curves.solved[:, -1],
            "held_from": held_from(curves.predictions),
            "grids": [len(np.unique(grids, axis=0)) for grids in curves.predictions],
            "changes": (curves.predictions[:, 1:] != curves.predictions[:, :-1]).any(-1).sum(1),
            "settled": found.settled,
            "settled_from": np.where(found.settled, np.maximum(found.settled_at, 1), 0),
            "late_drift": found.late,
        }
    )
    mode = _mode(table, found.settled, early)
    table.insert(0, "mode", np.array(MODES, object)[mode])
    failed = ~table["solved"].to_numpy()
    wandered = table["held_from"].to_numpy() > early
    sweep = []
    for trial in sorted({e for e in (*earlies, early) if e <= curves.segments}):
        for factor in factors:
            settled = found.late <= found.threshold * factor
            shares = np.bincount(_mode(table, settled, trial), minlength=4) / max(len(table), 1)
            of_failures = settled[failed].mean() if failed.any() else float("nan")
            sweep.append((trial, found.threshold * factor, *shares, of_failures))
    return Modes(
        table=table,
        shares=_shares(table, labels, seed),
        settled_failures=share_of(found.settled, labels, failed, seed),
        late_settlers=share_of(found.settled & wandered, labels, failed, seed),
        sweep=pd.DataFrame(sweep, columns=["early", "threshold", *MODES, "settled_failures"]),
        early=early,
        threshold=found.threshold,
        rule=found.rule,
        puzzles=len(puzzles),
        segments=curves.segments,
        resampled=resampled,
        asked_of=tokens_sha256(puzzles),
    )


def held_from(predictions: np.ndarray) -> np.ndarray:
    """The 1-based segment from which each run's grid changes no more: tokens [puzzle, segment, cell] -> [puzzle]."""
    differs = (predictions != predictions[:, -1:]).any(-1)
    return np.where(differs.any(1), differs.shape[1] - differs[:, ::-1].argmax(1), 0) + 1


def _mode(table: pd.DataFrame, settled: np.ndarray, early: int) -> np.ndarray:
    """Index into ``MODES`` of each row."""
    solved, at_once = table["solved"].to_numpy(), (table["held_from"] <= early).to_numpy()
    return np.where(solved, np.where(at_once, 0, 1), np.where(settled & at_once, 2, 3))


def _shares(table: pd.DataFrame, labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    rows = []
    for mode in MODES:
        inside = (table["mode"] == mode).to_numpy()
        of_mode, share = table[inside], share_of(inside, labels, seed=seed)
        rows.append(
            {
                "mode": mode,
                "puzzles": int(inside.sum()),
                "share": share.estimate,
                "low": share.low,
                "high": share.high,
                "median_held_from": float(of_mode["held_from"].median()),
                "median_grids": float(of_mode["grids"].median()),
                "settled": float(of_mode["settled"].mean()),
            }
        )
    return pd.DataFrame(rows)
