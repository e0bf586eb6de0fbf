"""Two answers to one question, compared puzzle by puzzle: what was planted is found, and nothing where all is alike."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.reasoning import (
    ComparedAnswers,
    compare_answers,
    evaluate,
    jumps,
    leaks,
    modes,
    row_masking,
    single_blank,
    stability,
)
from hrm_probe.reasoning.catalogue import QUESTIONS
from hrm_probe.reasoning.compared_numbers import COMPARED
from hrm_probe.reasoning.result import ClassLabels, group_labels
from hrm_probe.reasoning.storing import load_results, save_results
from hrm_probe.sudoku import generate
from tests.reasoning.planted_fates import Divided, settles_wrong
from tests.reasoning.planted_segments import Planted, keeps, loses

PUZZLES = generate(40, "easy", "4x4", seed=0)
QUESTIONS_COMPARED = [question for kind in COMPARED.values() for question in kind.questions]


def number(found: ComparedAnswers, name: str, among: str) -> pd.Series:
    table = found.table
    (row,) = table[(table["number"] == name) & (table["among"] == among)].index
    return table.loc[row]


@pytest.fixture(scope="module")
def kept() -> Any:
    """A model that keeps what it solves, and one that settles at wrong grids half of the time."""
    return jumps(Divided(keeps, keeps), PUZZLES), jumps(Divided(keeps, settles_wrong), PUZZLES)


def with_kinds(found: Any, late: np.ndarray, jumping: np.ndarray) -> Any:
    """An answer to jumps of which it is known which answers come late, and which of them jump."""
    kind = np.where(jumping, "jump", "gradual")
    return replace(found, table=found.table.assign(late=late, solved=late, kind=kind))


def test_planted_shares_are_compared_among_the_rows_of_each_and_of_both(kept):
    here = np.arange(40)
    first = with_kinds(kept[0], here < 30, here < 10)
    second = with_kinds(kept[0], here >= 10, here < 30)
    found = compare_answers(first, second, ("one", "other"))
    row = number(found, "jump", "each")
    assert (row["rows_first"], row["rows_second"]) == (30, 30)
    assert (row["first"], row["second"]) == pytest.approx((10 / 30, 20 / 30))
    row = number(found, "jump", "both")
    assert row["rows_first"] == row["rows_second"] == 20
    assert (row["first"], row["second"], row["change"]) == (0, 1, 1)
    row = number(found, "late", "all")
    assert row["change"] == pytest.approx(0)
    assert row["change_low"] < 0 < row["change_high"]
    assert "From one to other (change: other minus one), 40 rows:" in str(found)
    assert "late answers that jump (each one's own)" in str(found)
    assert "33.3% to 66.7%: +33.3 [" in str(found)


def test_an_answer_beside_itself_differs_in_nothing(kept):
    table = compare_answers(kept[1], kept[1]).table
    known = table[table["change"].notna()]
    assert len(known) >= 2
    assert (known["change"] == 0).all()
    assert ((known["change_low"] <= 0) & (known["change_high"] >= 0)).all()


def test_a_model_that_fails_more_is_seen_to(kept):
    row = number(compare_answers(*kept), "solved", "all")
    shares = [found.table["solved"].mean() for found in kept]
    assert (row["first"], row["second"]) == pytest.approx(shares)
    assert row["change_high"] < 0
    assert row["differs"]


def test_means_are_of_rows_that_both_count(kept):
    first = replace(kept[0], table=kept[0].table.assign(late=True, steepest=0.2))
    late = np.arange(40) < 25
    second = replace(kept[0], table=kept[0].table.assign(late=late, steepest=np.where(late, 0.5, np.nan)))
    row = number(compare_answers(first, second), "steepest", "both")
    assert row["rows_first"] == 25
    assert row["change"] == pytest.approx(0.3)
    assert row["percent"]  # a mean of shares
    row = number(compare_answers(first, second), "arrives", "both")
    assert not row["percent"]


def test_rows_without_the_number_count_in_no_mean(kept):
    known = np.arange(40) >= 10
    first, second = (
        replace(one, table=one.table.assign(late=True, steepest=0.5)) for one in (kept[0], kept[0])
    )
    second.table.loc[~known, "steepest"] = np.nan
    row = number(compare_answers(first, second), "steepest", "both")
    assert (row["rows_first"], row["first"], row["second"], row["change"]) == (30, 0.5, 0.5, 0)


def test_the_seed_resamples_every_number(kept):
    rng = np.random.default_rng(0)
    first, second = (with_kinds(kept[0], rng.random(40) < 0.7, rng.random(40) < 0.5) for _ in range(2))
    first.table["steepest"], second.table["steepest"] = rng.random((2, 40))
    one, other = (compare_answers(first, second, seed=seed) for seed in (0, 1))
    for name, among in (("jump", "each"), ("steepest", "both")):
        assert number(one, name, among)["change_low"] != number(other, name, among)["change_low"]


def test_rows_are_matched_in_whatever_order_they_stand():
    singles = [single_blank(Divided(keeps, how), PUZZLES, 3) for how in (keeps, settles_wrong)]
    turned = replace(singles[1], table=singles[1].table[::-1])
    assert str(compare_answers(singles[0], turned)) == str(compare_answers(*singles))


def test_runs_of_one_puzzle_stay_together():
    model = Divided(keeps, settles_wrong)
    singles = single_blank(model, PUZZLES, 3)
    found = compare_answers(singles, singles)
    assert found.rows == 120
    assert (found.resampled, found.groups) == ("puzzle", 40)
    assert "120 rows of 40 puzzles:" in str(found)


def test_runs_of_one_puzzle_are_not_taken_for_puzzles_of_a_class():
    puzzles = generate(40, "easy", "4x4", seed=0)
    first, second = (single_blank(Planted(how), puzzles, 4, 8) for how in (loses, keeps))
    classes = group_labels(puzzles, "class")[0]
    alone, together = (
        number(compare_answers(first, second, groups=groups), "solved", "all") for groups in (None, classes)
    )
    assert together["change_low"] < alone["change_low"]


def test_runs_of_one_puzzle_that_all_do_alike_leave_as_much_open_as_runs_of_any_group():
    """Puzzles of a class are taken to be alike in part where all do alike; runs of one puzzle are one."""
    first, second = (single_blank(Planted(keeps), PUZZLES, 4, 8) for _ in range(2))
    labels = np.repeat(np.arange(10), len(PUZZLES) // 10)
    of_class, of_group = (
        number(compare_answers(first, second, groups=groups), "solved", "all")
        for groups in (labels.view(ClassLabels), labels)
    )
    assert of_class["change_high"] == of_group["change_high"] > 0.2


def test_an_answer_from_a_file_was_not_asked_differently(kept, tmp_path):
    fresh = stability(Planted(keeps), generate(6, "easy", "4x4", seed=0), 8, horizons=(4, 8))
    save_results(tmp_path / "a.npz", {"answer": fresh})
    assert compare_answers(fresh, load_results(tmp_path / "a.npz")["answer"]).differing == {}


def test_classes_stay_together_and_a_sample_of_cells_is_matched_cell_by_cell():
    model, other = Divided(keeps, settles_wrong), Divided(settles_wrong, keeps)
    labels, _ = group_labels(PUZZLES, "class")
    first = single_blank(model, PUZZLES, 2, seed=0)
    second = single_blank(other, PUZZLES, 2, seed=1)
    found = compare_answers(first, second, groups=labels)
    common = first.table.merge(second.table, on=["puzzle", "cell"])
    assert 0 < found.rows == len(common) < 80
    assert found.resampled == "class"
    row = number(found, "solved", "all")
    assert row["first"] == pytest.approx(common["solved_last_x"].mean())
    assert row["second"] == pytest.approx(common["solved_last_y"].mean())


def test_one_model_asked_in_two_ways_and_what_was_asked_differently():
    model = Divided(keeps, settles_wrong)
    given, masked = (
        stability(model, PUZZLES, 8, horizons=(8,)),
        row_masking(model, PUZZLES, segments=8, horizons=(8,)),
    )
    found = compare_answers(given, masked)
    assert found.differing == {"condition": [given.condition, masked.condition]}
    assert f"They were asked differently: condition {given.condition} and {masked.condition}." in str(found)


def test_what_each_has_found_for_itself_was_not_asked_differently():
    first, second = (modes(Divided(keeps, keeps), PUZZLES, threshold=threshold) for threshold in (0.01, 0.02))
    found = compare_answers(first, second)
    assert (found.differing, found.own) == ({}, {"threshold": [0.01, 0.02]})
    assert "Each has its own: threshold 0.01 and 0.02." in str(found)


@pytest.mark.parametrize(("both", "differs"), [(5, False), (6, True)])
def test_few_pairs_that_all_change_alike_may_be_chance(kept, both, differs):
    here = np.arange(40) < both
    first, second = (with_kinds(kept[0], here, jumping) for jumping in (~here, here))
    row = number(compare_answers(first, second), "jump", "both")
    assert (row["change"], row["differs"]) == (1, differs)
    told = str(compare_answers(first, second))
    assert ("*" in told.split("jump (the same rows)")[1].splitlines()[0]) == differs


def test_an_interval_that_leaves_out_0_without_a_star_is_explained(kept):
    five = np.arange(40) // 8  # too few for a star
    first, second = (with_kinds(kept[0], here, here) for here in (np.arange(40) < 0, np.arange(40) % 8 < 6))
    found = compare_answers(first, second, groups=five)
    away = (found.table["change_low"] > 0) | (found.table["change_high"] < 0)
    assert found.unstarred == (away & ~found.table["differs"]).sum() > 0
    assert "without a star although 0 is left out: fewer than 6 rows or groups" in str(found)


def test_what_does_not_change_has_a_width_that_few_changes_have_too(kept):
    same = number(compare_answers(kept[0], kept[0]), "late", "all")
    one_more = replace(kept[0], table=kept[0].table.assign(late=np.arange(40) < 1))
    none = replace(kept[0], table=kept[0].table.assign(late=False))
    other = number(compare_answers(none, one_more), "late", "all")
    widths = [row["change_high"] - row["change_low"] for row in (same, other)]
    assert 0.5 < widths[0] / widths[1] < 2


def test_it_is_kept_like_any_answer(kept, tmp_path):
    found = compare_answers(*kept)
    save_results(tmp_path / "compared.npz", {"compared": found})
    assert str(load_results(tmp_path / "compared.npz")["compared"]) == str(found)
    assert found.summary()["table"][0]["number"] == "solved"


@pytest.mark.parametrize("question", QUESTIONS_COMPARED)
def test_every_number_can_be_read_of_a_real_answer(question):
    torch.manual_seed(0)
    board, n = ("6x6", 60) if question in ("follow_through", "suppose") else ("4x4", 12)  # 4x4 has no guesses
    some = generate(n, "minimal", board, seed=0)
    config = ModelConfig(
        cells=some.board.cells,
        vocab=some.board.vocab,
        d_model=32,
        n_heads=2,
        H_layers=1,
        L_layers=1,
        max_segments=6,
    )
    quick: dict[str, Any] = {
        "attractors": {"n": 3, "starts": 4, "plane_resolution": 0},
        "wandering": {"exponents": 0, "horizons": (6, 8)},
        "traps": {"long_segments": None, "restarted": 2},
    }
    asked = QUESTIONS[question]
    found = asked.ask(build_model(config), some, **quick.get(question, {}))
    table = compare_answers(found, found).table
    assert set(table["number"]) == set(COMPARED[type(found).__name__].numbers)
    assert table["change"].dropna().eq(0).all()


@pytest.mark.parametrize("kind", COMPARED)
def test_every_kind_answers_the_questions_that_it_names(kind):
    for question in COMPARED[kind].questions:
        answer = QUESTIONS[question].function.__annotations__["return"]
        assert getattr(answer, "__name__", answer) == kind


def test_bad_input_is_refused_in_a_sentence(kept):
    with pytest.raises(InputError, match="not Jumps and Modes"):
        compare_answers(kept[0], modes(Divided(keeps, keeps), PUZZLES))
    with pytest.raises(InputError, match="about 40 and 39 puzzles"):
        compare_answers(kept[0], jumps(Divided(keeps, keeps), PUZZLES[:39]))
    for labels in (39, 41):
        with pytest.raises(InputError, match="a label for each puzzle asked about, 40 at least"):
            compare_answers(*kept, groups=np.zeros(labels))
    one, other = (evaluate(Divided(keeps, keeps), generate(10, "easy", "4x4", seed=seed)) for seed in (1, 2))
    with pytest.raises(InputError, match="different puzzles: blanks of row"):
        compare_answers(one, other)


@pytest.mark.parametrize("question", [jumps, modes])
def test_the_same_number_of_other_puzzles_is_refused(question):
    model = Divided(keeps, keeps)
    one, other = question(model, PUZZLES[:20]), question(model, PUZZLES[20:40])
    with pytest.raises(InputError, match="about different puzzles; ask both about the same ones"):
        compare_answers(one, other)
    earlier = replace(other, asked_of="")
    assert compare_answers(one, earlier).rows == 20  # an earlier version did not save it


def test_what_tells_nothing_of_single_puzzles_is_not_compared():
    config = ModelConfig(cells=16, vocab=6, d_model=32, n_heads=2, H_layers=1, L_layers=1, max_segments=2)
    found = leaks(build_model(config), PUZZLES[:3], biases=(-1.0,))
    with pytest.raises(
        InputError, match=r"Leaks has no rows of single puzzles, .* evaluate, stability, row_masking"
    ):
        compare_answers(found, found)
