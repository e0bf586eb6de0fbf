"""Trainings that are killed or stopped go on as if nothing had happened."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.training import Recipe, answers, evaluate, run, train
from hrm_probe.training.checkpoint import save_checkpoint
from hrm_probe.training.precision import faster_dtype
from hrm_probe.training.trainer import Trainer
from tests.training.tiny_runs import TINY, assert_bit_identical, ctrl_c_at, rows, tiny, without_times


def test_a_run_killed_at_any_moment_goes_on_to_bit_identical_weights(tmp_path: Path) -> None:
    settings = {**TINY, "steps": 200}
    whole = train(Recipe().replace(settings), tmp_path / "whole")
    script = (
        "import json, sys, torch; torch.set_num_threads(1)\n"
        "from hrm_probe.training import Recipe, train\n"
        "train(Recipe().replace(json.loads(sys.argv[1])), sys.argv[2])"
    )
    out = tmp_path / "killed"
    process = subprocess.Popen(
        [sys.executable, "-c", script, json.dumps(settings), str(out)], stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 240
        while not (out / "checkpoint.pt").exists() or len(rows(out)) < 4:
            assert time.monotonic() < deadline
            assert process.poll() is None, "it finished before it could be killed"
            time.sleep(0.005)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL
    assert not (out / "summary.json").exists()

    resumed = train(Recipe().replace(settings), out, resume=True)
    assert_bit_identical(resumed, whole)
    assert [without_times(r) for r in rows(out)] == [without_times(r) for r in rows(tmp_path / "whole")]


@pytest.mark.parametrize("settings", [{"architecture": "trm", "optimizer": "adam_atan2"}, {"depth": "cgar"}])
def test_an_interrupted_run_saves_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    recipe = tiny(**settings)
    whole = train(recipe, tmp_path / "whole")
    before = signal.getsignal(signal.SIGINT)  # ignored, where the tests were started in the background
    with ctrl_c_at(23, monkeypatch):
        stopped = train(recipe, tmp_path / "stopped")
    assert (stopped.finished, stopped.step, stopped.summary) == (False, 23, {})
    assert signal.getsignal(signal.SIGINT) is before
    assert_bit_identical(train(recipe, tmp_path / "stopped", resume=True), whole)


# The first batch of the evaluation, its last, and one of the kept answers.
@pytest.mark.parametrize("batch", [2, 7, 17])
@pytest.mark.parametrize("step", [40, 60])
def test_an_evaluation_is_given_up_between_batches_and_made_good_when_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int, step: int
) -> None:
    recipe = tiny(evaluate_puzzles=7, keep_answers=2, answer_puzzles=6, answer_copies=1)
    whole = train(recipe, tmp_path / "whole")
    asked = 0

    def press(model: RecursiveReasoner, *arguments: Any, **named: Any) -> Any:
        nonlocal asked
        asked += trained == step
        if asked == batch:
            signal.raise_signal(signal.SIGTERM)
        return ask(model, *arguments, **named)

    def advance(trainer: Trainer, progress: float) -> None:
        nonlocal trained
        move(trainer, progress)
        trained = trainer.step

    ask, move, trained = RecursiveReasoner.run, Trainer.advance, 0
    with monkeypatch.context() as patch:
        for module in (evaluate, answers):
            patch.setattr(module, "puzzles_at_once", lambda device: 1)
        patch.setattr(RecursiveReasoner, "run", press)
        patch.setattr(Trainer, "advance", advance)
        stopped = train(recipe, tmp_path / "stopped")
    assert (stopped.finished, stopped.step, asked) == (False, step, batch)
    assert [row["step"] for row in rows(tmp_path / "stopped") if "test_accuracy" in row][-1] == step - 20
    assert_bit_identical(train(recipe, tmp_path / "stopped", resume=True), whole)
    then, now = ([without_times(row) for row in rows(tmp_path / name)] for name in ("whole", "stopped"))
    assert now == then
    kept, known = (answers.load_answers(tmp_path / name) for name in ("stopped", "whole"))
    np.testing.assert_array_equal(kept.steps, known.steps)
    np.testing.assert_array_equal(kept.predictions, known.predictions)


def test_a_finished_run_that_is_resumed_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = train(tiny(), tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    monkeypatch.setattr(run, "solved_by_group", lambda *_: pytest.fail("it was evaluated already"))
    again = train(out=tmp_path, resume=True)
    assert (again.summary, again.step, again.finished) == (result.summary, result.step, True)
    assert_bit_identical(again, result)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    assert "is finished: nothing is left to do" in capsys.readouterr().err


def test_ctrl_c_in_the_last_evaluation_leaves_a_run_that_goes_on_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(run, "solved_by_group", interrupted)
        stopped = train(tiny(), tmp_path)
    assert (stopped.finished, stopped.step, stopped.summary) == (False, 60, {})
    gone_on = train(out=tmp_path, resume=True)
    assert gone_on.finished
    assert gone_on.summary["accuracy"]["all"]["puzzles"] == 10


def test_ctrl_c_while_the_finished_training_is_saved_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(folder: Path, state: dict[str, Any]) -> None:
        save_checkpoint(folder, state)
        if state["finished"]:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr(run, "save_checkpoint", interrupted)
        patched.setattr(run, "solved_by_group", lambda *_: pytest.fail("it goes on all the same"))
        stopped = train(tiny(steps=8, evaluate_every=100), tmp_path)
    assert (stopped.finished, stopped.step, stopped.summary) == (False, 8, {})
    gone_on = train(out=tmp_path, resume=True)
    assert (gone_on.finished, gone_on.step) == (True, 8)


@pytest.mark.parametrize("checkpoint_every", [7, 1000])
def test_a_run_that_dies_before_its_first_model_is_whole_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoint_every: int
) -> None:
    save = RecursiveReasoner.save

    def die(model: RecursiveReasoner, path: Path) -> None:
        save(model, path)
        raise RuntimeError("killed")

    recipe = tiny(steps=10, checkpoint_every=checkpoint_every)
    whole = train(recipe, tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr(RecursiveReasoner, "save", die)
        with pytest.raises(RuntimeError, match="killed"):
            train(recipe, tmp_path / "killed")
    gone_on = train(recipe, tmp_path / "killed", resume=True)
    assert_bit_identical(gone_on, whole)
    assert gone_on.summary["accuracy"] == whole.summary["accuracy"]


def test_what_a_kill_left_half_written_is_gone_when_the_run_goes_on(tmp_path: Path) -> None:
    recipe = tiny(steps=3)
    train(recipe, tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    for name in ("checkpoint.pt", "model", "summary.json", "answers.npz"):
        (tmp_path / f".{name}.q1w2e3r4").mkdir()
        (tmp_path / f".{name}.q1w2e3r4" / name).write_text("half")
    with pytest.raises(InputError, match="already holds a run"):
        train(recipe, tmp_path)
    assert len(list(tmp_path.iterdir())) == len(before) + 4  # who may not touch the run removes nothing
    train(recipe, tmp_path, resume=True)
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_run_goes_on_with_its_own_settings_only(tmp_path: Path) -> None:
    train(tiny(steps=3), tmp_path)
    with pytest.raises(InputError, match="already holds a run"):
        train(tiny(steps=3), tmp_path)
    with pytest.raises(InputError, match=r"lr was 0\.001 and is now 0\.5; steps was 3 and is now 4"):
        train(tiny(steps=4, lr=0.5), tmp_path, resume=True)
    with pytest.raises(InputError, match="minutes was None and is now 1"):
        train(tiny(steps=3), tmp_path, resume=True, minutes=1)


@pytest.mark.parametrize("minutes", [None, 0.15])
def test_a_run_goes_on_as_it_was_begun_without_being_told_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: float | None
) -> None:
    with ctrl_c_at(3, monkeypatch):
        begun = train(tiny(steps=6, lr=0.01), tmp_path, minutes=minutes, clock="cpu")
    assert not begun.finished
    gone_on = train(
        out=tmp_path, resume=True, minutes=minutes
    )  # to say the same minutes again is no other setting
    assert gone_on.finished
    began_as = tiny(
        steps=6, lr=0.01, dtype=faster_dtype("cpu")
    )  # what "auto" stands for is settled at its beginning
    assert gone_on.summary["settings"] == began_as.to_dict()
    assert gone_on.summary["budget_minutes"] == minutes
    with pytest.raises(InputError, match=r"lr was 0\.01 and is now 0\.5"):
        train(out=tmp_path, resume=True, overrides={"lr": 0.5})
    with pytest.raises(InputError, match=r"minutes was \S+ and is now 7"):
        train(out=tmp_path, resume=True, minutes=7)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "Name a recipe, or a run to continue with --out FOLDER --resume"),
        ({"out": "new"}, "Name a recipe, or a run to continue"),
        ({"out": "new", "resume": True}, "Name a recipe: .*new holds no run to go on with"),
    ],
)
def test_without_a_recipe_there_must_be_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=sentence):
        train(**settings)
    assert not list(tmp_path.iterdir())


def test_resuming_where_nothing_was_saved_starts_from_the_beginning(tmp_path: Path) -> None:
    assert train(tiny(steps=2), tmp_path, resume=True).step == 2


def test_a_run_that_is_interrupted_in_its_last_window_logs_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tiny(steps=12)
    train(recipe, tmp_path / "whole")
    with ctrl_c_at(11, monkeypatch):
        train(recipe, tmp_path / "run")
    train(recipe, tmp_path / "run", resume=True)
    whole, again = ([without_times(row) for row in rows(tmp_path / name)] for name in ("whole", "run"))
    assert whole == again
