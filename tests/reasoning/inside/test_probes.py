"""Probes read what was written into a state, when it was written, and nothing else."""

import json

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.reasoning.inside.probe_targets import held_out_flags
from hrm_probe.reasoning.inside.probes import held_out_scores, probes
from hrm_probe.reasoning.statistics.ranking import area_under_roc
from hrm_probe.sudoku import Puzzles, generate
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
    told = {row["question"]: row["score"] for row in found.summary()["table"]}
    assert told["solved"] is None  # as JSON has it
    assert told["digit"] is not None


def test_ridge_outputs_are_of_rows_left_out():
    # With more features than rows a fit of the rows themselves would be perfect; one of others is not.
    generator = torch.Generator().manual_seed(0)
    X, y = torch.randn(40, 100, generator=generator), torch.randn(40, 1, generator=generator)
    fold = np.arange(40) % 4
    held_out = held_out_scores(X, y, fold, ridge=1e-6)
    assert abs(np.corrcoef(held_out[:, 0], y[:, 0])[0, 1]) < 0.5
    known = X[:, :1] * 2 + 1
    assert torch.allclose(held_out_scores(X[:, :3], known, fold, 1e-9), known.double(), atol=1e-5)


def test_a_row_left_out_owes_nothing_to_the_others_left_out_with_it():
    generator = torch.Generator().manual_seed(1)
    X, y = torch.randn(30, 3, generator=generator), torch.randn(30, 1, generator=generator)
    fold = np.arange(30) % 3
    far = X.clone()
    far[0] = 100.0  # of fold 0
    before, after = (held_out_scores(features, y, fold, ridge=0.1) for features in (X, far))
    assert torch.equal(before[3::3], after[3::3])
    assert not torch.allclose(before[1::3], after[1::3])  # the other folds are fitted to it


def test_the_ridge_is_relative_to_the_number_of_rows():
    # Four rows of +-1 that are their own outcomes; standardised by 1.1547, A'A = 3 and the ridge adds 0.25 * 4.
    X = torch.tensor([[-1.0], [1.0], [-1.0], [1.0], [2.0], [2.0]])
    held_out = held_out_scores(X, X.clone(), np.array([0, 0, 0, 0, 1, 1]), ridge=0.25)
    assert held_out[4:, 0].tolist() == pytest.approx([2 * 3 / (3 + 1)] * 2)


def test_rare_flags_that_states_say_nothing_of_are_ranked_by_chance():
    """20 true flags of 200, dealt out unevenly, get an AUC of 0.455 on average: the fit knows how many it has seen."""
    rng, found = np.random.default_rng(0), []
    for _ in range(300):
        X, flags = torch.from_numpy(rng.normal(size=(200, 4))), rng.permutation(np.arange(200) < 20)
        fold = rng.permutation(np.arange(200) % 5)
        read = held_out_flags(X, flags, fold, np.arange(200), ridge=1e-3, seed=int(rng.integers(99)))
        found.append(area_under_roc(read, flags))
    assert np.mean(found) == pytest.approx(0.5, abs=0.025)


def test_folds_keep_groups_whole():
    """What a state says of its group foretells the group's number only to who has seen others of that group."""
    groups = np.arange(80) // 16
    model = Planted(lambda s: 1 + torch.as_tensor(groups)[:, None].expand_as(s.tokens), segments=1)
    asked = {"sites": ["z_H"], "targets": {"number": np.array([3.0, -1, 4, -1, 5])[groups]}}
    apart, whole = (
        probes(model, puzzles, **asked, groups=given).table.set_index("question").loc["number", "score"]
        for given in (None, groups)
    )
    assert apart > 0.99
    assert whole < 0


def test_groups_must_do_for_the_folds():
    with pytest.raises(InputError, match="2 groups of puzzles cannot make 5 folds"):
        probes(Planted(jumps_at(2), segments=2), puzzles, groups=np.arange(80) % 2)


def test_what_too_few_puzzles_tell_is_said_to_be_untold():
    told = str(probes(Planted(jumps_at(1), segments=2), puzzles, at=[2], sites=["z_H"]))
    assert "solved from z_H: not told, too few puzzles differ in it" in told
    assert "nan" not in told


def test_the_answer_can_be_printed_and_written(late):
    assert "digit from z_L" in str(late)
    assert json.loads(json.dumps(late.summary()))["folds"] == 5


def test_targets_of_ones_own_are_read_where_they_are_written_and_only_there():
    rng = np.random.default_rng(0)
    noise = {"coin": rng.random(80) < 0.5, "number": rng.normal(size=80), "die": rng.integers(0, 3, (80, 16))}
    found = probes(
        Planted(lambda s: s.answers, segments=2), puzzles, at=[2], sites=["z_H"],
        targets={"digits": puzzles.answers, "first": puzzles.answers[:, 0] == 2, **noise},
    )  # fmt: skip
    table = found.table.set_index("question")
    assert table.loc["digits", "score"] == 1
    assert table.loc["digits", "shuffled"] < 0.5
    assert table.loc["coin", "low"] < 0.5 < table.loc["coin", "high"]
    assert table.loc["number", "low"] < 0.0  # worse than the mean
    assert table.loc["die", "score"] == pytest.approx(1 / 3, abs=0.08)
    assert table.loc[["digits", "coin", "number", "die"], "model"].isna().all()
    assert "digits from z_H (score) by segment 2: 1.00" in str(found)


def test_a_number_written_into_the_state_is_foretold():
    # The planted grid has as many wrong cells as the number says, all of one digit.
    wrong = np.arange(80) % 9

    def partly(s):
        spoilt = torch.arange(16) < torch.from_numpy(wrong[: len(s.tokens)])[:, None]
        return s.answers.where(~spoilt, torch.full_like(s.answers, 5))

    found = probes(
        Planted(partly, segments=2),
        puzzles,
        at=[2],
        sites=["z_H"],
        targets={"wrong": wrong * 1.0, "many": wrong > 4},
    )
    table = found.table.set_index("question")
    assert table.loc["wrong", "score"] > 0.9 > abs(table.loc["wrong", "shuffled"])
    assert table.loc["wrong", "low"] <= table.loc["wrong", "score"] <= table.loc["wrong", "high"]
    assert table.loc["many", "score"] > 0.95


def test_other_targets_change_nothing_else(late):
    model = Planted(lambda s: scrambled(s).where(s.number[:, None] < 3, s.answers), segments=4)
    more = probes(model, puzzles, at=[2, 4], targets={"first": puzzles.answers[:, 0]}).table
    kept = more[more["question"] != "first"].reset_index(drop=True)
    assert kept.equals(late.table)


@pytest.mark.filterwarnings("error")
def test_where_no_cell_is_blank_nothing_is_told_of_digits():
    full = Puzzles(puzzles.answers, puzzles.answers)
    found = probes(Planted(jumps_at(2), segments=2), full)
    digits = found.table[found.table["question"] == "digit"]
    assert digits[["score", "shuffled", "model"]].isna().all(axis=None)
    assert set(found.readable.values()) == {0}
    assert (found.cells["n"] == 0).all()


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (
            np.zeros(7),
            "shape \\[7\\]; it takes a value for each of the 80 puzzles, or for each of their 16 cells",
        ),
        (np.zeros((80, 16)), "holds float64; give classes"),
        (np.array(["a"] * 80), "give flags or numbers of puzzles"),
        (np.full(80, np.nan), "leave those puzzles out"),
    ],
)
def test_a_target_that_cannot_be_read_is_told_in_a_sentence(target, told):
    with pytest.raises(InputError, match=told):
        probes(Planted(jumps_at(2), segments=2), puzzles, targets={"mine": target})
    with pytest.raises(InputError, match="'solved' is read anyway"):
        probes(Planted(jumps_at(2), segments=2), puzzles, targets={"solved": np.zeros(80)})
