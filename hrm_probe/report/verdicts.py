"""From an interval and its controls to a verdict: one rule for every claim."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from hrm_probe.dynamics.intervals import Interval

Verdict = Literal["holds", "does not hold", "undecided", "not testable"]
Unit = Literal["share", "points", "auc", "nats", "ratio"]
VERDICTS: tuple[Verdict, ...] = ("holds", "does not hold", "undecided", "not testable")


@dataclass(frozen=True)
class Control:
    """Something that must be so before an effect may be believed.

    Attributes:
        name: in a few words.
        passed: whether it is so.
        sentence: with its numbers.
        needed_for: which verdict it guards: "both", or only "holds" (such as false alarms, which could only have made
            the effect larger) or only "does not hold" (such as power, which could only have hidden it).
    """

    name: str
    passed: bool
    sentence: str
    needed_for: Literal["both", "holds", "does not hold"] = "both"


@dataclass(frozen=True)
class Judgement:
    """What became of one claim on one model.

    Attributes:
        verdict: by :func:`decide`.
        effect: estimate and 95% interval; None where there was nothing to measure.
        threshold: what the effect was held against.
        unit: of the effect.
        sentence: what was measured, in words.
        controls: all of them, passed or not.
        reason: why it is undecided or not testable; empty otherwise.
    """

    verdict: Verdict
    effect: Interval | None
    threshold: float
    unit: Unit
    sentence: str
    controls: tuple[Control, ...] = ()
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "verdict": self.verdict,
            "effect": None if self.effect is None else self.effect.to_dict(),
            "threshold": self.threshold,
            "unit": self.unit,
            "sentence": self.sentence,
            "controls": [asdict(control) for control in self.controls],
            "reason": self.reason,
        }


NO_RULES = "These are not Sudokus, whose cells can be blanked and whose grids can be judged by rules."
"""Why a claim about easier puzzles is not testable on mazes, say."""


def decide(
    effect: Interval,
    threshold: float,
    sentence: str,
    controls: Sequence[Control] = (),
    *,
    unit: Unit = "share",
    claims: Literal["above", "below"] = "above",
) -> Judgement:
    """Judge a claim that an effect lies above (or below) a threshold.

    It holds if the whole interval lies on the claimed side and every control of that verdict passed; it does not
    hold if the whole interval lies on the other side and every control of *that* verdict passed; it is undecided
    otherwise, and the reason says whether the interval or which control.

    >>> from hrm_probe.dynamics import wilson
    >>> decide(wilson(60, 80), 0.5, "").verdict
    'holds'
    >>> decide(wilson(60, 80), 0.5, "", [Control("power", False, "")]).verdict
    'undecided'

    Args:
        effect: estimate and interval; with nothing behind it (n = 0, or NaN) the claim is not testable.
        threshold: fixed before data are seen.
        sentence: what was measured.
        controls: what must be so beside.
        unit: of effect and threshold.
        claims: on which side the claim puts the effect.
    """
    controls = tuple(controls)

    def judged(verdict: Verdict, reason: str = "") -> Judgement:
        return Judgement(
            verdict=verdict,
            effect=effect,
            threshold=threshold,
            unit=unit,
            sentence=sentence,
            controls=controls,
            reason=reason,
        )

    if effect.n == 0 or not np.isfinite(effect.estimate):
        return untestable("There was nothing to measure it on.", threshold, unit, sentence, controls)
    above, below = effect.low > threshold, effect.high < threshold
    if not np.isfinite([effect.low, effect.high]).all() or not (above or below):
        return judged("undecided", "The interval includes the threshold.")
    verdict: Verdict = "holds" if above == (claims == "above") else "does not hold"
    failed = [c.name for c in controls if not c.passed and c.needed_for in ("both", verdict)]
    if failed:
        return judged(
            "undecided", f"The interval alone would say that it {verdict}; not passed: {', '.join(failed)}."
        )
    return judged(verdict)


def untestable(
    reason: str,
    threshold: float = float("nan"),
    unit: Unit = "share",
    sentence: str = "",
    controls: Sequence[Control] = (),
) -> Judgement:
    """A claim that this model, or these puzzles, cannot speak to."""
    return Judgement(
        verdict="not testable",
        effect=None,
        threshold=threshold,
        unit=unit,
        sentence=sentence,
        controls=tuple(controls),
        reason=reason,
    )


def enough(n: int, least: int, of: str) -> Control:
    """The control that there are this many cases; with fewer a verdict would hang on single puzzles."""
    return Control("enough cases", n >= least, f"{n:,} {of} (at least {least}).")


def same_side(values: Sequence[float], threshold: float, what: str) -> Control:
    """The control that an estimate stays on one side of the threshold as a choice behind it is varied."""
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if not len(known):
        return Control("sweep", False, f"{what}: nothing could be swept.")
    sides = {bool(value > threshold) for value in known}
    return Control(
        "sweep",
        len(sides) == 1,
        f"{what}: from {known.min():.0%} to {known.max():.0%}, threshold {threshold:.0%}.",
    )
