"""``hrm-probe compare FIRST SECOND``: what differs between two answers, or two reports, about the same puzzles."""

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from hrm_probe.cli.options import STANDARD_OUTPUT, JsonFile, Seed, writable_folder
from hrm_probe.cli.output import emit_json
from hrm_probe.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from hrm_probe.reasoning.comparing import ComparedAnswers

NUMBERS = "comparison.json"


def compare_command(
    first: Annotated[Path, typer.Argument(help="A folder that ask --out or report has written.")],
    second: Annotated[Path, typer.Argument(help="Another one, about the same puzzles.")],
    puzzles: Annotated[
        str | None,
        typer.Option(help="Of reports, the set that they were made from, if it is no bundled one."),
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
    from hrm_probe.provenance import provenance
    from hrm_probe.report.comparing_reports import COMPARED_IN_REPORTS, compare_reports
    from hrm_probe.report.result import RESULTS

    if out is not None:
        refuse_all_but(out, NUMBERS, lambda earlier: "compared" in earlier, lambda earlier: NUMBERS)
    reports = [(folder / RESULTS).exists() for folder in (first, second)]
    if all(reports):
        found = compare_reports(first, second, puzzles, seed=seed)
        titles = {name: f"{COMPARED_IN_REPORTS[name].capitalize()}. " for name in found}
    elif any(reports):
        raise InputError(
            f"{first} and {second} are a report and an answer; compare two reports, or two answers."
        )
    else:
        one, other = _read(first), _read(second)
        found, titles = {one.question: _compared(one, other, seed)}, {one.question: ""}
    about = {
        "first": str(first), "second": str(second), "seed": seed,
        "compared": {name: one.summary() for name, one in found.items()}, "provenance": provenance(),
    }  # fmt: skip
    if out is not None:
        _write(out, found, about)
    if json is not None:
        emit_json(json, about)
    if json != STANDARD_OUTPUT:
        print("\n\n".join(f"{titles[name]}{one}" for name, one in found.items()))
        if out is not None:
            print(f"\nWritten to {out}: {', '.join(sorted(file.name for file in out.iterdir()))}.")


class _Answer(NamedTuple):
    """What ``ask --out`` has written."""

    question: str
    model: str
    found: Any
    groups: "np.ndarray | None"
    tokens_sha256: str | None


def _read(folder: Path) -> _Answer:
    from hrm_probe.cli.answer_folder import GROUPS, WHOLE
    from hrm_probe.cli.answer_folder import NUMBERS as ANSWER
    from hrm_probe.reasoning.storing import load_results

    try:
        about = json_text.loads((folder / ANSWER).read_text(encoding="utf-8"))
        question, model = str(about["question"]), str(about["model"])
        (data,) = about["provenance"].get("data", {"": {}}).values()
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{folder} holds no answer; make one with hrm-probe ask QUESTION MODEL --out {folder}, or name two reports."
        ) from None
    kept = load_results(folder / WHOLE)
    return _Answer(question, model, kept[question], kept.get(GROUPS), data.get("tokens_sha256"))


def _compared(first: _Answer, second: _Answer, seed: int) -> "ComparedAnswers":
    from hrm_probe.reasoning.comparing import compare_answers
    from hrm_probe.report.effects import class_labels
    from hrm_probe.report.subject import name_of

    sums = {first.tokens_sha256, second.tokens_sha256} - {None}
    if len(sums) > 1:
        raise InputError(
            "The answers are about different puzzles; ask both about the same --puzzles with the same --n and --seed."
        )
    names = name_of(first.model), name_of(second.model)
    if names[0] == names[1]:
        names = f"{names[0]}, {first.question}", f"{names[1]}, {second.question}"
    labels = first.groups
    if labels is not None and first.found.resampled == "class":
        labels = class_labels(labels)
    return compare_answers(first.found, second.found, names, groups=labels, seed=seed)


def _write(out: Path, found: "dict[str, ComparedAnswers]", about: dict[str, Any]) -> None:
    """The numbers of all questions in one file, and for each a table and a picture."""
    from hrm_probe.cli.answer_folder import write_numbers
    from hrm_probe.files import writing
    from hrm_probe.plots import answer_figure, has_picture
    from hrm_probe.plots.saving import save_figure

    with writing(out) as beside:
        beside.mkdir()
        for name, one in found.items():
            one.table.to_csv(beside / f"{name}.csv", index=False)
            if has_picture(one):
                save_figure(answer_figure(one), beside, name)
        write_numbers(beside, NUMBERS, about)
