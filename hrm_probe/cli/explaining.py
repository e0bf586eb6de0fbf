"""What ``hrm-probe ask`` says of questions before one is asked."""

import re
import textwrap

from hrm_probe.cli.typed_values import as_typed, can_be_typed
from hrm_probe.reasoning.catalogue import QUESTIONS, Question

WIDTH = 110


def list_of_questions() -> str:
    """A line each."""
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
            "Questions; hrm-probe ask QUESTION explains one and its settings, hrm-probe ask QUESTION MODEL asks it.",
            "",
            *lines,
        ]
    )


def explained(question: Question) -> str:
    """What a question asks, of how many puzzles, and its settings; those that are told together stand together."""
    together: dict[str, list[str]] = {}
    for name, one in question.settings.items():
        if can_be_typed(one.kind):
            together.setdefault(one.told, []).append(f"{name}={as_typed(one.default)}")
    lines = [
        textwrap.fill(f"--set {', '.join(names)}: {_plain(told)}", WIDTH, subsequent_indent="    ")
        for told, names in together.items()
    ]
    whom = "a model, or a trace" if question.of_traces else "a model"
    return "\n".join(
        [
            question.sentence,
            "",
            f"Asked by: hrm-probe ask {question.name} MODEL (MODEL is {whom}; --puzzles are {question.about})",
            f"--n {question.taken}: puzzles in the sample",
            *lines,
            "",
            f"In Python it is hrm_probe.reasoning.{question.name}; its documentation has the formula and the limits.",
        ]
    )


def _plain(told: str) -> str:
    """Documentation without its markup; None, True and False as they are typed."""
    plain = re.sub(r"(?::\w+:)?`+~?([^`]+)`+", r"\1", told)
    return re.sub(r"\b(None|True|False)\b", lambda word: word[0].lower(), plain)
