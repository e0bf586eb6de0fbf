"""``hrm-probe ask QUESTION MODEL``: any question about reasoning, put to any model."""

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrm_probe.cli.options import STANDARD_OUTPUT, ForwardDtypeName, JsonFile, positive, writable_folder
from hrm_probe.cli.output import write_json
from hrm_probe.errors import InputError

if TYPE_CHECKING:
    from hrm_probe.reasoning.asking import Asked
    from hrm_probe.reasoning.catalogue import Question

WIDTH = 110


def ask_command(
    question: Annotated[str | None, typer.Argument(help="Its name; without one, all are listed.")] = None,
    model: Annotated[
        str | None,
        typer.Argument(
            help="A shipped model's name, a model folder, or of some questions a trace; without one, the question "
            "is explained."
        ),
    ] = None,
    puzzles: Annotated[
        str | None,
        typer.Option(
            help="A bundled set, a file of puzzles with answers, or a published folder; the board's test set if not "
            "given."
        ),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option(callback=positive, help="Puzzles in the sample; each question has its own number."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn at random.")] = 0,
    set: Annotated[  # the option's own name
        list[str] | None, typer.Option("--set", help="Change a setting: key=value. May be repeated.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            callback=writable_folder, help="Folder for numbers, tables, the whole answer and its picture."
        ),
    ] = None,
    batch_size: Annotated[
        int, typer.Option(min=1, help="Puzzles at once; lower it if memory is short.")
    ] = 128,
    device: Annotated[str | None, typer.Option(help="cpu or cuda; CUDA where there is one.")] = None,
    dtype: ForwardDtypeName = None,
    json: JsonFile = None,
) -> None:
    """Ask a model one question about its reasoning: does it keep what it solved, when does it jump, where does it look?

    Tables are written by --out, headline numbers by --json; intervals keep together what may be alike.
    """
    if question is None:
        print(_list_of_questions())
        return
    asked = _question(question)
    if model is None:
        print(_explained(asked))
        return
    from hrm_probe.allocator import keep_freed_memory
    from hrm_probe.cli.answer_folder import refuse_to_lose, write_answer
    from hrm_probe.cli.reading import remark_on_several_solutions
    from hrm_probe.cli.typed_values import typed_settings
    from hrm_probe.provenance import provenance
    from hrm_probe.report.sample import are_clustered, belonging_together
    from hrm_probe.report.subject import name_of
    from hrm_probe.training.recipe import parse_settings

    settings = typed_settings(parse_settings(set or []), asked.settings)
    if out is not None:
        refuse_to_lose(out, asked.name, model)
    if n is not None and asked.samples:
        settings["n"] = n
    keep_freed_memory()
    subject, chosen, named = _subject(asked, model, puzzles, n, seed, device, dtype)
    remark_on_several_solutions(chosen)
    groups = belonging_together(chosen) if are_clustered(chosen) else None
    found = asked.ask(
        subject, chosen, groups=groups, batch_size=batch_size, seed=seed, progress=True, **settings
    )
    about = {
        "question": asked.name, "model": model, "puzzles": named, "n": len(chosen), "seed": seed,
        "settings": settings, "answer": found.summary(), "provenance": provenance(),
    }  # fmt: skip
    if out is not None:
        write_answer(out, found, about, name_of(model))
    if json is not None:
        write_json(about, json)
    if json != STANDARD_OUTPUT:
        print(found)
        if out is not None:
            print(f"\nNumbers, tables and picture: {out}")


def _question(name: str) -> "Question":
    from difflib import get_close_matches

    from hrm_probe.reasoning.catalogue import QUESTIONS

    if name not in QUESTIONS:
        near = get_close_matches(name, QUESTIONS, n=3) or list(QUESTIONS)
        raise InputError(f"There is no question {name!r}; there is {', '.join(near)}.")
    return QUESTIONS[name]


def _subject(
    question: "Question",
    model: str,
    puzzles: str | None,
    n: int | None,
    seed: int,
    device: str | None,
    dtype: str | None,
) -> tuple[Any, "Asked", str]:
    """The model or trace that is asked, what about, and what that is called."""
    import hrm_probe
    from hrm_probe.cli.reading import read_puzzles_or_tasks
    from hrm_probe.reasoning.traced import puzzles_of
    from hrm_probe.report.sample import bundled_test_set
    from hrm_probe.sudoku import Board
    from hrm_probe.trace.store import is_trace

    if is_trace(Path(model)):
        if not question.of_traces:
            raise InputError(
                f"{model} is a trace, and {question.name} runs the model; give the model that the trace is of."
            )
        if n is not None or puzzles is not None:
            raise InputError("A trace is asked about the puzzles that it is of; leave out --puzzles and --n.")
        trace = hrm_probe.open_trace(model)
        return trace, puzzles_of(trace), model
    reasoner = hrm_probe.load(model, device, dtype)
    named = puzzles or bundled_test_set(Board.of(reasoner.config.cells))
    chosen = read_puzzles_or_tasks(named, None, seed)
    return reasoner, chosen.sample(min(n or question.puzzles, len(chosen)), seed), named


def _list_of_questions() -> str:
    from hrm_probe.reasoning.catalogue import QUESTIONS

    width = max(map(len, QUESTIONS)) + 2
    lines = [
        textwrap.fill(
            f"{name:{width}}{question.sentence}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent=" " * (width + 2),
        )
        for name, question in QUESTIONS.items()
    ]
    return "\n".join(
        [
            "Questions; hrm-probe ask QUESTION says what one can be told, hrm-probe ask QUESTION MODEL asks it.",
            "",
            *lines,
        ]
    )


def _explained(question: "Question") -> str:
    """What a question asks, of how many puzzles, and its settings; those that are told together stand together."""
    from hrm_probe.cli.typed_values import as_typed, can_be_typed

    together: dict[str, list[str]] = {}
    for name, one in question.settings.items():
        if can_be_typed(one.kind):
            together.setdefault(one.told, []).append(f"{name}={as_typed(one.default)}")
    lines = [
        textwrap.fill(f"--set {', '.join(names)}: {_plain(told)}", WIDTH, subsequent_indent="    ")
        for told, names in together.items()
    ]
    whom = "a model, or a trace" if question.of_traces else "a model"
    what = "Sudokus" if question.needs_rules else "Sudokus, or tasks without rules"
    return "\n".join(
        [
            question.sentence,
            "",
            f"Asked by: hrm-probe ask {question.name} MODEL (MODEL is {whom}; --puzzles are {what})",
            f"--n {question.taken}: puzzles in the sample",
            *lines,
            "",
            f"In Python it is hrm_probe.reasoning.{question.name}; its documentation has the formula and the limits.",
        ]
    )


def _plain(told: str) -> str:
    """Documentation without its markup, and None as it is typed."""
    return re.sub(r"\bNone\b", "none", re.sub(r"(?::\w+:)?`+~?([^`]+)`+", r"\1", told))
