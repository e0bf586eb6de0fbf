"""What an edge of attention joins by the rules of Sudoku, from the position that looks to the one looked at."""

from collections.abc import Callable

import numpy as np

from hrm_probe.reasoning.runs.relations import RELATIONS, relations
from hrm_probe.sudoku import Board, Puzzles

EDGES = (*RELATIONS, "itself", "prefix")
PEERS = RELATIONS[:4]


def edge_kinds(board: Board, prefix: int) -> np.ndarray:
    """Of every edge the index in ``EDGES``: int [pos, pos], who looks by who is looked at.

    Edges from prefix positions and to them are "prefix", but for those to itself.
    """
    pos = prefix + board.cells
    kinds = np.full((pos, pos), EDGES.index("prefix"))
    kinds[prefix:, prefix:] = relations(board)
    np.fill_diagonal(kinds, EDGES.index("itself"))
    return kinds


def _of_kinds(*names: str) -> Callable[..., np.ndarray]:
    indices = [EDGES.index(name) for name in names]
    return lambda kinds, puzzles, rng: np.isin(kinds, indices)[None]


def _peers_that_are(blank: bool) -> Callable[..., np.ndarray]:
    def chosen(kinds: np.ndarray, puzzles: Puzzles, rng: np.random.Generator) -> np.ndarray:
        prefix = len(kinds) - puzzles.tokens.shape[1]
        keys = np.pad(puzzles.blanks == blank, ((0, 0), (prefix, 0)))
        return np.asarray(_of_kinds(*PEERS)(kinds, puzzles, rng) & keys[:, None])

    return chosen


def _as_many_unrelated(kinds: np.ndarray, puzzles: Puzzles, rng: np.random.Generator) -> np.ndarray:
    unrelated = kinds == EDGES.index("unrelated")
    peers = _of_kinds(*PEERS)(kinds, puzzles, rng)[0].sum(1)
    order = np.argsort(np.where(unrelated, rng.random(kinds.shape), 2.0), axis=1)
    rank = np.argsort(order, axis=1)
    return np.asarray(unrelated & (rank < peers[:, None]))[None]


BLOCKS: dict[str, Callable[..., np.ndarray]] = {
    **{name: _of_kinds(name) for name in EDGES},
    "peers": _of_kinds(*PEERS),
    "peers that are clues": _peers_that_are(blank=False),
    "peers that are blank": _peers_that_are(blank=True),
    "as many unrelated": _as_many_unrelated,
}
"""Which edges can be blocked, by name: kinds [pos, pos], puzzles and a generator give bool [puzzle or 1, pos, pos].

"peers" are all cells of a row, a column or a box; "as many unrelated" are for each cell as many others, drawn at
random: the control.
"""
