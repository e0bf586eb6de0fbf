"""A model is asked for as many segments as it was trained for, unless another number is named."""

from collections.abc import Callable
from typing import Any

import pytest

from hrm_probe.models import ModelConfig, RecursiveReasoner, build_model
from hrm_probe.reasoning import blanks, dimensions, fixed_points, residuals, single_blank
from hrm_probe.sudoku import generate
from hrm_probe.trace import record

PUZZLES = generate(4, "easy", "4x4", seed=0)
ASKED: dict[str, Callable[..., Any]] = {
    "blanks": lambda model, **given: blanks(model, PUZZLES, n=2, counts=[1, "all"], **given),
    "fixed_points": lambda model, **given: fixed_points(
        model, PUZZLES, n=1, starts=["end"], max_iterations=1, **given
    ),
    "dimensions": lambda model, **given: dimensions(model, PUZZLES, untrained=0, tasks=2, **given),
    "residuals": lambda model, **given: residuals(model, PUZZLES, **given),
    "single_blank": lambda model, **given: single_blank(model, PUZZLES, per_puzzle=1, **given),
}


@pytest.fixture(scope="module")
def model() -> RecursiveReasoner:
    config = ModelConfig(
        "trm", cells=16, vocab=6, d_model=16, n_heads=2, L_layers=1, H_cycles=1, L_cycles=1, max_segments=5
    )
    return build_model(config)


@pytest.mark.parametrize("question", ASKED)
def test_the_length_of_a_run_is_the_models_own(model: RecursiveReasoner, question: str) -> None:
    assert ASKED[question](model).segments == 5
    assert ASKED[question](model, segments=3).segments == 3


def test_so_is_that_of_a_recording(model: RecursiveReasoner) -> None:
    assert record(model, PUZZLES)["z_H"].sizes["segment"] == 5
    assert record(model, PUZZLES, segments=3)["z_H"].sizes["segment"] == 3
