"""``hrm-probe ask QUESTION MODEL``: any question about reasoning, put to any model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from hrm_probe.cli.options import (
    STANDARD_OUTPUT,
    BatchSize,
    Device,
    ForwardDtypeName,
    JsonFile,
    Seed,
    at_least_one,
    refuse_one_path_for_both,
    writable_folder,
)
from hrm_probe.cli.output import emit_json, what_is_written_to
from hrm_probe.errors import InputError
from hrm_probe.near_names import name_among
from hrm_probe.wording import joined_words

if TYPE_CHECKING:
    from hrm_probe.reasoning.asking import Asked
    from hrm_probe.reasoning.catalogue import Question


def ask_command(
    question: Annotated[str | None, typer.Argument(help="Its name; without one, all are listed.")] = None,
    model: Annotated[
        str | None,
        typer.Argument(
            help="A shipped model's name, a model folder or, for some questions, a trace; without one, the question "
            "is explained."
        ),
    ] = None,
    puzzles: Annotated[
        str | None,
        typer.Option(
            help="A bundled set, a file of puzzles, or a published folder; the board's test set if not given."
        ),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option(callback=at_least_one, help="Puzzles in the sample; each question has its own default."),
    ] = None,
    seed: Seed = 0,
    set: Annotated[  # the option's own name
        list[str] | None, typer.Option("--set", help="Change a setting: key=value. May be repeated.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            callback=writable_folder,
            help="Folder for numbers, tables, the whole answer, and its picture if it has one.",
        ),
    ] = None,
    batch_size: BatchSize = 128,
    device: Device = None,
    dtype: ForwardDtypeName = None,
    json: JsonFile = None,
) -> None:
    """Ask a model one question about its reasoning: does it keep what it solved, when does it jump, where does it look?

    Where intervals are bootstrapped, whole solution classes are resampled together (groups="class" in Python).
    """
    given = {"--puzzles": puzzles, "--n": n, "--set": set, "--out": out, "--json": json}
    if model is None and (idle := [name for name, value in given.items() if value is not None]):
        raise InputError(f"{idle[0]} needs a model to ask; name one: hrm-probe ask QUESTION MODEL.")
    if question is None or model is None:
        from hrm_probe.cli.explaining import explained, list_of_questions

        print(list_of_questions() if question is None else explained(_question(question)))
        return
    asked = _question(question)
    from hrm_probe.allocator import keep_freed_memory
    from hrm_probe.cli.answer_folder import refuse_all_but_this_answer, write_answer
    from hrm_probe.cli.reading import remark_on_several_solutions
    from hrm_probe.cli.typed_values import can_be_typed, typed_settings
    from hrm_probe.reasoning.result import group_labels
    from hrm_probe.report.sample import are_clustered, belonging_together
    from hrm_probe.report.subject import name_of
    from hrm_probe.trace.store import holds_trace
    from hrm_probe.training.recipe import parse_settings

    settings = typed_settings(parse_settings(set or []), asked.settings)
    if out is not None:
        refuse_all_but_this_answer(out, asked.name, model)
        refuse_one_path_for_both(out, json)
    keep_freed_memory()
    if holds_trace(Path(model)):
        told = {"--n": n, "--puzzles": puzzles, "--device": device, "--dtype": dtype}
        subject = _traced(asked, model, [name for name, value in told.items() if value is not None])
    else:
        subject = _modelled(asked, model, puzzles, n, seed, device, dtype)
    defaults = {name: one.default for name, one in asked.settings.items() if can_be_typed(one.kind)}
    if asked.samples:
        settings["n"] = subject.taken
    remark_on_several_solutions(subject.puzzles)
    groups = belonging_together(subject.puzzles) if are_clustered(subject.puzzles) else None
    how = {"groups": groups, "batch_size": batch_size, "seed": seed, "progress": True}
    found = asked.ask(subject.asked, subject.puzzles, **how, **settings)
    about = {
        "question": asked.name, "model": model, "puzzles": subject.named, "n": subject.taken, "seed": seed,
        "settings": defaults | settings, "answer": found.summary(),
        "provenance": {
            **subject.provenance, "batch_size": batch_size, "clustered": groups is not None,
        },
    }  # fmt: skip
    if out is not None:
        write_answer(out, found, about, name_of(model), group_labels(subject.puzzles, groups)[0])
    if json is not None:
        emit_json(json, about)
    if json != STANDARD_OUTPUT:
        print(found)
        if out is not None:
            print(f"\n{what_is_written_to(out)}")


class _Subject(NamedTuple):
    """Who is asked, about what, what that is called, how much of it counts, and where all of it comes from."""

    asked: Any
    puzzles: "Asked"
    named: str
    taken: int
    provenance: dict[str, Any]


def _question(name: str) -> "Question":
    from hrm_probe.reasoning.catalogue import QUESTIONS

    return QUESTIONS[name_among(name, QUESTIONS, "question")]


def _traced(question: "Question", path: str, idle: list[str]) -> _Subject:
    """A trace, about the puzzles that it is of."""
    import hrm_probe
    from hrm_probe.provenance import provenance
    from hrm_probe.reasoning.runs.traced import puzzles_of

    if not question.of_traces:
        raise InputError(
            f"{path} is a trace, and {question.name} runs the model; give the model that was recorded."
        )
    if idle:
        raise InputError(f"A trace is asked about what was recorded; leave out {joined_words(idle)}.")
    trace = hrm_probe.open_trace(path)
    puzzles, origin = puzzles_of(trace), {name: trace.attributes[name] for name in ("model", "weights")}
    return _Subject(trace, puzzles, path, len(puzzles), {"recorded": origin, **provenance()})


def _modelled(
    question: "Question",
    model: str,
    puzzles: str | None,
    n: int | None,
    seed: int,
    device: str | None,
    dtype: str | None,
) -> _Subject:
    """A model, about a sample of a set."""
    import hrm_probe
    from hrm_probe.cli.reading import read_puzzles_or_tasks, remark_on_too_few
    from hrm_probe.report.provenance import full_provenance
    from hrm_probe.report.sample import test_set_for
    from hrm_probe.report.subject import name_of

    if question.puzzles == 1 and n not in (None, 1):
        raise InputError(f"{question.name} looks at one puzzle, which --seed draws; leave out --n.")
    reasoner = hrm_probe.load(model, device, dtype)
    named = puzzles or test_set_for(reasoner.config.cells)
    every = read_puzzles_or_tasks(named, None, seed)
    remark_on_too_few(n, every, named)
    # A question that draws its own sample draws it from as many as without --n, or the same n would be another sample.
    drawn = max(n or 0, question.puzzles) if question.samples else n or question.puzzles
    chosen = every.sample(min(drawn, len(every)), seed)
    place = {"device": reasoner.device.type, "dtype": str(reasoner.forward_dtype).removeprefix("torch.")}
    origin = full_provenance(seed, {name_of(model): reasoner}, {named: chosen}, place)
    return _Subject(reasoner, chosen, named, min(n or question.taken, len(chosen)), origin)
