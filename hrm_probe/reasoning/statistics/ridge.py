"""Ridge regression, judged on rows it was not fitted to: what every linear probe is."""

import numpy as np
import torch
from torch import Tensor


def held_out_scores(X: Tensor, Y: Tensor, fold: np.ndarray, ridge: float) -> Tensor:
    """Outputs of ridge regressions for rows they were not fitted on: X [n, d], Y [n, k] -> [n, k]."""
    X, Y = X.double(), Y.double()
    out = torch.empty_like(Y)
    for held_out in np.unique(fold):
        test = torch.from_numpy(fold == held_out)
        mean, spread = X[~test].mean(0), X[~test].std(0).clamp_min(1e-6)
        A, level = (X[~test] - mean) / spread, Y[~test].mean(0)
        gram = A.T @ A + ridge * len(A) * torch.eye(A.shape[1], dtype=A.dtype)
        weights = torch.linalg.solve(gram, A.T @ (Y[~test] - level))
        out[test] = (X[test] - mean) / spread @ weights + level
    return out
