"""In how many dimensions the states of either level lie, and whether training has brought that about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.given_numbers import whole_number, whole_numbers
from hrm_probe.models import RecursiveReasoner, State
from hrm_probe.models.build import build_model
from hrm_probe.reasoning.asking import Asked, check_asked, is_trace
from hrm_probe.reasoning.inside.dimension_tables import Measured, States, growth, measured
from hrm_probe.reasoning.inside.network import TRAINED, Network
from hrm_probe.reasoning.inside.probed_states import ProbedStates, probed_states
from hrm_probe.reasoning.result import Groups, Result, group_labels
from hrm_probe.reasoning.runs.traced import check_traced, length_asked, puzzles_asked_about

if TYPE_CHECKING:
    from hrm_probe.trace import Trace


@dataclass(frozen=True)
class Dimensions(Result):
    """Dimensions of the states that segments end with, of a model and of untrained networks like it.

    A number of dimensions is a participation ratio of states from different puzzles
    (:func:`hrm_probe.dynamics.participation_ratio`); ``plain`` is that of all states together, as it is published,
    which grows with the number of puzzles by itself. ``reading`` says what a point is: "cells", the state of one cell,
    d_model coordinates; "cells apart", the same from the mean of its own cell over puzzles and segments; "grids", the
    states of all cells together.

    Attributes:
        table: one row per (network, draw, reading, site): ``dimensions``, ``low``, ``high``, ``plain``. ``network`` is
            "trained" or "untrained", ``draw`` the seed of an untrained one.
        ratios: one row per (network, draw, reading): ``times`` as many dimensions in z_H as in z_L, ``low``, ``high``,
            and ``plain``.
        by_segment: one row per (network, draw, site, segment), of "cells" at that segment's end: ``dimensions``,
            ``low``, ``high``.
        growth: one row per (network, draw, reading, site, tasks): the same by how many puzzles it is measured on.
        H, L: dimensions of z_H and of z_L, of cells.
        times: H over L.
        times_apart, times_grids: the same by the other readings.
        untrained_least, untrained_most: the least and the most of ``times`` in untrained networks; NaN of none.
        untrained: how many of them.
        solved: share of the puzzles that are right at the last segment.
        d_model, puzzles, segments, seed, resampled: what was done.
    """

    table: pd.DataFrame
    ratios: pd.DataFrame
    by_segment: pd.DataFrame
    growth: pd.DataFrame
    H: Interval
    L: Interval
    times: Interval
    times_apart: Interval
    times_grids: Interval
    untrained_least: float
    untrained_most: float
    untrained: int
    solved: float
    d_model: int
    puzzles: int
    segments: int
    seed: int
    resampled: str
    _long = ("by_segment",)

    def __str__(self) -> str:
        text = (
            f"States of a cell at the ends of {self.segments} segments of {self.puzzles} puzzles lie in "
            f"{_known(self.H)} dimensions in z_H and in {_known(self.L)} in z_L, of {self.d_model}: "
            f"{_known(self.times)} times as many"
        )
        if self.untrained == 1:
            text += f" (in an untrained network {self.untrained_least:.2f} times)"
        elif self.untrained:
            least, most = self.untrained_least, self.untrained_most
            text += f" (in {self.untrained} untrained networks {least:.2f} to {most:.2f} times)"
        return (
            f"{text}. From the mean of each cell it is {_known(self.times_apart)} times as many, of whole grids "
            f"{_known(self.times_grids)}."
        )


def dimensions(
    model: "RecursiveReasoner | Trace",
    puzzles: Asked | None = None,
    segments: int | None = None,
    *,
    untrained: int = 3,
    tasks: int | Sequence[int] = (10, 20, 50, 100),
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Dimensions:
    """Do the states of the slow module lie in more dimensions than those of the fast one, and by training?

    >>> print(dimensions(load("hrm-6x6"), load_puzzles("6x6-test", 100)))                   # doctest: +SKIP

    Args:
        model: any recursive reasoner, or a trace.
        puzzles: or ``Tasks``; those of the trace if None.
        segments: length of the run; the model's ``max_segments``, or that of the trace, if None.
        untrained: how many networks of the same shape are asked as they are first drawn, with seeds from ``seed`` on.
        tasks: numbers of puzzles to measure growth by; those above what there is are left out.
        groups: what is resampled together, see :func:`hrm_probe.reasoning.result.group_labels`.
        batch_size: puzzles at once.
        seed: for the untrained networks and the choices of puzzles.
        progress: show a bar.

    Returns:
        Dimensions, with jackknife intervals over puzzles at 95%.

    Raises:
        InputError: a trace without z_H or z_L, or a number that is none.

    Formula: participation ratio, tr(C)^2 / tr(C^2) of the covariance C of states. Source: arXiv 2506.21734, section 4
    and figure 8, which reports 89.95 in z_H and 30.22 in z_L on a hundred Sudokus, 42.09 and 40.75 in an untrained
    network, and z_H, not z_L, gaining dimensions with the number of puzzles. It does not say what a point is, hence the
    readings.
    Known inaccuracy: states between the ends of segments are not looked at. Of whole grids a few hundred dimensions in
    a hundred puzzles have wide intervals. Memory grows as puzzles x segments x positions x d_model (both sites).
    """
    puzzles = puzzles_asked_about(model, puzzles)
    if is_trace(model):
        check_traced(model, puzzles, segments, batch_size, seed)
    else:
        check_asked(model, puzzles, batch_size, seed)
    whole_number(untrained, "untrained", least=0)
    counts = [n for n in whole_numbers(tasks, "tasks", least=2) if n <= len(puzzles)]
    length = length_asked(model, segments, None)
    assert length is not None
    labels, resampled = group_labels(puzzles, groups)

    def run(asked: "RecursiveReasoner | Trace") -> ProbedStates:
        return probed_states(
            asked, puzzles, State._fields, range(1, length + 1), length, batch_size, progress
        )

    found: list[Measured] = []
    grown: list[pd.DataFrame] = []

    def measure(of: Network, ran: ProbedStates) -> None:
        states = _of_cells(ran, length)
        found.append(measured(of, states, labels))
        grown.append(growth(of, states, counts, np.random.default_rng(seed)))

    own = run(model)
    measure(TRAINED, own)
    device = getattr(model, "device", "cpu")
    for draw in range(seed, seed + untrained):
        measure(Network("untrained", draw), run(build_model(own.config, draw).to(device)))
    tables = [pd.concat(parts, ignore_index=True) for parts in zip(*found, strict=True)]
    solved = (own.predictions[-1] == puzzles.answers).all(-1).mean()
    return result_of(
        Measured(*tables),
        pd.concat(grown, ignore_index=True),
        untrained=untrained,
        solved=float(solved),
        d_model=own.config.d_model,
        puzzles=len(puzzles),
        segments=length,
        seed=seed,
        resampled=resampled,
        units=len(puzzles) if labels is None else len(np.unique(labels)),
    )


def result_of(
    tables: Measured,
    grown: pd.DataFrame,
    *,
    untrained: int,
    solved: float,
    d_model: int,
    puzzles: int,
    segments: int,
    seed: int,
    resampled: str,
    units: int,
) -> Dimensions:
    """The headline numbers of these tables; ``units`` is how many puzzles, or groups of them, were left out in turn."""

    def interval(rows: pd.DataFrame, number: str) -> Interval:
        (row,) = rows.to_dict("records")
        return Interval(row[number], row["low"], row["high"], 0.95, units, "jackknife")

    trained = tables.ratios[tables.ratios["network"] == "trained"].set_index("reading")
    own = tables.table[(tables.table["network"] == "trained") & (tables.table["reading"] == "cells")]
    others = tables.ratios[(tables.ratios["network"] == "untrained") & (tables.ratios["reading"] == "cells")]
    return Dimensions(
        tables.table,
        tables.ratios,
        tables.by_segment,
        grown,
        H=interval(own[own["site"] == "z_H"], "dimensions"),
        L=interval(own[own["site"] == "z_L"], "dimensions"),
        times=interval(trained.loc[["cells"]], "times"),
        times_apart=interval(trained.loc[["cells apart"]], "times"),
        times_grids=interval(trained.loc[["grids"]], "times"),
        untrained_least=float(others["times"].min()),
        untrained_most=float(others["times"].max()),
        untrained=untrained,
        solved=solved,
        d_model=d_model,
        puzzles=puzzles,
        segments=segments,
        seed=seed,
        resampled=resampled,
    )


def _known(interval: Interval) -> str:
    return str(interval) if np.isfinite(interval.estimate) else "an unknown number of (too few puzzles)"


def _of_cells(ran: ProbedStates, segments: int) -> States:
    """By site, [segment, puzzle, cell, d_model], without the positions before the cells."""
    prefix = ran.config.prefix
    return {
        site: torch.stack([ran.states[site, segment][:, prefix:] for segment in range(1, segments + 1)])
        for site in State._fields
    }
