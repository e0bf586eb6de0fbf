"""Every question by its name, and what can be set."""

import inspect

import pytest

from hrm_probe import reasoning
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.reasoning.catalogue import QUESTIONS
from hrm_probe.reasoning.result import Result
from hrm_probe.sudoku import generate

OTHERWISE = {
    "arc_score",
    "checkpoint_guesses",
    "compare_answers",
}  # of ARC's copies, of a training's files and of other answers, not of a set of puzzles


def test_every_question_of_a_model_and_puzzles_is_there():
    answers = {
        name
        for name in reasoning.__all__
        if inspect.isfunction(function := getattr(reasoning, name))
        and inspect.isclass(answer := inspect.signature(function).return_annotation)
        and issubclass(answer, Result)
    }
    assert set(QUESTIONS) == (answers | {"evaluate", "state_landscape"}) - OTHERWISE


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.name)
def test_whatever_can_be_set_is_explained(question):
    assert question.sentence.endswith((".", "?"))
    assert not {"groups", "batch_size", "seed", "progress", "curves", "n"} & set(question.settings)
    assert all(setting.told for setting in question.settings.values())


def test_names_that_share_a_line_of_the_documentation_are_told_the_same():
    settings = QUESTIONS["fixed_points"].settings
    assert settings["copies"].told == settings["spread"].told
    assert settings["copies"].told.startswith("how many starts around the end")
    assert settings["copies"].default == 2


def test_it_is_known_who_needs_the_rules_and_who_is_content_with_a_trace():
    assert {name for name, question in QUESTIONS.items() if question.of_traces} == {
        "dimensions",
        "evaluate",
        "jumps",
        "modes",
        "probes",
        "residuals",
        "stability",
    }
    assert QUESTIONS["exclusion"].needs_rules
    assert not QUESTIONS["lens"].needs_rules
    asked_about = {"exclusion": "Sudokus", "path_growth": "mazes", "lens": "Sudokus, or tasks without rules"}
    assert {name: QUESTIONS[name].about for name in asked_about} == asked_about


def test_questions_that_draw_their_puzzles_say_how_many():
    assert (QUESTIONS["fixed_points"].samples, QUESTIONS["fixed_points"].taken) == (True, 8)
    assert (QUESTIONS["exclusion"].samples, QUESTIONS["exclusion"].taken) == (False, 100)


def test_a_question_is_asked_as_its_function_is():
    model = build_model(
        ModelConfig(cells=16, vocab=6, d_model=32, n_heads=2, H_layers=1, L_layers=1, max_segments=4)
    )
    puzzles = generate(6, "minimal", "4x4", seed=0)
    found = QUESTIONS["evaluate"].ask(model, puzzles, segments=3, groups=None, seed=5, progress=False)
    assert found.summary() == reasoning.evaluate(model, puzzles, 3).summary()


def test_what_a_question_does_not_know_is_not_dropped_in_silence():
    puzzles = generate(2, "minimal", "4x4", seed=0)
    with pytest.raises(TypeError, match="segmets"):
        QUESTIONS["evaluate"].ask(None, puzzles, segmets=3)


def test_patching_pairs_puzzles_that_differ_by_one_clue():
    puzzles = generate(6, "minimal", "4x4", seed=0)
    receivers, donors = QUESTIONS["patch_sweep"].put(puzzles)
    assert ((receivers.tokens != donors.tokens).sum(1) == 1).all()


def test_whoever_waits_sees_how_far_a_question_has_come():
    signatures = {name: inspect.signature(question.function) for name, question in QUESTIONS.items()}
    quiet = [name for name, signature in signatures.items() if "progress" not in signature.parameters]
    assert quiet == []
