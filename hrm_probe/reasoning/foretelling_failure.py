"""Which numbers foretell that a run fails, and what Lyapunov exponents tell beyond drift and halting value."""

import numpy as np
import pandas as pd

from hrm_probe.reasoning.cross_validation import HeldOut, cross_validate, too_few
from hrm_probe.reasoning.finite_time_exponents import usable
from hrm_probe.reasoning.ranking import auc

BASE, LEADING, ALL = "drift + halting", "drift + halting + leading exponent", "drift + halting + exponents"
EXPONENTS = r"^exponent_\d+$"


def auc_table(table: pd.DataFrame, rows: np.ndarray, labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    """How well each number ranks failures above successes; the columns are described in ``Wandering.auc``.

    Args:
        table: one row per puzzle, see ``Wandering.table``.
        rows: of the exponent sample.
        labels: [puzzle], puzzles resampled together, or None.
        seed: for the resampling.
    """
    failed = ~table["solved"].to_numpy(bool)
    scores = {
        "late_drift": table["late_drift"],
        "minus_q_halt": -table["q_halt"],
        "entropy": table["entropy"],
    }
    ranked = [("all", name, values, np.arange(len(table))) for name, values in scores.items()]
    if len(rows):
        spectrum = table.filter(regex=EXPONENTS)
        exponents = {
            "leading_exponent": spectrum.iloc[:, 0],
            "sum_of_exponents": spectrum.sum(axis=1, skipna=False),
        }
        ranked += [("exponent sample", name, v, rows) for name, v in {**exponents, **scores}.items()]
    told = []
    for among, name, values, of in ranked:
        i = auc(
            values.to_numpy(float)[of], failed[of], groups=None if labels is None else labels[of], seed=seed
        )
        told.append((among, name, len(of), int(failed[of].sum()), i.estimate, i.low, i.high, i.method, i.n))
    names = ["among", "score", "n", "failures", "auc", "low", "high", "method", "resampled"]
    return pd.DataFrame(told, columns=names)


def held_out_failures(
    table: pd.DataFrame, rows: np.ndarray, labels: np.ndarray | None, folds: int, repeats: int, seed: int
) -> tuple[HeldOut | None, str | None]:
    """Held-out predictions of failure by four models, or why there are none.

    Args:
        table, rows, labels: as for :func:`auc_table`; a group of puzzles stays in one fold.
        folds, repeats, seed: of :func:`cross_validate`.
    """
    if not len(rows):
        return None, "no exponents were computed"
    rows = rows[table.loc[rows, "exponent_1"].notna().to_numpy()]
    sample = table.iloc[rows]
    failed = ~sample["solved"].to_numpy(bool)
    groups = None if labels is None else labels[rows]
    why = too_few(failed, groups, folds)
    if why:
        return None, why
    drift = sample["late_drift"].to_numpy(float)
    resting = drift[drift > 0].min(initial=1.0) / 10  # exact rest has no log
    base = np.column_stack([np.log(np.maximum(drift, resting)), sample["q_halt"]])
    spectrum = usable(sample.filter(regex=EXPONENTS).to_numpy(float))
    features = {
        BASE: base,
        LEADING: np.column_stack([base, spectrum[:, :1]]),
        ALL: np.column_stack([base, spectrum]),
        "exponents": spectrum,
    }
    return cross_validate(features, failed, folds=folds, repeats=repeats, groups=groups, seed=seed), None
