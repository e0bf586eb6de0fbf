"""Does a curriculum change how the model reasons? Each arm's detectors against the baseline's, at equal accuracy.

An arm may look different because it solves less, or because its baseline had annealed; so each is compared with two
baselines of its seed: the finished one, and the same one when it first was as accurate as the arm. With at least 5
seeds an arm "differs" in a detector where both paired t-tests show a difference of the same sign: the larger of the
two p-values (an intersection-union test), after Holm's correction for all arms and detectors, is below 0.05.
Otherwise "no difference shown", which is not the same as none. Runs of equal minutes have no such path, and are
compared as they end: against the baseline, or, where that solves next to nothing, against progressive depth alone.
The rule was written when of the runs reported here
seed 0 of the baseline, PDC and HSW had ended, and nine trial runs, of seeds 0 and 1 too, had shown failures that settle
far more often where supervision weights decay.
"""

import numpy as np
import pandas as pd

import curricula.comparing as compare
from curricula.arms import BASELINE
from curricula.reading import Run, arms_of
from curricula.verdicts import SEEDS, UNTESTABLE
from hrm_probe.dynamics.intervals import Interval
from hrm_probe.reasoning.statistics.factors import holm

DETECTORS = {
    "single blanks failed": "single_blank_failure",
    "solved, then lost": "lost",
    "late solutions that jump": "jumps",
    "failures that settle": "settled_wrong",
    "attractors a puzzle": "attractors",
}
LEVEL = 0.05
DIFFERS, NOT_SHOWN = "differs", "no difference shown"


def compare_detectors(runs: list[Run]) -> pd.DataFrame:
    """One row an arm and detector.

    Columns: arm, detector; estimate, low, high: the arm's finished models minus the finished baselines; equal,
    equal_low, equal_high: minus the baselines of equal accuracy; seeds, the fewer of both; p_value, p_holm, verdict.
    """
    rows = []
    for arm in arms_of(runs):
        for label, detector in DETECTORS.items() if arm != BASELINE else ():
            finished = compare.difference(runs, arm, lambda run, name=detector: run["probes"][name])
            equal = compare.difference_at_equal_accuracy(runs, arm, detector)
            rows.append(
                {
                    "arm": arm, "detector": label,
                    "estimate": finished.estimate, "low": finished.low, "high": finished.high,
                    "equal": equal.estimate, "equal_low": equal.low, "equal_high": equal.high,
                    "seeds": min(finished.n, equal.n), "p_value": _p_of_both(finished, equal),
                }
            )  # fmt: skip
    return _judged(pd.DataFrame(rows))


def compare_finished(runs: list[Run], against: str) -> pd.DataFrame:
    """One row an arm and detector: finished models minus those of one arm, which may solve more, or less.

    Columns: arm, detector; estimate, low, high; solved, solved_low, solved_high, the difference in accuracy that is
    to be held against it; seeds, p_value, p_holm, verdict.
    """
    rows = []
    for arm in arms_of(runs):
        for label, detector in DETECTORS.items() if arm != against else ():
            found = compare.difference(runs, arm, lambda run, name=detector: run["probes"][name], against)
            solved = compare.difference(runs, arm, lambda run: run["probes"]["solved"], against)
            rows.append(
                {
                    "arm": arm, "detector": label,
                    "estimate": found.estimate, "low": found.low, "high": found.high,
                    "solved": solved.estimate, "solved_low": solved.low, "solved_high": solved.high,
                    "seeds": found.n, "p_value": compare.p_value(found),
                }
            )  # fmt: skip
    return _judged(pd.DataFrame(rows))


def reference(runs: list[Run]) -> str:
    """What finished models are compared with: the baseline; progressive depth where that solves next to nothing."""
    solved = compare.mean(runs, BASELINE, lambda run: run["probes"]["solved"])
    return BASELINE if solved.estimate >= compare.SKILL or "PDC" not in arms_of(runs) else "PDC"


def _judged(table: pd.DataFrame) -> pd.DataFrame:
    """With p-values corrected for all rows that have enough seeds, and verdicts."""
    if table.empty:
        return table
    tested = (table["seeds"] >= SEEDS) & table["p_value"].notna()
    table["p_holm"] = np.nan
    table.loc[tested, "p_holm"] = holm(table.loc[tested, "p_value"].to_numpy())
    differs = np.where(table["p_holm"] < LEVEL, DIFFERS, NOT_SHOWN)
    table["verdict"] = np.where(tested, differs, UNTESTABLE)
    return table


def _p_of_both(first: Interval, second: Interval) -> float:
    """p of "not both differ, with the same sign"; NaN where either has no interval."""
    p_values = [compare.p_value(first), compare.p_value(second)]
    if np.isnan(p_values).any():
        return float("nan")
    return max(p_values) if first.estimate * second.estimate > 0 else 1.0
