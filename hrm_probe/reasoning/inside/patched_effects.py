"""What a patch does to the answers of pairs: whose digits stand in the disputed cells, and by how much."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from hrm_probe.dynamics.intervals import Interval, percentile_interval, resampled_counts
from hrm_probe.reasoning.result import plain_labels, share_of
from hrm_probe.reasoning.runs.curves import where_asked

EFFECTS = ("recovered", "donor", "own", "solved", "changed")
SHARES = ("donor", "own", "solved", "changed")


@dataclass(frozen=True)
class Ends:
    """How the plain runs of pairs end.

    Attributes:
        own, donor: logits of the last segment, float32 [pair, cell, vocab], of the receiver's run and the donor's.
        disputed: cells that the receiver has to fill where the two answer differently: bool [pair, cell].
        answers: tokens [pair, cell], the receiver's; 0 where nothing is asked.
    """

    own: Tensor
    donor: Tensor
    disputed: np.ndarray
    answers: np.ndarray

    @classmethod
    def of(cls, own: Tensor, donor: Tensor, blanks: np.ndarray, answers: np.ndarray) -> "Ends":
        return cls(own, donor, blanks & (own.argmax(-1) != donor.argmax(-1)).numpy(), answers)

    def __getitem__(self, rows: np.ndarray) -> "Ends":
        return Ends(self.own[rows], self.donor[rows], self.disputed[rows], self.answers[rows])


def effects(logits: Tensor, ends: Ends) -> dict[str, np.ndarray]:
    """Of each pair, what a patched run's last logits [pair, cell, vocab] say in the disputed cells.

    Returns:
        float [pair], NaN in the first three where nothing is disputed:

        - ``recovered``: with lead = logit of the donor's token minus that of the receiver's own token, summed over
          disputed cells, (lead patched - lead of the receiver) / (lead of the donor - lead of the receiver). 0 where
          the patch does nothing, 1 where it gives the donor's run.
        - ``donor``, ``own``: share of disputed cells answered as by the donor, and as by the receiver.
        - ``solved``: 1 if the grid is the receiver's answer; ``changed``: 1 if it is not what the receiver ends with.
          Of tasks only what is asked of the receiver counts.
    """
    own, donor = (ended.argmax(-1) for ended in (ends.own, ends.donor))
    patched = logits.argmax(-1)
    disputed = ends.disputed
    cells = disputed.sum(1)

    def lead(of: Tensor) -> np.ndarray:
        leads = of.gather(-1, donor[..., None]) - of.gather(-1, own[..., None])
        return np.where(disputed, leads[..., 0].double().numpy(), 0).sum(1)

    def share(same: Tensor) -> np.ndarray:
        return (same.numpy() & disputed).sum(1) / np.where(cells, cells, np.nan)

    begin, whole = lead(ends.own), lead(ends.donor)
    with np.errstate(invalid="ignore"):
        recovered = (lead(logits) - begin) / (whole - begin)
    return {
        "recovered": recovered,
        "donor": share(patched == donor),
        "own": share(patched == own),
        "solved": (where_asked(patched.numpy(), ends.answers) == ends.answers).all(1).astype(float),
        "changed": ((patched != own).numpy() & (ends.answers > 0)).any(1).astype(float),
    }


def means_over_pairs(
    values: np.ndarray, labels: np.ndarray | None, *, shares: bool, resamples: int = 2000, seed: int = 0
) -> list[Interval]:
    """The mean of each row over the pairs, with its 95% bootstrap interval; pairs, or groups of them, drawn whole.

    Every row sees the same resamples. Where all pairs of a row are equal shares, a bootstrap would have no width; then
    so many may be otherwise as Wilson's interval allows for none of n, fewer where groups are alike (``share_of``).

    Args:
        values: float [condition, pair]; NaN leaves a pair out.
        labels: [pair], of pairs resampled together; None if each is independent.
        shares: the values lie between 0 and 1, and so do the ends of their intervals.
        resamples, seed: for the intervals.

    Returns:
        An interval a condition; NaN where no pair is left.
    """
    of = np.unique(plain_labels(labels, values.shape[1]), return_inverse=True)[1]
    groups = int(of.max()) + 1
    members = np.eye(groups)[of]  # [pair, group]
    known = np.isfinite(values)
    sums, counts = np.where(known, values, 0) @ members, known.astype(float) @ members  # [condition, group]
    drawn = resampled_counts(groups, resamples, seed)
    with np.errstate(invalid="ignore"):
        means, resampled = sums.sum(1) / counts.sum(1), (drawn @ sums.T) / (drawn @ counts.T)
    found = []
    for row, mean in enumerate(means):
        n = int((counts[row] > 0).sum())
        interval = percentile_interval(float(mean), resampled[:, row], 0.95, n, grouped=labels is not None)
        found.append(_of_shares(interval, values[row], labels) if shares and n else interval)
    return found


def _of_shares(interval: Interval, values: np.ndarray, labels: np.ndarray | None) -> Interval:
    known, method = np.isfinite(values), interval.method
    low, high = interval.low, interval.high
    if np.ptp(values[known]) == 0:
        otherwise = share_of(np.zeros(len(values), bool), labels, among=known).high
        low, high, method = interval.estimate - otherwise, interval.estimate + otherwise, "Wilson, none of n"
    return replace(interval, low=max(low, 0.0), high=min(high, 1.0), method=method)


def largest_change(logits: Tensor, own: Tensor) -> float:
    """By how much a patch moves any logit; what a patch of a run with itself must leave at 0."""
    return float((logits - own).abs().max()) if torch.isfinite(logits).all() else float("inf")
