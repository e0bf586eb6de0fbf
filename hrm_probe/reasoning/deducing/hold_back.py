"""One cell is held back: do the cells that follow from it wait, and no others?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hrm_probe.dynamics.intervals import Interval, bootstrap
from hrm_probe.errors import InputError
from hrm_probe.models import HookPoint, RecursiveReasoner
from hrm_probe.reasoning.asking import check_asked, check_sudoku, run_length
from hrm_probe.reasoning.deducing.deduction_tables import arrivals_for_good
from hrm_probe.reasoning.deducing.forerunners import Forerunners, forerunners
from hrm_probe.reasoning.result import Groups, Result, columns, group_labels, labels_of
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.held_cells import read_while_held
from hrm_probe.sudoku import Puzzles
from hrm_probe.wording import counted, verb

HELD = {"forerunner": "", "idle": "idle_"}
"""The runs with a cell held, and what their columns begin with."""

RUNS = ("plain", *HELD)
EFFECTS = {"following": "following_delay", "others": "others_delay", "difference": "difference"}


@dataclass(frozen=True)
class HeldBack(Result):
    """What holding one cell back does to the others.

    In every puzzle one cell that singles fill in the first round is the ``forerunner``; cells "follow" from it if
    singles reach them later, or not at all, where it is never filled. The "others" are matched: of the same round, and
    as the followers peers of the held cell, or not. A delay is the arrival (the read of z_H from which on a cell is
    right for good) in the run with a cell held, minus that in the plain run; what does not arrive counts as arriving
    after the last read, so that delays are lower bounds.

    Attributes:
        table: one row per puzzle: ``solved`` (plainly; False, too, where there is no cell to hold), ``forerunner`` and
            ``idle`` (the cells held, -1 if the puzzle has none), ``following`` (cells that follow and have a match). Of
            those solved, means over following cells, NaN of others: ``following_delay``, ``others_delay`` and their
            ``difference`` while the forerunner is held, and ``idle_following_delay``, ``idle_others_delay``,
            ``idle_difference`` while the idle cell is, from which nothing follows.
        effects: one row per held cell ("forerunner", "idle"): means over puzzles of ``following``, ``others`` and
            ``difference`` (in reads), each with ``_low`` and ``_high``.
        by_round: one row per (round, peer, follows): ``cells``, and their mean arrival in each run, ``plain``,
            ``forerunner``, ``idle``.
        difference, idle_difference: the two of the effects, as intervals; None where no puzzle can tell.
        puzzles: how many were given, ``usable`` those that tell; segments, reads (in a segment); ``resampled`` what the
            intervals resample.
    """

    table: pd.DataFrame
    effects: pd.DataFrame
    by_round: pd.DataFrame
    difference: Interval | None
    idle_difference: Interval | None
    puzzles: int
    usable: int
    segments: int
    reads: int
    resampled: str

    def __str__(self) -> str:
        if self.difference is None:
            return f"Of {counted(self.puzzles, 'puzzle')} none is solved and has cells to compare."
        lines = [
            f"{self.usable} of {counted(self.puzzles, 'puzzle')} {verb(self.usable)} solved, with cells to compare."
        ]
        names = {"forerunner": "the cell that they follow from", "idle": "a cell that nothing follows from"}
        for row in self.effects.itertuples():
            lines.append(
                f"While {names[str(row.held)]} is held back, cells that follow come {row.following:.1f} reads later, "
                f"others like them {row.others:.1f}: {row.difference:+.1f} [{row.difference_low:+.1f}, "
                f"{row.difference_high:+.1f}]."
            )
        return "\n".join(lines)


def hold_back(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    *,
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> HeldBack:
    """Keep a model from thinking about one cell: do exactly those wait that logic would deduce from it?

    That cells come in the order of deduction (:func:`hrm_probe.reasoning.deduction_order`) may be because they are
    harder in other ways. Here the order is broken: z_H and z_L at the position of one cell are put back to the initial
    state after every update, so that nothing can be concluded there.

    >>> print(hold_back(load("hrm-6x6"), load_puzzles("6x6-test", 100)))               # doctest: +SKIP

    Args:
        model: any with a position for each cell.
        puzzles: with answers; those in which some first single has cells that follow and others like them are used.
        segments: length of the runs; the model's ``max_segments`` if None.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once.
        seed: for the choice of idle cells, and the resampling.
        progress: show a bar.

    Returns:
        HeldBack; three runs per puzzle, intervals at 95%.

    Raises:
        InputError: puzzles that are not Sudokus, or none with a cell to hold.

    Formula: a puzzle's difference is the mean over its following cells of (delay - mean delay of the others of the same
    round and the same being a peer); strata without others are left out.

    Known inaccuracy: a position that never moves is a state that the model never met, and disturbs all others somewhat:
    hence the others, and the idle cell. That followers wait longer shows that the model's own conclusion at that cell
    is used, not that it is used by a rule of singles. The model may conclude the held digit elsewhere, as the tokens
    stay: then nothing waits, though it reasons.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "hold_back() tells what follows from a cell")
    segments = run_length(model, segments)
    labels, resampled = group_labels(puzzles, groups)
    chosen = forerunners(puzzles, seed)
    rows = np.flatnonzero(chosen.held >= 0)
    if not len(rows):
        raise InputError(
            f"Of {counted(len(puzzles), 'puzzle')} none has a first single with cells that follow from it and "
            "others like them; give more, or harder ones."
        )
    compared = chosen[rows]
    arrival, solved, reads = _arrivals(model, puzzles[rows], compared, segments, batch_size, progress)
    table = pd.DataFrame(
        {"solved": False, "forerunner": chosen.held, "idle": chosen.idle, "following": chosen.matched.sum(1)}
    )
    table.loc[rows, "solved"] = solved
    delays = {held: _matched(arrival[held] - arrival["plain"], compared) for held in HELD}
    for held, prefix in HELD.items():
        for name, values in delays[held].items():
            table.loc[rows, prefix + name] = np.where(solved, values, np.nan)
    effects = {held: _effect(table, prefix, labels, seed) for held, prefix in HELD.items()}
    return HeldBack(
        table=table,
        effects=_effects(effects),
        by_round=_by_round(arrival, compared, solved),
        difference=effects["forerunner"].get("difference"),
        idle_difference=effects["idle"].get("difference"),
        puzzles=len(puzzles),
        usable=int(table["difference"].notna().sum()),
        segments=segments,
        reads=reads,
        resampled=resampled,
    )


def _arrivals(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    chosen: Forerunners,
    segments: int,
    batch_size: int,
    progress: bool,
) -> tuple[dict[str, np.ndarray], np.ndarray, int]:
    """Arrivals [puzzle, cell] in each run, which puzzles the plain one solves, and how many reads a segment has."""
    parts: dict[str, list[np.ndarray]] = {run: [] for run in RUNS}
    solved: list[np.ndarray] = []
    for batch in in_batches(len(puzzles), batch_size, "holding back", progress):
        asked = puzzles[batch]
        for run, cells in zip(RUNS, (None, chosen.held[batch], chosen.idle[batch]), strict=True):
            read = read_while_held(model, asked, segments, None if cells is None else holder(model, cells))
            arrival = arrivals_for_good(read.digits == asked.answers[:, None] - 1)
            parts[run].append(np.where(arrival > 0, arrival, read.digits.shape[1] + 1))
            if cells is None:
                solved.append(read.solved)
    return {run: np.concatenate(part) for run, part in parts.items()}, np.concatenate(solved), read.reads


def holder(model: RecursiveReasoner, cells: np.ndarray) -> Callable[[Tensor, HookPoint], Tensor]:
    """A hook function that puts the position of one cell of each puzzle back to where it began."""
    begun = model.initial_state(len(cells))
    rows, positions = torch.arange(len(cells)), torch.from_numpy(cells) + model.config.prefix

    def hold(z: Tensor, hook: HookPoint) -> Tensor:
        first = begun.z_H if hook.name == "hook_z_H" else begun.z_L
        held = z.clone()
        held[rows, positions] = first[rows, positions].to(z.dtype)
        return held

    return hold


def _matched(delay: np.ndarray, chosen: Forerunners) -> dict[str, np.ndarray]:
    """Of each puzzle, the mean delay of following cells, and that of the others that stand for them: [puzzle] each."""
    following, others = (np.full(len(delay), np.nan) for _ in range(2))
    for i, strata in enumerate(chosen.strata):
        follows, matched = chosen.follows[i], chosen.matched[i]
        stand_in = {s: delay[i][(strata == s) & ~follows].mean() for s in np.unique(strata[matched])}
        following[i] = delay[i][matched].mean()
        others[i] = np.mean([stand_in[s] for s in strata[matched]])
    return {"following_delay": following, "others_delay": others, "difference": following - others}


def _effect(table: pd.DataFrame, prefix: str, labels: np.ndarray | None, seed: int) -> dict[str, Interval]:
    known = table["difference"].notna().to_numpy()
    if not known.any():
        return {}
    groups = labels_of(labels, known)
    return {
        name: bootstrap(np.mean, table.loc[known, prefix + column].to_numpy(), groups=groups, seed=seed)
        for name, column in EFFECTS.items()
    }


def _effects(effects: dict[str, dict[str, Interval]]) -> pd.DataFrame:
    told = {held: found for held, found in effects.items() if found}
    table = pd.DataFrame({"held": list(told)})
    for name in EFFECTS:
        table = table.assign(**columns(name, [found[name] for found in told.values()]))
    return table


def _by_round(arrival: dict[str, np.ndarray], chosen: Forerunners, solved: np.ndarray) -> pd.DataFrame:
    compared = chosen.compared & solved[:, None]
    puzzle, cell = np.nonzero(compared)
    cells = pd.DataFrame(
        {
            "round": chosen.rounds[puzzle, cell],
            "peer": chosen.peers[puzzle, cell],
            "follows": chosen.follows[puzzle, cell],
            **{run: arrival[run][puzzle, cell] for run in RUNS},
        }
    )
    grouped = cells.groupby(["round", "peer", "follows"])
    return grouped[list(RUNS)].mean().assign(cells=grouped.size()).reset_index()
