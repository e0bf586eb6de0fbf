"""Data sets of the released code, read from their folders."""

import json

import numpy as np
import pytest

from hrm_probe import load_puzzles, load_tasks, save_tasks
from hrm_probe.errors import InputError
from hrm_probe.mazes import generate as generate_mazes
from hrm_probe.models.published.tasks import tasks_folder
from hrm_probe.sudoku import generate
from tests.models.published.folders import mazes, write_folder


def test_mazes_ask_for_every_cell_and_share_one_embedding(tmp_path) -> None:
    tokens, labels = mazes(6)
    tasks = load_tasks(write_folder(tmp_path / "test", tokens, labels))
    assert (tasks.tokens == tokens).all()
    assert (tasks.answers == labels).all()
    assert tasks.asked.all()
    assert (tasks.puzzle_ids == 0).all()
    assert tasks.group.tolist() == [0, 1, 2, 3, 4, 5]


def test_examples_have_the_embedding_of_their_puzzle_and_the_group_of_their_original(tmp_path) -> None:
    """Puzzle 0 has examples 0 and 1, puzzle 1 has 2, puzzle 2 none, puzzle 3 has 3 to 5; groups are 0-1 and 2-3."""
    tokens, labels = mazes(6)
    labels[:, -5:] = 0
    folder = write_folder(
        tmp_path / "train", tokens, labels, identifiers=[3, 1, 7, 4], starts=[0, 2, 3, 3, 6], groups=[0, 2, 4]
    )
    tasks = load_tasks(folder)
    assert tasks.puzzle_ids.tolist() == [3, 3, 1, 4, 4, 4]
    assert tasks.group.tolist() == [0, 0, 0, 1, 1, 1]
    assert not tasks.asked[:, -5:].any()
    assert tasks.asked[:, :-5].all()
    some = load_tasks(folder, n=3, seed=2)
    rows = [int(np.flatnonzero((tokens == row).all(1))[0]) for row in some.tokens]
    assert rows == sorted(rows)
    assert some.puzzle_ids.tolist() == tasks.puzzle_ids[rows].tolist()


def test_the_label_that_does_not_count_is_the_data_sets(tmp_path) -> None:
    tokens, labels = mazes(3)
    tasks = load_tasks(write_folder(tmp_path / "other", tokens, labels, ignored=1))
    assert (tasks.asked == (labels != 1)).all()
    assert load_tasks(write_folder(tmp_path / "none", tokens, labels, ignored=None)).asked.all()
    with pytest.raises(InputError, match="In task 0: a cell that is asked for has no token above 0"):
        load_tasks(write_folder(tmp_path / "zeros", tokens, labels * 0, ignored=None))


def test_a_folder_of_sudokus_is_read_as_puzzles_or_as_tasks(tmp_path) -> None:
    puzzles = generate(4, "easy", "4x4", seed=0)
    folder = write_folder(tmp_path / "test", puzzles.tokens, puzzles.answers)
    assert (load_puzzles(folder).answers == puzzles.answers).all()
    assert (load_tasks(folder).answers == puzzles.answers).all()


def test_cells_and_tokens_tell_sudokus_from_tasks(tmp_path) -> None:
    puzzles = generate(4, "easy", "4x4", seed=0)
    sudokus = write_folder(tmp_path / "sudokus", puzzles.tokens, puzzles.answers)
    assert tasks_folder(sudokus) is None
    told = json.loads((sudokus / "dataset.json").read_text())
    (sudokus / "dataset.json").write_text(json.dumps(told | {"vocab_size": 7}))
    assert tasks_folder(sudokus) == sudokus
    del told["vocab_size"]
    (sudokus / "dataset.json").write_text(json.dumps(told))
    assert tasks_folder(sudokus) is None
    of_25 = write_folder(tmp_path / "mazes", *mazes(3))
    assert tasks_folder(of_25) == of_25
    of_81 = save_tasks(generate_mazes(3, "maze", "9x9"), tmp_path / "of_81")  # the cells of a Sudoku
    assert tasks_folder(of_81) == of_81


def test_load_puzzles_says_who_reads_what_is_no_sudoku(tmp_path) -> None:
    folder = write_folder(tmp_path / "test", *mazes(3))
    with pytest.raises(InputError, match=r"tasks of 25 cells, which are not Sudokus; hrm_probe\.load_tasks"):
        load_puzzles(folder)


def test_what_a_folder_lacks_is_named(tmp_path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        load_tasks(tmp_path / "nowhere")
    write_folder(tmp_path / "test", *mazes(3))
    with pytest.raises(InputError, match="one of its folders: test"):
        load_tasks(tmp_path)
    for name in ("dataset.json", "all__group_indices.npy", "all__puzzle_indices.npy"):
        (tmp_path / "test" / name).unlink()
        with pytest.raises(InputError, match=f"lacks {name}"):
            load_tasks(tmp_path / "test")
        (tmp_path / "test" / name).touch()
        with pytest.raises(
            InputError, match=r"could not be read as a numpy array|does not tell ignore_label_id"
        ):
            load_tasks(tmp_path / "test")
        again = write_folder(tmp_path / name, *mazes(3))
        (tmp_path / "test" / name).write_bytes((again / name).read_bytes())
    assert len(load_tasks(tmp_path / "test")) == 3


@pytest.mark.parametrize(
    ("name", "held", "told"),
    [
        ("all__puzzle_indices.npy", np.array([0, 2, 1, 3]), "must ascend from 0 to 3 in 4 numbers"),
        ("all__puzzle_indices.npy", np.array([1, 1, 2, 3]), "must ascend from 0 to 3 in 4 numbers"),
        ("all__puzzle_indices.npy", np.array([0, 1, 2]), "must ascend from 0 to 3 in 4 numbers"),
        ("all__group_indices.npy", np.array([0, 1]), "must ascend from 0 to 3"),
        ("all__group_indices.npy", np.array([]), "holds float64"),
        ("all__group_indices.npy", np.array([[0, 1, 2, 3]]), r"holds int64 of \[1, 4\]"),
        ("all__group_indices.npy", np.array([], int), "must ascend from 0 to 3"),
        ("all__puzzle_identifiers.npy", np.array([{}, 1, 2], object), "could not be read as a numpy array"),
        ("all__labels.npy", np.ones((3, 9), int), "of one shape"),
    ],
)  # fmt: skip
def test_files_that_contradict_each_other_are_told(tmp_path, name, held, told) -> None:
    folder = write_folder(tmp_path / "test", *mazes(3))
    np.save(folder / name, held)
    with pytest.raises(InputError, match=told):
        load_tasks(folder)


def test_a_label_that_does_not_count_is_a_number(tmp_path) -> None:
    folder = write_folder(tmp_path / "test", *mazes(3))
    (folder / "dataset.json").write_text(json.dumps({"ignore_label_id": "0"}))
    with pytest.raises(InputError, match="ignore_label_id '0'; it must be a whole number or null"):
        load_tasks(folder)
