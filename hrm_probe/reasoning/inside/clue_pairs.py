"""Pairs of puzzles that differ by one clue, each with a solution of its own."""

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.reasoning.asking import check_puzzles, check_sudoku
from hrm_probe.sudoku import Puzzles, count_solutions, solve
from hrm_probe.sudoku.seeds import generator_of


def one_clue_changed(puzzles: Puzzles, seed: int = 0) -> tuple[Puzzles, Puzzles]:
    """The puzzles that stay puzzles when one clue becomes another digit, and what they become.

    Of each puzzle's clues and other digits, tried in random order, the first is taken that leaves exactly one
    solution. Minimal puzzles mostly have such a clue; puzzles with many clues hardly ever do, for the new digit stands
    in a row, column or box already.

    >>> receivers, donors = one_clue_changed(load_puzzles("6x6-test", 100))           # doctest: +SKIP
    >>> (receivers.tokens != donors.tokens).sum(1)                                    # doctest: +SKIP
    array([1, 1, 1, ...])
    >>> sweep = patch_sweep(model, receivers, donors, positions=("changed", "peers")) # doctest: +SKIP

    Args:
        puzzles: each with one solution.
        seed: for the order of the trials.

    Returns:
        Two sets, row by row: the puzzles that have such a partner, and their partners, with their own answers.

    Raises:
        InputError: none of the puzzles has one.
    """
    check_puzzles(puzzles)
    check_sudoku(puzzles, "one_clue_changed() keeps puzzles with one solution")
    rng, side = generator_of(seed), puzzles.board.side
    n, cells = puzzles.tokens.shape
    trials = rng.permuted(np.tile(np.arange(cells * side), (n, 1)), axis=1)  # each a cell and a digit
    changed, open_rows = puzzles.grids.copy(), np.arange(n)
    for trial in trials.T:
        cell, digit = np.divmod(trial[open_rows], side)
        clue = puzzles.grids[open_rows, cell]
        worth = np.flatnonzero((clue > 0) & (clue != digit + 1))
        rows = open_rows[worth]
        if not len(rows):
            continue
        grids = puzzles.grids[rows].copy()
        grids[np.arange(len(rows)), cell[worth]] = digit[worth] + 1
        found = count_solutions(grids, limit=2) == 1
        changed[rows[found]] = grids[found]
        open_rows = np.setdiff1d(open_rows, rows[found])
        if not len(open_rows):
            break
    kept = np.setdiff1d(np.arange(n), open_rows)
    if not len(kept):
        raise InputError(
            "No clue of these puzzles can become another digit and leave one solution; take minimal puzzles."
        )
    donors = Puzzles.from_grids(changed[kept], solve(changed[kept]), puzzles.source[kept])
    return puzzles[kept], donors
