"""Edges of attention are sorted by the rules, and each block closes what it says."""

import numpy as np
import pytest

from hrm_probe.reasoning.heads.attention_edges import BLOCKS, EDGES, PEERS, edge_kinds
from hrm_probe.sudoku import Board, generate

PREFIX = 2
PUZZLES = generate(3, "easy", "6x6", seed=0)
KINDS = edge_kinds(Board.of("6x6"), PREFIX)


def blocked(name: str, seed: int = 0) -> np.ndarray:
    return BLOCKS[name](KINDS, PUZZLES, np.random.default_rng(seed))


def test_what_an_edge_joins_is_counted_as_in_a_book():
    # Boxes of 6x6 are 2 rows of 3: a cell has 2 + 1 mates in box and line, 3 in its row alone, 4 in its column, 2 in
    # its box.
    cells = KINDS[PREFIX:]
    of_each = {name: set((cells == i).sum(1)) for i, name in enumerate(EDGES)}
    assert of_each == {
        "row": {3}, "column": {4}, "box": {2}, "box and line": {3}, "unrelated": {23}, "itself": {1}, "prefix": {2},
    }  # fmt: skip


def test_the_prefix_is_joined_to_all_and_to_itself():
    names = np.array(EDGES)[KINDS]
    assert (names[:PREFIX, PREFIX:] == "prefix").all()
    assert (names[PREFIX:, :PREFIX] == "prefix").all()
    assert (np.diag(names) == "itself").all()


def test_each_kind_closes_its_own_edges_and_peers_all_four():
    for i, name in enumerate(EDGES):
        assert (blocked(name)[0] == (i == KINDS)).all()
    assert (blocked("peers")[0] == sum(blocked(name)[0] for name in PEERS)).all()


def test_peers_are_clues_or_blank_puzzle_by_puzzle():
    clues, blank = blocked("peers that are clues"), blocked("peers that are blank")
    assert clues.shape == blank.shape == (3, 38, 38)
    assert not (clues & blank).any()
    assert ((clues | blank) == blocked("peers")).all()
    cell, of_it = 7 + PREFIX, clues[1, 7 + PREFIX, PREFIX:]
    assert set(np.flatnonzero(of_it)) == set(np.flatnonzero((KINDS[cell, PREFIX:] < 4) & ~PUZZLES.blanks[1]))


def test_the_control_closes_as_many_unrelated_edges_drawn_at_random():
    control = blocked("as many unrelated")[0]
    assert (control.sum(1) == blocked("peers")[0].sum(1)).all()
    assert (KINDS[control] == EDGES.index("unrelated")).all()
    assert (blocked("as many unrelated")[0] == control).all()
    assert (blocked("as many unrelated", seed=1)[0] != control).any()


@pytest.mark.parametrize("name", BLOCKS)
def test_no_position_is_left_with_nothing_to_look_at(name):
    assert not blocked(name).all(2).any()
