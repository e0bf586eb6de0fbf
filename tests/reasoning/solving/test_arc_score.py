"""ARC's score of planted answers, where pass@K is known by construction, and of a small real model, counted by hand."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import expit, logit

from hrm_probe import load_arc, load_tasks
from hrm_probe.dynamics.bounded_means import mean_of_shares
from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig
from hrm_probe.reasoning import arc_score, evaluate
from tests.models.published.arc_folders import (
    AS_IT_IS,
    COMES_FROM,
    ORIGINAL,
    SIDE,
    as_tokens,
    copied,
    grid,
    write_arc,
    write_tests,
)
from tests.models.variants import lively
from tests.reasoning.planted_arc import SEGMENTS, Scripted

PLANS = (ORIGINAL, (1, "0213456789"), (3, "0987654321"), (6, "0345678912"), (7, AS_IT_IS))
TRUE, WRONG, OTHER = grid("12", "30"), grid("12", "31"), grid("123")

# By task and test input, what each of the five copies answers, mapped back to the task, and how sure it is of it.
Ballot = list[tuple[np.ndarray, float]]
PLANTED: dict[str, list[Ballot]] = {
    "outvoted": [[(WRONG, 0.1), (TRUE, 0.9), (WRONG, 0.1), (TRUE, 0.9), (WRONG, 0.1)]],
    "half": [
        [(TRUE, 0.3), (TRUE, 0.3), (OTHER, 0.9), (TRUE, 0.3), (TRUE, 0.4)],
        [(WRONG, 0.5), (OTHER, 0.5), (WRONG, 0.5), (OTHER, 0.5), (grid("9"), 0.5)],
    ],
    "surer": [[(WRONG, 0.2), (WRONG, 0.3), (TRUE, 0.6), (OTHER, 0.99), (TRUE, 0.5)]],
    "less sure": [[(TRUE, 0.2), (TRUE, 0.3), (WRONG, 0.6), (OTHER, 0.99), (WRONG, 0.5)]],
    "later": [[(OTHER, 0.1), (WRONG, 0.5), (TRUE, 0.5), (TRUE, 0.5), (WRONG, 0.5)]],
    "third": [[(OTHER, 0.5), (OTHER, 0.5), (WRONG, 0.5), (WRONG, 0.5), (TRUE, 0.9)]],
}  # fmt: skip
RANKS = [2, 1, 0, 1, 2, 2, 3]
VOTES = [3, 4, 2, 2, 2, 2, 2]
RIGHT = [2, 4, 0, 2, 2, 2, 1]
INPUTS = [grid("77", "07"), grid("8", "0")]
TASKS = {name: [(INPUTS[i], TRUE) for i in range(len(ballots))] for name, ballots in PLANTED.items()}


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    torch.set_num_threads(1)


def scripted(planted: Mapping[str, list[Ballot]] = PLANTED) -> Scripted:
    """The model that answers each copy so, in the copy's own symmetry and colours."""
    script, identifier = {}, 0
    for ballots in planted.values():
        for number, plan in enumerate(PLANS):
            identifier += 1
            for asked, ballot in zip(INPUTS, ballots, strict=False):
                answer, sure = ballot[number]
                says = answer if answer.ndim == 1 else as_tokens(copied(answer, plan))
                script[identifier, as_tokens(copied(asked, plan)).tobytes()] = says, float(logit(sure))
    return Scripted(script, identifier + 1)


@pytest.fixture(params=["|||", "_"])
def arc(request, tmp_path) -> Path:
    return write_arc(tmp_path / "arc", TASKS, PLANS, request.param)


# ---------------------------------------------------------------- known scores


def test_pass_at_k_is_what_was_planted_in_either_layout(arc) -> None:
    found = arc_score(scripted(), arc, k=(1, 2, 3))
    assert found.table["rank"].tolist() == RANKS
    assert found.by_k["k"].tolist() == [1, 2, 3]
    assert found.by_k["pass_at"].to_numpy() == pytest.approx([1.5 / 6, 4.5 / 6, 5.5 / 6])
    assert found.by_k["all_inputs"].to_numpy() == pytest.approx([1 / 6, 4 / 6, 5 / 6])
    assert (found.tasks, found.segments) == (6, SEGMENTS)


def test_the_table_tells_the_votes_of_each_test_input(tmp_path) -> None:
    table = arc_score(scripted(), write_arc(tmp_path / "arc", TASKS, PLANS)).table
    assert table["task"].tolist() == ["outvoted", "half", "half", "surer", "less sure", "later", "third"]
    assert table["input"].tolist() == [0, 0, 1, 0, 0, 0, 0]
    assert table["copies"].tolist() == [5] * 7
    assert table["answers"].tolist() == [2, 2, 3, 3, 3, 3, 3]
    assert table["votes"].tolist() == VOTES
    assert table["right"].tolist() == RIGHT
    assert table["confidence"].to_numpy() == pytest.approx([0.1, 0.325, 0.5, 0.55, 0.55, 0.5, 0.5])


def test_the_best_answers_are_given_back_as_grids_of_the_task(tmp_path) -> None:
    found = arc_score(scripted(), write_arc(tmp_path / "arc", TASKS, PLANS), k=(1, 2))
    assert [[answer.tolist() for answer in best] for best in found.answers["half"]] == [
        [TRUE.tolist(), OTHER.tolist()],
        [WRONG.tolist(), OTHER.tolist()],
    ]
    assert [answer.tolist() for answer in found.answers["surer"][0]] == [TRUE.tolist(), WRONG.tolist()]


def test_every_copy_is_asked_once_with_its_own_embedding_in_batches_of_any_size(tmp_path) -> None:
    arc = write_arc(tmp_path / "arc", TASKS, PLANS)
    expected = load_tasks(arc / "test")
    tables = []
    for batch_size in (1, 4, 128):
        model = scripted()
        tables.append(arc_score(model, arc, batch_size=batch_size).table)
        assert [key[0] for key in model.asked] == expected.puzzle_ids.tolist()
        assert [key[1] for key in model.asked] == [row.tobytes() for row in expected.tokens]
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


@pytest.mark.parametrize("symmetry", range(len(COMES_FROM)))
def test_the_answer_of_a_copy_of_any_symmetry_counts_for_its_task(tmp_path, symmetry: int) -> None:
    plan = (symmetry, "0918273645")
    arc = write_arc(tmp_path / "arc", {"one": [(INPUTS[0], TRUE)]}, [plan])
    asked = as_tokens(copied(INPUTS[0], plan)).tobytes()
    model = Scripted({(1, asked): (as_tokens(copied(TRUE, plan)), 0.0)}, 2)
    assert arc_score(model, arc, k=1).by_k["pass_at"].tolist() == [1]
    turned = Scripted({(1, asked): (as_tokens(copied(TRUE, ((symmetry + 1) % 8, plan[1]))), 0.0)}, 2)
    assert arc_score(turned, arc, k=1).by_k["pass_at"].tolist() == [0]


# ---------------------------------------------------------------- crops, and examples by themselves


def scored(tmp_path: Path, *says: np.ndarray):
    """One task; its first copies, unaltered in colours and symmetry but for the name, answer these tokens."""
    ballot = [(tokens, 0.5) for tokens in says]
    plans = [(0, AS_IT_IS)] * len(says)
    arc = write_arc(tmp_path / "arc", {"one": [(INPUTS[0], TRUE)]}, plans)
    asked = as_tokens(INPUTS[0]).tobytes()
    model = Scripted({(i + 1, asked): vote for i, vote in enumerate(ballot)}, len(says) + 1)
    return arc_score(model, arc, k=1)


def test_what_stands_outside_the_ends_of_a_grid_does_not_matter(tmp_path) -> None:
    noisy = as_tokens(TRUE)
    noisy[noisy == 0] = 7
    found = scored(tmp_path, noisy)
    assert found.table["rank"].tolist() == [1]
    assert found.examples.estimate == 1


def test_a_grid_with_padding_for_its_ends_is_right_for_arc_but_no_solved_example(tmp_path) -> None:
    unmarked = as_tokens(TRUE)
    unmarked[unmarked == 1] = 0
    found = scored(tmp_path, unmarked)
    assert found.table["rank"].tolist() == [1]
    assert found.examples.estimate == 0


def test_a_grid_that_is_a_column_too_wide_is_wrong(tmp_path) -> None:
    wide = as_tokens(TRUE)
    wide[[2, SIDE + 2]] = 5
    assert scored(tmp_path, wide).table["rank"].tolist() == [0]


def test_empty_grids_vote_too(tmp_path) -> None:
    """As in both released codes: two copies that answer no grid at all outvote one that is right."""
    nothing = np.zeros(SIDE**2, int)
    found = scored(tmp_path, as_tokens(TRUE), nothing, nothing)
    assert found.table[["votes", "answers", "rank"]].to_numpy().tolist() == [[2, 2, 2]]
    assert found.answers["one"][0][0].shape == (0, 0)


def test_the_share_of_examples_is_that_of_evaluate(tmp_path) -> None:
    arc = write_arc(tmp_path / "arc", TASKS, PLANS)
    found = arc_score(scripted(), arc)
    assert found.examples.estimate == evaluate(scripted(), load_tasks(arc / "test")).exact.estimate
    assert found.examples.estimate == sum(RIGHT) / 35
    assert found.examples.n == 6


# ---------------------------------------------------------------- intervals, and what is asked


def test_intervals_are_over_tasks_and_keep_a_width_where_nothing_is_solved(tmp_path) -> None:
    found = arc_score(scripted(), write_arc(tmp_path / "arc", TASKS, PLANS), k=(1, 9))
    expected = mean_of_shares([0, 0.5, 1, 0, 0, 0])
    first, last = found.by_k.to_dict("records")
    assert (first["low"], first["high"]) == (expected.low, expected.high)
    assert found.pass_at(1) == expected
    assert last["pass_at"] == pytest.approx(5.5 / 6)
    none = {"one": [[(WRONG, 0.5)] * 5]}
    found = arc_score(scripted(none), write_arc(tmp_path / "none", {"one": TASKS["third"]}, PLANS))
    assert found.by_k["pass_at"].tolist() == [0, 0]
    assert (found.by_k["high"] > 0.5).all()


def test_fewer_copies_and_tasks_can_be_asked(tmp_path) -> None:
    arc = write_arc(tmp_path / "arc", TASKS, PLANS)
    found = arc_score(scripted(), load_arc(arc, copies=1), k=1)
    assert found.table["rank"].tolist() == [0, 1, 0, 0, 1, 0, 0]
    assert found.table["copies"].tolist() == [1] * 7
    assert arc_score(scripted(), load_arc(arc, n=2, seed=1)).tasks == 2


def test_a_test_input_without_any_copy_counts_as_not_solved(tmp_path) -> None:
    arc = write_arc(tmp_path / "arc", TASKS, PLANS)
    write_tests(arc / "test_puzzles.json", {**TASKS, "ghost": TASKS["third"]})
    found = arc_score(scripted(), arc, k=3)
    assert found.by_k["pass_at"].item() == pytest.approx(5.5 / 7)
    ghost = found.table.iloc[-1]
    assert ghost[["task", "copies", "rank"]].tolist() == ["ghost", 0, 0]
    assert np.isnan(ghost["confidence"])
    assert str(found).endswith("The data set has no copy of 1 test input, which count as not solved.")


def test_it_prints_itself_and_becomes_json(tmp_path) -> None:
    found = arc_score(scripted(), write_arc(tmp_path / "arc", TASKS, PLANS))
    said = str(found).splitlines()
    assert said[0].startswith("pass@1 25.0% [")
    assert "pass@2 75.0% [" in said[0]
    assert "of 6 tasks (7 test inputs), by votes of 5.0 copies each; one copy alone solves 37.1% [" in said[0]
    assert said[1:] == ["Tasks of which every test input is solved: 16.7% at K = 1, 66.7% at K = 2."]
    told = json.loads(json.dumps(found.summary()))
    assert set(told) == {"by_k", "examples", "tasks", "segments"}
    assert told["by_k"][1]["pass_at"] == 0.75


# ---------------------------------------------------------------- a real model


def test_a_real_model_is_scored_as_counted_by_hand(tmp_path) -> None:
    """Truths are answers that the model's copies gave; ranks are those of a count written out here."""
    config = ModelConfig(
        cells=SIDE**2, vocab=12, d_model=12, n_heads=2, H_layers=1, L_layers=1, puzzles=7 * 8 + 1, max_segments=2
    )  # fmt: skip
    model, rng = lively(config, seed=3), np.random.default_rng(0)
    with torch.no_grad():
        model.unembed.weight[4:] = 0  # few different tokens, so that copies agree now and then
    plans = [ORIGINAL] + [(t, "0" + "".join(map(str, rng.permutation(range(1, 10))))) for t in range(1, 8)]
    inputs = {f"task{i}": rng.integers(10, size=rng.integers(1, 6, 2)).astype(np.uint8) for i in range(7)}
    tasks = {name: [(asked, TRUE)] for name, asked in inputs.items()}
    arc = write_arc(tmp_path / "arc", tasks, plans)
    ids = np.arange(1, 57)
    tokens = np.array([as_tokens(copied(asked, plan)) for asked in inputs.values() for plan in plans])
    rollout = model.run(tokens, 2, ids)
    says, sure = rollout.predictions[-1].numpy(), expit(rollout.q_halt[-1].numpy().astype(float))

    expected = []
    for number, name in enumerate(inputs):
        votes: dict[str, list[float]] = {}
        for i, plan in enumerate(plans):
            row = number * len(plans) + i
            votes.setdefault(str(by_hand(says[row], plan)), []).append(sure[row])
        order = sorted(votes, key=lambda answer: (-len(votes[answer]), -np.mean(votes[answer])))
        place = next(p for p in rng.permutation(len(order)) if order[p] != "[]")
        tasks[name] = [(inputs[name], np.array(json.loads(order[place]), np.uint8))]
        expected.append(place + 1)
    write_tests(arc / "test_puzzles.json", tasks)
    found = arc_score(model, arc, k=range(1, 9), batch_size=9)
    assert found.table["rank"].tolist() == expected
    assert len(set(expected)) > 2
    assert found.table["votes"].max() > 2
    assert found.by_k["pass_at"].to_numpy() == pytest.approx(
        [np.mean(np.array(expected) <= k) for k in range(1, 9)]
    )
    assert not arc_score(model, arc, k=1, segments=1).table.equals(found.table)


def by_hand(tokens: np.ndarray, plan: tuple[int, str]) -> list[list[int]]:
    """Crop, and find the one grid whose copy this is, cell by cell."""
    square, best = tokens.reshape(SIDE, SIDE), (0, 0)
    for high in range(1, SIDE + 1):
        for wide in range(1, SIDE + 1):
            if (square[:high, :wide] >= 2).all() and high * wide > best[0] * best[1]:
                best = (high, wide)
    if best == (0, 0):
        return []
    made = square[: best[0], : best[1]] - 2
    high, wide = best[::-1] if plan[0] in (1, 3, 6, 7) else best
    original = np.zeros((high, wide), int)
    for i in range(best[0]):
        for j in range(best[1]):
            original[COMES_FROM[plan[0]](i, j, high, wide)] = plan[1].index(str(made[i, j]))
    return original.tolist()


# ---------------------------------------------------------------- what cannot be scored


@pytest.mark.parametrize("k", [0, (1, 0), 1.5, "2"])
def test_tries_are_whole_numbers_from_1(tmp_path, k) -> None:
    with pytest.raises(InputError, match="k is"):
        arc_score(scripted(), write_arc(tmp_path / "arc", TASKS, PLANS), k=k)


def test_no_tries_at_all_are_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="k is empty"):
        arc_score(scripted(), write_arc(tmp_path / "arc", TASKS, PLANS), k=())


def test_a_model_that_does_not_fit_is_refused_before_it_runs(tmp_path) -> None:
    arc = write_arc(tmp_path / "arc", TASKS, PLANS)
    model = Scripted({}, 30)
    with pytest.raises(InputError, match="puzzle embedding for each of 35 rows, from 0 to 29"):
        arc_score(model, arc)
    with pytest.raises(InputError, match="have 49 cells, but the model is for 81"):
        arc_score(lively(ModelConfig(cells=81, vocab=12, d_model=8, n_heads=1, puzzles=99)), arc)
    with pytest.raises(InputError, match="questions take a model"):
        arc_score("hrm-6x6", arc)


def test_a_copy_of_an_unknown_input_is_refused(tmp_path) -> None:
    arc = write_arc(tmp_path / "arc", TASKS, PLANS)
    write_tests(arc / "test_puzzles.json", {name: [(OTHER, TRUE)] for name in TASKS})
    with pytest.raises(InputError, match='task "outvoted" has an input that is not among its test inputs'):
        arc_score(scripted(), arc)
