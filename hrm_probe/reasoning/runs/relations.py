"""What one cell is to another by the rules, and how often cells show a digit by what they are to its holder."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval, bootstrap
from hrm_probe.reasoning.result import ends, labels_of, plain_labels
from hrm_probe.reasoning.runs.outcomes import by_outcome
from hrm_probe.sudoku import Board, Puzzles

RELATIONS = ("row", "column", "box", "box and line", "unrelated")
GROUPED = {
    **{name: (name,) for name in RELATIONS[:4]},
    "peers": RELATIONS[:4],
    "unrelated": ("unrelated",),
}
"""Rows of the tables, and the relations that each stands for."""


def relations(board: Board) -> np.ndarray:
    """Of any two cells the index in ``RELATIONS``: int [cell, cell]; a cell is to itself as to a box and line.

    "row", "column" and "box" are exclusive: cells that share a box and a row or column are "box and line".
    """
    units = board.memberships
    row, column, box = np.moveaxis(units[:, None] == units[None], -1, 0)
    return np.select([box & (row | column), row, column, box], [3, 0, 1, 2], 4)


def standoff_pairs(puzzles: Puzzles, shown: np.ndarray) -> np.ndarray:
    """Which two blank cells show one digit against the rules: bool [puzzle, cell, cell].

    Args:
        puzzles: of one board.
        shown: digits [puzzle, cell]; what is below 1 is none.
    """
    blank = puzzles.blanks
    same = (shown[:, :, None] == shown[:, None]) & (shown > 0)[:, None]
    return same & puzzles.board.peers & blank[:, :, None] & blank[:, None]


def shares_by_relation(
    held: np.ndarray,
    otherwise: np.ndarray,
    targets: np.ndarray,
    kind: np.ndarray,
    solved: np.ndarray,
    labels: np.ndarray | None,
    seed: int,
) -> tuple[pd.DataFrame, dict[tuple[str, str], Interval]]:
    """One row per group of puzzles and relation, and the share excluded of each, by (group, relation).

    Args:
        held, otherwise: [puzzle, read, cell], which cells show a digit while it is held, and while it is not.
        targets: bool [puzzle, cell], which are compared.
        kind: [puzzle, cell], what each is to the holder.
        solved: bool [puzzle].
        labels: [puzzle], what is resampled together; puzzles if None.
    """
    rows, found = [], {}
    for group, among in by_outcome(solved).items():
        for relation, sums in _sums(held.mean(1), otherwise.mean(1), targets, kind).items():
            chosen = among & (sums[:, 2] > 0)
            if not chosen.any():
                continue
            own = labels_of(labels, chosen)
            excluded = _share_excluded(sums[chosen], own, seed)
            found[group, relation] = excluded
            rows.append(
                {
                    "puzzles_of": group,
                    "relation": relation,
                    "puzzles": int(chosen.sum()),
                    **_means(sums[chosen]),
                    **ends("excluded", excluded),
                }
            )
    return pd.DataFrame(rows), found


RANGES = (0.0, 0.4, 0.6, 0.8, 1.0)
"""Of the probability that the head gives to a digit."""


def shares_by_probability(
    held: np.ndarray,
    otherwise: np.ndarray,
    probability: np.ndarray,
    peers: np.ndarray,
    labels: np.ndarray | None,
    seed: int,
) -> pd.DataFrame:
    """One row per range of the probability: ``above``, ``up_to``, ``digits``, ``cells``, the shares and their ends.

    Args:
        held, otherwise: [2, puzzle, cell], shares of reads in which cells show a digit while it is held or not.
        probability: [2, puzzle], of the digit in the cell that holds it.
        peers: bool [puzzle, cell], which are compared.
        labels: [puzzle], what is resampled together; puzzles if None.
    """
    sums = np.stack([(held * peers).sum(2), (otherwise * peers).sum(2), peers.sum(1) * np.ones((2, 1))], 2)
    own = plain_labels(labels, len(peers))
    groups = np.broadcast_to(own, probability.shape)
    rows = []
    for above, up_to in pairwise(RANGES):
        here = (probability > above) & (probability <= up_to)
        if not here.any():
            continue
        excluded = _share_excluded(sums[here], groups[here], seed)
        rows.append(
            {
                "above": above,
                "up_to": up_to,
                "digits": int(here.sum()),
                **_means(sums[here]),
                **ends("excluded", excluded),
            }
        )
    return pd.DataFrame(rows)


def shares_in_time(
    held: np.ndarray, otherwise: np.ndarray, targets: np.ndarray, kind: np.ndarray
) -> pd.DataFrame:
    """One row per relation and read: ``held``, ``otherwise``, ``excluded``, of all puzzles; ``cells`` counted."""
    rows = []
    for read in range(held.shape[1]):
        for relation, sums in _sums(held[:, read], otherwise[:, read], targets, kind).items():
            if sums[:, 2].any():
                row = {"relation": relation, "read": read + 1}
                rows.append(row | _means(sums) | {"excluded": _excluded(sums)})
    return pd.DataFrame(rows)


def _sums(
    held: np.ndarray, otherwise: np.ndarray, targets: np.ndarray, kind: np.ndarray
) -> dict[str, np.ndarray]:
    """By relation [puzzle, 3]: sums over the cells of a puzzle of what they show, and how many they are."""
    sums = {}
    for relation, names in GROUPED.items():
        here = targets & np.isin(kind, [RELATIONS.index(name) for name in names])
        sums[relation] = np.stack([(held * here).sum(1), (otherwise * here).sum(1), here.sum(1)], 1)
    return sums


def _means(sums: np.ndarray) -> dict[str, float]:
    shown, otherwise_shown, cells = sums.sum(0)
    return {"cells": int(cells), "held": shown / cells, "otherwise": otherwise_shown / cells}


def _share_excluded(sums: np.ndarray, labels: np.ndarray | None, seed: int) -> Interval:
    """With few groups intervals are widened, at times beyond 1, which is all that can be given up."""
    found = bootstrap(_excluded, sums, groups=labels, seed=seed)
    return replace(found, high=min(found.high, 1.0))


def _excluded(sums: np.ndarray) -> float:
    held, otherwise, _ = sums.sum(0)
    return float(1 - held / otherwise) if otherwise else np.nan
