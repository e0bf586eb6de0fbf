"""Tables, pictures and verdicts from saved runs; nothing is run here."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import curricula.comparing as compare
from curricula.arms import BASELINE
from curricula.comparing import Value
from curricula.comparing_detectors import DETECTORS, compare_detectors, compare_finished, reference
from curricula.depths import ASKED as ASKED_DEPTHS
from curricula.depths import by_depth
from curricula.detecting import ASKED as ASKED_DETECTORS
from curricula.detecting import as_runs
from curricula.drawing import COSTS, accuracy_curves, panels, paths
from curricula.markdown import comparison_table, depth_table, finished_table, mean_table, verdict_table
from curricula.reading import Run, arms_of, comparable, processor
from curricula.saved_models import read_answers
from curricula.verdicts import verdicts
from hrm_probe.dynamics.intervals import Interval
from hrm_probe.files import writing
from hrm_probe.json_text import write_json
from hrm_probe.plots.saving import save_figure
from hrm_probe.plots.style import style
from hrm_probe.provenance import provenance

PREFIX = "curriculum"
RUNS = f"{PREFIX}_runs.json"
Tables = dict[str, pd.DataFrame]

READINGS = {
    "norms over segments": "norms",
    "vectors over segments": "segments",
    "gradients over batches": "batches",
}
SPEED = "speed-up in "  # at equal accuracy; see comparing.py
NOTES = {
    "speed": (
        f"Speed-up: what the baseline costs until its mean accuracy first reaches {compare.TARGET:g} of its last, over "
        "what the arm costs until then; 0 where the arm never gets there.",
    )
}
COUNTS = ("mean segments", "segments, training", "attractors a puzzle")


def write_report(runs: dict[str, list[Run]], out: Path) -> list[Path]:
    """Pictures, numbers and one page of tables.

    Args:
        runs: by mode, "steps" or "minutes"; see :func:`curricula.reading.read_runs`.
        out: folder.
    """
    written: list[Path] = []
    page = [f"# Curricula: {_model(runs)}", _about(runs)]
    for mode, of_mode in runs.items():
        if not of_mode:
            continue
        name = PREFIX if mode == "steps" else f"{PREFIX}_{mode}"
        title = f"Equal {mode}" + (" of processor time" if mode == "minutes" else "")
        with style():
            written += save_figure(accuracy_curves(of_mode, title), out, f"{name}_accuracy")
        for question, ask in (QUESTIONS if mode == "steps" else QUESTIONS_OF_MINUTES).items():
            tables, published = ask(of_mode)
            if question == "speed" and not _can_be_compared(tables):
                page.append(
                    f"## {title}: speed\n\nNot compared: the baseline solves less than {compare.SKILL:.0%}."
                )
                continue
            with style():
                if question != "accuracy":
                    written += save_figure(panels(tables, published), out, f"{name}_{question}")
            written.append(
                _write(
                    out / f"{name}_{question}.json", {"mode": mode, "tables": tables, "published": published}
                )
            )
            page += [
                f"## {title}: {question}",
                *NOTES.get(question, ()),
                *(mean_table(label, table) for label, table in tables.items()),
            ]
        if mode != "steps":
            continue
        compared = compare_detectors(of_mode)
        with style():
            written += save_figure(paths(of_mode, DETECTORS), out, f"{name}_paths")
        written.append(_write(out / f"{name}_paths.json", {"mode": mode, "compared": compared}))
        page += [f"## {title}: detectors, minus the baseline", comparison_table(compared)]
    page += _asked_later(out)
    judged = verdicts(runs["steps"]) if runs.get("steps") else []
    if judged:
        page.insert(2, "## Verdicts (equal steps)\n\n" + verdict_table(judged))
    written.append(_write(out / f"{PREFIX}.json", {"verdicts": [verdict.to_dict() for verdict in judged]}))
    with writing(out / f"{PREFIX}.md") as beside:
        beside.write_text("\n\n".join(page) + "\n")
    return [*written, out / f"{PREFIX}.md"]


def _asked_later(out: Path) -> list[str]:
    """The sections on what finished models of equal minutes were asked since: detectors, other depths."""
    page = []
    detected = as_runs(read_answers(out / ASKED_DETECTORS))
    if detected:
        tables, _ = _detectors(detected)
        against = reference(detected)
        page += [
            "## Equal minutes of processor time: detectors",
            *(mean_table(label, table) for label, table in tables.items()),
            f"## Equal minutes of processor time: detectors, minus {against}",
            finished_table(compare_finished(detected, against), against),
        ]
    asked = by_depth(read_answers(out / ASKED_DEPTHS))
    if len(asked):
        page += ["## Equal minutes of processor time: asked at other depths", depth_table(asked)]
    return page


Question = Callable[[list[Run]], tuple[Tables, dict[str, Sequence[tuple[float, str]]]]]


def _accuracy(runs: list[Run]) -> tuple[Tables, dict[str, Sequence[tuple[float, str]]]]:
    def accuracy(run: Run) -> float:
        return run["accuracy"]

    tables = {"accuracy": _table(runs, lambda arm: compare.mean_share(runs, arm, accuracy))}
    tables["minus baseline"] = _table(
        runs, lambda arm: compare.difference(runs, arm, accuracy), but_baseline=True
    )
    for cost, (label, unit) in COSTS.items():
        value, alike = _whole_cost(cost, unit), comparable(runs, cost)
        tables[label] = _table(alike, lambda arm, v=value, a=alike: compare.mean(a, arm, v))
    return tables, {}


def _speed(runs: list[Run]) -> tuple[Tables, dict[str, Sequence[tuple[float, str]]]]:
    timed = comparable(runs, "seconds")
    tables = {
        f"{SPEED}{cost}": _table(
            alike, lambda arm, c=cost, a=alike: compare.speed_up(a, arm, c), but_baseline=True
        )
        for cost, alike in (("flops", runs), ("seconds", timed))
    }
    whole = "baseline's seconds / own"
    tables[whole] = _table(
        timed, lambda arm: compare.ratio(timed, arm, lambda run: run["seconds"]), but_baseline=True
    )
    published = ((2.26, "PDC, published"), (1.71, "both, published"), (1.0, "none"))
    return tables, {
        whole: published,
        f"{SPEED}seconds": published,
        f"{SPEED}flops": ((1.0, "none"),),
    }


def _can_be_compared(tables: Tables) -> bool:
    """Is there any speed-up at equal accuracy?"""
    return any(t["estimate"].notna().any() for label, t in tables.items() if label.startswith(SPEED))


def _halting(runs: list[Run]) -> tuple[Tables, dict[str, Sequence[tuple[float, str]]]]:
    def value(name: str) -> Value:
        return lambda run: run["probes"]["halting"][name]

    def training(name: str) -> Value:
        return lambda run: run["in_training"][name]

    asked: dict[str, Value] = {
        "mean segments": value("mean_segments"),
        "halting accuracy": value("accuracy"),
        "solved where it stops": value("solved"),
        "segments, training": training("segments"),
        "halting, training": training("halt_right"),
    }
    tables = {
        label: _table(runs, lambda arm, v=v, m=_mean_of(label): m(runs, arm, v)) for label, v in asked.items()
    }
    published = ((5.85, "baseline, published"), (5.52, "both, published"))
    return tables, {"mean segments": published, "halting accuracy": ((1.0, "both, published"),)}


def _gradients(runs: list[Run]) -> tuple[Tables, dict[str, Sequence[tuple[float, str]]]]:
    def value(when: str, name: str) -> Value:
        def of(run: Run) -> float | None:
            measured = run["halfway"] if when == "halfway" else run["probes"]["gradients"]
            return measured[name]["change"]["estimate"] if measured else None

        return of

    asked = {
        f"{label}, {when}": value(when, name)
        for label, name in READINGS.items()
        for when in ("halfway", "end")
    }
    tables = {label: _table(runs, lambda arm, v=v: compare.mean(runs, arm, v)) for label, v in asked.items()}
    return tables, dict.fromkeys(tables, ((-0.4, "published"),))


def _detectors(runs: list[Run]) -> tuple[Tables, dict[str, Sequence[tuple[float, str]]]]:
    def value(name: str) -> Value:
        return lambda run: run["probes"][name]

    tables = {
        label: _table(runs, lambda arm, n=name, m=_mean_of(label): m(runs, arm, value(n)))
        for label, name in DETECTORS.items()
    }
    return tables, {}


QUESTIONS: dict[str, Question] = {
    "accuracy": _accuracy,
    "speed": _speed,
    "halting": _halting,
    "gradients": _gradients,
    "detectors": _detectors,
}
QUESTIONS_OF_MINUTES = {name: QUESTIONS[name] for name in ("accuracy", "speed", "halting")}


def _mean_of(label: str) -> Callable[[list[Run], str, Value], Interval]:
    """The mean for what is told under this label: all but counts are shares."""
    return compare.mean if label in COUNTS else compare.mean_share


def _whole_cost(cost: str, unit: float) -> Value:
    return lambda run: run["steps" if cost == "step" else cost] / unit


def _table(runs: list[Run], of: Callable[[str], Interval], but_baseline: bool = False) -> pd.DataFrame:
    arms = [arm for arm in arms_of(runs) if not (but_baseline and arm == BASELINE)]
    rows = [(arm, of(arm)) for arm in arms]
    return pd.DataFrame(
        [(arm, i.estimate, i.low, i.high, i.n, i.method) for arm, i in rows],
        columns=["arm", "estimate", "low", "high", "seeds", "interval"],
    )


def _model(runs: dict[str, list[Run]]) -> str:
    settings = next(run["settings"] for of_mode in runs.values() for run in of_mode)
    return f"{settings['architecture'].upper()} ({settings['mixer']} mixing) on {settings['train_set']}"


def _about(runs: dict[str, list[Run]]) -> str:
    counts = ", ".join(f"{len(of_mode)} runs of equal {mode}" for mode, of_mode in runs.items() if of_mode)
    timed = comparable([run for of_mode in runs.values() for run in of_mode], "seconds")
    settings = timed[0]["settings"]
    sources = " and ".join(settings["train_sources"]) or "all"
    share = settings["hint_fraction"]
    hints = f"with hints in {share:.0%} of the draws" if share else "without hints"
    return (
        f"From {counts}. Width {settings['d_model']}, batches of {settings['batch_size']}, trained on {sources} "
        f"puzzles {hints}, tested on "
        f"{timed[0]['held_out']} minimal ones, one thread a run; time is the processor time of training steps, "
        f"evaluations left out, and of {processor(timed[0])} alone. Published numbers: arXiv 2511.08653, on "
        "9x9 Sudoku-Extreme. The rules of the verdicts stand in verdicts.py and comparing_detectors.py of "
        "analyses/curricula. Speed-up: what the baseline costs up to nine tenths of its last accuracy over what the "
        "arm costs up to there; see comparing.py."
    )


def _write(path: Path, content: dict[str, Any]) -> Path:
    return write_json(path, {**content, "provenance": provenance()})
