"""Several models of each kind, side by side: does the kind decide, or the seed?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.reasoning.statistics.factors import holm
from hrm_probe.reasoning.storing import load_about, load_results
from hrm_probe.report.claim import Results
from hrm_probe.report.measures import MEASURES, Measure
from hrm_probe.report.result import RESULTS
from hrm_probe.report.verdicts import Verdict

LEVEL = 0.95
FEWEST = 2  # models of a kind


@dataclass(frozen=True)
class Comparison:
    """Two kinds of models compared, measure by measure.

    Attributes:
        kinds: the two, in order.
        values: a row per (measure, kind, model): estimate, low, high, n; the interval is that of measuring this one
            model.
        differences: a row per measure: ``title``; the mean of each kind's models; ``difference`` (first minus second)
            with ``low`` and ``high``, its 95% interval over models; ``p_value``, ``p_holm``; ``apart`` (no model of
            one kind lies among those of the other); ``verdict`` and ``reason`` on "the kind decides".
        horizon: the last segment to which all models ran.
    """

    kinds: tuple[str, str]
    values: pd.DataFrame
    differences: pd.DataFrame
    horizon: int

    def __str__(self) -> str:
        first, second = self.kinds
        lines = [f"{first} against {second}:"]
        for row in self.differences.to_dict("records"):
            shown = "; ".join(f"{kind} {', '.join(self._shown(row['measure'], kind))}" for kind in self.kinds)
            lines.append(f"[{row['verdict']}] {row['title']}: {shown}.")
            lines.append(
                f"    Difference of means {row['difference']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}], "
                f"p {row['p_value']:.2g}, corrected {row['p_holm']:.2g}. {row['reason']}"
            )
        return "\n".join(lines)

    def _shown(self, measure: str, kind: str) -> list[str]:
        rows = self.values[(self.values["measure"] == measure) & (self.values["kind"] == kind)]
        return [f"{estimate:.2f}" for estimate in rows["estimate"]]


def compare(
    kinds: Mapping[str, Sequence[str | Path | tuple[str, Results]]], measures: Sequence[Measure] = MEASURES
) -> Comparison:
    """Does the kind of a model decide what it does, or do models of one kind differ as much among themselves?

    >>> compare({"HRM": [...], "TRM": [...]})                                        # doctest: +SKIP

    The kind decides a measure if the interval of the difference of means excludes 0 after correction for the number
    of measures (Holm at 5%) and no model of one kind lies among those of the other, also with the choices behind the
    measure varied. It does not decide if models of the two kinds overlap although they differ by more than
    measuring them leaves open. Otherwise it is undecided. Written before any of the numbers.

    Two reports about the same puzzles are compared puzzle by puzzle by :func:`hrm_probe.report.compare_reports`.

    Args:
        kinds: two kinds, each with two or more reports: their folders, or pairs of a model's name and its results.
        measures: what to compare.

    Returns:
        Comparison; differences are over models, so that two or three of each kind must differ clearly.

    Raises:
        InputError: not two kinds of two models or more, a folder without results, or reports without a common
            length of runs.

    Formula: Welch's (1947) t interval over models, each kind's variance taken no smaller than measuring its models
    leaves (the mean of their squared standard errors, read off their intervals).

    Known inaccuracy: shares near 0 and 1 are not normally distributed over models. Kinds differ in all that their
    recipes differ in, not only in what they are named after. With three models each, that no two overlap happens by
    chance in one of ten comparisons of equal kinds, which is why the interval is asked for too.
    """
    if len(kinds) != 2 or min(len(models) for models in kinds.values()) < FEWEST:
        counts = ", ".join(f"{len(models)} {kind}" for kind, models in kinds.items())
        raise InputError(
            f"A comparison is of two kinds of at least {FEWEST} models each, not of {counts or 'none'}."
        )
    loaded = {kind: [_results(model) for model in models] for kind, models in kinds.items()}
    horizon = _horizon([model for models in loaded.values() for model in models])
    first, second = loaded
    rows, differences = [], []
    for measure in measures:
        effects = {
            kind: [measure.of(results, horizon) for _, results in models] for kind, models in loaded.items()
        }
        for kind, models in loaded.items():
            for (name, _), effect in zip(models, effects[kind], strict=True):
                rows.append({"measure": measure.name, "kind": kind, "model": name, **_numbers(effect)})
        varied = [
            [[choice(results, horizon).estimate for _, results in models] for models in loaded.values()]
            for choice in measure.swept
        ]
        differences.append(
            {
                "measure": measure.name,
                "title": measure.title,
                **_difference(effects[first], effects[second], varied),
            }
        )
    table = pd.DataFrame(differences)
    known = table["p_value"].notna()
    table["p_holm"] = np.nan
    table.loc[known, "p_holm"] = holm(table.loc[known, "p_value"].to_numpy())
    judged = [_verdict(row) for _, row in table.iterrows()]
    table["verdict"], table["reason"] = [v for v, _ in judged], [reason for _, reason in judged]
    return Comparison((first, second), pd.DataFrame(rows), table, horizon)


def _results(model: str | Path | tuple[str, Results]) -> tuple[str, Results]:
    if isinstance(model, tuple):
        return model
    path = Path(model) / RESULTS
    return str(load_about(path)["model"]), load_results(path)


def _horizon(models: Sequence[tuple[str, Results]]) -> int:
    """The last segment to which all of them ran."""
    lacking = [name for name, results in models if "wandering" not in results]
    if lacking:
        raise InputError(
            f"Reports to compare need the topic settling; without it: {', '.join(lacking)}. "
            "`hrm-probe report MODEL --topic settling --add` adds it."
        )
    seen = [(name, results["wandering"].horizons) for name, results in models]
    common = set.intersection(*(set(horizons) for _, horizons in seen))
    if not common:
        told = ", ".join(f"{name} to {' and '.join(map(str, horizons))}" for name, horizons in seen)
        raise InputError(f"Reports to compare must have run to a common segment, not {told}.")
    return int(max(common))


def _numbers(effect: Interval) -> dict[str, Any]:
    return {"estimate": effect.estimate, "low": effect.low, "high": effect.high, "n": effect.n}


def _difference(
    first: Sequence[Interval], second: Sequence[Interval], varied: Sequence[Sequence[Sequence[float]]]
) -> dict[str, Any]:
    """What two kinds' effects differ by."""
    a, b = (np.array([effect.estimate for effect in effects]) for effects in (first, second))
    found: dict[str, Any] = {
        "mean_first": a.mean(),
        "mean_second": b.mean(),
        "difference": a.mean() - b.mean(),
    }
    found |= {"low": np.nan, "high": np.nan, "p_value": np.nan, "apart": _apart(a, b)}
    found["apart_varied"] = all(_apart(*(np.array(values) for values in choice)) for choice in varied)
    pairs = combinations([*first, *second], 2)
    found["told_apart"] = any(one.high < other.low or other.high < one.low for one, other in pairs)
    if not np.isfinite([*a, *b]).all():
        return found
    parts = [_variance(values, effects) / len(values) for values, effects in ((a, first), (b, second))]
    error = float(np.sqrt(sum(parts)))
    if error == 0 or not np.isfinite(error):
        return found
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(values) - 1) for part, values in zip(parts, (a, b), strict=True)
    )
    reach = float(stats.t.ppf(0.5 + LEVEL / 2, freedom)) * error
    # Measures lie between 0 and 1, which the t distribution does not know.
    found["low"] = max(-1.0, found["difference"] - reach)
    found["high"] = min(1.0, found["difference"] + reach)
    found["p_value"] = float(2 * stats.t.sf(abs(found["difference"]) / error, freedom))
    return found


def _variance(values: np.ndarray, effects: Sequence[Interval]) -> float:
    """Between models of a kind; never less than what measuring them leaves."""
    z = stats.norm.ppf(0.5 + LEVEL / 2)
    measuring = np.mean([((effect.high - effect.low) / 2 / z) ** 2 for effect in effects])
    return float(max(values.var(ddof=1), measuring))


def _apart(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(a.max() < b.min() or b.max() < a.min())


def _verdict(row: pd.Series) -> tuple[Verdict, str]:
    if not np.isfinite(row["difference"]):
        return "not testable", "A model has nothing to measure it on."
    if not row["apart"]:
        if row["told_apart"]:
            return "does not hold", "Models of the two kinds overlap."
        return "undecided", "No two models differ by more than measuring them leaves open."
    if not np.isfinite(row["p_holm"]) or row["p_holm"] >= 1 - LEVEL:
        return "undecided", "The kinds do not overlap, but so few models differ so much by chance."
    if not row["apart_varied"]:
        return "undecided", "The kinds overlap where a choice behind the measure is varied."
    return "holds", ""
