"""What one cell is to another by the rules, and how often cells show a digit by what they are to its holder."""

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval, bootstrap
from hrm_probe.sudoku import Board

RELATIONS = ("row", "column", "box", "box and line", "unrelated")
GROUPED = {
    **{name: (name,) for name in RELATIONS[:4]},
    "peers": RELATIONS[:4],
    "unrelated": ("unrelated",),
}
"""Rows of the tables, and the relations that each stands for."""

PUZZLES = ("all", "solved", "unsolved")


def relations(board: Board) -> np.ndarray:
    """Of any two cells the index in ``RELATIONS``: int [cell, cell]; a cell is to itself as to a box and line.

    "row", "column" and "box" are exclusive: cells that share a box and a row or column are "box and line".
    """
    units = board.memberships
    row, column, box = np.moveaxis(units[:, None] == units[None], -1, 0)
    return np.select([box & (row | column), row, column, box], [3, 0, 1, 2], 4)


def shares_by_relation(
    held: np.ndarray,
    otherwise: np.ndarray,
    targets: np.ndarray,
    kind: np.ndarray,
    solved: np.ndarray,
    labels: np.ndarray | None,
    seed: int,
) -> tuple[pd.DataFrame, dict[tuple[str, str], Interval]]:
    """One row a group of puzzles and a relation, and the share excluded of each, by (group, relation).

    Args:
        held, otherwise: [puzzle, read, cell], which cells show a digit while it is held, and while it is not.
        targets: bool [puzzle, cell], which are compared.
        kind: [puzzle, cell], what each is to the holder.
        solved: bool [puzzle].
        labels: [puzzle], what is resampled together; puzzles if None.
    """
    rows, found = [], {}
    groups = dict(zip(PUZZLES, (np.ones(len(solved), bool), solved, ~solved), strict=True))
    for group, among in groups.items():
        for relation, sums in _sums(held.mean(1), otherwise.mean(1), targets, kind).items():
            chosen = among & (sums[:, 2] > 0)
            if not chosen.any():
                continue
            own = None if labels is None else labels[chosen]
            excluded = bootstrap(_excluded, sums[chosen], groups=own, seed=seed)
            found[group, relation] = excluded
            shown, otherwise_shown, cells = sums[chosen].sum(0)
            rows.append(
                {
                    "puzzles_of": group,
                    "relation": relation,
                    "puzzles": int(chosen.sum()),
                    "cells": int(cells),
                    "held": shown / cells,
                    "otherwise": otherwise_shown / cells,
                    "excluded": excluded.estimate,
                    "excluded_low": excluded.low,
                    "excluded_high": excluded.high,
                }
            )
    return pd.DataFrame(rows), found


def shares_in_time(
    held: np.ndarray, otherwise: np.ndarray, targets: np.ndarray, kind: np.ndarray
) -> pd.DataFrame:
    """One row a relation and read: ``held``, ``otherwise``, ``excluded``, of all puzzles; ``cells`` counted."""
    rows = []
    for read in range(held.shape[1]):
        for relation, sums in _sums(held[:, read], otherwise[:, read], targets, kind).items():
            shown, otherwise_shown, cells = sums.sum(0)
            if cells:
                rows.append(
                    {
                        "relation": relation,
                        "read": read + 1,
                        "cells": int(cells),
                        "held": shown / cells,
                        "otherwise": otherwise_shown / cells,
                        "excluded": _excluded(sums),
                    }
                )
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


def _excluded(sums: np.ndarray) -> float:
    held, otherwise, _ = sums.sum(0)
    return float(1 - held / otherwise) if otherwise else np.nan
