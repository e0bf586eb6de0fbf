"""How far what happens in one cell reaches: to the cells that a rule joins to it, or to all of the board alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import finite_number, whole_number, whole_numbers
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.build import build_model
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import Asked, check_asked
from hrm_probe.reasoning.inside.disturbed_cells import H_UPDATE, L_UPDATE, Reached, disturbed_cells
from hrm_probe.reasoning.inside.influence_ratios import influence_by_kind, influence_ratio
from hrm_probe.reasoning.inside.network import TRAINED, Network
from hrm_probe.reasoning.result import Groups, Result, group_labels, plain_labels
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.whereabouts import whereabouts
from hrm_probe.wording import counted


@dataclass(frozen=True)
class Locality(Result):
    """How strongly a disturbance of one cell arrives in others, of a model and of untrained networks like it.

    A ``step`` is one "L-update", one "H-update", "1 segment" or more. Of Sudokus cells are joined by a row, column or
    box, and apart if by none; of tasks, whose cells are taken as those of a square grid, cells beside each other are
    joined, and apart those more than five steps away.

    Attributes:
        table: one row per (network, draw, step): ``times`` as much influence on joined cells as on those apart,
            ``low``, ``high``. ``network`` is "trained" or "untrained", ``draw`` the seed of an untrained one.
        kinds: one row per (network, draw, step, kind): ``influence``, the change of a cell's state over the size of the
            disturbance, mean over puzzles and pairs of cells of that ``kind``: "itself", "row", ..., "unrelated"; of
            tasks "beside", ..., "far".
        maps: by step, float [cell disturbed, cell changed], of the model itself, mean over puzzles, all cells.
        L, H: times, of one update.
        L_over_H: the first over the second.
        untrained_least, untrained_most: the least and the most of all times in untrained networks; NaN of none.
        untrained: how many of them.
        puzzles, at, noise, seed, resampled: what was done.
        joined, apart: what such cells are, in words.
    """

    table: pd.DataFrame
    kinds: pd.DataFrame
    maps: dict[str, np.ndarray]
    L: Interval
    H: Interval
    L_over_H: Interval
    untrained_least: float
    untrained_most: float
    untrained: int
    puzzles: int
    at: int
    noise: float
    seed: int
    resampled: str
    joined: str
    apart: str

    _long = ("maps",)

    def __str__(self) -> str:
        own = self.table[self.table["network"] == TRAINED.network]
        lines = [
            f"One cell is disturbed after segment {self.at} ({counted(self.puzzles, 'puzzle')}); how many times as "
            f"much {self.joined} change as {self.apart}:",
            *(f"  {row['step']}: {_told(row)}" for row in own.to_dict("records")),
        ]
        if self.untrained:
            networks = counted(self.untrained, "untrained network")
            lines.append(f"  in {networks}: {self.untrained_least:.2f} to {self.untrained_most:.2f}")
        return "\n".join([*lines, f"An L-update is {self.L_over_H} times as local as an H-update."])


def locality(
    model: RecursiveReasoner,
    puzzles: Asked,
    *,
    at: int = 1,
    after: int | Sequence[int] = (1, 2, 4),
    noise: float = 0.3,
    untrained: int = 1,
    groups: Groups = None,
    batch_size: int = 16,
    seed: int = 0,
    progress: bool = False,
) -> Locality:
    """Does a cell's state act on the cells that a rule joins to it, or on all alike, by one update and by segments?

    One cell is disturbed at a time, and all others are read, after one L-update, one H-update, and whole segments. It
    works with whatever mixes the cells, attention or an MLP.

    >>> print(locality(load("hrm-6x6"), load_puzzles("6x6-test", 20)))                      # doctest: +SKIP

    Args:
        model: any recursive reasoner.
        puzzles: or ``Tasks``, whose cells are taken as those of a square grid.
        at: after which segment of a run a cell is disturbed.
        after: numbers of segments after which the others are read.
        noise: standard deviation of what is added to every coordinate of the cell's state, in units of 1: the root mean
            square that norms give every state.
        untrained: how many networks of the same shape are asked as they are first drawn, with seeds from ``seed`` on.
        groups: what is left out together in the intervals, see :func:`hrm_probe.reasoning.result.group_labels`.
        batch_size: puzzles at once.
        seed: for the noise and the untrained networks.
        progress: show a bar.

    Returns:
        Locality, with jackknife intervals over puzzles at 95%. A puzzle costs as many runs of the longest of ``after``
        as it has cells, and as many again for each untrained network.

    Raises:
        InputError: a number that is none, no number in ``after``, or tasks whose cells fill no square.

    Formula: |f(z + e_j)_i - f(z)_i| / |e_j|, of cells i that are asked for; its mean over joined pairs over its mean
    over pairs apart. Source: that z_H writes within units, most of all in TRM, and that repeated updates carry it
    further, is reported by arXiv 2605.20784; that L-updates attend more locally than H-updates by arXiv 2605.17811,
    each by a measure of its own.
    Known inaccuracy: a disturbed state is none that the model knows. Two layers of attention reach over two edges, so
    that an update may be less local than its heads. Updates alone run outside of segments, and hooks for certain ticks
    do not know of them.
    """
    check_asked(model, puzzles, batch_size, seed)
    at, untrained = whole_number(at, "at"), whole_number(untrained, "untrained", least=0)
    later = sorted(set(whole_numbers(after, "after")))
    if not later:
        raise InputError("after is empty; say after how many segments to read, one number or several.")
    noise = finite_number(noise, "noise", above=0)
    where = whereabouts(puzzles)
    labels, resampled = group_labels(puzzles, groups)
    shape = (len(puzzles), model.config.cells, model.config.d_model)
    added = noise * torch.randn(shape, generator=torch.Generator().manual_seed(int(seed)))

    def networks() -> Iterator[tuple[Network, RecursiveReasoner]]:
        yield TRAINED, model
        for draw in range(seed, seed + untrained):
            yield Network("untrained", draw), build_model(model.config, draw).to(model.device)

    work = [(of, one, rows) for of, one in networks() for rows in in_batches(len(puzzles), batch_size)]
    parts: dict[Network, list[Reached]] = {}
    for of, one, rows in track(work, "disturbing", unit="batches", show=progress):
        parts.setdefault(of, []).append(disturbed_cells(one, puzzles[rows], added[rows], at, later))
    reached = {(of, step): _of_all(batches, step) for of, batches in parts.items() for step in batches[0]}

    units = plain_labels(labels, len(puzzles))
    ratios = {
        key: influence_ratio(reach, where.joined, where.apart, puzzles.blanks, units)
        for key, reach in reached.items()
    }
    table = _table({key: ratio.interval for key, ratio in ratios.items()})
    others = table[table["network"] != TRAINED.network]["times"]
    L, H = (ratios[TRAINED, step] for step in (L_UPDATE, H_UPDATE))
    return Locality(
        table=table,
        kinds=pd.DataFrame(
            [
                (*of, step, kind, influence)
                for (of, step), reach in reached.items()
                for kind, influence in influence_by_kind(reach, where.kinds, puzzles.blanks).items()
            ],
            columns=[*Network._fields, "step", "kind", "influence"],
        ),
        maps={step: reach.mean(0) for (of, step), reach in reached.items() if of == TRAINED},
        L=L.interval,
        H=H.interval,
        L_over_H=L.over(H).interval,
        untrained_least=float(others.min()),
        untrained_most=float(others.max()),
        untrained=untrained,
        puzzles=len(puzzles),
        at=at,
        noise=noise,
        seed=seed,
        resampled=resampled,
        joined=where.joined_in_words,
        apart=where.apart_in_words,
    )


def _told(row: Mapping[Any, Any]) -> str:
    """A row of the table in words."""
    if np.isfinite(row["times"]):
        return f"{row['times']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
    return "unknown" if np.isnan(row["times"]) else "without end"


def _of_all(batches: Sequence[Reached], step: str) -> np.ndarray:
    return np.concatenate([batch[step] for batch in batches])


def _table(times: Mapping[tuple[Network, str], Interval]) -> pd.DataFrame:
    rows = [(*of, step, found.estimate, found.low, found.high) for (of, step), found in times.items()]
    return pd.DataFrame(rows, columns=[*Network._fields, "step", "times", "low", "high"])
