"""Does the answer come in one step, or bit by bit?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval, bootstrap
from hrm_probe.dynamics.jump_null import noise
from hrm_probe.dynamics.jump_shapes import ramp
from hrm_probe.dynamics.jumps import FEWEST_POINTS, find_jumps
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import number_within, numbers_within, whole_numbers
from hrm_probe.models import RecursiveReasoner
from hrm_probe.near_names import name_among
from hrm_probe.reasoning.asking import Asked, tokens_sha256
from hrm_probe.reasoning.result import Groups, Result, ends, group_labels, labels_of, percent, share_of
from hrm_probe.reasoning.runs.curves import Curves
from hrm_probe.reasoning.runs.outcomes import first_true
from hrm_probe.reasoning.runs.traced import curves_of_either, puzzles_asked_about
from hrm_probe.reasoning.timing.averaging import aligned_curve, average_curve, steepest_share
from hrm_probe.reasoning.timing.jump_curves import CURVES, CURVES_IN_WORDS, SWEPT
from hrm_probe.reasoning.timing.lead_times import lead_times
from hrm_probe.wording import counted

if TYPE_CHECKING:
    from hrm_probe.trace import Trace

SURROGATES = 400
STEEPNESS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Jumps(Result):
    """When and how each answer came.

    "Late" puzzles are solved at the last segment and were not at the first: only their curves show how it came.

    Attributes:
        table: one row per puzzle: solved, late, first_solved (1-based, 0 if never), halted_at, kind (jump, gradual,
            none), jump_segment (1-based, the first after the jump; 0 without), size, sharpness, p_value of the
            change-point test (``hrm_probe.dynamics.find_jumps``), jump_minus_halt (NaN without a jump),
            steepest (largest one-segment fall as a share of the whole fall); "kind by" each of the other curves.
        share: of late puzzles whose curve the test calls a jump.
        gradual: of late puzzles whose curve it calls gradual.
        false_alarms: of simulated gradual curves with the size of fall and the noise of the late puzzles, the
            share called jumps. The share above means something only where it is well above this.
        power: of simulated steps of the same size and noise, the share called jumps.
        minus_halt: median of jump_minus_halt over late jumps; negative: the jump comes before the model would halt.
        before_halt: share of late jumps that come no later than halting.
        steepest_single: median of ``steepest`` over late puzzles; ``steepest_average`` that of their mean curve:
            the smaller it is beside the single ones, the more the average hides.
        average: mean curve of late puzzles by segment; ``aligned`` counted from each puzzle's own jump.
        before: what precedes a jump, one row per (signal, lag): see :func:`lead_times`.
        sweep: one row per (criterion, threshold): the share of late puzzles that jump under other thresholds:
            "alpha" and "gradual_width" of the test; "curve: errors" and so on, the test of another curve of the same
            runs; "steepest", falling by more than that share in one segment.
        curve, alpha, gradual_width, puzzles, late, segments, resampled: how it was done.
        asked_of: what the puzzles are known by (:func:`~hrm_probe.reasoning.asking.tokens_sha256`).
    """

    table: pd.DataFrame
    share: Interval
    gradual: Interval
    false_alarms: Interval
    power: Interval
    minus_halt: Interval | None
    before_halt: Interval
    steepest_single: Interval | None
    steepest_average: Interval | None
    average: pd.DataFrame
    aligned: pd.DataFrame
    before: pd.DataFrame
    sweep: pd.DataFrame
    curve: str
    alpha: float
    gradual_width: float
    puzzles: int
    late: int
    segments: int
    resampled: str
    asked_of: str = ""

    def __str__(self) -> str:
        puzzles = counted(self.puzzles, "puzzle")
        if not self.late:
            return f"Of {puzzles} none is solved after the first segment; there is no jump to look for."
        lines = [
            f"{percent(self.share)} of {counted(self.late, 'late solution')} (of {puzzles}) "
            f"jump, {percent(self.gradual)} are gradual; of simulated gradual curves {percent(self.false_alarms)} "
            f"would be called jumps, of simulated jumps {percent(self.power)} (alpha {self.alpha:g}). That is "
            f"{curves_in_words(self)}."
        ]
        if self.minus_halt is not None:
            lines.append(
                f"Segment of the jump minus segment of halting (median): {self.minus_halt}; "
                f"{percent(self.before_halt)} of the jumps come no later than halting."
            )
        lines.append(f"By the segment that they come at: {arrivals_in_words(self)}.")
        lines.append(
            f"Largest share of the fall in one segment: {self.steepest_single} in single curves (median), "
            f"{self.steepest_average} in their average."
        )
        told = self.before[self.before["foretells"]]
        for row in told.itertuples():
            lines.append(
                f"  {row.signal} foretells it by {row.lag}: AUC {row.auc:.2f} [{row.low:.2f}, {row.high:.2f}]"
            )
        if not len(told):
            lines.append("  No signal foretells it.")
        return "\n".join(lines)

    def by_arrival(self) -> pd.DataFrame:
        """Late answers by the segment at which they come: the later, the more there is before it to come gradually.

        An answer that is there at segment 2 has but one point before it and looks like a jump however it came. Models
        that solve sooner so have more jumps; compare them among answers that take equally long.

        Returns:
            One row a range: ``arrives`` ("2", "3", "4", "5-8", "9-16", ... up to the last segment), ``late``, how many,
            and ``share``, of these the jumps, with ends: Wilson's interval, each puzzle for itself; then the share by
            each of the other curves, such as ``errors``. Ranges without answers are left out.
        """
        late = self.table[self.table["late"]]
        others = [name for name in CURVES if kind_by(name) in late]
        rows = []
        for first, last in _ranges(self.segments):
            there = late[late["first_solved"].between(first, last)]
            if len(there):
                label = str(first) if first == last else f"{first}-{last}"
                share = ends("share", share_of((there["kind"] == "jump").to_numpy(), None))
                by_others = {name: float((there[kind_by(name)] == "jump").mean()) for name in others}
                rows.append({"arrives": label, "late": len(there)} | share | by_others)
        return pd.DataFrame(rows, columns=["arrives", "late", "share", "share_low", "share_high", *others])

    def by_other_curves(self) -> dict[str, float]:
        """Of late answers the share that jumps by each of the other curves; nothing where there are none."""
        late = self.table[self.table["late"]]
        others = {name: kind_by(name) for name in CURVES if kind_by(name) in late}
        return {name: float((late[kind] == "jump").mean()) for name, kind in others.items() if len(late)}


def curves_in_words(found: Jumps) -> str:
    """ "by the loss; by wrong cells 54%, by the logarithm of the loss 21%": the curve tested, and what others say."""
    others = [f"by {CURVES_IN_WORDS[name]} {share:.0%}" for name, share in found.by_other_curves().items()]
    return f"by {CURVES_IN_WORDS[found.curve]}" + (f"; {', '.join(others)}" if others else "")


def kind_by(curve: str) -> str:
    """The column of ``Jumps.table`` that tells what a puzzle's change is by another curve."""
    return f"kind by {curve}"


def arrivals_in_words(found: Jumps) -> str:
    """ "2: 100% of 29, 3: 60% of 40, 4: 0% of 12": jumps by the segment of arrival."""
    return ", ".join(
        f"{row.arrives}: {row.share:.0%} of {row.late:,}" for row in found.by_arrival().itertuples()
    )


def _ranges(segments: int) -> list[tuple[int, int]]:
    """Segments 2, 3 and 4, then ranges twice as long as the one before, up to the last."""
    ranges, first, length = [], 2, 1
    while first <= segments:
        ranges.append((first, min(first + length - 1, segments)))
        first += length
        length = first - 1 if first > 4 else 1
    return ranges


def jumps(
    model: "RecursiveReasoner | Trace | None",
    puzzles: Asked | None = None,
    *,
    curve: Literal["loss", "errors", "log loss", "softmax loss", "log softmax loss"] = "loss",
    alpha: float = 0.05,
    gradual_width: float = 4.0,
    widths: Sequence[float] = (3.0, 6.0),
    lags: Sequence[int] = (1, 2, 3),
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    curves: Curves | None = None,
    seed: int = 0,
    progress: bool = False,
) -> Jumps:
    """Answers come suddenly: of puzzles solved late, how many lose their loss in one segment?

    >>> print(jumps(load("trm-6x6"), load_puzzles("6x6-test", 300)))                 # doctest: +SKIP

    Criterion: ``find_jumps`` on each puzzle's curve over segments, falls only: a step explains it, and a gradual
    fall over ``gradual_width`` or more segments in noise looks as step-like with probability at most ``alpha``.
    Its false alarms are counted on as many simulated falls: straight ramps over ``gradual_width`` segments up to
    the whole curve, with the size and the residual noise (first-order autoregressive) of the curves at hand.

    Args:
        model: or a trace of these puzzles; may be None where ``curves`` are given.
        puzzles: what to solve, or ``Tasks``; those of the trace if None.
        curve: which curve is tested: "loss" (stablemax cross-entropy, as in training), "errors" (wrong cells), "log
            loss", or "softmax loss" and "log softmax loss" (ordinary cross-entropy of the same logits).
        alpha: rate of false alarms a curve.
        gradual_width: a fall over this many segments or more is gradual, not a jump.
        widths: of which those that fit the curve are tried beside ``gradual_width``.
        lags: how far ahead to look for signs of the jump.
        segments: the model's ``max_segments``, or those of the curves, if None; at least 5.
        groups: puzzles that belong together in the intervals: None, "class" (of Puzzles) or labels [puzzle].
        batch_size: puzzles at once.
        curves: of the same model and puzzles, if they are at hand.
        seed: for the simulations and the resampling.
        progress: show a bar while the model runs.

    Raises:
        InputError: fewer than 5 segments, curves of another number of them, or an unknown curve.

    Source: Ren & Liu, arXiv 2601.10679, section 4 ("grokking" along segments). Known inaccuracy: a puzzle solved at
    the first segment shows no fall, so nothing is said of it; a jump inside a segment and one between two look alike,
    and an answer at segment 2 can hardly look otherwise: see :meth:`Jumps.by_arrival`.
    What looks like a jump depends on the curve: a loss that falls to a third or less at every segment falls in one
    jump, its logarithm evenly; so the other curves' shares stand in ``sweep``, but for softmax's. Of 2,000 minimal 6x6
    puzzles' late answers six HRMs have 9% to 73% jumps by the loss and 63% to 92% by the logarithm of the softmax loss,
    five TRMs 89% to 97% and 89% to 100%. Late curves are judged by a noise that is estimated from those of all puzzles;
    estimated from their own it moved shares of three models by up to 4 points. ``power`` is too high in moderate noise,
    as the simulated jumps take sizes that noise has made larger: of 60 planted steps of 3.3 standard deviations 22%
    were found where it said 52%.
    """
    lags = whole_numbers(lags, "lags")
    if not lags:
        raise InputError("There are no lags to look ahead by; give numbers of segments, such as (1, 2, 3).")
    name_among(curve, CURVES, "curve")
    alpha = number_within(alpha, "alpha", above=0, below=1)
    gradual_width = number_within(gradual_width, "gradual_width", least=2)
    widths = numbers_within(widths, "widths", least=2)
    puzzles = puzzles_asked_about(model, puzzles)
    curves = curves_of_either(
        model, puzzles, segments, curves, least=FEWEST_POINTS, batch_size=batch_size, progress=progress
    )
    labels, resampled = group_labels(puzzles, groups)
    values = np.asarray(CURVES[curve](curves), float)
    gradual_width = min(gradual_width, float(values.shape[1] - 1))
    test = partial(find_jumps, alpha=alpha, direction="down", seed=seed)
    found = test(values, gradual_width=gradual_width)
    by_others = {
        name: test(np.asarray(CURVES[name](curves), float), gradual_width=gradual_width)["kind"].to_numpy()
        for name in SWEPT
        if name != curve
    }

    table = _table(curves, values, found).assign(**{kind_by(name): kind for name, kind in by_others.items()})
    late = table["late"].to_numpy()
    kind, jump_segment = table["kind"].to_numpy(), table["jump_segment"].to_numpy()
    jumping = late & (kind == "jump")
    false_alarms, power = _calibration(values[late], found[late], alpha, gradual_width, seed)
    since_halt = table["jump_minus_halt"].to_numpy()
    late_labels = labels_of(labels, late)
    fall = table["steepest"].to_numpy()[late]

    return Jumps(
        table=table,
        share=share_of(kind == "jump", labels, late, seed),
        gradual=share_of(kind == "gradual", labels, late, seed),
        false_alarms=false_alarms,
        power=power,
        minus_halt=_median(since_halt[jumping], labels_of(labels, jumping), seed),
        before_halt=share_of(since_halt <= 0, labels, jumping, seed),
        steepest_single=_median(fall, late_labels, seed),
        steepest_average=_of_the_average(values[late], late_labels, seed),
        average=average_curve(values[late], jump_segment[late]),
        aligned=aligned_curve(values[late], jump_segment[late]),
        before=lead_times(curves, np.where(jumping, jump_segment, 0), lags, labels, seed),
        sweep=_sweep(values, fall, found, by_others, late, labels, alpha, gradual_width, widths, seed),
        curve=curve,
        alpha=alpha,
        gradual_width=gradual_width,
        puzzles=len(puzzles),
        late=int(late.sum()),
        segments=curves.segments,
        resampled=resampled,
        asked_of=tokens_sha256(puzzles),
    )


def _table(curves: Curves, values: np.ndarray, found: pd.DataFrame) -> pd.DataFrame:
    jumped = (found["kind"] == "jump").to_numpy()
    jump_segment = np.where(jumped, found["step"] + 1, 0)
    return pd.DataFrame(
        {
            "solved": curves.solved[:, -1],
            "late": curves.solved[:, -1] & ~curves.solved[:, 0],
            "first_solved": first_true(curves.solved),
            "halted_at": curves.halted_at,
            "kind": found["kind"],
            "jump_segment": jump_segment,
            "size": found["size"],
            "sharpness": found["sharpness"],
            "p_value": found["p_value"],
            "jump_minus_halt": np.where(jumped, jump_segment - curves.halted_at, np.nan),
            "steepest": steepest_share(values),
        }
    )


def _calibration(
    values: np.ndarray, found: pd.DataFrame, alpha: float, gradual_width: float, seed: int
) -> tuple[Interval, Interval]:
    """Share called jumps among simulated gradual falls, and among simulated steps, of the same size and noise."""
    n, segments = values.shape
    if not n:
        nothing = share_of(np.zeros(0, bool), None)
        return nothing, nothing
    rng = np.random.default_rng(seed)
    drawn = rng.integers(n, size=SURROGATES)
    fall = -np.minimum(found["size"].to_numpy()[drawn], 0)[:, None]
    deviation, phi = (found[name].to_numpy()[drawn] for name in ("noise", "phi"))
    width = rng.uniform(gradual_width, segments - 1, SURROGATES)
    onset = rng.uniform(0, 1, SURROGATES) * (segments - 1 - width)
    ramps = -fall * ramp(segments, onset, width)
    steps = -fall * (np.arange(segments) >= rng.integers(2, segments - 1, SURROGATES)[:, None])
    disturbed = deviation[:, None] * noise(SURROGATES, segments, phi, rng)
    shapes = np.concatenate([ramps, steps]) + np.tile(disturbed, (2, 1))
    called = find_jumps(shapes, alpha=alpha, direction="down", gradual_width=gradual_width, seed=seed)
    is_jump = (called["kind"] == "jump").to_numpy()
    return share_of(is_jump[:SURROGATES], None), share_of(is_jump[SURROGATES:], None)


def _sweep(
    values: np.ndarray,
    fall: np.ndarray,
    found: pd.DataFrame,
    by_others: dict[str, np.ndarray],
    late: np.ndarray,
    labels: np.ndarray | None,
    alpha: float,
    gradual_width: float,
    widths: Sequence[float],
    seed: int,
) -> pd.DataFrame:
    late_labels = labels_of(labels, late)
    rows = []

    def add(criterion: str, threshold: float, flags: np.ndarray) -> None:
        i = share_of(flags, late_labels, seed=seed)
        rows.append((criterion, threshold, i.estimate, i.low, i.high))

    # A curve that changes and is sharp is a jump by how unlike a gradual one it is, whatever the alpha of the run.
    likely = np.maximum(found["p_flat"], found["p_gradual"])[late].to_numpy()
    sharp = (found["sharpness"] > 0.5)[late].to_numpy()
    for a in sorted({0.001, 0.01, alpha}):
        if a <= alpha:  # sharpness is not known of curves that the run called flat
            add("alpha", a, (likely <= a) & sharp)
    for width in sorted({w for w in (*widths, gradual_width) if w <= values.shape[1] - 1}):
        again = found
        if width != gradual_width:
            again = find_jumps(
                values, alpha=alpha, direction="down", gradual_width=width, simulations=1000, seed=seed
            )
        add("gradual_width", width, (again["kind"] == "jump")[late].to_numpy())
    for other, kind in by_others.items():
        add(f"curve: {other}", alpha, kind[late] == "jump")
    for share_of_fall in STEEPNESS:
        add("steepest", share_of_fall, np.nan_to_num(fall) > share_of_fall)
    return pd.DataFrame(rows, columns=["criterion", "threshold", "share", "low", "high"])


def _median(values: np.ndarray, labels: np.ndarray | None, seed: int) -> Interval | None:
    known = np.isfinite(values)
    if not known.any():
        return None
    return bootstrap(np.median, values[known], groups=labels_of(labels, known), resamples=1000, seed=seed)


def _of_the_average(values: np.ndarray, labels: np.ndarray | None, seed: int) -> Interval | None:
    if not len(values):
        return None
    mean = values.mean(0)
    # The place is kept fixed: the largest of many resampled falls would be too large.
    at = int((mean[:-1] - mean[1:]).argmax())

    def fall_there(v: np.ndarray) -> float:
        with np.errstate(invalid="ignore", divide="ignore"):  # of no fall at all there is no share
            return float((v[:, at] - v[:, at + 1]).sum() / (v[:, 0] - v[:, -1]).sum())

    return bootstrap(fall_there, values, groups=labels, seed=seed)
