"""An answer on disk: its numbers, its tables, the whole of it, and its picture."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hrm_probe.errors import InputError
from hrm_probe.files import writing
from hrm_probe.json_text import write_json

if TYPE_CHECKING:
    from hrm_probe.reasoning.result import Result

NUMBERS, WHOLE, PICTURE = "answer.json", "answer.npz", "answer"


def refuse_to_lose(out: Path, question: str, model: str) -> None:
    """Raise an InputError where the folder holds an answer to another question, of another model, or of no question."""
    if not (out / NUMBERS).exists():
        return
    try:
        there = json.loads((out / NUMBERS).read_text(encoding="utf-8"))
        told = f"the answer of {there['model']} to {there['question']}"
        if (there["question"], there["model"]) == (question, model):
            return
    except (OSError, ValueError, KeyError, TypeError):
        told = f"another {NUMBERS}"
    raise InputError(f"{out} holds {told}; name another folder by --out.")


def write_answer(out: Path, found: "Result", about: Mapping[str, Any], title: str) -> None:
    """Write ``answer.json``, a CSV for each table that has rows, ``answer.npz`` and, if there is one, the picture.

    The picture comes last, under this title. ``load_results(OUT / "answer.npz")`` of
    :mod:`hrm_probe.reasoning.storing` gives the whole answer back.
    """
    from hrm_probe.plots import answer_figure, has_picture
    from hrm_probe.plots.saving import save_figure
    from hrm_probe.reasoning.storing import save_results

    out.mkdir(parents=True, exist_ok=True)
    save_results(out / WHOLE, {str(about["question"]): found}, {"model": about["model"]})
    for field in fields(found):  # type: ignore[arg-type]
        table = getattr(found, field.name)
        if isinstance(table, pd.DataFrame) and len(table):
            with writing(out / f"{field.name}.csv") as beside:
                table.to_csv(beside, index=table.index.name is not None)
    write_json(out / NUMBERS, dict(about), indent=2)
    if has_picture(found):
        save_figure(answer_figure(found, title), out, PICTURE)
