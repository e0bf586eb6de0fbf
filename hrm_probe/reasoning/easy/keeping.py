"""Does a solved puzzle stay solved? The numbers, from the curves of a run."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.given_numbers import whole_number, whole_numbers
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.result import Groups, Result, columns, group_labels, percent, share_of
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.runs.outcomes import outcomes
from hrm_probe.reasoning.statistics.survival import survival_curve


@dataclass(frozen=True)
class Keeping(Result):
    """What became of solutions once they were found.

    A puzzle is *kept* over a stretch of segments if it is solved at every one of them, and *lost* when it is
    solved at one segment and not at the next. A map with a stable fixed point at the solution loses nothing.

    Attributes:
        table: one row per puzzle: ``puzzle``, ``source``, ``rating``, ``blanks``, the columns of
            :func:`hrm_probe.reasoning.runs.outcomes.outcomes`, ``displacement_last`` (root mean square change of z_H
            over the last segment) and ``displacement_at_loss`` (over the segment of the first loss; NaN if none).
        by_segment: one row per segment: ``segment``; shares of all puzzles ``solved`` now, ``ever`` so far, ``lost``
            (before, not now), each with ``_low`` and ``_high``; ``displacement_solved`` and
            ``displacement_unsolved``, medians over the puzzles that are solved now and that are not.
        retention: of the puzzles solved ``since`` ("first", i.e. first solved by segment ``at``, or that
            segment), the share ``kept`` at every segment through ``to``, and the share ``solved`` at ``to``
            whether or not they were lost meanwhile; with ``puzzles``, the number they are shares of.
        survival: share kept without a break by segments since first solved, see
            :func:`hrm_probe.reasoning.statistics.survival.survival_curve`.
        ever: share solved at some segment.
        at: share solved at segment ``at_segment``.
        last: share solved at the last segment.
        kept: of the puzzles solved at ``at_segment``, the share kept at every segment to the last.
        kept_since_first: of those first solved by ``at_segment``, the share kept ever since, to the last.
        lost: of those ever solved, the share lost at least once.
        regained: of those lost at least once, the share solved at the last segment.
        condition: which puzzles: as given, one masked row, ...
        puzzles, segments, at_segment, seed, resampled: what was done.
    """

    table: pd.DataFrame
    by_segment: pd.DataFrame
    retention: pd.DataFrame
    survival: pd.DataFrame
    ever: Interval
    at: Interval
    last: Interval
    kept: Interval
    kept_since_first: Interval
    lost: Interval
    regained: Interval
    condition: str
    puzzles: int
    segments: int
    at_segment: int
    seed: int
    resampled: str

    _long = ("table", "by_segment", "survival")

    def __str__(self) -> str:
        regained = (
            f"; of these {percent(self.regained)} were solved again at the last" if self.regained.n else ""
        )
        return (
            f"{self.condition[0].upper()}{self.condition[1:]} ({self.puzzles}): {percent(self.ever)} solved at some "
            f"segment of {self.segments}, {percent(self.at)} at segment {self.at_segment}, {percent(self.last)} at the "
            f"last. Of those solved at segment {self.at_segment}, {percent(self.kept)} were kept to the last. Of those "
            f"ever solved, {percent(self.lost)} were lost at least once{regained}."
        )


def keeping(
    curves: Curves,
    puzzles: Asked,
    condition: str,
    *,
    at: int = 16,
    horizons: Sequence[int] = (16, 32, 64),
    groups: Groups = None,
    seed: int = 0,
) -> Keeping:
    """Judge curves that were followed for longer than the model was trained for.

    Args:
        curves: of :func:`hrm_probe.reasoning.follow`.
        puzzles: that were followed.
        condition: which puzzles these are, in words.
        at: the segment that "solved at" refers to.
        horizons: segments to which keeping is judged; those beyond the curves are left out.
        groups: see :func:`hrm_probe.reasoning.result.group_labels`.
        seed: for the intervals.

    Raises:
        InputError: ``at`` is not a segment of the curves, or a horizon is not a whole number of at least 1.
    """
    solved, segments = curves.solved, curves.segments
    at, horizons = whole_number(at, "at", 1, segments), whole_numbers(horizons, "horizons")
    labels, resampled = group_labels(puzzles, groups)
    table = pd.concat(
        [
            pd.DataFrame(
                {
                    "puzzle": np.arange(len(puzzles)),
                    "source": puzzles.source,
                    "rating": puzzles.rating,
                    "blanks": puzzles.blanks.sum(1),
                }
            ),
            outcomes(curves),
        ],
        axis=1,
    )
    table["displacement_last"] = curves.displacement[:, -1]
    loss = table["first_lost"].to_numpy()
    at_loss = curves.displacement[np.arange(len(table)), np.maximum(loss, 1) - 1]
    table["displacement_at_loss"] = np.where(loss > 0, at_loss, np.nan)

    retention = _retention(
        solved, at, sorted({*(h for h in horizons if h <= segments), segments}), labels, seed
    )
    ever, lost = solved.any(1), table["times_lost"].to_numpy() > 0
    since = solved[:, :at].any(1)
    return Keeping(
        table,
        _by_segment(curves, labels, seed),
        retention,
        survival_curve(solved, labels, seed),
        ever=share_of(ever, labels, seed=seed),
        at=share_of(solved[:, at - 1], labels, seed=seed),
        last=share_of(solved[:, -1], labels, seed=seed),
        kept=share_of(solved[:, at - 1 :].all(1), labels, solved[:, at - 1], seed),
        kept_since_first=share_of(table["kept"].to_numpy(), labels, since, seed),
        lost=share_of(lost, labels, ever, seed),
        regained=share_of(solved[:, -1], labels, lost, seed),
        condition=condition,
        puzzles=len(puzzles),
        segments=segments,
        at_segment=at,
        seed=seed,
        resampled=resampled,
    )


def _retention(
    solved: np.ndarray, at: int, horizons: Sequence[int], labels: np.ndarray | None, seed: int
) -> pd.DataFrame:
    rows = []
    found = np.logical_or.accumulate(solved, axis=1)
    unbroken = np.logical_and.accumulate(solved | ~found, axis=1)  # not lost so far
    for since, among in (("first", found[:, at - 1]), (str(at), solved[:, at - 1])):
        for to in horizons:
            # Shares "since first" would count those that are not solved yet; a stretch needs two ends.
            if to < at or (since == str(at) and to == at):
                continue
            kept = unbroken[:, to - 1] if since == "first" else solved[:, at - 1 : to].all(1)
            row: dict[str, object] = {"since": since, "to": to, "puzzles": int(among.sum())}
            for name, flags in (("kept", kept), ("solved", solved[:, to - 1])):
                row |= {k: v[0] for k, v in columns(name, [share_of(flags, labels, among, seed)]).items()}
            rows.append(row)
    names = [
        "since",
        "to",
        "puzzles",
        *(f"{n}{e}" for n in ("kept", "solved") for e in ("", "_low", "_high")),
    ]
    return pd.DataFrame(rows, columns=names)


def shares_by_segment(solved: np.ndarray, labels: np.ndarray | None = None, seed: int = 0) -> pd.DataFrame:
    """Shares solved, ever solved and lost again, with their intervals, a row per segment.

    Args:
        solved: bool [puzzle, segment].
        labels: [puzzle], puzzles resampled together; each by itself if None.
        seed: for the intervals.
    """
    ever = np.logical_or.accumulate(solved, axis=1)
    table: dict[str, object] = {"segment": np.arange(1, solved.shape[1] + 1)}
    for name, flags in (("solved", solved), ("ever", ever), ("lost", ever & ~solved)):
        table |= columns(name, [share_of(column, labels, seed=seed) for column in flags.T])
    return pd.DataFrame(table)


def _by_segment(curves: Curves, labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    table, solved = shares_by_segment(curves.solved, labels, seed), curves.solved
    for name, chosen in (("displacement_solved", solved), ("displacement_unsolved", ~solved)):
        table[name] = [
            float(np.median(displacement[rows])) if rows.any() else np.nan
            for displacement, rows in zip(curves.displacement.T, chosen.T, strict=True)
        ]
    return table
