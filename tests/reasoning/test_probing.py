"""Probes read what was written into a state, when it was written, and nothing else."""

import json

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.reasoning.probing import held_out_scores, probes
from hrm_probe.sudoku import generate
from tests.reasoning.planted_updates import Planted, by_blanks, jumps_at, wanders

puzzles = generate(80, "easy", "4x4", seed=0)


def scrambled(s):
    """A grid that says nothing of the answer: it hangs on the clues' places alone."""
    return (s.tokens.cumsum(1) * torch.arange(1, 17)) % 4 + 2


@pytest.fixture(scope="module")
def late():
    model = Planted(lambda s: scrambled(s).where(s.number[:, None] < 3, s.answers), segments=4)
    return probes(model, puzzles, at=[2, 4])


def test_digits_are_read_once_they_are_there(late):
    table = late.table.set_index(["question", "site", "segment"])
    for site in ("z_H", "z_L"):
        assert table.loc[("digit", site, 4), "score"] == 1
        assert table.loc[("digit", site, 2), "high"] < 0.5
        assert abs(table.loc[("digit", site, 4), "shuffled"] - 0.25) < 0.12
        assert late.readable[site] == 4


def test_the_first_readable_segment_is_the_earliest_whatever_the_order_asked_in():
    found = probes(Planted(jumps_at(2), segments=4), puzzles, at=[4, 3, 2, 4], sites=["z_H"])
    assert found.readable == {"z_H": 2}
    assert found.table["segment"].unique().tolist() == [2, 3, 4]


def test_each_cell_has_its_own_score(late):
    last = late.cells[(late.cells["segment"] == 4) & (late.cells["n"] > 0)]
    assert (last["score"] == 1).all()
    assert last.groupby("site")["n"].sum().tolist() == [puzzles.blanks.sum()] * 2


def test_a_readable_outcome_is_read_before_it_happens():
    # Puzzles of few blanks will be solved at segment 4; until then their first cell gives it away.
    def doomed(s):
        return wanders(s)

    def blessed(s):
        waiting = torch.full_like(s.answers, 5)
        return waiting.where(s.number[:, None] < 4, s.answers)

    found = probes(Planted(by_blanks(blessed, doomed, 9), segments=4), puzzles, at=[2], sites=["z_H"])
    row = found.table.set_index("question").loc["solved"]
    assert row["score"] > 0.95
    assert row["low"] > 0.5
    assert abs(row["shuffled"] - 0.5) < 0.25


def test_an_outcome_without_failures_has_no_score():
    found = probes(Planted(jumps_at(2), segments=2), puzzles, at=[1])
    assert found.table.set_index("question").loc["solved", "score"].isna().all()
    assert found.summary()["probes"] if "probes" in found.summary() else found.summary()["table"]


def test_ridge_outputs_are_of_rows_left_out():
    # With more features than rows a fit of the rows themselves would be perfect; one of others is not.
    generator = torch.Generator().manual_seed(0)
    X, y = torch.randn(40, 100, generator=generator), torch.randn(40, 1, generator=generator)
    fold = np.arange(40) % 4
    held_out = held_out_scores(X, y, fold, ridge=1e-6)
    assert abs(np.corrcoef(held_out[:, 0], y[:, 0])[0, 1]) < 0.5
    known = X[:, :1] * 2 + 1
    assert torch.allclose(held_out_scores(X[:, :3], known, fold, 1e-9), known.double(), atol=1e-5)


def test_folds_keep_groups_whole(late):
    with pytest.raises(InputError, match="2 groups of puzzles do not make 5 folds"):
        probes(Planted(jumps_at(2), segments=2), puzzles, groups=np.arange(80) % 2)


def test_the_answer_can_be_printed_and_written(late):
    assert "digit from z_L" in str(late)
    assert json.loads(json.dumps(late.summary()))["folds"] == 5
