"""An answer on disk: its numbers, its tables, the whole of it, its picture, and a page of all that to read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hrm_probe.errors import InputError
from hrm_probe.files import writing
from hrm_probe.json_text import as_json, write_json

if TYPE_CHECKING:
    import numpy as np

    from hrm_probe.reasoning.result import Result

NUMBERS, WHOLE, PICTURE, PAGE = "answer.json", "answer.npz", "answer", "answer.html"
GROUPS = "groups"
"""Beside the answer in ``WHOLE``: labels [puzzle] of those that belong together, or None."""


def refuse_all_but_this_answer(out: Path, question: str, model: str) -> None:
    """Raise an InputError where the folder holds anything but an earlier answer of this model to this question."""
    refuse_all_but(
        out,
        NUMBERS,
        lambda earlier: (earlier["question"], earlier["model"]) == (question, model),
        lambda earlier: f"the answer of {earlier['model']} to {earlier['question']}",
    )


def refuse_all_but(
    out: Path,
    numbers: str,
    ours: Callable[[dict[str, Any]], bool],
    in_words: Callable[[dict[str, Any]], str],
) -> None:
    """Raise an InputError where a folder holds anything but what an earlier command of the same kind wrote.

    Args:
        out: the folder.
        numbers: its JSON file, which lists its ``files``.
        ours: whether what was written then may be replaced.
        in_words: what it is, if not.
    """
    if out.resolve() == Path.cwd():
        raise InputError(f"{out} is the folder you are in; name a folder inside it with --out.")
    there = sorted(file.name for file in out.iterdir()) if out.is_dir() else []
    if not there:
        return
    try:
        earlier = json.loads((out / numbers).read_text(encoding="utf-8"))
        told = in_words(earlier)
        foreign = [name for name in there if name not in earlier["files"]]
        if not foreign and ours(earlier):
            return
    except (OSError, ValueError, KeyError, TypeError):
        foreign, told = there, ""
    raise InputError(f"{out} holds {foreign[0] if foreign else told}; name another folder with --out.")


def write_answer(
    out: Path, found: "Result", about: Mapping[str, Any], title: str, groups: "np.ndarray | None" = None
) -> None:
    """Write ``answer.html`` and ``.json``, a CSV for each table that has rows, ``answer.npz`` and any picture.

    The folder takes the place of an earlier one as a whole. ``load_results(OUT / "answer.npz")`` of
    :mod:`hrm_probe.reasoning.storing` gives the whole answer back.
    """
    from hrm_probe.plots import answer_figure, has_picture
    from hrm_probe.plots.plain_page import Picture, picture_page
    from hrm_probe.plots.saving import save_figure
    from hrm_probe.plots.tabulating import number_tables
    from hrm_probe.reasoning.storing import save_results

    heading = f"{about['question']}: {title}"
    with writing(out) as beside:
        beside.mkdir()
        save_results(
            beside / WHOLE, {str(about["question"]): found, GROUPS: groups}, {"model": about["model"]}
        )
        for field in fields(found):  # type: ignore[arg-type]
            table = getattr(found, field.name)
            if isinstance(table, pd.DataFrame) and len(table):
                table.to_csv(beside / f"{field.name}.csv", index=table.index.name is not None)
        pictures = []
        if has_picture(found):
            figure = answer_figure(found, title)
            save_figure(figure, beside, PICTURE)
            pictures = [Picture(PICTURE, "", "", figure)]
        tables = number_tables(as_json(about["answer"]), "numbers")
        page = picture_page(heading, str(found), pictures, tables, foot(about), NUMBERS)
        (beside / PAGE).write_text(page, encoding="utf-8")
        write_numbers(beside, NUMBERS, about)


def foot(about: Mapping[str, Any]) -> dict[str, Any]:
    """How an answer was made, for the foot of its page."""
    asked = {name: about[name] for name in ("puzzles", "n", "seed", "settings") if name in about}
    return {**asked, **about["provenance"]}


def write_numbers(folder: Path, name: str, about: Mapping[str, Any]) -> None:
    """Write JSON that also lists the files of its folder, which :func:`refuse_all_but` knows them by."""
    files = sorted({name, *(file.name for file in folder.iterdir())})
    write_json(folder / name, {**about, "files": files}, indent=2)
