"""``hrm-probe data``, as a script would call it."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import hrm_probe
from hrm_probe import mazes
from hrm_probe.cli.data import app
from hrm_probe.errors import InputError
from hrm_probe.sudoku import Puzzles, generate, leaks, load_puzzles, split
from hrm_probe.sudoku.fetching import FILES


def call(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refusal(*arguments):
    """The sentence with which a command refuses its input."""
    error = call(*arguments).exception
    assert isinstance(error, InputError)
    return str(error)


@pytest.fixture
def made(tmp_path):
    path = tmp_path / "made.csv.gz"
    result = call("generate", "--kind", "minimal", "--board", "6x6", "--n", 60, "--seed", 3, "--out", path)
    assert result.exit_code == 0, result.output
    return path


def test_generate_writes_a_set_that_check_finds_sound(made):
    assert len(load_puzzles(made)) == 60
    result = call("check", made, "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["sound"] is True
    assert report["puzzles"] == 60
    assert report["faults"] == []


def test_generate_writes_mazes_as_a_folder_that_training_takes(tmp_path):
    folder = tmp_path / "mazes" / "test"
    asked = ("generate", "--kind", "maze", "--board", "7x7", "--n", 20, "--seed", 3, "--out", folder)
    result = call(*asked)
    assert result.exit_code == 0, result.output
    made = mazes.generate(20, "maze", "7x7", seed=3)
    assert result.output == f"{folder}: 20 7x7 mazes, {made.rating.mean():.1f} steps to the goal on average\n"
    assert np.array_equal(hrm_probe.load_tasks(folder).answers, made.answers)
    assert "already exists; give a new folder, or --force to replace it" in refusal(*asked)
    told = json.loads(call(*asked, "--force", "--json").stdout)
    assert told == {
        "file": str(folder), "puzzles": 20, "board": "7x7", "mean_rating": made.rating.mean(),
        "kind": "maze", "seed": 3,
    }  # fmt: skip


def test_a_maze_that_cannot_be_made_leaves_no_folder(tmp_path):
    folder = tmp_path / "test"
    assert "odd side" in refusal("generate", "--kind", "tree-maze", "--board", "8x8", "--out", folder)
    assert not folder.exists()


def test_a_kind_that_there_is_not_is_named_with_those_there_are(tmp_path):
    """Before the name of the file is looked at: of mazes it would be a folder's."""
    told = refusal("generate", "--kind", "mase", "--board", "7x7", "--out", tmp_path / "test")
    assert 'no kind of puzzle "mase"; choose one of minimal, easy, hard, maze, tree-maze' in told


@pytest.mark.parametrize("board", ["7x7", "9x9"])
def test_check_refuses_tasks_that_are_no_sudokus(tmp_path, board):
    folder = tmp_path / "mazes"
    assert call("generate", "--kind", "maze", "--board", board, "--n", 3, "--out", folder).exit_code == 0
    assert "mazes holds tasks that are no Sudokus" in refusal("check", folder)


def test_check_names_row_and_fault_and_fails(made, tmp_path):
    lines = ["question,answer", "1" * 36 + "," + "1" * 36]
    (tmp_path / "faulty.csv").write_text("\n".join(lines))
    result = call("check", tmp_path / "faulty.csv")
    assert result.exit_code == 1
    assert "row 1: digit 1 appears more than once in row 1" in result.output
    (fault,) = json.loads(call("check", tmp_path / "faulty.csv", "--json").stdout)["faults"]
    assert (fault["row"], fault["fault"]) == (1, "clash")


def test_both_are_made_by_the_seed_that_was_given(made, tmp_path):
    puzzles = generate(60, "minimal", "6x6", seed=3)
    assert np.array_equal(load_puzzles(made).tokens, puzzles.tokens)
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    call("split", made, "--train", train, "--test", test, "--fraction", 0.3, "--seed", 4)
    for file, part in zip((train, test), split(puzzles, 0.3, seed=4), strict=True):
        assert np.array_equal(load_puzzles(file).tokens, part.tokens)


def test_split_writes_two_sets_that_share_no_class(made, tmp_path):
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    result = call("split", made, "--train", train, "--test", test, "--fraction", 0.2, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["test"]["puzzles"] == len(load_puzzles(test)) >= 12
    assert len(leaks(load_puzzles(train), load_puzzles(test))) == 0


@pytest.mark.parametrize(("ratings", "mean"), [([3, -1], 3), ([-1, -1], None)])
def test_a_mean_rating_is_that_of_the_rated_puzzles(made, tmp_path, ratings, mean):
    puzzles, file = load_puzzles(made), tmp_path / "set.csv"
    Puzzles(puzzles.tokens, puzzles.answers, rating=ratings * 30).to_csv(file)
    result = call("split", file, "--train", tmp_path / "a.csv", "--test", tmp_path / "b.csv", "--json")
    assert json.loads(result.stdout)["train"]["mean_rating"] == mean


def test_fetch_tells_size_and_hash_of_what_is_there(tmp_path):
    for name in FILES:
        (tmp_path / name).write_text("question,answer\n")
    result = call("fetch", "--out", tmp_path, "--json")
    assert [download["bytes"] for download in json.loads(result.stdout)] == [16, 16]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("generate", "--out", "puzzles.txt"), r"\.csv"),
        (("generate", "--out", "p.csv", "--kind", "evil"), "evil"),
        (("generate", "--out", "p.csv", "--board", "5x5"), "5x5"),
        (("check", "nowhere.csv"), "no puzzle set"),
        (("fetch", "--file", "validation.csv"), "validation.csv"),
    ],
)
def test_bad_input_is_raised_for_the_command_line_to_print(arguments, told):
    with pytest.raises(InputError, match=told):
        raise call(*arguments).exception


def test_what_is_there_is_replaced_only_by_force(made, tmp_path):
    before = made.read_bytes()
    again = ("generate", "--board", "4x4", "--n", 1, "--out", made)
    taken = ("split", "6x6-test", "--train", tmp_path / "new.csv", "--test", made)
    for refused in (again, taken):
        assert "already exists" in refusal(*refused)
    assert made.read_bytes() == before
    assert not (tmp_path / "new.csv").exists()
    result = call(*again, "--force")
    assert result.exit_code == 0
    assert f"{made}: 1 minimal 4x4 puzzle, mean rating" in result.output
    assert len(load_puzzles(made)) == 1


@pytest.mark.parametrize(
    ("train", "test", "same"),
    [
        ("a.csv", "a.csv", "--test names the same file as --train"),
        ("a.csv", "new/../a.csv", "--test names the same file as --train"),
        ("made.csv.gz", "b.csv", "--train names the same file as the set to split"),
        ("a.csv", "made.csv.gz", "--test names the same file as the set to split"),
    ],
)
def test_a_split_writes_to_two_files_of_its_own_even_by_force(made, tmp_path, train, test, same):
    before = made.read_bytes()
    (tmp_path / "new").mkdir()
    assert same in refusal("split", made, "--train", tmp_path / train, "--test", tmp_path / test, "--force")
    assert made.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"made.csv.gz", "new"}


def test_a_split_that_fails_while_writing_leaves_neither_part(made, tmp_path, monkeypatch):
    write, written = Puzzles.to_csv, []

    def fail_at_the_second(puzzles, path):
        if written:
            raise OSError(28, "No space left on device")
        written.append(path)
        write(puzzles, path)

    monkeypatch.setattr(Puzzles, "to_csv", fail_at_the_second)
    result = call("split", made, "--train", tmp_path / "a.csv", "--test", tmp_path / "b.csv")
    assert isinstance(result.exception, OSError)
    assert [path.name for path in tmp_path.iterdir()] == ["made.csv.gz"]


def test_json_may_be_asked_for_as_other_commands_take_it(made):
    assert call("check", made, "--json", "-").stdout == call("check", made, "--json").stdout


def test_check_tells_a_set_without_puzzles(tmp_path):
    (tmp_path / "empty.txt").touch()
    result = call("check", tmp_path / "empty.txt")
    assert result.exit_code == 1
    assert result.output == f"{tmp_path / 'empty.txt'}: it holds no puzzles\n"
