"""`hrm-probe train`: an interrupted run says how it goes on."""

import shlex
from types import SimpleNamespace

import pytest


@pytest.fixture
def asked(monkeypatch):
    """What the training was asked for, every time; each is interrupted at step 7."""
    calls = []

    def train(recipe, out, resume, minutes, overrides):
        calls.append(
            {"recipe": recipe, "out": out, "minutes": minutes, "overrides": overrides, "resume": resume}
        )
        return SimpleNamespace(finished=False, step=7, out=out)

    monkeypatch.setattr("hrm_probe.training.train", train)
    return calls


def test_the_command_that_is_printed_asks_for_the_same_run(typed, asked):
    settings = ["--set", "lr=1e-4", "--set", "train_sources="]
    said = typed("train", "toy-4x4", "--out", "my runs/k 2", "--minutes", "0.1", *settings)
    assert said.status == 130
    told, _, command = said.err.strip().partition(": ")
    assert told == "Stopped at step 7; go on with --resume"
    program, *printed = shlex.split(command)
    assert program == "hrm-probe"
    typed(*printed)
    first, second = asked
    assert second == {**first, "resume": True}


def test_only_what_was_given_is_repeated(typed, asked):
    said = typed("train", "toy-4x4", "--out", "k2")
    assert said.err.endswith(": hrm-probe train toy-4x4 --out k2 --resume\n")
