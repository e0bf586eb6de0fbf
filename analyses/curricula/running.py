"""Runs what is missing: each run one process with one thread, a few at a time."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from curricula.arms import BASELINE, HELD_OUT, PATH, PROBES, Plan
from curricula.reading import Run, experiment, processor
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.json_text import write_json
from hrm_probe.provenance import provenance
from hrm_probe.sudoku import load_puzzles

LOG = "log.txt"
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS", "NUMBA")}


def run_missing(
    plan: Plan,
    arms: Sequence[str],
    seeds: int,
    jobs: int,
    command: Sequence[str],
    recorded: Sequence[Run] = (),
) -> None:
    """Run every arm with every seed that is not finished; seed by seed, so that arms stay comparable.

    An interrupt stops the running ones after their step, with a checkpoint each; the next call takes them up.

    Args:
        plan: what to run.
        arms, seeds: of which arms, and seeds 0 to ``seeds - 1``.
        jobs: processes at a time.
        command: runs one; arm and seed are added.
        recorded: runs made before, here or elsewhere; those of this very experiment are not made again.

    Raises:
        InputError: no seeds or no processes at a time; some runs failed.
    """
    whole_number(seeds, "--seeds")
    whole_number(jobs, "--jobs")
    write_held_out(plan)
    pairs = [(arm, seed) for seed in range(seeds) for arm in arms]
    waiting = [pair for pair in pairs if not (plan.folder(*pair) / PROBES).exists()]
    waiting = [pair for pair in waiting if not any(is_made(run, *pair, plan) for run in recorded)]
    for line in [
        *_foreign(plan, recorded),
        f"{len(pairs) - len(waiting)} of {len(pairs)} runs are finished.",
    ]:
        print(line, flush=True)
    running: dict[subprocess.Popen[bytes], tuple[str, int]] = {}
    failed: list[str] = []
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                pair = waiting.pop(0)
                running[_start(plan, *pair, command)] = pair
            time.sleep(0.1)
            for process in [process for process in running if process.poll() is not None]:
                arm, seed = running.pop(process)
                if process.returncode:
                    failed.append(f"{arm}, seed {seed} (see {plan.folder(arm, seed) / LOG})")
                else:
                    print(f"{arm}, seed {seed}: {outcome(plan.folder(arm, seed))}", flush=True)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
        signal.signal(signal.SIGTERM, before)
    if failed:
        raise InputError(f"{len(failed)} runs failed: {'; '.join(failed)}.")


def run_one(plan: Plan, arm: str, seed: int) -> bool:
    """One run from where it stands to its probes, in this process; False if it was interrupted."""
    import torch

    from curricula.probing import Watch, probe, probe_path
    from hrm_probe.training import train

    torch.set_num_threads(1)
    write_held_out(plan)  # where nobody ran :func:`run_missing` before
    folder, recipe = plan.folder(arm, seed), plan.recipe(arm, seed)
    result = train(
        recipe,
        folder,
        resume=True,
        minutes=plan.cpu_minutes,
        clock="cpu",
        watch=Watch(folder, plan.batches) if plan.detects else None,
    )
    if not result.finished:
        return False
    held_out = load_puzzles(recipe.test_set)
    found = {PROBES: probe(result.model, recipe, plan, held_out)}
    if arm == BASELINE and plan.detects:
        found = {PATH: probe_path(result.model, folder, plan, held_out), **found}
    for name, content in found.items():
        write_json(folder / name, content)
    return True


def write_held_out(plan: Plan) -> Path:
    """The minimal puzzles of the recipe's test set, or as many as are wanted.

    Raises:
        InputError: the runs that are there were tested on another number of them.
    """
    path = plan.runs / HELD_OUT
    test = load_puzzles(plan.test_set)
    minimal = test[test.source == "minimal"]
    wanted = min(plan.held_out, len(minimal))
    if not path.exists():
        minimal.sample(wanted, seed=0).to_csv(path)
    elif (there := len(load_puzzles(path))) != wanted:
        raise InputError(
            f"{path} holds {there:,} puzzles, on which its runs are tested, not the {wanted:,} now asked for: "
            "name another --runs for them."
        )
    return path


def is_made(run: Run, arm: str, seed: int, plan: Plan) -> bool:
    """Is this the planned run of the arm and seed, in settings, budget and, for minutes, processor?"""
    settings = {**plan.recipe(arm, seed).to_dict(), "test_set": HELD_OUT}
    planned = {"settings": settings, "budget_minutes": plan.cpu_minutes, "provenance": provenance()}
    return (run["arm"], run["seed"]) == (arm, seed) and experiment(run) == experiment(planned)


def _foreign(plan: Plan, recorded: Sequence[Run]) -> list[str]:
    """A line if recorded minutes are those of another processor."""
    here = processor({"provenance": provenance()})
    foreign = sorted({processor(run) for run in recorded} - {here})
    if plan.cpu_minutes is None or not foreign:
        return []
    return [
        f"Recorded minutes are those of {', '.join(foreign)}, and this is {here}: every run is made here, and their "
        "report needs an --out of its own."
    ]


def outcome(folder: Path) -> str:
    """A finished run in a few words."""
    summary = json.loads((folder / "summary.json").read_text())
    return (
        f"{summary['accuracy']['all']['accuracy']:.1%} after {summary['steps']:,} steps, "
        f"{60 * summary['minutes']:.0f} s in steps, {summary['cpu_seconds']:.0f} s in all"
    )


def _start(plan: Plan, arm: str, seed: int, command: Sequence[str]) -> "subprocess.Popen[bytes]":
    folder = plan.folder(arm, seed)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, *command, arm, str(seed)],
            stdout=log,
            stderr=log,
            env={**os.environ, **ONE_THREAD},
            start_new_session=True,  # a Ctrl-C reaches a run once, from here: a second signal would stop it mid-step
        )


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
