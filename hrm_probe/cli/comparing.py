"""``hrm-probe compare FIRST SECOND``: what differs between two answers, or two reports, about the same puzzles."""

import json as json_text
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from hrm_probe.cli.options import STANDARD_OUTPUT, JsonFile, Seed, refuse_one_path_for_both, writable_folder
from hrm_probe.cli.output import emit_json, what_is_written_to
from hrm_probe.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from hrm_probe.reasoning.comparing import ComparedAnswers

NUMBERS, PAGE = "comparison.json", "comparison.html"


def compare_command(
    first: Annotated[Path, typer.Argument(help="A folder that ask --out or report has written.")],
    second: Annotated[Path, typer.Argument(help="Another one, about the same puzzles.")],
    puzzles: Annotated[
        str | None,
        typer.Option(help="For reports: the set that they were made from, unless it is a bundled one."),
    ] = None,
    seed: Seed = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            callback=writable_folder, help="Folder for numbers, a table for each question, and pictures."
        ),
    ] = None,
    json: JsonFile = None,
) -> None:
    """Compare two models' answers puzzle by puzzle, with intervals of what differs; no model is run.

    Intervals of two answers may overlap and the answers still differ: most of what makes them wide is which puzzles
    were drawn, and that is the same for both.
    """
    from hrm_probe.cli.answer_folder import refuse_all_but
    from hrm_probe.files import path_of
    from hrm_probe.provenance import provenance
    from hrm_probe.report.comparing_reports import COMPARED_IN_REPORTS, compare_reports
    from hrm_probe.report.result import RESULTS

    first, second = (path_of(folder) for folder in (first, second))
    reports = [folder for folder in (first, second) if (folder / RESULTS).exists()]
    if len(reports) == 1:
        raise InputError(f"{reports[0]} is a report, the other is none; compare two reports, or two answers.")
    if puzzles is not None and not reports:
        raise InputError("Saved answers know their puzzles; leave out --puzzles, which is for reports.")
    refuse_one_path_for_both(out, json)
    if reports:
        found = compare_reports(first, second, puzzles, seed=seed)
        titles = {name: COMPARED_IN_REPORTS[name].capitalize() for name in found}
    else:
        one, other = _read(first), _read(second)
        found, titles = {one.question: _compared(one, other, seed)}, {one.question: ""}
    if out is not None:
        kind = (str(first), str(second), list(found))
        refuse_all_but(
            out,
            NUMBERS,
            lambda earlier: (earlier["first"], earlier["second"], list(earlier["compared"])) == kind,
            lambda earlier: f"the comparison of {earlier['first']} and {earlier['second']}",
        )
    about = {
        "first": str(first), "second": str(second), "seed": seed,
        "compared": {name: one.summary() for name, one in found.items()}, "provenance": provenance(),
    }  # fmt: skip
    if out is not None:
        _write(out, found, titles, about)
    if json is not None:
        emit_json(json, about)
    if json != STANDARD_OUTPUT:
        print(_in_words(found, titles))
        if out is not None:
            print(f"\n{what_is_written_to(out)}")


class _Answer(NamedTuple):
    """What ``ask --out`` has written."""

    folder: Path
    question: str
    model: str
    settings: dict[str, Any]
    found: Any
    groups: "np.ndarray | None"
    tokens_sha256: str | None


def _read(folder: Path) -> _Answer:
    from hrm_probe.cli.answer_folder import GROUPS, WHOLE
    from hrm_probe.cli.answer_folder import NUMBERS as ANSWER
    from hrm_probe.reasoning.storing import load_results
    from hrm_probe.report.effects import class_labels

    try:
        about = json_text.loads((folder / ANSWER).read_text(encoding="utf-8"))
        question, model, settings = str(about["question"]), str(about["model"]), dict(about["settings"])
        (data,) = about["provenance"].get("data", {"": {}}).values()
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{folder} holds neither an answer nor a report; make one with hrm-probe ask QUESTION MODEL --out FOLDER, "
            "or with hrm-probe report MODEL."
        ) from None
    kept = load_results(folder / WHOLE)
    if question not in kept:
        raise InputError(f"{folder / WHOLE} holds no answer to {question}, as {ANSWER} says; ask it again.")
    groups = kept.get(GROUPS)
    if "cells" not in data:  # these are Sudokus, whose groups are solution classes, not tasks
        groups = class_labels(groups)
    return _Answer(folder, question, model, settings, kept[question], groups, data.get("tokens_sha256"))


def _compared(first: _Answer, second: _Answer, seed: int) -> "ComparedAnswers":
    from hrm_probe.reasoning.comparing import compare_answers

    if first.tokens_sha256 and second.tokens_sha256 and first.tokens_sha256 != second.tokens_sha256:
        raise InputError(
            "The answers are about different puzzles; ask both about the same --puzzles with the same --n and --seed."
        )
    groups = second.groups if first.groups is None else first.groups  # older answers hold none
    found = compare_answers(first.found, second.found, _names(first, second), groups=groups, seed=seed)
    names = [name for name in first.settings if name in second.settings]
    told = {name: [first.settings[name], second.settings[name]] for name in names}
    differing = {name: pair for name, pair in told.items() if pair[0] != pair[1]}
    return replace(found, differing={**found.differing, **differing})


def _in_words(found: "dict[str, ComparedAnswers]", titles: dict[str, str]) -> str:
    return "\n\n".join(f"{titles[name]}\n{one}".lstrip() for name, one in found.items())


def _names(first: _Answer, second: _Answer) -> tuple[str, str]:
    """The models' names; with what else tells two answers of one model apart."""
    from hrm_probe.report.subject import name_of

    one, other = name_of(first.model), name_of(second.model)
    if one != other:
        return one, other
    if first.question != second.question:
        return f"{one}, {first.question}", f"{other}, {second.question}"
    return str(first.folder), str(second.folder)


def _write(
    out: Path, found: "dict[str, ComparedAnswers]", titles: dict[str, str], about: dict[str, Any]
) -> None:
    """The numbers of all questions in one file, on one page, and for each a table and a picture."""
    from hrm_probe.cli.answer_folder import foot, write_numbers
    from hrm_probe.files import writing
    from hrm_probe.plots import answer_figure, has_picture
    from hrm_probe.plots.plain_page import Picture, Table, picture_page
    from hrm_probe.plots.saving import save_figure

    pictures = []
    with writing(out) as beside:
        beside.mkdir()
        for name, one in found.items():
            one.table.to_csv(beside / f"{name}.csv", index=False)
            if has_picture(one):
                figure = answer_figure(one, titles[name])
                save_figure(figure, beside, name)
                pictures.append(Picture(name, titles[name], "", figure))
        tables = [Table(titles[name] or name, one.table, "") for name, one in found.items()]
        heading = f"From {about['first']} to {about['second']}"
        page = picture_page(heading, _in_words(found, titles), pictures, tables, foot(about), NUMBERS)
        (beside / PAGE).write_text(page, encoding="utf-8")
        write_numbers(beside, NUMBERS, about)
