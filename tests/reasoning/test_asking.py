"""What cannot be asked is refused in a sentence, by every question alike."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hrm_probe import reasoning
from hrm_probe.errors import InputError
from hrm_probe.reasoning.asking import check_asked, run_length
from hrm_probe.reasoning.curves import follow
from hrm_probe.sudoku import Puzzles, generate
from tests.reasoning.planted_updates import Planted, stuck

MODEL = Planted(stuck)
PUZZLES = generate(6, "easy", "4x4", seed=0)
QUESTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(reasoning, name)
    for name in (
        "single_blank", "row_masking", "stability", "jumps", "modes", "traps", "guesses", "interventions", "probes",
        "residuals", "fixed_points", "blanks", "solved_grids", "attractors", "wandering", "evaluate",
    )
}  # fmt: skip
OF_CURVES = ("jumps", "modes", "traps", "stability", "attractors", "wandering", "evaluate")


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name != "wandering"])
def test_no_question_runs_no_segments(question: str) -> None:
    with pytest.raises(InputError, match="segments is 0; it must be at least"):
        QUESTIONS[question](MODEL, PUZZLES, segments=0)


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_is_put_to_nobody(question: str) -> None:
    with pytest.raises(InputError, match=r"at least (one|two|2)"):
        QUESTIONS[question](MODEL, PUZZLES[:0])


@pytest.mark.parametrize("question", QUESTIONS)
def test_tokens_alone_are_no_puzzles(question: str) -> None:
    with pytest.raises(InputError, match="take Puzzles"):
        QUESTIONS[question](MODEL, PUZZLES.tokens)


@pytest.mark.parametrize("question", OF_CURVES)
def test_curves_of_other_puzzles_are_refused(question: str) -> None:
    curves = follow(MODEL, PUZZLES)
    with pytest.raises(InputError, match=r"curves are of 6 puzzles, not of these 2"):
        QUESTIONS[question](MODEL, PUZZLES[:2], curves=curves)


@pytest.mark.parametrize("question", ["jumps", "modes", "stability", "evaluate"])
def test_without_a_model_there_must_be_curves(question: str) -> None:
    with pytest.raises(InputError, match="neither a model nor the curves of one"):
        QUESTIONS[question](None, PUZZLES)


def test_without_a_model_nobody_knows_how_long_it_was_trained() -> None:
    curves = follow(MODEL, PUZZLES)
    with pytest.raises(InputError, match="at which segment a puzzle counts as solved"):
        reasoning.stability(None, PUZZLES, curves=curves)
    assert reasoning.stability(None, PUZZLES, curves=curves, at=3).table.shape[0] == len(PUZZLES)


def test_guesses_are_somebodys() -> None:
    with pytest.raises(InputError, match="no model to ask for guesses"):
        reasoning.guesses([], PUZZLES)


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_is_put_to_nothing_at_a_time(question: str) -> None:
    with pytest.raises(InputError, match="batch_size is 0; it must be at least 1"):
        QUESTIONS[question](MODEL, PUZZLES, batch_size=0)


def test_another_board_is_refused() -> None:
    larger = Puzzles(
        np.ones((2, 36), np.int64), np.full((2, 36), 2), np.array(["x", "x"]), np.zeros(2, np.int64)
    )
    with pytest.raises(InputError, match="have 36 cells, but the model is for 16"):
        check_asked(MODEL, larger)


def test_the_length_of_a_run_is_the_models_unless_given() -> None:
    assert run_length(MODEL, None) == MODEL.config.max_segments
    assert run_length(MODEL, 3, least=3) == 3
    with pytest.raises(InputError, match="segments is 2; it must be at least 3"):
        run_length(MODEL, 2, least=3)


def test_a_name_is_no_model() -> None:
    with pytest.raises(InputError, match=r"model is of type str; .*hrm_probe\.load"):
        check_asked("hrm-6x6", generate(2, "easy", "4x4", seed=0))


@pytest.mark.parametrize(
    ("question", "nothing"),
    [
        ("guesses", {"sources": []}),
        ("interventions", {"kinds": ()}),
        ("interventions", {"kinds": ("patch",), "at": []}),
        ("probes", {"at": []}),
        ("probes", {"at": [0]}),
        ("probes", {"at": [99]}),
        ("probes", {"sites": []}),
        ("jumps", {"lags": ()}),
        ("jumps", {"lags": (0,)}),
    ],
)
def test_asking_for_nothing_is_told(question: str, nothing: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        QUESTIONS[question](MODEL, PUZZLES, **nothing)
