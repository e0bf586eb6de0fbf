"""In how many dimensions the states of a run lie: measured on states at hand, whoever made them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from torch import Tensor

from hrm_probe.dynamics.dimensions import Overlaps, overlaps
from hrm_probe.dynamics.intervals import Interval
from hrm_probe.dynamics.jackknife import jackknifed
from hrm_probe.models import State
from hrm_probe.reasoning.inside.network import Network
from hrm_probe.reasoning.result import plain_labels

States = Mapping[str, Tensor]
"""By site, "z_H" and "z_L": [segment, puzzle, cell, d_model], as segments end with them."""
READINGS = ("cells", "cells apart", "grids")
DRAWS = 5  # of each number of tasks


class Measured(NamedTuple):
    """Tables of :class:`hrm_probe.reasoning.Dimensions`."""

    table: pd.DataFrame
    ratios: pd.DataFrame
    by_segment: pd.DataFrame


def measured(of: Network, states: States, labels: np.ndarray | None) -> Measured:
    """Dimensions of z_H and z_L by each reading, how they compare, and those of each segment alone.

    Args:
        of: whose they are.
        states: of a run.
        labels: [puzzle], which puzzles are resampled together; each by itself if None.
    """
    rows, ratios = [], []
    for reading in READINGS:
        clouds = {site: _cloud(states[site], reading, labels) for site in State._fields}
        for site, cloud in clouds.items():
            rows.append((*of, reading, site, *_told(_interval(cloud)), cloud.plain))
        times = _times(clouds["z_H"], clouds["z_L"])
        ratios.append((*of, reading, *_told(times), clouds["z_H"].plain / clouds["z_L"].plain))
    segments = [
        (*of, site, segment, *_told(_interval(_cloud(at_end[None], "cells", labels))))
        for site in State._fields
        for segment, at_end in enumerate(states[site], start=1)
    ]
    whose = Network._fields
    return Measured(
        pd.DataFrame(rows, columns=[*whose, "reading", "site", "dimensions", "low", "high", "plain"]),
        pd.DataFrame(ratios, columns=[*whose, "reading", "times", "low", "high", "plain"]),
        pd.DataFrame(segments, columns=[*whose, "site", "segment", "dimensions", "low", "high"]),
    )


def growth(of: Network, states: States, tasks: Sequence[int], rng: np.random.Generator) -> pd.DataFrame:
    """Dimensions by how many puzzles they are measured on: means over ``DRAWS`` random choices of so many.

    Args:
        of, states: as of :func:`measured`.
        tasks: numbers of puzzles, two at least, no more than there are.
        rng: for the choices.
    """
    puzzles, rows = states["z_H"].shape[1], []
    for count in tasks:
        choices = [rng.permutation(puzzles)[:count] for _ in range(DRAWS if count < puzzles else 1)]
        for reading in ("cells", "grids"):
            for site in State._fields:
                clouds = [_cloud(states[site][:, chosen], reading, None) for chosen in choices]
                plain, corrected = (
                    np.mean([getattr(cloud, kind) for cloud in clouds]) for kind in ("plain", "corrected")
                )
                rows.append((*of, reading, site, count, corrected, plain))
    return pd.DataFrame(rows, columns=[*Network._fields, "reading", "site", "tasks", "dimensions", "plain"])


def _cloud(states: Tensor, reading: str, labels: np.ndarray | None) -> Overlaps:
    """States [segment, puzzle, cell, d_model] as points: each cell's own, or those of whole grids."""
    if reading == "cells apart":
        states = states - states.mean((0, 1))
    of_puzzles = states.transpose(0, 1)
    points = of_puzzles.flatten(2) if reading == "grids" else of_puzzles.flatten(1, 2)
    units = np.repeat(plain_labels(labels, len(points)), points.shape[1])
    return overlaps(points.flatten(0, 1), units)


def _interval(cloud: Overlaps) -> Interval:
    return jackknifed(cloud.corrected, cloud.without_each)


def _times(above: Overlaps, below: Overlaps) -> Interval:
    """How many times as many dimensions one cloud has as another of the same units."""
    with np.errstate(invalid="ignore"):  # of two that cannot be told
        without = above.without_each / below.without_each
    return jackknifed(above.corrected / below.corrected, without)


def _told(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high
