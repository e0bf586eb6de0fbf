"""However an analysis ends, its caller is told: bad input and Ctrl-C in one sentence, and by the exit status."""

import importlib
import runpy
import sys
from argparse import ArgumentTypeError
from pathlib import Path

import pytest
from command_lines import BAD_INPUT, INTERRUPTED, asking_models, described, exit_status, positive

from hrm_probe.errors import InputError
from tests.analyses.conftest import ANALYSES


def ending_with(error: BaseException) -> int:
    def main() -> None:
        raise error

    return exit_status(main, stopped="Stopped here.")()


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (InputError("There is no such thing."), BAD_INPUT, "There is no such thing."),
        (KeyboardInterrupt(), INTERRUPTED, "Stopped here."),
        (
            PermissionError(13, "Permission denied", "/a.json"),
            BAD_INPUT,
            "/a.json cannot be read or written: Permission denied.",
        ),
    ],
)
def test_an_end_that_was_to_be_expected_is_one_sentence(
    error: BaseException, status: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending_with(error) == status
    assert capsys.readouterr().err == f"{says}\n"


@pytest.mark.parametrize("error", [ValueError("a bug"), OSError("no file's fault")])
def test_a_bug_is_not_hidden(error: Exception) -> None:
    with pytest.raises(type(error)):
        ending_with(error)


def test_arguments_and_status_pass_through() -> None:
    def main(status: int, more: int = 0) -> int | None:
        return status + more or None

    ended = exit_status(main)
    assert (ended(0), ended(1, more=2)) == (0, 3)
    assert ended.__name__ == "main"


def test_counts_start_at_one() -> None:
    assert positive("12") == 12
    for text in ("0", "-1", "1.5", "many", ""):
        with pytest.raises(ArgumentTypeError, match="not a whole number greater than 0"):
            positive(text)


def test_help_tells_all_that_a_script_says_of_itself_line_by_line() -> None:
    about = "What is asked?\n\n    python analyses/asked.py [MODEL ...]\n\nClaim: none."
    assert about in described(about).format_help()


def test_a_script_that_asks_models_knows_which_puzzles_and_how_many() -> None:
    parser = asking_models("What?", ("hrm-6x6", "trm-6x6"), n=50, sample="a sample", seed="of the sample")
    usual = vars(parser.parse_args([]))
    assert usual == {"models": ("hrm-6x6", "trm-6x6"), "source": "minimal", "n": 50, "seed": 0}
    given = vars(parser.parse_args(["mine", "--source", "hard", "--n", "7", "--seed", "3"]))
    assert given == {"models": ["mine"], "source": "hard", "n": 7, "seed": 3}


@pytest.mark.parametrize(
    ("script", "arguments", "says"),
    [
        ("evaluation_speed", ["nothing"], "There is no model 'nothing'"),
        ("model_cards", ["nothing"], "There is no model 'nothing'"),
        ("model_cards", ["nothing", "--saved"], "leave --saved out to measure"),
        ("model_cards", ["nothing", "--run", "nowhere"], "nowhere is not a finished run"),
        ("published_size", ["--puzzles", "nothing"], "nothing"),
        ("recording_cost", ["--cases", "6x6", "--scratch", "/nowhere"], "/nowhere"),
        ("recording_memory", ["--puzzles", "2", "--segments", "1", "--sites", "nowhere"], "nowhere"),
        ("stablemax_precision", ["--models", "nothing"], "There is no model 'nothing'"),
        ("stage_switch", ["--set", "lr"], '--set takes key=value, not "lr"'),
        ("stage_switch", ["--steps", "9"], "take 20 or more"),
        ("training_speed", ["nothing"], 'There is no recipe "nothing"'),
    ],
)
def test_bad_input_is_one_sentence_everywhere(
    script: str, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert importlib.import_module(script).main(arguments) == BAD_INPUT
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1


def test_timings_are_not_added_to_another_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.json"
    other.write_text("[1]")
    assert importlib.import_module("training_speed").main(["--out", str(other)]) == BAD_INPUT
    assert "holds no timings of recipes" in capsys.readouterr().err
    assert other.read_text() == "[1]"


@pytest.mark.parametrize(
    ("script", "arguments"), [("claim_jumps", ["nothing"]), ("accuracy", ["--model", "nothing"])]
)
def test_scripts_that_leave_all_to_the_package_end_alike(
    script: str,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [script, *arguments])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ANALYSES / f"{script}.py"), run_name="__main__")
    assert end.value.code == BAD_INPUT
    assert "There is no model 'nothing'" in capsys.readouterr().err
