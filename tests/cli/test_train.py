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


def test_the_command_that_is_printed_goes_on_with_the_run(typed, asked):
    said = typed("train", "toy-4x4", "--out", "my runs/k 2", "--minutes", "0.1", "--set", "lr=1e-4")
    assert said.status == 130
    told, _, command = said.err.strip().partition(": ")
    assert told == "Stopped at step 7; go on with"
    program, *printed = shlex.split(command)
    assert program == "hrm-probe"
    typed(*printed)
    first, second = asked
    assert (first["recipe"], first["resume"]) == ("toy-4x4", False)
    assert second == {"recipe": None, "out": first["out"], "minutes": None, "overrides": {}, "resume": True}


def test_as_many_processes_go_on_as_were_at_it(typed, asked, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "8")
    said = typed("train", "toy-4x4", "--out", "k2")
    assert said.err.endswith(": torchrun --nproc-per-node 8 -m hrm_probe train --out k2 --resume\n")


def test_several_machines_each_start_their_own(typed, asked, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "16")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "8")
    said = typed("train", "toy-4x4", "--out", "k2")
    assert ": torchrun --nnodes 2 --nproc-per-node 8 -m hrm_probe train" in said.err


def test_two_budgets_are_one_too_many(typed):
    sentence = typed("train", "toy-4x4", "--minutes", 1, "--set", "steps=50").sentence
    assert "--minutes and --set steps are two budgets" in sentence


@pytest.mark.parametrize("out", ["", "."])
def test_no_run_is_begun_in_the_folder_one_is_in(out, typed, asked):
    """An empty name is what an unset variable of a shell gives."""
    assert (
        "is the folder you are in; name a folder inside it"
        in typed("train", "toy-4x4", "--out", out).sentence
    )
    assert asked == []


def test_help_says_where_the_settings_are(typed):
    assert "hrm-probe recipes RECIPE" in " ".join(typed("train", "--help").out.split())
