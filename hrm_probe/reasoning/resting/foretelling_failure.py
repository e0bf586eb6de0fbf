"""Which numbers foretell that a run fails, and what Lyapunov exponents tell beyond drift and halting value."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from hrm_probe.reasoning.resting.finite_time_exponents import usable
from hrm_probe.reasoning.result import labels_of
from hrm_probe.reasoning.statistics.cross_validation import HeldOut, cross_validate, too_few
from hrm_probe.reasoning.statistics.logistic_regression import log_loss
from hrm_probe.reasoning.statistics.ranking import auc

BASE, LEADING, ALL = "drift + halting", "drift + halting + leading exponent", "drift + halting + exponents"
EXPONENTS = r"^exponent_\d+$"
PLANTED = 20  # numbers made up to see whether they would be found
WORTH = 0.04  # nats a puzzle that each of them is worth
DRAWS = 200  # of noise, to find how large they must be for that
REPEATS_PLANTED = 5  # fold draws for each


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
        i = auc(values.to_numpy(float)[of], failed[of], groups=labels_of(labels, of), seed=seed)
        told.append((among, name, len(of), int(failed[of].sum()), i.estimate, i.low, i.high, i.method, i.n))
    names = ["among", "score", "n", "failures", "auc", "low", "high", "method", "resampled"]
    return pd.DataFrame(told, columns=names)


def foretold(
    table: pd.DataFrame, rows: np.ndarray, labels: np.ndarray | None, folds: int, repeats: int, seed: int
) -> dict[str, Any]:
    """What ``Wandering`` tells of held-out failures, what exponents add to foretelling them, and what would be seen.

    Args:
        table, rows, labels: as for :func:`auc_table`; a group of puzzles stays in one fold.
        folds, repeats, seed: of :func:`cross_validate`.
    """
    sample, why = _sample(table, rows, labels, folds)
    if sample is None:
        adds = dict.fromkeys(("exponents_add", "exponents_add_auc", "leading_adds", "leading_adds_auc"))
        return {"models": pd.DataFrame(), "no_models": why, **adds, "planted": None}
    base, spectrum, failed, groups = sample
    features = {
        BASE: base,
        LEADING: np.column_stack([base, spectrum[:, :1]]),
        ALL: np.column_stack([base, spectrum]),
        "exponents": spectrum,
    }
    held = cross_validate(features, failed, folds=folds, repeats=repeats, groups=groups, seed=seed)
    return {
        "models": held.table(seed),
        "no_models": None,
        "exponents_add": held.gain(ALL, BASE, seed),
        "exponents_add_auc": held.gain_in_auc(ALL, BASE, seed),
        "leading_adds": held.gain(LEADING, BASE, seed),
        "leading_adds_auc": held.gain_in_auc(LEADING, BASE, seed),
        "planted": planted_gains(base, failed, held, seed),
    }


def planted_gains(base: np.ndarray, failed: np.ndarray, held: HeldOut, seed: int = 0) -> pd.DataFrame | None:
    """What numbers that are worth something are found to be worth: would the leading exponent have been seen?

    Each is drawn from a normal distribution whose mean is half a distance above 0 for failures and below for
    successes; with the distance known, it would gain ``WORTH`` nats beyond what is known of the run already.

    Args:
        base: [n, p], what is known already.
        failed: bool [n].
        held: the held-out predictions by ``base``, and the folds and groups to be used again.
        seed: for the draws and folds.

    Returns:
        One row a number: gain, low, high. None where drift and halting value leave too little to be known.
    """
    rng = np.random.default_rng(seed)
    distance = _distance_worth(WORTH, held.log_odds[BASE], failed, rng)
    if distance is None:
        return None
    rows = []
    for number in range(PLANTED):
        told = distance * (failed - 0.5) + rng.standard_normal(len(failed))
        features = {BASE: base, LEADING: np.column_stack([base, told])}
        again = cross_validate(
            features,
            failed,
            folds=held.folds,
            repeats=REPEATS_PLANTED,
            groups=held.groups,
            seed=seed + number,
        )
        gain = again.gain(LEADING, BASE, seed)
        rows.append((gain.estimate, gain.low, gain.high))
    return pd.DataFrame(rows, columns=["gain", "low", "high"])


def _distance_worth(
    nats: float, log_odds: np.ndarray, failed: np.ndarray, rng: np.random.Generator
) -> float | None:
    """How far apart two normal distributions must be to tell so much beyond these log odds; None if nothing can."""
    noise = rng.standard_normal((DRAWS, len(failed)))
    known = log_loss(log_odds, failed).mean()

    def too_much(distance: float) -> float:
        told = distance * (failed - 0.5) + noise
        return float(known - log_loss(log_odds + distance * told, failed).mean()) - nats

    farthest = 8.0
    return float(brentq(too_much, 0.0, farthest, xtol=1e-3)) if too_much(farthest) > 0 else None


def _sample(
    table: pd.DataFrame, rows: np.ndarray, labels: np.ndarray | None, folds: int
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None] | None, str | None]:
    """Drift and halting value, exponents, failures and groups of the exponent sample, or why it cannot be used."""
    if not len(rows):
        return None, "no exponents were computed"
    rows = rows[table.loc[rows, "exponent_1"].notna().to_numpy()]
    sample = table.iloc[rows]
    failed = ~sample["solved"].to_numpy(bool)
    groups = labels_of(labels, rows)
    why = too_few(failed, groups, folds)
    if why:
        return None, why
    drift = sample["late_drift"].to_numpy(float)
    resting = drift[drift > 0].min(initial=1.0) / 10  # exact rest has no log
    base = np.column_stack([np.log(np.maximum(drift, resting)), sample["q_halt"]])
    spectrum = usable(sample.filter(regex=EXPONENTS).to_numpy(float))
    return (base, spectrum, failed, groups), None
