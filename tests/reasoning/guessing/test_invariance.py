"""What a planted model depends on is found, kind by kind, and nothing where success is the puzzle's alone."""

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import Tasks
from hrm_probe.reasoning import invariance
from hrm_probe.reasoning.guessing.invariance import WORDINGS
from hrm_probe.sudoku import generate
from tests.reasoning.planted_updates import Planted, follows_input, jumps_at, stuck, two_attractors

PUZZLES = generate(60, "minimal", "4x4", seed=0)
MANY = int(np.median(PUZZLES.blanks.sum(1)))


def right_if(flags_of):
    """A plan that is right where what it sees of the puzzle says so, and has a wrong grid elsewhere."""
    return lambda s: torch.where(flags_of(s)[:, None], s.answers, s.renamed(1))


def few_blanks(s):
    return (s.tokens == 1).sum(1) < MANY


def name_of_a_digit(s):
    """Renaming changes how many ones there are, and moving them does not."""
    return (s.tokens == 2).sum(1) % 2 == 0


def filled_rows(s):
    """Where the rows stand decides, whatever their columns and digits."""
    return (s.tokens[:, :4] > 1).sum(1) % 2 == 0


def filled_columns(s):
    return (s.tokens[:, ::4] > 1).sum(1) % 2 == 0


def by_kind(found, column="alike"):
    return found.table.set_index("kind")[column]


# ---------------------------------------------------------------- what was planted


@pytest.mark.parametrize(
    ("plan", "matters"),
    [
        (few_blanks, set()),
        (name_of_a_digit, {"digits", "all"}),
        (filled_rows, {"rows", "cells", "all"}),
        (filled_columns, {"columns", "cells", "all"}),
    ],
)
def test_only_the_words_that_a_model_looks_at_matter(plan, matters):
    found = invariance(Planted(right_if(plan)), PUZZLES, runs=6, segments=2)
    alike = by_kind(found)
    assert list(alike.index) == list(WORDINGS)
    for kind in WORDINGS:
        if kind in matters:
            assert alike[kind] < 0.7
        else:
            assert alike[kind] == pytest.approx(1)
            assert by_kind(found, "saved")[kind] == by_kind(found, "lost")[kind] == 0
    rows = found.differences.set_index(["kind", "over"])["difference"]
    assert rows["start", "digits"] == pytest.approx(1 - alike["digits"])


def test_who_depends_on_the_start_does_so_in_equal_words_only():
    found = invariance(Planted(two_attractors), PUZZLES, runs=6, segments=2, scale=1.0)
    for kind in set(WORDINGS) - {"start"}:  # from the same start always the wrong one
        assert by_kind(found, "solved")[kind] == 0
        assert np.isnan(by_kind(found)[kind])
    assert by_kind(found, "solved")["start"] == pytest.approx(0.31, abs=0.1)  # a normal number is above 0.5
    assert by_kind(found)["start"] == pytest.approx(0, abs=0.1)
    still = invariance(Planted(two_attractors), PUZZLES, kinds="start", runs=6, segments=2, scale=0.0)
    assert by_kind(still, "solved")["start"] == 0


@pytest.mark.parametrize(("plan", "share"), [(follows_input, 1), (stuck, 0)])
def test_of_all_or_nothing_there_is_no_correlation(plan, share):
    found = invariance(Planted(plan), PUZZLES, kinds=["digits", "cells"], runs=3, segments=2)
    assert found.as_they_stand.estimate == share
    assert (found.table["solved"] == share).all()
    assert found.table["alike"].isna().all()
    assert found.differences["difference"].isna().all()


def test_runs_are_judged_at_their_end():
    for segments, share in ((3, 0), (4, 1)):
        found = invariance(Planted(jumps_at(4)), PUZZLES, kinds="all", runs=2, segments=segments)
        assert by_kind(found, "solved")["all"] == share


# ---------------------------------------------------------------- what comes out


def test_saved_and_lost_are_shares_of_the_runs_of_puzzles_that_failed_and_did_not():
    found = invariance(Planted(right_if(name_of_a_digit)), PUZZLES, kinds="digits", runs=5, segments=1)
    failed = (PUZZLES.tokens == 2).sum(1) % 2 == 1
    assert found.as_they_stand.estimate == pytest.approx(1 - failed.mean())
    row = found.table.iloc[0]
    assert row["saved"] == pytest.approx(found.solved["digits"][:, failed].mean())
    assert row["lost"] == pytest.approx(1 - found.solved["digits"][:, ~failed].mean())
    assert row["saved_low"] < row["saved"] < row["saved_high"]


def test_a_seed_gives_the_same_and_kinds_do_not_depend_on_the_company_they_are_asked_in():
    model = Planted(right_if(filled_rows))
    first = invariance(model, PUZZLES, runs=3, segments=1, seed=5)
    alone = invariance(model, PUZZLES, kinds=["rows"], runs=3, segments=1, seed=5)
    other = invariance(model, PUZZLES, kinds=["rows"], runs=3, segments=1, seed=6)
    assert (first.solved["rows"] == alone.solved["rows"]).all()
    assert (first.solved["rows"] != other.solved["rows"]).any()
    assert invariance(model, PUZZLES, runs=3, segments=1, seed=5, batch_size=7).table.equals(first.table)


def test_runs_of_one_puzzle_are_alike_also_where_classes_are_resampled():
    model = Planted(right_if(lambda s: s.tokens[:, 0] >= 0))  # all are solved
    classes, alone = (
        invariance(model, PUZZLES, kinds="digits", runs=8, segments=1, groups=groups).table.iloc[0]
        for groups in ("class", None)
    )
    assert classes["solved_low"] < alone["solved_low"]


def test_a_summary_for_json_and_a_few_lines_for_people():
    found = invariance(Planted(right_if(name_of_a_digit)), PUZZLES, runs=2, segments=2, groups="class")
    assert found.resampled == "class"
    kept = found.summary()
    assert "solved" not in kept
    assert [row["kind"] for row in kept["table"]] == list(WORDINGS)
    text = str(found)
    assert "60 puzzles" in text
    assert "2 runs of each" in text
    assert text.count("correlate") == len(WORDINGS)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kinds": "luck"}, "There is no wording 'luck'; choose among digits, rows"),
        ({"kinds": []}, "No wording was named"),
        ({"runs": 1}, "runs"),
        ({"segments": 0}, "segments"),
        ({"scale": float("nan")}, "scale"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(given, message):
    with pytest.raises(InputError, match=message):
        invariance(Planted(follows_input), PUZZLES[:2], **given)


def test_tasks_without_rules_are_refused():
    tasks = Tasks(PUZZLES.tokens, PUZZLES.answers)
    with pytest.raises(InputError, match="asks symmetric copies"):
        invariance(Planted(follows_input), tasks)
