"""Plain verdicts on published numbers, by rules written before any run of the experiment was seen.

A published effect p has a value that would mean "no effect" (0 for a change, 1 for a ratio) and a direction. With
the 95% interval of our own estimate:

- "not testable at this scale": the interval holds both p and no effect, or a condition for testing is not met;
- "reproduced": the interval holds p, or lies wholly beyond it;
- "not reproduced": otherwise; if the effect is there, but weaker than p, that is added.

An accuracy loss published as small is judged by equivalence: "reproduced" if the interval lies wholly above -2
points, "not reproduced" if wholly below, else "not testable". A published 100% is judged the same way against 99%.
Conditions: at least 5 seeds; the baseline's final accuracy between 50% and 97%, so that there is room on both
sides; for numbers of segments, a baseline that uses 2 or more, so that there is something to save.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import curricula.comparing as compare
from curricula.arms import BASELINE
from curricula.reading import Run, by_seed, comparable
from hrm_probe.dynamics.intervals import Interval

REPRODUCED, NOT, UNTESTABLE = "reproduced", "not reproduced", "not testable at this scale"
COUNTED = "counted"  # not estimated: one run of each tells
SEEDS, ROOM, SOME_SEGMENTS = 5, (0.5, 0.97), 2.0
TOLERATED_LOSS, NEARLY_ALL = -0.02, 0.99


@dataclass(frozen=True)
class Verdict:
    """What was published, what was found, and the judgement."""

    claim: str
    published: str
    found: Interval
    verdict: str
    why: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**self.__dict__, "found": self.found.to_dict()}


def judge(found: Interval, published: float, no_effect: float) -> tuple[str, str]:
    """The verdict on an effect, and its reason."""
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return UNTESTABLE, "there is no interval"
    holds = [found.low <= x <= found.high for x in (published, no_effect)]
    up = published > no_effect
    beyond = found.low > published if up else found.high < published
    if all(holds):
        return UNTESTABLE, "the interval holds both the published value and no effect"
    if holds[0] or beyond:
        return (
            REPRODUCED,
            "the interval lies beyond the published value" if beyond else "the interval holds it",
        )
    there = found.low > no_effect if up else found.high < no_effect
    if there:
        return NOT, "the effect is there, but weaker"
    return NOT, "the interval holds no effect" if holds[1] else "the effect has the opposite sign"


def judge_floor(found: Interval, floor: float) -> tuple[str, str]:
    """The verdict on a claim that something is no less than ``floor``."""
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return UNTESTABLE, "there is no interval"
    least = f"{100 * floor:g} points" if floor < 0 else f"{floor:.0%}"
    if found.low >= floor:
        return REPRODUCED, f"the interval lies above {least}"
    if found.high < floor:
        return NOT, f"the interval lies below {least}"
    return UNTESTABLE, f"the interval holds {floor:g}"


def verdicts(runs: list[Run]) -> list[Verdict]:
    """All verdicts that runs of equal steps allow."""
    paired = min((len(by_seed(runs, arm)) for arm in (BASELINE, "PDC", "HSW", "both")), default=0)
    base = compare.mean(runs, BASELINE, lambda run: run["accuracy"]).estimate
    lack = "" if paired >= SEEDS else f"fewer than {SEEDS} seeds"
    if not lack and not ROOM[0] <= base <= ROOM[1]:
        lack = f"the baseline solves {base:.0%}, which leaves no room"
    segments = compare.mean(runs, BASELINE, lambda run: run["probes"]["halting"]["mean_segments"]).estimate
    few = lack or ("" if segments >= SOME_SEGMENTS else f"the baseline stops after {segments:.2f} segments")

    def say(claim: str, published: str, found: Interval, judged: tuple[str, str], lacking: str) -> Verdict:
        if judged[1] != COUNTED and found.n < SEEDS:  # seeds that both arms have, and have a value
            lacking = lacking or f"fewer than {SEEDS} seeds"
        verdict, why = (UNTESTABLE, lacking) if lacking else judged
        return Verdict(claim, published, found, verdict, why)

    def effect(claim: str, text: str, found: Interval, p: float, none: float, lacking: str = lack) -> Verdict:
        return say(claim, text, found, judge(found, p, none), lacking)

    def floor(claim: str, text: str, found: Interval, least: float) -> Verdict:
        return say(claim, text, found, judge_floor(found, least), lack)

    def loss(arm: str) -> Interval:
        return compare.difference(runs, arm, lambda run: run["accuracy"])

    saved = compare.mean(runs, "PDC", _blocks_saved(runs))
    return [
        say(
            "PDC saves blocks of forward computation", "41.4%", saved,
            (REPRODUCED, COUNTED) if abs(saved.estimate - 0.414) < 0.0015 else (NOT, COUNTED),
            "" if by_seed(runs, "PDC") and by_seed(runs, BASELINE) else "no runs",
        ),
        effect("PDC: baseline's time over its own, equal steps", "2.26", _time(runs, "PDC"), 2.26, 1.0),
        effect("both: baseline's time over its own, equal steps", "1.71", _time(runs, "both"), 1.71, 1.0),
        floor("PDC: accuracy minus baseline's", "-1.18 points", loss("PDC"), TOLERATED_LOSS),
        floor("both: accuracy minus baseline's", "-0.63 points", loss("both"), TOLERATED_LOSS),
        floor(
            "both: halting accuracy", "100%",
            compare.mean_share(runs, "both", lambda run: run["probes"]["halting"]["accuracy"]), NEARLY_ALL,
        ),
        effect(
            "both: mean segments, baseline's over its own", "5.85 / 5.52 = 1.06",
            compare.ratio(runs, "both", lambda run: run["probes"]["halting"]["mean_segments"]), 5.85 / 5.52, 1.0, few,
        ),
        *(
            effect(
                f"HSW: change of gradient variance over {name}, halfway", "-40%",
                compare.mean(runs, BASELINE, _variance_change(name)), -0.4, 0.0,
            )
            for name in ("norms", "segments", "batches")
        ),
    ]  # fmt: skip


def _time(runs: list[Run], arm: str) -> Interval:
    return compare.ratio(comparable(runs, "seconds"), arm, lambda run: run["seconds"])


def _blocks_saved(runs: list[Run]) -> Callable[[Run], float | None]:
    base = by_seed(runs, BASELINE)

    def value(run: Run) -> float | None:
        return 1 - run["blocks"] / base[run["seed"]]["blocks"] if run["seed"] in base else None

    return value


def _variance_change(name: str) -> Callable[[Run], float | None]:
    return lambda run: run["halfway"][name]["change"]["estimate"] if run["halfway"] else None
