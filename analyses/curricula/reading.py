"""Saved runs as one list of plain records, which is all that the report needs."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from curricula.arms import ARMS, HALFWAY, PATH, PROBES
from hrm_probe.errors import InputError

Run = dict[str, Any]
LATE = 0.9  # halting in training is averaged over what comes after this share of the budget
RECORDED = (
    "arm",
    "seed",
    "settings",
    "budget_minutes",
    "accuracy",
    "curve",
    "probes",
    "path",
    "halfway",
    "provenance",
)
CURVE = ("step", "progress", "flops", "test_accuracy")
OWN = {"name", "seed", *(setting for arm in ARMS.values() for setting in arm)}  # what tells runs apart
WATCHED = {"evaluate_every", "checkpoint_every"}  # how often it is looked at, which changes no training


def read_runs(folder: Path) -> list[Run]:
    """The finished runs under ``folder``, which holds ARM/seed-S, ordered by arm and seed."""
    return [read_run(probes.parent) for probes in sorted(folder.glob(f"*/seed-*/{PROBES}"))]


def read_run(folder: Path) -> Run:
    """One finished run: what it cost, how it went, and what was asked of its model."""
    summary = json.loads((folder / "summary.json").read_text())
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    evaluated = [row for row in rows if "test_accuracy" in row]
    late = [row for row in rows if "loss" in row and row["progress"] >= LATE and row["finished"] > 0]
    finished = sum(row["finished"] for row in late)
    halfway, path = folder / HALFWAY, folder / PATH
    return {
        "arm": summary["recipe"],
        "seed": summary["seed"],
        "steps": summary["steps"],
        "seconds": training_seconds(rows, summary["steps"]),
        "cpu_seconds_with_evaluations": summary["cpu_seconds"],
        "flops": summary["flops"],
        "blocks": summary["blocks"],
        "depths": summary["depths"],
        "accuracy": summary["accuracy"]["all"]["accuracy"],
        "held_out": summary["accuracy"]["all"]["puzzles"],
        "curve": {
            **{name: [row[name] for row in evaluated] for name in CURVE},
            "seconds": [training_seconds(rows, row["step"]) for row in evaluated],
        },
        "in_training": {
            name: sum(row[f"finished_{name}"] * row["finished"] for row in late) / finished
            if finished
            else None
            for name in ("segments", "halt_right")
        },
        "probes": json.loads((folder / PROBES).read_text()),
        "path": json.loads(path.read_text()) if path.exists() else None,
        "halfway": json.loads(halfway.read_text()) if halfway.exists() else None,
        "budget_minutes": summary["budget_minutes"],
        "provenance": summary["provenance"],
        "settings": {**summary["settings"], "test_set": Path(summary["settings"]["test_set"]).name},
    }


def training_seconds(rows: list[dict[str, Any]], step: int) -> float:
    """Processor time of the training steps alone up to ``step``, between the steps where it was logged."""
    logged = [(row["step"], row["seconds"]) for row in rows if "loss" in row]
    steps, seconds = np.array([(0, 0.0), *logged]).T
    if step > steps[-1] > 0:
        return float(seconds[-1] * step / steps[-1])
    return float(np.interp(step, steps, seconds))


def recorded_runs(file: Path, mode: str) -> list[Run]:
    """The runs that a former report read, "steps" or "minutes"; none if there is no such file.

    Raises:
        InputError: the file was written by a version that read less from a run, or holds something else.
    """
    if not file.is_file():
        return []
    try:
        found: list[Run] = json.loads(file.read_text())[mode]
        lacking = sorted({name for run in found for name in RECORDED if name not in run})
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{file} holds no recorded runs; move it away, or name another --out.") from None
    if lacking:
        raise InputError(
            f"Runs recorded in {file} lack {', '.join(lacking)}, which this version needs; move the file away and "
            "report from the runs themselves."
        )
    return found


def merged(fresh: list[Run], recorded: list[Run]) -> list[Run]:
    """Fresh runs, and those recorded before that are not among them, ordered by arm and seed.

    Raises:
        InputError: they are not of one experiment.
    """
    by_pair = {(run["arm"], run["seed"]): run for run in [*recorded, *fresh]}
    runs = sorted(by_pair.values(), key=lambda run: (run["arm"], run["seed"]))
    for run in runs[1:]:
        differing = sorted(key for key, value in experiment(run).items() if experiment(runs[0])[key] != value)
        if differing:
            raise InputError(
                f"{run['arm']}, seed {run['seed']}, and {runs[0]['arm']}, seed {runs[0]['seed']}, differ in "
                f"{', '.join(differing)}; report one experiment at a time, to another --out."
            )
    return runs


def experiment(run: Run) -> dict[str, Any]:
    """What all runs of one experiment share: the budget, and the settings but for curriculum, seed and evaluations.

    A setting that did not exist yet when a run was made had its default. A budget of minutes buys other numbers of
    steps on other processors, so that one experiment's minutes are one processor's.
    """
    from hrm_probe.training import Recipe

    settings = {**Recipe().to_dict(), **run["settings"]}
    shared = {key: value for key, value in settings.items() if key not in OWN | WATCHED}
    budget = run["budget_minutes"]
    return {**shared, "budget_minutes": budget, "processor": None if budget is None else processor(run)}


def processor(run: Run) -> str:
    """The kind of processor that made it, however many of them there were."""
    return str(run["provenance"]["machine"]).split(", ", 1)[-1]


def arms_of(runs: list[Run]) -> list[str]:
    """The arms that have runs, in the order of the experiment."""
    return [arm for arm in ARMS if any(run["arm"] == arm for run in runs)]


def by_seed(runs: list[Run], arm: str) -> dict[int, Run]:
    """The runs of one arm."""
    return {run["seed"]: run for run in runs if run["arm"] == arm}


def comparable(runs: list[Run], cost: str) -> list[Run]:
    """Those whose ``cost`` compares: all of them, but of "seconds", those of the processor that made most runs."""
    if cost != "seconds":
        return runs
    most = Counter(processor(run) for run in runs).most_common(1)
    return [run for run in runs if processor(run) == most[0][0]]
