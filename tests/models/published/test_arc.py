"""ARC read from folders as the released builders write them."""

import json
import shutil

import numpy as np
import pytest

from hrm_probe import load_arc
from hrm_probe.errors import InputError
from hrm_probe.models.published.arc import is_arc
from tests.models.published.arc_folders import ORIGINAL, as_tokens, copied, grid, write_arc, write_tests
from tests.models.published.folders import mazes, write_folder

PLANS = (ORIGINAL, (3, "0213456789"), (7, "0987654321"))
TASKS = {
    "one": [(grid("12", "30"), grid("1"))],
    "two": [(grid("500"), grid("55")), (grid("444", "404"), grid("4", "4"))],
}


@pytest.fixture
def arc(tmp_path):
    return write_arc(tmp_path / "arc", TASKS, PLANS)


@pytest.mark.parametrize("by", ["|||", "_"])
def test_tasks_and_copies_are_read_in_either_layout(tmp_path, by) -> None:
    root = write_arc(tmp_path / "arc", TASKS, PLANS, by)
    tests = load_arc(root)
    assert repr(tests) == "ArcTests(2 tasks with 3 test inputs, 9 examples of copies)"
    assert list(tests.pairs) == ["one", "two"]
    for task, examples in TASKS.items():
        for pair, (asked, answer) in zip(tests.pairs[task], examples, strict=True):
            assert (pair.input.tolist(), pair.output.tolist()) == (asked.tolist(), answer.tolist())
    assert [copy.symmetry for copy in tests.copies] == [0, 3, 7, 0, 0, 3, 3, 7, 7]
    assert tests.puzzle_ids.tolist() == [1, 2, 3, 4, 4, 5, 5, 6, 6]
    last = tests.examples(slice(8, 9))
    assert last.tokens[0].tolist() == as_tokens(copied(TASKS["two"][1][0], PLANS[2])).tolist()
    assert last.answers[0].tolist() == as_tokens(copied(TASKS["two"][1][1], PLANS[2])).tolist()
    assert last.puzzle_ids.tolist() == [6]


def test_the_folder_of_the_data_set_and_its_folder_test_are_the_same(arc) -> None:
    assert load_arc(arc).rows.tolist() == load_arc(arc / "test").rows.tolist()
    shutil.move(arc / "identifiers.json", arc / "test" / "identifiers.json")
    assert len(load_arc(arc)) == 9


def test_fewer_tasks_and_copies(arc) -> None:
    assert load_arc(arc, copies=2).rows.tolist() == [0, 1, 3, 4, 5, 6]
    assert load_arc(arc, copies=99).rows.tolist() == list(range(9))
    drawn = {tuple(load_arc(arc, n=1, seed=seed).pairs) for seed in range(9)}
    assert drawn == {("one",), ("two",)}
    assert load_arc(arc, n=2).rows.tolist() == list(range(9))


def test_a_task_without_copies_is_kept(arc) -> None:
    write_tests(arc / "test_puzzles.json", {**TASKS, "ghost": TASKS["one"]})
    tests = load_arc(arc)
    assert list(tests.pairs) == ["one", "two", "ghost"]
    assert len(tests) == 9


def test_a_folder_is_known_as_arcs_by_the_names_of_its_puzzles(arc, tmp_path) -> None:
    assert is_arc(arc)
    assert is_arc(arc / "test")
    maze = write_folder(tmp_path / "maze" / "test", *mazes(3))
    assert not is_arc(maze)
    (tmp_path / "maze" / "identifiers.json").write_text('["<blank>"]')
    assert not is_arc(maze)
    assert not is_arc("6x6-test")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (lambda at: (at / "identifiers.json").unlink(), "test lacks identifiers.json, beside or above it"),
        (lambda at: (at / "identifiers.json").write_text("{"), "identifiers.json could not be read as JSON"),
        (lambda at: (at / "identifiers.json").write_text('{"a": 1}'), "must be a list of names"),
        (lambda at: (at / "identifiers.json").write_text('["<blank>", "one"]'),
         "has puzzle embeddings 1 to 6, but .*identifiers.json names 2"),
        (lambda at: (at / "identifiers.json").write_text(json.dumps(["a_t1_-8271"] * 7)), "cannot be undone"),
        (lambda at: (at / "test_puzzles.json").write_text("["), "test_puzzles.json could not be read as JSON"),
        (lambda at: (at / "test_puzzles.json").write_text("[]"), 'under "test"'),
        (lambda at: (at / "test_puzzles.json").write_text('{"one": {"test": []}}'), 'under "test"'),
        (lambda at: (at / "test_puzzles.json").write_text('{"one": {"test": [{"input": [[1]]}]}}'), 'under "test"'),
        (lambda at: write_tests(at / "test_puzzles.json", {"one": [(grid("1"), grid("1") + 9)]}), 'under "test"'),
        (lambda at: write_tests(at / "test_puzzles.json", {"one": TASKS["one"]}),
         'copies of the task "two", of which .*test_puzzles.json knows nothing'),
        (lambda at: shutil.rmtree(at), "There is no folder"),
        (lambda at: shutil.rmtree(at / "test"), "lacks all__inputs.npy"),
        (lambda at: np.save(at / "test" / "all__puzzle_indices.npy", [0, 9]), "must ascend from 0 to 9 in 7 numbers"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_told(arc, fault, told) -> None:
    fault(arc)
    with pytest.raises(InputError, match=told):
        load_arc(arc)


def test_without_published_tasks_the_unaltered_copies_must_be_there_and_in_place(tmp_path) -> None:
    root = write_arc(tmp_path / "altered", TASKS, PLANS[1:], "_")
    with pytest.raises(InputError, match='task "one", of which it lacks the unaltered one, and test_puzzles'):
        load_arc(root)
    root = write_arc(tmp_path / "shifted", TASKS, PLANS, "_", shift=(1, 1))
    with pytest.raises(
        InputError, match=r'"one" has an input twice, or shifted away .*; name the folder test'
    ):
        load_arc(root)


def test_what_is_no_arc_is_told(tmp_path) -> None:
    folder = write_folder(tmp_path / "test", np.ones((2, 12)), np.ones((2, 12)))
    with pytest.raises(InputError, match="12 cells, which are not ARC grids"):
        load_arc(folder)


@pytest.mark.parametrize(
    ("wanted", "told"), [({"copies": 0}, "copies is 0"), ({"n": 3}, "n is 3, but the set holds 2")]
)
def test_numbers_that_cannot_be_are_told(arc, wanted, told) -> None:
    with pytest.raises(InputError, match=told):
        load_arc(arc, **wanted)
