"""Answers show themselves as they are printed; what stands in their arrays stays there."""

import dataclasses

import numpy as np
import pytest

from hrm_probe import reasoning
from hrm_probe.reasoning.result import Result

ANSWERS = [
    held
    for held in (getattr(reasoning, name) for name in reasoning.__all__)
    if isinstance(held, type) and issubclass(held, Result)
]


@pytest.mark.parametrize("answer", [*ANSWERS, reasoning.Accuracy], ids=lambda answer: answer.__name__)
def test_an_answer_at_the_end_of_a_cell_reads_as_when_printed(answer: type) -> None:
    assert answer.__repr__ is answer.__str__ is not object.__str__


def test_curves_are_counted() -> None:
    arrays = {field.name: np.zeros((3, 16), bool) for field in dataclasses.fields(reasoning.Curves)}
    arrays["solved"][1] = True
    assert repr(reasoning.Curves(**arrays)) == "Curves(3 puzzles, 16 segments: 1 solved at the last)"
