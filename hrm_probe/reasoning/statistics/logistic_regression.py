"""Logistic regression with a ridge, small enough to read: which numbers tell a puzzle's outcome, and how surely?"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from hrm_probe.errors import InputError

TOLERANCE = 1e-6  # of the slope's norm; the weights' error is of its square


@dataclass(frozen=True)
class Logistic:
    """A fitted model: log-odds = intercept + weights . (features - mean) / scale."""

    weights: np.ndarray
    intercept: float
    mean: np.ndarray
    scale: np.ndarray

    def log_odds(self, features: np.ndarray) -> np.ndarray:
        """Log-odds of a positive outcome: [n, p] -> [n]."""
        return np.asarray(self.intercept + (features - self.mean) / self.scale @ self.weights)


def fit_logistic(features: np.ndarray, positive: np.ndarray, ridge: float = 1.0) -> Logistic:
    """Maximise the likelihood of the outcomes less ``ridge / 2`` times the squared weights.

    Args:
        features: [n, p], finite; each column is standardised first, and a constant one is ignored.
        positive: bool [n].
        ridge: strength of the penalty on standardised weights, above 0; the intercept is free. It keeps weights
            finite where the outcomes can be separated, and matters less the more rows there are.

    Raises:
        InputError: outcomes all alike, features that are not finite, or a ridge that is not positive.

    Formula: le Cessie and van Houwelingen (1992), Applied Statistics 41; minimised within trust regions by scipy.
    """
    y = np.asarray(positive, float)
    x = np.asarray(features, float)
    if not np.isfinite(x).all():
        raise InputError("Logistic regression needs finite features; leave the other rows out.")
    if not ridge > 0:
        raise InputError(f"ridge must be positive, not {ridge}.")
    if not 0 < y.sum() < len(y):
        raise InputError("Logistic regression needs both outcomes; these rows have one.")
    mean, spread = x.mean(0), x.std(0)
    scale = np.where(spread > 1e-12 * (1 + np.abs(mean)), spread, np.inf)
    design = np.column_stack([np.ones(len(x)), (x - mean) / scale])
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0

    def objective(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = design @ w
        value = (np.logaddexp(0, z) - y * z).sum() + penalty @ w**2 / 2
        return float(value), design.T @ (special.expit(z) - y) + penalty * w

    def curvature(w: np.ndarray) -> np.ndarray:
        p = special.expit(design @ w)
        return (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)

    begin = np.zeros(design.shape[1])
    begin[0] = special.logit(y.mean())
    w = optimize.minimize(objective, begin, jac=True, hess=curvature, method="trust-exact", tol=TOLERANCE).x
    return Logistic(w[1:], float(w[0]), mean, scale)


def log_loss(log_odds: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Loss of each prediction, in nats: -ln of the probability given to what came true."""
    return np.logaddexp(0, np.where(positive, -log_odds, log_odds))
