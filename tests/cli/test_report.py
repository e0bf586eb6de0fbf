"""`hrm-probe report`, as typed: what is asked of the audit."""

from pathlib import Path

import pytest

from hrm_probe.errors import InputError
from hrm_probe.report import Plan, adding, auditing

WORDS = "--puzzles mine.csv --out there --twin other --minutes 3 --topic modes --topic jumps --dtype bfloat16"


@pytest.fixture
def asked(monkeypatch):
    """What was asked for, and then refused."""
    calls = []

    def ask(*given, **settings):
        calls.append((given, settings))
        raise InputError("That is all.")

    monkeypatch.setattr(auditing, "audit", ask)
    monkeypatch.setattr(adding, "add_topics", ask)
    return calls


def test_every_option_reaches_the_audit(typed, asked):
    typed("report", "some", *WORDS.split(), "--n", 40, "--seed", 5, "--force")
    typed("report", "some", "--seed", 6)
    (given, settings), (_, usual) = asked
    assert given == ("some", "mine.csv")
    assert (settings["out"], settings["twin"], settings["minutes"]) == (Path("there"), "other", 3)
    assert (settings["topics"], settings["dtype"]) == (["modes", "jumps"], "bfloat16")
    assert settings["plan"] == Plan(puzzles=40, seed=5)
    assert usual["plan"] == Plan(seed=6)
    assert (settings["force"], usual["force"]) == (True, False)


def test_so_do_those_of_what_is_added(typed, asked):
    typed("report", "some", *WORDS.split(), "--add")
    ((given, settings),) = asked
    assert given == (Path("there"), "some", "mine.csv")
    assert (settings["twin"], settings["minutes"], settings["dtype"]) == ("other", 3, "bfloat16")
    assert settings["topics"] == ["modes", "jumps"]


@pytest.mark.parametrize("words", [("--n", 40), ("--seed", 5), ("--force",)])
def test_what_a_report_has_already_is_not_asked_for_beside_what_is_added(typed, asked, words):
    assert "leave out --n, --seed, --force" in typed("report", "some", "--add", *words).sentence
    assert asked == []
