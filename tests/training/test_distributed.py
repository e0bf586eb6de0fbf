"""Several processes train as one: same losses, same weights, one folder, one end; and none waits for the dead."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from hrm_probe.training import run as running
from hrm_probe.training.answers import load_answers
from hrm_probe.training.distributed import joined_processes
from tests.training.two_processes import (
    PROCESSES,
    STOPPED_AT,
    free_port,
    interrupted,
    one_of_two,
    run,
    told,
    train_command,
)

# Sums over rows are rounded in another order, and 30 steps carry that on. Seen: losses 1.6e-6, weights 9e-7 apart.
LOSS = {"rel": 1e-5}
WEIGHTS = {"rtol": 1e-5, "atol": 1e-5}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds what one process and two have made."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("distributed")
    interrupted(0, lambda: run(folder / "stopped-by-one"))
    context = torch.multiprocessing.get_context("spawn")
    ports = [free_port() for _ in range(3)]
    processes = [context.Process(target=one_of_two, args=(rank, ports, folder)) for rank in range(PROCESSES)]
    for process in processes:
        process.start()
    torch.save(run(folder / "one").model.state_dict(), folder / "one.pt")
    published = run(folder / "one-published", supervision="published")
    torch.save(published.model.state_dict(), folder / "one-published.pt")
    for process in processes:
        process.join(240)
        assert process.exitcode is not None, "a process waits for ever"
        assert process.exitcode == 1  # of the failure they end with
    return folder


@pytest.fixture(scope="module")
def reports(folder: Path) -> list[dict[str, Any]]:
    return [torch.load(folder / f"rank{rank}.pt") for rank in range(PROCESSES)]


def metrics(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def assert_same_weights(a: dict[str, Tensor], b: dict[str, Tensor]) -> None:
    for name, value in a.items():
        torch.testing.assert_close(b[name], value, **WEIGHTS, msg=lambda text, name=name: f"{name}: {text}")


def assert_same_curve(out: Path, expected: Path) -> None:
    rows, expected_rows = metrics(out), metrics(expected)
    assert [row.keys() for row in rows] == [row.keys() for row in expected_rows]
    for row, known in zip(rows, expected_rows, strict=True):
        for key in known:
            if "second" not in key:
                assert row[key] == pytest.approx(known[key], **LOSS), (key, row["step"])


def test_alone_nothing_is_said_or_changed() -> None:
    with joined_processes() as group:
        assert told(group) == {
            "gradients": [[1.0, 1.0], [10.0, 10.0, 10.0], None],
            "agreed": (0.25, False),
            "rows": [0, 1, 2, 3, 4, 5],
            "whole": [0, 1, 2, 3, 4, 5],
            "sum": [1, 0],
            "gathered": ["rank 0"],
            "by leader": "made by rank 0",
            "share of 5": 5,
            "steps and rows": (1, 8),
            "solved": [True, True, False, False, False, False],
        }


def test_what_two_processes_tell_each_other(reports: list[dict[str, Any]]) -> None:
    for rank, report in enumerate(reports):
        assert report["told"] == {
            "gradients": [[1.5, 1.5], [15.0, 15.0, 15.0], None],
            "agreed": (0.25, True),  # the leader's progress; either's interruption
            "rows": [[0, 1, 2], [3, 4, 5]][rank],
            "whole": [0, 1, 2, 3, 4, 5],
            "sum": [2, 1],
            "gathered": ["rank 0", "rank 1"],
            "by leader": "made by rank 0",
            "share of 5": [2, 3][rank],
            "steps and rows": (1, 8),  # all of the batch in a step that is one
            "solved": [True, True, False, False, False, False],
        }


@pytest.mark.parametrize("kind", ["", "-published"])
def test_two_processes_have_the_losses_of_one_with_the_whole_batch(folder: Path, kind: str) -> None:
    assert_same_curve(folder / f"two{kind}", folder / f"one{kind}")


def test_and_its_weights(folder: Path, reports: list[dict[str, Any]]) -> None:
    one, published = (torch.load(folder / f"{name}.pt") for name in ("one", "one-published"))
    with pytest.raises(AssertionError):
        assert_same_weights(one, published)  # what is compared tells trainings apart
    for report in reports:
        assert_same_weights(one, report["weights"])
        assert_same_weights(published, report["published"])
    for name, value in reports[0]["weights"].items():
        assert torch.equal(value, reports[1]["weights"][name]), name


def test_only_the_first_process_writes(folder: Path, reports: list[dict[str, Any]]) -> None:
    expected = {"answers.npz", "checkpoint.pt", "metrics.jsonl", "model", "summary.json"}
    assert {path.name for path in (folder / "two").iterdir()} == expected
    summary = json.loads((folder / "two" / "summary.json").read_text())
    assert summary == reports[0]["summary"] == reports[1]["summary"]
    assert summary["processes"] == PROCESSES
    assert summary["accuracy"]["all"]["puzzles"] == 21


def test_answers_are_kept_in_the_order_of_the_puzzles(folder: Path) -> None:
    one, two = (load_answers(folder / name) for name in ("one", "two"))
    assert two.steps.tolist() == one.steps.tolist() == [15, 30]
    for own, known in zip(two, one, strict=True):
        if isinstance(own, np.ndarray) and own.dtype.kind == "f":
            np.testing.assert_allclose(own, known, rtol=1e-3, atol=1e-4)
        elif isinstance(own, np.ndarray):
            np.testing.assert_array_equal(own, known)
    np.testing.assert_array_equal(two.puzzles.tokens, one.puzzles.tokens)


def test_an_interruption_of_one_stops_all_after_the_same_step(reports: list[dict[str, Any]]) -> None:
    assert [report["stopped"] for report in reports] == [(False, STOPPED_AT)] * PROCESSES


def test_and_in_an_evaluation_before_the_next_batch(folder: Path, reports: list[dict[str, Any]]) -> None:
    assert [report["stopped in evaluation"] for report in reports] == [(False, 15)] * PROCESSES
    out = folder / "stopped-in-evaluation"
    assert not [row for row in metrics(out) if "test_accuracy" in row]
    run(out, resume=True)  # makes up for it
    assert_same_curve(out, folder / "one")


def test_a_run_goes_on_with_another_number_of_processes(folder: Path, reports: list[dict[str, Any]]) -> None:
    one = torch.load(folder / "one.pt")
    assert_same_weights(one, run(folder / "stopped-by-two", resume=True).model.state_dict())
    assert_same_curve(folder / "stopped-by-two", folder / "one")
    assert_same_weights(one, reports[1]["resumed"])
    assert_same_curve(folder / "stopped-by-one", folder / "one")


def test_a_budget_of_minutes_ends_after_the_same_step_everywhere(reports: list[dict[str, Any]]) -> None:
    steps = {report["steps in minutes"] for report in reports}
    assert len(steps) == 1
    assert steps.pop() > 0


def test_bad_input_is_refused_by_all_in_the_same_words(reports: list[dict[str, Any]]) -> None:
    assert "already holds a run" in reports[0]["holds a run"]  # only the first process has looked
    assert reports[0]["holds a run"] == reports[1]["holds a run"]


@pytest.mark.parametrize("ended", ["a run", "a failure"])
def test_nothing_of_the_group_is_at_work_when_the_process_ends(
    reports: list[dict[str, Any]], ended: str
) -> None:
    for report in reports:
        assert not [name for name in report[f"threads after {ended}"] if "gloo" in name or "store" in name]


def test_a_full_disk_of_the_first_process_ends_all(reports: list[dict[str, Any]]) -> None:
    assert [report["full"] for report in reports] == ["is there space left?"] * PROCESSES


def failing_to_write(out: str) -> None:
    """A training whose first process has a bug where it writes a checkpoint, as a launcher starts it."""
    torch.set_num_threads(1)
    running.save_checkpoint = lambda *_: 1 / 0  # type: ignore[assignment]
    run(
        Path(out),
        steps=2,
        train_set="generate 4x4 minimal 2",
        test_set="generate 4x4 minimal 2",
        allow_leak=True,
    )


def test_whatever_error_the_first_process_ends_with_is_seen_and_ends_all(tmp_path: Path) -> None:
    code = f"from {__name__} import failing_to_write; failing_to_write({str(tmp_path / 'run')!r})"
    launched = {"WORLD_SIZE": str(PROCESSES), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, **launched, "RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(PROCESSES)
    ]
    try:
        errors = [process.communicate(timeout=120)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert all(process.returncode for process in processes), errors
    assert "ZeroDivisionError" in errors[0]
    assert "ZeroDivisionError" not in errors[1]


def test_the_first_process_alone_is_heard(reports: list[dict[str, Any]]) -> None:
    first, second = (report["commanded"] for report in reports)
    assert first[0] == second[0] == 0
    assert first[1].count("30 steps") == 1
    assert first[2].count("100%") == 1
    assert second[1:] == ("", "")


def test_a_batch_that_cannot_be_shared_is_refused_once(folder: Path, reports: list[dict[str, Any]]) -> None:
    sentence = (
        "hrm-probe: batch_size is 9, which 2 processes cannot share evenly; choose a multiple of 2, or another "
        "number of processes.\n"
    )
    assert reports[0]["indivisible"] == (2, "", sentence)
    assert reports[1]["indivisible"] == (2, "", "")
    assert not (folder / "never").exists()


def test_torchrun_trains_and_at_a_signal_saves_and_stops(tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={PROCESSES}"]
    command += ["-m", "hrm_probe", *train_command(out, steps=10**6)]
    process = subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 240
        while not (out / "checkpoint.pt").exists():
            assert time.monotonic() < deadline
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.01)
    finally:
        process.terminate()
        errors = process.communicate(timeout=100)[1]
    step = torch.load(out / "checkpoint.pt", weights_only=True)["trainer"]["step"]
    assert errors.count("Interrupted: saving after this step") == 1
    goes_on = f"torchrun --nproc-per-node {PROCESSES} -m hrm_probe train --out {out} --resume"
    assert errors.count(f"Stopped at step {step:,}; go on with: {goes_on}") == 1
    assert [row["step"] for row in metrics(out) if "loss" in row] == list(range(5, step + 1, 5))
    assert {path.name for path in out.iterdir()} == {"checkpoint.pt", "metrics.jsonl", "model"}
