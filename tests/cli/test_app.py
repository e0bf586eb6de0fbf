"""What every command has in common: one sentence for every fault, and the status that scripts look at."""

import pytest
import torch


def raising(error):
    def work(*_, **__):
        raise error

    return work


@pytest.fixture
def generate_raises(monkeypatch):
    """Let ``data generate`` end in an exception."""
    return lambda error: monkeypatch.setattr("hrm_probe.sudoku.generate", raising(error))


@pytest.mark.parametrize(
    ("words", "told", "help_of"),
    [
        ("--nonsense", "No such option: --nonsense", "hrm-probe"),
        ("nonsense", "No such command 'nonsense'", "hrm-probe"),
        ("evaluate", "Missing argument", "hrm-probe evaluate"),
        ("evaluate hrm-6x6", "Missing option '--puzzles'", "hrm-probe evaluate"),
        ("evaluate hrm-6x6 --puzzels", "--puzzles", "hrm-probe evaluate"),
        ("evaluate hrm-6x6 --puzzles 6x6-test --n x", "Invalid value for '--n'", "hrm-probe evaluate"),
        ("data check", "Missing argument", "hrm-probe data check"),
        ("data check 6x6-test report.json", "report.json", "hrm-probe data check"),
    ],
)
def test_a_wrong_option_is_one_sentence_that_points_to_the_help(typed, words, told, help_of):
    sentence = typed(*words.split()).sentence
    assert told in sentence
    assert sentence.endswith(f"; see {help_of} --help.")


@pytest.mark.parametrize("words", [(), ("data",)])
def test_commands_without_a_word_show_their_help(typed, words):
    said = typed(*words)
    assert "Usage: hrm-probe" in said.out
    assert not said.err


@pytest.mark.parametrize("words", ["--help", "--version", "data check --help"])
def test_what_was_asked_for_is_success(typed, words):
    said = typed(*words.split())
    assert said.status == 0
    assert said.out
    assert not said.err


@pytest.mark.parametrize(
    "words",
    [
        "evaluate hrm-6x6 --puzzles 6x6-test",
        "record hrm-6x6 --puzzles 6x6-test --out trace",
        "report hrm-6x6",
        "demo",
        "data generate --out p.csv",
        "data split 6x6-test --train a.csv --test b.csv",
    ],
)
def test_a_negative_seed_is_refused_before_anything_runs(typed, words):
    assert "'--seed'" in typed(*words.split(), "--seed", -1).sentence


@pytest.mark.parametrize(
    "words",
    [
        "evaluate hrm-6x6 --puzzles 6x6-test --n",
        "evaluate hrm-6x6 --puzzles 6x6-test --segments",
        "evaluate hrm-6x6 --puzzles 6x6-test --batch-size",
        "evaluate hrm-6x6 --puzzles 6x6-test --arc --copies",
        "record hrm-6x6 --puzzles 6x6-test --out trace --n",
        "record hrm-6x6 --puzzles 6x6-test --out trace --segments",
        "record hrm-6x6 --puzzles 6x6-test --out trace --batch-size",
        "report hrm-6x6 --n",
        "ask stability hrm-6x6 --n",
        "ask stability hrm-6x6 --batch-size",
        "solve 1..4........4... --segments",
        "bench --batch-size",
        "data generate --out p.csv --n",
    ],
)
def test_what_is_counted_is_at_least_one(typed, words):
    assert f"{words.split()[-1]} is 0; it must be at least 1" in typed(*words.split(), 0).sentence


@pytest.mark.parametrize("words", ["report hrm-6x6 --minutes", "train toy-4x4 --minutes", "bench --seconds"])
@pytest.mark.parametrize("number", ["nan", "inf", "0", "-1"])
def test_times_are_numbers_above_0(typed, words, number):
    option = words.split()[-1]
    assert f"{option} is {number}; it must be a number above 0" in typed(*words.split(), number).sentence


def test_ctrl_c_says_so(typed, generate_raises):
    generate_raises(KeyboardInterrupt)
    said = typed("data", "generate", "--out", "p.csv")
    assert (said.status, said.out, said.err) == (130, "", "hrm-probe: interrupted.\n")


def test_a_file_that_fails_while_it_is_used_is_named(typed, generate_raises):
    generate_raises(PermissionError(13, "Permission denied", "p.csv"))
    assert typed("data", "generate", "--out", "p.csv").sentence.endswith(
        "p.csv cannot be read or written: Permission denied."
    )


def test_a_full_disk_is_told_though_no_file_is_named(typed, generate_raises):
    generate_raises(OSError(28, "No space left on device"))
    sentence = typed("data", "generate", "--out", "p.csv").sentence
    assert sentence == "hrm-probe: No space left on device; make room, or name another place."


def test_memory_that_ran_out_is_told_with_what_to_do(typed, generate_raises):
    try:
        torch.empty(10**16)
    except RuntimeError as error:
        generate_raises(error)
    sentence = typed("data", "generate", "--out", "p.csv").sentence
    assert sentence.startswith(
        "hrm-probe: This machine does not have enough memory for 37,252,903.0 GiB more; take fewer"
    )
    generate_raises(
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.50 GiB. GPU 0 has a total")
    )
    assert (
        "The GPU does not have enough memory for 20.50 GiB more"
        in typed("data", "generate", "--out", "p.csv").sentence
    )
    generate_raises(MemoryError())
    assert (
        "This machine does not have enough memory; take"
        in typed("data", "generate", "--out", "p.csv").sentence
    )


def test_a_fault_of_the_program_is_not_hidden(typed, generate_raises):
    generate_raises(RuntimeError("a bug"))
    with pytest.raises(RuntimeError, match="a bug"):
        typed("data", "generate", "--out", "p.csv")


def test_ctrl_c_is_told_while_commands_are_still_being_loaded(typed, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("hrm_probe.cli.app.main", interrupted)
    said = typed("--help")
    assert (said.status, said.out, said.err) == (130, "", "hrm-probe: interrupted.\n")
