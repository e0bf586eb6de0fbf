"""Your own targets for linear probes: flags and numbers of puzzles, classes of cells."""

from collections.abc import Collection, Mapping

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from hrm_probe.dynamics.intervals import bootstrap, share
from hrm_probe.errors import InputError
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.statistics.cross_validation import draw_folds
from hrm_probe.reasoning.statistics.ranking import area_under_roc, auc
from hrm_probe.reasoning.statistics.ridge import held_out_scores

Targets = Mapping[str, ArrayLike]
Reading = tuple[float, float, float, float]  # score, low, high, and the score of a probe of shuffled labels


def check_targets(targets: Targets, puzzles: Asked, taken: Collection[str]) -> dict[str, NDArray[np.generic]]:
    """Targets as arrays, [puzzle] or [puzzle, cell].

    Raises:
        InputError: another shape, numbers that are not finite, cells that are not classes, or a name that is ``taken``.
    """
    arrays = {}
    for name, given in targets.items():
        target = np.asarray(given)
        cells = target.shape == puzzles.tokens.shape
        if not cells and target.shape != (len(puzzles),):
            raise InputError(
                f"The target {name!r} has shape {list(target.shape)}; it takes a value for each of the {len(puzzles)} "
                f"puzzles, or for each of their {puzzles.tokens.shape[1]} cells."
            )
        if name in taken:
            raise InputError(f"{name!r} is read anyway; give your target another name.")
        if target.dtype.kind not in ("biu" if cells else "biuf"):
            raise InputError(
                f"The target {name!r} holds {target.dtype}; give "
                + ("classes (whole numbers) or flags of cells." if cells else "flags or numbers of puzzles.")
            )
        if not np.isfinite(target).all():
            raise InputError(f"The target {name!r} has values that are not numbers; leave those puzzles out.")
        arrays[name] = target
    return arrays


def read_target(
    z: Tensor,
    prefix: int,
    target: NDArray[np.generic],
    fold: np.ndarray,
    ridge: float,
    labels: np.ndarray,
    seed: int,
) -> Reading:
    """How well a target is read from states [puzzle, pos, d_model] by probes that have not seen the puzzle.

    Args:
        z: the states.
        prefix: positions before the first cell.
        target: bool [puzzle] (score: AUC), numbers [puzzle] (share of variance foretold) or classes [puzzle, cell]
            (share of cells right).
        fold, labels: [puzzle], of the cross-validation and of the resampling.
        ridge: as in :func:`hrm_probe.reasoning.probes`.
        seed: for the shuffled control and the interval. Puzzles are shuffled whole, so that each keeps its cells.
    """
    shuffle = np.random.default_rng(seed).permutation(len(target))
    if target.ndim == 2:
        right, control = (_read_classes(z[:, prefix:], y, fold, ridge) for y in (target, target[shuffle]))
        found = share(right.ravel(), groups=np.repeat(labels, right.shape[1]), seed=seed)
        return found.estimate, found.low, found.high, float(control.mean())
    mean_state = z.float().mean(1)
    if target.dtype.kind == "b":
        flags = target.astype(bool)
        read, control = (
            held_out_flags(mean_state, y, fold, labels, ridge, seed) for y in (flags, flags[shuffle])
        )
        found = auc(read, flags, groups=labels, seed=seed)
        return found.estimate, found.low, found.high, area_under_roc(control, flags[shuffle])
    read, control = (
        held_out_scores(mean_state, torch.from_numpy(y.astype(float))[:, None], fold, ridge)[:, 0].numpy()
        for y in (target, target[shuffle])
    )
    found = bootstrap(_foretold, np.stack([target.astype(float), read], 1), groups=labels, seed=seed)
    return (
        found.estimate,
        found.low,
        found.high,
        _foretold(np.stack([target[shuffle].astype(float), control], 1)),
    )


def held_out_flags(
    X: Tensor, flags: np.ndarray, fold: np.ndarray, labels: np.ndarray, ridge: float, seed: int
) -> np.ndarray:
    """Readings [n] of flags from X [n, d], in as many folds as ``fold`` has, which share out both kinds evenly.

    Uneven ones would rank the left-out rows against what they are: with fewer true flags among them there are more
    among those that the fit has seen, and its readings are higher.
    """
    even = draw_folds(flags, labels, len(np.unique(fold)), np.random.default_rng(seed))
    return held_out_scores(X, torch.from_numpy(flags.astype(float))[:, None], even, ridge)[:, 0].numpy()


def _read_classes(
    z: Tensor, target: NDArray[np.generic], fold: np.ndarray, ridge: float
) -> NDArray[np.bool_]:
    """Which cells a probe of every cell's position reads right: bool [puzzle, cell]; one map for all cells."""
    classes, which = np.unique(target, return_inverse=True)
    which = which.reshape(target.shape)
    one_hot = torch.nn.functional.one_hot(torch.from_numpy(which.ravel()), len(classes))
    read = held_out_scores(z.flatten(0, 1), one_hot, np.repeat(fold, target.shape[1]), ridge).argmax(-1)
    return (read.numpy() == which.ravel()).reshape(target.shape)


def _foretold(rows: np.ndarray) -> float:
    """1 minus the squared error of the readings over that of the mean: rows [n, 2], number and reading."""
    number, read = rows.T
    spread = ((number - number.mean()) ** 2).sum()
    return float(1 - ((number - read) ** 2).sum() / spread) if spread > 0 else float("nan")
