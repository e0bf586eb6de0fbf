"""What two processes do that train together, in one life: starting them takes longest."""

import io
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hrm_probe.cli import main
from hrm_probe.errors import InputError
from hrm_probe.models import HookPoint, RecursiveReasoner, build_model
from hrm_probe.sudoku import Puzzles, complete_grids, generate
from hrm_probe.training import TrainingResult, evaluate, load_recipe, train
from hrm_probe.training import run as running
from hrm_probe.training.distributed import Group, TorchGroup, joined_processes
from hrm_probe.training.evaluate import solved_by_group
from hrm_probe.training.metrics import FIELDS
from hrm_probe.training.trainer import Trainer

PROCESSES = 2
STOPPED_AT = 13
SHORT: dict[str, Any] = {
    "train_set": "generate 4x4 minimal 40", "test_set": "generate 4x4 minimal 21", "hint_fraction": 0.5,
    "exploration": 0.5, "steps": 30, "log_every": 5, "evaluate_every": 15, "evaluate_puzzles": 7,
    "checkpoint_every": 10, "batch_size": 8, "keep_answers": 2, "answer_puzzles": 9, "answer_copies": 1,
}  # fmt: skip


def run(out: Path, resume: bool = False, minutes: float | None = None, **settings: Any) -> TrainingResult:
    return train(load_recipe("toy-4x4"), out, resume, minutes, {**SHORT, **settings})


def train_command(out: Path, **settings: Any) -> list[str]:
    pairs = [word for key, value in {**SHORT, **settings}.items() for word in ("--set", f"{key}={value}")]
    return ["train", "toy-4x4", "--out", str(out), *pairs]


@contextmanager
def launched(rank: int, port: int) -> Iterator[pytest.MonkeyPatch]:
    """As a launcher starts a process."""
    told = {"RANK": rank, "WORLD_SIZE": PROCESSES, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, str(value))
        yield patch


def command_line(rank: int, port: int, words: list[str]) -> tuple[Any, str, str]:
    """Status, output and errors of ``hrm-probe`` in a process that a launcher has started."""
    said, errors = io.StringIO(), io.StringIO()
    with launched(rank, port) as patch, redirect_stdout(said), redirect_stderr(errors):
        patch.setattr(sys, "argv", ["hrm-probe", *words])
        with pytest.raises(SystemExit) as ended:
            main()
    return ended.value.code, said.getvalue(), errors.getvalue()


def threads() -> set[str]:
    """Names of this process's threads, where the system tells them."""
    return {path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")}


def with_advance(advance: Callable[[Trainer, float], None], work: Callable[[], Any]) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "advance", advance)
        return work()


def interrupted(rank: int, work: Callable[[], TrainingResult]) -> TrainingResult:
    """``work`` with Ctrl-C pressed in one of the processes."""
    advance = Trainer.advance

    def press(trainer: Trainer, progress: float) -> None:
        advance(trainer, progress)
        if trainer.step == STOPPED_AT and trainer.group.rank == rank:
            signal.raise_signal(signal.SIGINT)

    return with_advance(press, work)


def interrupted_while_evaluating(rank: int, work: Callable[[], TrainingResult]) -> TrainingResult:
    """``work`` with Ctrl-C pressed in one of the processes, in its first batch of the first evaluation."""
    ask, asked = RecursiveReasoner.run, 0

    def press(model: RecursiveReasoner, *arguments: Any, **named: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 1 and torch.distributed.get_rank() == rank:
            signal.raise_signal(signal.SIGINT)
        return ask(model, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RecursiveReasoner, "run", press)
        patch.setattr(evaluate, "puzzles_at_once", lambda device: 2)
        return work()


def with_full_disk(work: Callable[[], Any]) -> Any:
    """``work`` where no checkpoint can be written, by whichever process tries."""

    def fail(folder: Path, state: dict[str, Any]) -> None:
        raise InputError("is there space left?")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "save_checkpoint", fail)
        return work()


def told(group: Group) -> dict[str, Any]:
    """What this process gets from the others."""
    table = nn.ParameterList([torch.zeros(2), torch.zeros(3, dtype=torch.float64), torch.zeros(1)])
    for parameter, gradient in zip(table[:2], (1.0, 10.0), strict=True):
        parameter.grad = torch.full_like(parameter, gradient * (group.rank + 1))
    group.average_gradients(table)
    return {
        "gradients": [p.grad if p.grad is None else p.grad.tolist() for p in table],
        "agreed": group.agree(progress=(0.25, 0.75)[group.rank], interrupted=group.rank == 1),
        "rows": group.rows(torch.arange(6)).tolist(),
        "whole": group.whole(group.rows(torch.arange(6))).tolist(),
        "sum": group.sum(torch.tensor([1, group.rank])).tolist(),
        "gathered": group.gather(f"rank {group.rank}"),
        "by leader": group.by_leader(lambda: f"made by rank {group.rank}"),
        "share of 5": len(range(5)[group.share(5)]),
        "steps and rows": steps_and_rows(group),
        "solved": solved(group),
    }


def steps_and_rows(group: Group) -> tuple[float, float]:
    """What is counted of one step."""
    trainer = Trainer(load_recipe("toy-4x4", SHORT), generate(4, "minimal", "4x4", seed=0), group=group)
    trainer.advance(0.0)
    counts = dict(zip(FIELDS, trainer.whole_sums().tolist(), strict=True))
    return counts["steps"], counts["rows"]


def solved(group: Group) -> list[bool]:
    """Of six empty puzzles, those solved by a model that answers 2 everywhere: it is the answer to the first two."""
    answers = complete_grids(6, "4x4", 0).astype(int) + 1
    answers[:2] = 2
    model = build_model(load_recipe("toy-4x4").model_config(cells=16, vocab=6))

    def always_2(logits: Tensor, hook: HookPoint) -> Tensor:
        return nn.functional.one_hot(torch.full(logits.shape[:2], 2), logits.shape[2]).to(logits)

    with model.hooks([("logits", always_2)]):
        by_segment = solved_by_group(group, model, Puzzles(np.ones_like(answers), answers))
    return by_segment[-1].tolist()


def one_of_two(rank: int, ports: list[int], folder: Path) -> None:
    """All that two processes do in these tests, in one life, for starting them takes longest."""
    torch.set_num_threads(1)
    report: dict[str, Any] = {
        "commanded": command_line(rank, ports[0], train_command(folder / "two")),
        "threads after a run": threads(),
        "indivisible": command_line(rank, ports[1], train_command(folder / "never", batch_size=9)),
    }
    store = f"file://{folder / 'store'}"
    torch.distributed.init_process_group("gloo", init_method=store, rank=rank, world_size=PROCESSES)
    in_a_group_of_ours(rank, report, folder)
    torch.distributed.destroy_process_group()
    advance = Trainer.advance

    def fail(trainer: Trainer, progress: float) -> None:
        if trainer.step == 3 and rank == 1:
            raise ZeroDivisionError
        advance(trainer, progress)

    failures = (
        ZeroDivisionError,
        RuntimeError,
    )  # of the second process, and so of the first that waits for it
    with launched(rank, ports[2]), pytest.raises(failures) as failed:
        with_advance(fail, lambda: run(folder / "failing"))
    report["threads after a failure"] = threads()
    torch.save(report, folder / f"rank{rank}.pt")
    raise failed.value


def in_a_group_of_ours(rank: int, report: dict[str, Any], folder: Path) -> None:
    """Runs in a process group that was there before them."""
    with joined_processes() as group:
        assert isinstance(group, TorchGroup)
        report["told"] = told(group)
    whole = run(folder / "two", resume=True)
    report["weights"], report["summary"] = whole.model.state_dict(), whole.summary
    report["published"] = run(folder / "two-published", supervision="published").model.state_dict()
    stopped = interrupted(1, lambda: run(folder / "stopped-by-two"))
    report["stopped"] = (stopped.finished, stopped.step)
    stopped = interrupted_while_evaluating(1, lambda: run(folder / "stopped-in-evaluation"))
    report["stopped in evaluation"] = (stopped.finished, stopped.step)
    with pytest.raises(InputError) as raised:
        with_full_disk(lambda: run(folder / "full"))
    report["full"] = str(raised.value)
    report["resumed"] = run(folder / "stopped-by-one", resume=True).model.state_dict()
    report["steps in minutes"] = run(folder / "minutes", minutes=0.015, steps=10**9).step
    with pytest.raises(InputError) as raised:
        run(folder / "two")
    report["holds a run"] = str(raised.value)


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])
