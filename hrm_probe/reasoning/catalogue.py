"""Every question by its name: what it asks, of how many puzzles, and what can be set."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import hrm_probe.reasoning as room
from hrm_probe.models import Tasks
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.inside.clue_pairs import one_clue_changed
from hrm_probe.reasoning.result import Result
from hrm_probe.sudoku import Puzzles

RUN_BY = ("groups", "batch_size", "seed", "progress", "curves")  # how a question is run, not what it asks


class Setting(NamedTuple):
    """A keyword of a question.

    Attributes:
        kind: its annotation.
        default: its value if none is given.
        told: what the question's documentation says of it.
    """

    kind: Any
    default: Any
    told: str


@dataclass(frozen=True)
class Question:
    """A question that is put to a model and a set of puzzles.

    Attributes:
        name: of the function in :mod:`hrm_probe.reasoning`.
        puzzles: how many are drawn by default; some questions draw fewer of these themselves.
        put: how the set of puzzles becomes what the function takes after the model.
    """

    name: str
    puzzles: int = 200
    put: Callable[[Any], tuple[Any, ...]] = lambda puzzles: (puzzles,)

    @property
    def function(self) -> Callable[..., Result]:
        function: Callable[..., Result] = getattr(room, self.name)
        return function

    @property
    def sentence(self) -> str:
        """What it asks."""
        return (self.function.__doc__ or "").partition("\n")[0]

    @property
    def of_traces(self) -> bool:
        """Is a recorded rollout enough, without the model?"""
        return "Trace" in str(next(iter(self._parameters.values())).annotation)

    @property
    def needs_rules(self) -> bool:
        """Are its puzzles Sudokus, or will tasks without rules do?"""
        return Tasks not in getattr(list(self._parameters.values())[1].annotation, "__args__", ())

    @property
    def about(self) -> str:
        """What its puzzles are, in words."""
        if list(self._parameters.values())[1].annotation is Tasks:
            return "mazes"
        return "Sudokus" if self.needs_rules else "Sudokus, or tasks without rules"

    @property
    def samples(self) -> bool:
        """Does it draw ``n`` of its puzzles itself?"""
        return "n" in self._parameters

    @property
    def taken(self) -> int:
        """How many puzzles it is about by default."""
        return int(self._parameters["n"].default) if self.samples else self.puzzles

    @cached_property
    def settings(self) -> dict[str, Setting]:
        """What can be set, beside how the question is run."""
        told = _told(self.function)
        return {
            name: Setting(parameter.annotation, parameter.default, told.get(name, ""))
            for name, parameter in self._parameters.items()
            if parameter.default is not parameter.empty and name not in (*RUN_BY, "n", "donors")
        }

    def ask(self, model: Any, puzzles: Asked, **given: Any) -> Result:
        """Put it.

        Args:
            model: or a trace, where that is enough.
            puzzles: as many as are to be asked about.
            given: settings, and how it is run: ``groups``, ``batch_size``, ``seed``, ``progress``. Of these last ones
                those that the question does not take are left out.

        Raises:
            InputError: whatever the question refuses.
        """
        taken = {name: one for name, one in given.items() if name not in RUN_BY or name in self._parameters}
        return self.function(model, *self.put(puzzles), **taken)

    @property
    def _parameters(self) -> dict[str, inspect.Parameter]:
        return dict(inspect.signature(self.function).parameters)


def _clues_changed(puzzles: Any) -> tuple[Any, ...]:
    """Pairs that differ by one clue; tasks without clues lend their states to one another."""
    return one_clue_changed(puzzles) if isinstance(puzzles, Puzzles) else (puzzles,)


def _told(function: Callable[..., Any]) -> dict[str, str]:
    """What is said of each argument; where that is "as in" another question, what is said there."""
    told = _arguments(inspect.getdoc(function) or "")
    for name, text in told.items():
        elsewhere = re.match(r"as in :func:`(?:[\w.]+\.)?(\w+)`", text)
        if elsewhere and elsewhere[1] in room.__all__:
            told[name] = _told(getattr(room, elsewhere[1])).get(name, text)
    return told


def _arguments(documentation: str) -> dict[str, str]:
    """What an "Args:" section says of each name; several may share a line."""
    section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", documentation, re.MULTILINE | re.DOTALL)
    told: dict[str, str] = {}
    for names, text in re.findall(
        r"^    ([\w, ]+):(.*(?:\n(?:     .*)?)*)", section[1] if section else "", re.MULTILINE
    ):
        told |= dict.fromkeys(re.findall(r"\w+", names), " ".join(text.split()))
    return told


QUESTIONS: dict[str, Question] = {
    question.name: question
    for question in (
        Question("evaluate", 1000),
        Question("single_blank"),
        Question("blanks"),
        Question("row_masking"),
        Question("solved_grids"),
        Question("stability"),
        Question("jumps"),
        Question("lens", 100),
        Question("modes"),
        Question("traps"),
        Question("attractors"),
        Question("fixed_points", 100),
        Question("residuals", 100),
        Question("wandering"),
        Question("state_landscape", 1),
        Question("guesses"),
        Question("nudges", 100),
        Question("particles", 64),
        Question("invariance", 100),
        Question("deduction_order", 100),
        Question("hold_back", 100),
        Question("follow_through", 400),
        Question("suppose", 400),
        Question("exclusion", 100),
        Question("standoffs", 400),
        Question("path_growth"),
        Question("attention", 100),
        Question("leaks", 100),
        Question("interventions", 100),
        Question("patch_sweep", 100, _clues_changed),
        Question("probes"),
        Question("dimensions", 100),
        Question("locality", 20),
    )
}
"""By name, in the order in which they are told."""
