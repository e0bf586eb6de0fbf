"""The models of finished runs, asked one after the other; every answer is saved before the next is asked for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hrm_probe
from curricula.arms import HELD_OUT, PROBES
from hrm_probe.errors import InputError
from hrm_probe.json_text import write_json
from hrm_probe.models import RecursiveReasoner
from hrm_probe.provenance import provenance
from hrm_probe.sudoku import Puzzles, load_puzzles

Answer = dict[str, Any]  # arm, seed, puzzles, and what was answered
Ask = Callable[[RecursiveReasoner, Puzzles], list[dict[str, Any]]]


def ask_saved_models(runs: Path, saved: Path, puzzles: int, ask: Ask) -> list[Answer]:
    """Ask the model of every finished run under ``runs`` that was not asked before; all answers, old and new.

    Args:
        runs: ARM/seed-S, and beside them the held-out puzzles.
        saved: where the answers are, and go: after each model, so that an interrupt loses one at most.
        puzzles: how many held-out puzzles, from the first.
        ask: one or more answers of a model about puzzles; arm, seed and the number of puzzles are added.

    Raises:
        InputError: there is nothing to ask and nothing was, or the answers are about other puzzles.
    """
    answers = read_answers(saved)
    if any(answer["puzzles"] != puzzles for answer in answers):
        raise InputError(
            f"{saved} holds answers on {answers[0]['puzzles']} puzzles; ask as many, or name another --out."
        )
    asked = {(answer["arm"], answer["seed"]) for answer in answers}
    for finished in sorted(runs.glob(f"*/seed-*/{PROBES}")):
        summary = json.loads((finished.parent / "summary.json").read_text())
        own = {"arm": summary["recipe"], "seed": summary["seed"], "puzzles": puzzles}
        if (own["arm"], own["seed"]) in asked:
            continue
        model, held_out = hrm_probe.load(finished.parent / "model"), load_puzzles(runs / HELD_OUT)[:puzzles]
        answers += [{**own, **answer} for answer in ask(model, held_out)]
        write_json(saved, {"answers": answers, "provenance": provenance()})
    if not answers:
        raise InputError(f"There is no finished run in {runs}, and no {saved}; run the experiment first.")
    return answers


def read_answers(saved: Path) -> list[Answer]:
    """What was asked before; nothing if nothing was."""
    answers: list[Answer] = json.loads(saved.read_text())["answers"] if saved.is_file() else []
    return answers
