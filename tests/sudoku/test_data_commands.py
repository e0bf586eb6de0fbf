"""``hrm-probe data``, as a script would call it."""

import json

import pytest
from typer.testing import CliRunner

from hrm_probe.cli.data import app
from hrm_probe.errors import InputError
from hrm_probe.sudoku import leaks, load_puzzles
from hrm_probe.sudoku.fetching import FILES


def call(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


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


def test_check_names_row_and_fault_and_fails(made, tmp_path):
    lines = ["question,answer", "1" * 36 + "," + "1" * 36]
    (tmp_path / "faulty.csv").write_text("\n".join(lines))
    result = call("check", tmp_path / "faulty.csv")
    assert result.exit_code == 1
    assert "row 1: digit 1 stands more than once in row 1" in result.output
    (fault,) = json.loads(call("check", tmp_path / "faulty.csv", "--json").stdout)["faults"]
    assert (fault["row"], fault["fault"]) == (1, "clash")


def test_split_writes_two_sets_that_share_no_class(made, tmp_path):
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    result = call("split", made, "--train", train, "--test", test, "--fraction", 0.2, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["test"]["puzzles"] == len(load_puzzles(test)) >= 12
    assert len(leaks(load_puzzles(train), load_puzzles(test))) == 0


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
