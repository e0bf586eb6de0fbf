"""Tasks written as the released code writes its data sets, and read again."""

import json
from pathlib import Path

import numpy as np
import pytest

from hrm_probe import load_tasks, mazes, save_tasks
from hrm_probe.errors import InputError
from hrm_probe.models import Tasks
from hrm_probe.models.published.tasks import tasks_folder
from hrm_probe.sudoku import Board, generate

FIELDS = ("tokens", "answers", "asked", "puzzle_ids", "group", "source", "rating")


def some() -> Tasks:
    """Five tasks of three groups, two of which have puzzles of their own."""
    tokens = np.array([[1, 2, 3, 0], [2, 2, 0, 0], [3, 1, 2, 4], [3, 3, 3, 3], [1, 1, 1, 0]])
    answers = np.array([[5, 2, 3, 0], [2, 5, 0, 0], [3, 1, 5, 4], [3, 300, 0, 3], [1, 1, 1, 0]])
    return Tasks(
        tokens,
        answers,
        puzzle_ids=[1, 2, 2, 9, 4],
        group=[0, 1, 1, 2, 2],
        source=list("abcab"),
        rating=[5, -1, 0, 2, 3],
    )


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    for tasks in (some(), mazes.generate(20, "maze", 7)):
        again = load_tasks(save_tasks(tasks, tmp_path / "data" / "test"))
        for name in FIELDS:
            assert getattr(again, name).tolist() == getattr(tasks, name).tolist(), name


def test_a_sample_keeps_its_own_sources_and_ratings(tmp_path: Path) -> None:
    tasks = mazes.generate(50, "maze", 9)
    sample = load_tasks(save_tasks(tasks, tmp_path / "test"), n=10, seed=3)
    expected = tasks.sample(10, seed=3)
    assert sample.rating.tolist() == expected.rating.tolist()
    assert sample.tokens.tolist() == expected.tokens.tolist()


def test_the_files_are_those_of_the_released_code(tmp_path: Path) -> None:
    folder = save_tasks(some(), tmp_path / "train")
    told = json.loads((folder / "dataset.json").read_text())
    assert told == {
        "pad_id": 0, "ignore_label_id": 0, "blank_identifier_id": 0, "vocab_size": 301, "seq_len": 4,
        "num_puzzle_identifiers": 10, "total_groups": 3, "mean_puzzle_examples": 1.0, "sets": ["all"],
    }  # fmt: skip
    arrays = {name: np.load(folder / f"all__{name}.npy") for name in
              ("inputs", "labels", "puzzle_identifiers", "puzzle_indices", "group_indices")}  # fmt: skip
    assert arrays["inputs"].dtype == np.int32  # 300 does not fit into a byte
    assert arrays["puzzle_identifiers"].tolist() == [1, 2, 2, 9, 4]
    assert arrays["puzzle_indices"].tolist() == [0, 1, 2, 3, 4, 5]
    assert arrays["group_indices"].tolist() == [0, 1, 3, 5]
    small = np.load(save_tasks(mazes.generate(5, "maze", 7), tmp_path / "mazes") / "all__inputs.npy")
    assert small.dtype == np.uint8


@pytest.mark.parametrize(("largest", "kind"), [(255, np.uint8), (256, np.int32)])
def test_tokens_are_bytes_where_all_fit(tmp_path: Path, largest: int, kind: type) -> None:
    folder = save_tasks(Tasks([[largest, 1]], [[1, 2]]), tmp_path / "test")
    assert json.loads((folder / "dataset.json").read_text())["vocab_size"] == largest + 1
    for name in ("inputs", "labels"):
        assert np.load(folder / f"all__{name}.npy").dtype == kind
    assert load_tasks(folder).tokens.tolist() == [[largest, 1]]


def test_a_set_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    folder = tmp_path / "test"
    save_tasks(some(), folder)
    assert len(load_tasks(save_tasks(some()[:2], folder))) == 2
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match=r"mine holds letter\.txt, which is no part of a set of tasks"):
        save_tasks(some(), tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"
    (folder / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match=r"test holds letter\.txt"):
        save_tasks(some(), folder)
    assert len(load_tasks(folder)) == 2


def test_groups_that_lie_apart_are_refused_and_can_be_sorted(tmp_path: Path) -> None:
    mixed = some()[[0, 1, 3, 2]]
    with pytest.raises(InputError, match=r"tasks\[np\.argsort\(tasks\.group, kind='stable'\)\]"):
        save_tasks(mixed, tmp_path / "test")
    save_tasks(mixed[np.argsort(mixed.group, kind="stable")], tmp_path / "test")
    assert load_tasks(tmp_path / "test").group.tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize(("board", "side"), [("4x4", 4), ("6x6", 6), ("9x9", 9)])
def test_what_was_written_are_tasks_even_with_the_cells_and_tokens_of_a_board(
    tmp_path: Path, board: str, side: int
) -> None:
    tokens = np.arange(3 * side**2).reshape(3, -1) % Board.of(board).vocab
    folder = save_tasks(Tasks(tokens, np.maximum(tokens, 1)), tmp_path / "test")
    assert tasks_folder(folder) == folder
    (folder / "all__sources.npy").unlink()  # as another builder leaves it
    assert tasks_folder(folder) is None


def test_numbers_that_the_layout_cannot_hold_are_refused(tmp_path: Path) -> None:
    tokens, answers = some().tokens, some().answers
    with pytest.raises(InputError, match="puzzle_ids run up to 4000000000, which the layout cannot hold"):
        save_tasks(Tasks(tokens, answers, puzzle_ids=[0, 1, 2, 3, 4_000_000_000]), tmp_path / "test")
    with pytest.raises(InputError, match="tokens run up to 2147483651"):
        save_tasks(Tasks(tokens + 2**31 - 1, answers), tmp_path / "test")
    assert not (tmp_path / "test").exists()


def test_puzzles_are_told_how_they_are_saved(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not type Puzzles; Puzzles have to_csv\(\)"):
        save_tasks(generate(2, "easy", "4x4", seed=0), tmp_path / "test")  # type: ignore[arg-type]


def test_no_tasks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no task to write"):
        save_tasks(some()[:0], tmp_path / "test")
    assert not (tmp_path / "test").exists()


@pytest.mark.parametrize(
    ("name", "array"), [("ratings", [1, 2]), ("ratings", list("abcde")), ("sources", [1] * 5)]
)
def test_what_is_told_beside_must_fit(tmp_path: Path, name: str, array: list[object]) -> None:
    folder = save_tasks(some(), tmp_path / "test")
    np.save(folder / f"all__{name}.npy", np.array(array))
    with pytest.raises(InputError, match=rf"all__{name}\.npy must tell something of each of 5 examples"):
        load_tasks(folder)
