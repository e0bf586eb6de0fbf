"""One question put to several models, one after another, and how it was put."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from measured import DIGITS, Measured
from sampled import where_from

from hrm_probe import load
from hrm_probe.json_text import as_json
from hrm_probe.models import RecursiveReasoner
from hrm_probe.provenance import provenance
from hrm_probe.report.subject import name_of


class Found(Protocol):
    """What a question finds of one model: told in words by ``str``, in numbers by ``summary``."""

    def summary(self) -> Mapping[str, Any]: ...


def asked_of_each(
    given: Namespace, ask: Callable[[str, RecursiveReasoner], Found], *settings: str
) -> Measured:
    """What is found of each model, told as it comes, with all that says how it was asked.

    Args:
        given: a command line of :func:`command_lines.asking_models`; models compute in its ``dtype`` if it has one.
        ask: the question, of a model and the name by which that was given.
        settings: further options of the command line that the numbers depend on.
    """
    found = {}
    for name in given.models:
        one = ask(name, load(name, dtype=getattr(given, "dtype", None)))
        print(f"{name}. {one}", flush=True)
        found[name_of(name)] = as_json(one.summary(), DIGITS)
    return {
        "models": found,
        **where_from(given),
        **{setting: getattr(given, setting) for setting in settings},
        "seed": given.seed,
        "provenance": provenance(),
    }
