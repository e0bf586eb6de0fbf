"""Whole trainings: they learn, they survive being killed, they stop when asked to, and they say what they did."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import hrm_probe.models
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.training import Recipe, TrainingResult, answers, evaluate, run, train
from hrm_probe.training.checkpoint import load_checkpoint, save_checkpoint
from hrm_probe.training.trainer import Trainer

TINY: dict[str, Any] = {
    "name": "tiny", "d_model": 16, "n_heads": 2, "H_layers": 1, "L_layers": 1, "H_cycles": 1, "L_cycles": 1,
    "max_segments": 4, "train_set": "generate 4x4 minimal 40", "test_set": "generate 4x4 minimal 10",
    "allow_leak": True, "hint_fraction": 0.5, "steps": 60, "batch_size": 8, "device": "cpu", "compile": "off",
    "log_every": 5, "evaluate_every": 20, "evaluate_puzzles": 5, "checkpoint_every": 7, "exploration": 0.5,
}  # fmt: skip


def tiny(**settings: Any) -> Recipe:
    return Recipe().replace({**TINY, **settings})


def weights(result: TrainingResult) -> dict[str, Tensor]:
    return result.model.state_dict()


def assert_bit_identical(a: TrainingResult, b: TrainingResult) -> None:
    assert a.step == b.step
    for name, value in weights(a).items():
        assert torch.equal(value, weights(b)[name]), name


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def without_times(row: dict[str, Any]) -> dict[str, Any]:
    return {key: v for key, v in row.items() if "second" not in key}


@contextmanager
def ctrl_c_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody presses Ctrl-C in the step of this number."""
    advance = Trainer.advance

    def press(trainer: Trainer, progress: float) -> None:
        advance(trainer, progress)
        if trainer.step == step:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "advance", press)
        yield


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


def test_a_finished_run_leaves_a_model_and_an_account_of_itself(tmp_path: Path) -> None:
    result = train(tiny(), tmp_path / "run")
    assert result.finished
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary == result.summary
    assert (summary["recipe"], summary["steps"], summary["seed"]) == ("tiny", 60, 0)
    assert summary["accuracy"]["all"]["puzzles"] == 10
    assert len(summary["accuracy"]["by_segment"]) == 4
    for parts in ("by_source", "by_rating"):
        assert sum(part["puzzles"] for part in summary["accuracy"][parts].values()) == 10
    assert summary["leak_check"]["test_puzzles_with_a_solution_in_training_up_to_symmetry"] == 10
    assert summary["provenance"]["torch"] == torch.__version__
    loaded = hrm_probe.models.load(tmp_path / "run" / "model")
    for name, value in weights(result).items():
        assert torch.equal(value.cpu(), loaded.state_dict()[name]), name
    assert loaded.config == result.model.config

    before = (tmp_path / "run" / "metrics.jsonl").read_text()
    again = train(tiny(), tmp_path / "run", resume=True)
    assert_bit_identical(again, result)
    assert (tmp_path / "run" / "metrics.jsonl").read_text() == before


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


@pytest.mark.parametrize("there", ["model", "summary.json", "config.json"])
@pytest.mark.parametrize("resume", [False, True])
def test_what_another_training_left_is_not_written_over(tmp_path: Path, there: str, resume: bool) -> None:
    (tmp_path / there).mkdir()
    (tmp_path / there / "kept").touch()
    with pytest.raises(InputError, match=f"holds {there} of another training, but no checkpoint"):
        train(tiny(), tmp_path, resume=resume)
    assert [path.name for path in tmp_path.rglob("*")] == [there, "kept"]


def test_an_unfinished_run_has_its_averaged_weights_as_a_model(tmp_path: Path) -> None:
    def kill(trainer: Trainer, progress: float) -> None:
        if trainer.step == 40:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        train(tiny(dtype="bfloat16"), tmp_path, watch=kill)
    saved = load_checkpoint(tmp_path)
    model = hrm_probe.load(tmp_path / "model")
    assert saved["trainer"]["step"] == 35
    assert model.config.forward_dtype == "float32"  # as it will be kept
    for name, average in saved["trainer"]["ema"].items():
        assert torch.equal(model.state_dict()[name].cpu(), average), name


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


def test_seeds_decide(tmp_path: Path) -> None:
    first, same, other = (
        train(tiny(seed=seed, steps=5), tmp_path / name) for seed, name in ((1, "a"), (1, "b"), (2, "c"))
    )
    assert_bit_identical(first, same)
    assert not torch.equal(first.model.W_E, other.model.W_E)


def test_it_learns(tmp_path: Path) -> None:
    recipe = tiny(
        architecture="trm", mixer="mlp", positions="none", dtype="float32", d_model=32, L_cycles=2, H_cycles=2,
        steps=300, batch_size=32, lr=3e-3, hint_fraction=0.0, exploration=0.1, test_set="generate 4x4 minimal 100",
        evaluate_every=1000,
    )  # fmt: skip
    result = train(recipe, tmp_path)
    assert result.summary["accuracy"]["all"]["accuracy"] > 0.8  # about 0.99; a guess has 10^-7
    losses = [row["loss"] for row in rows(tmp_path)]
    assert losses[-1] < 0.3 * losses[0]


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
    assert gone_on.summary["settings"] == tiny(steps=6, lr=0.01).to_dict()
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


def test_a_loss_that_is_no_number_ends_the_run_and_spares_the_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance = Trainer.advance

    def spoil(trainer: Trainer, progress: float) -> None:
        if trainer.step == 10:
            with torch.no_grad():
                trainer.model.W_E.fill_(float("nan"))
        advance(trainer, progress)

    monkeypatch.setattr(Trainer, "advance", spoil)
    with pytest.raises(InputError, match="smaller lr"):
        train(tiny(log_every=100), tmp_path)
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert saved["trainer"]["step"] == 7
    assert saved["trainer"]["model"]["W_E"].isfinite().all()


def test_training_needs_no_storage_or_plotting_libraries() -> None:
    code = (
        "import sys, hrm_probe.training\n"
        "sys.exit(', '.join({'zarr', 'plotly', 'xarray', 'yaml', 'matplotlib', 'dask'} & set(sys.modules)) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("steps", "logged"), [(3, [3]), (5, [5]), (12, [5, 10, 12])])
def test_what_came_after_the_last_whole_window_is_logged_too(
    steps: int, logged: list[int], tmp_path: Path
) -> None:
    train(tiny(steps=steps), tmp_path)
    windows = [row for row in rows(tmp_path) if "loss" in row]
    assert [row["step"] for row in windows] == logged
    assert all(np.isfinite(row["loss"]) for row in windows)


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


def test_leaks_that_are_allowed_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(tiny(steps=2), tmp_path)
    assert "10 of 10 test puzzles have a solution that is in the training set" in capsys.readouterr().err
