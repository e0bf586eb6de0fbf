"""What cannot be asked is refused in a sentence, by every question alike."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hrm_probe import reasoning
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import check_asked, names_asked, run_length, segments_to_look_at
from hrm_probe.reasoning.runs.curves import follow
from hrm_probe.sudoku import Puzzles, generate
from tests.reasoning.planted_updates import Planted, stuck

MODEL = Planted(stuck)
PUZZLES = generate(6, "easy", "4x4", seed=0)
QUESTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(reasoning, name)
    for name in (
        "single_blank", "row_masking", "stability", "jumps", "modes", "traps", "guesses", "interventions", "probes",
        "residuals", "fixed_points", "blanks", "solved_grids", "attractors", "wandering", "evaluate", "lens",
        "patch_sweep", "dimensions", "locality",
    )
}  # fmt: skip
SHORT_TRAPS = {"long_segments": None, "restarted": 2, "starts": 1, "copies": 1, "scales": 1.0}
FEW_STARTS = {"n": 2, "starts": 2, "plane_resolution": 0, "stability": False}
OF_CURVES = ("jumps", "modes", "traps", "stability", "attractors", "wandering", "evaluate")


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name not in ("wandering", "locality")])
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
    with pytest.raises(InputError, match="Neither a model nor its curves were given"):
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


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name not in ("wandering", "locality")])
@pytest.mark.parametrize("segments", ["4", 2.5])
def test_a_run_has_a_whole_number_of_segments(question: str, segments: Any) -> None:
    with pytest.raises(InputError, match=r"segments is .*; it must be a whole number"):
        QUESTIONS[question](MODEL, PUZZLES, segments=segments)


@pytest.mark.parametrize(
    ("question", "settings", "told"),
    [
        ("probes", {"at": [1.5]}, r"at is 1\.5; it must be a whole number"),
        ("probes", {"at": [1, 99]}, "at is 99; it must be from 1 to 16"),
        ("probes", {"folds": 2.5}, r"folds is 2\.5; it must be a whole number"),
        ("interventions", {"at": [1.5]}, r"at is 1\.5; it must be a whole number"),
        ("interventions", {"scales": [float("nan")]}, "scales is .*; it must be a finite number"),
        ("interventions", {"ablate_at": 3}, r"ablate_at is 3; give Tick\(segment, H_cycle, L_cycle\)"),
        ("patch_sweep", {"ticks": 3}, r"ticks is 3; give Tick\(segment, H_cycle, L_cycle\)"),
        ("guesses", {"scale": float("nan")}, "scale is nan; it must be a finite number"),
        ("guesses", {"n_guesses": 2.5}, r"n_guesses is 2\.5; it must be a whole number"),
        ("single_blank", {"per_puzzle": 2.5}, r"per_puzzle is 2\.5; it must be a whole number, from 1 to 16"),
        ("row_masking", {"index": 1.7}, r"index is 1\.7; give a whole number"),
        ("row_masking", {"index": [1, 2]}, "or one for each of 6 puzzles"),
        ("stability", {"at": 100, "segments": 4}, "at is 100; it must be from 1 to 4"),
        ("solved_grids", {"at": 5, "segments": 4}, "at is 5; it must be from 1 to 4"),
        ("stability", {"horizons": [2.5]}, r"horizons is 2\.5; it must be a whole number"),
        ("wandering", {"horizons": [4.5, 8]}, r"horizons is 4\.5; it must be a whole number"),
        ("modes", {"early": 1.5}, r"early is 1\.5; it must be a whole number"),
        ("jumps", {"lags": [1.5]}, r"lags is 1\.5; it must be a whole number"),
        ("evaluate", {"batch_size": "2"}, "batch_size is '2'; it must be a whole number"),
    ],
)
def test_what_is_counted_is_whole_and_what_is_measured_finite(
    question: str, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        QUESTIONS[question](MODEL, PUZZLES, **settings)


@pytest.mark.parametrize("question", ["jumps", "modes", "stability", "evaluate"])
def test_curves_of_another_length_than_asked_for_are_refused(question: str) -> None:
    curves = follow(MODEL, PUZZLES, 16)
    with pytest.raises(InputError, match="These curves have 16 segments, not 8"):
        QUESTIONS[question](MODEL, PUZZLES, segments=8, curves=curves)
    assert len(QUESTIONS[question](MODEL, PUZZLES, segments=16, curves=curves).table) == len(PUZZLES)


def test_segments_to_look_at_come_in_any_order_and_any_form() -> None:
    for at in ([8, 1, 8], (1, 8), np.array([8, 1]), {1, 8}):
        assert segments_to_look_at(at, 16) == [1, 8]
    assert segments_to_look_at(4, 16) == [4]


def test_one_name_is_a_list_of_one() -> None:
    assert names_asked("patch") == ["patch"]
    assert names_asked(("patch", "noise")) == ["patch", "noise"]


@pytest.mark.parametrize(
    ("question", "given", "listed"),
    [
        ("guesses", {"sources": "start"}, {"sources": ["start"]}),
        ("interventions", {"kinds": "noise", "scales": 0.5}, {"kinds": ["noise"], "scales": [0.5]}),
        ("interventions", {"at": np.array([4, 1])}, {"at": [1, 4]}),
        ("probes", {"at": np.array([4, 1]), "sites": "z_H"}, {"at": [1, 4], "sites": ["z_H"]}),
        ("lens", {"sites": "z_H"}, {"sites": ["z_H"]}),
        ("jumps", {"lags": np.array([1, 2])}, {"lags": [1, 2]}),
        ("jumps", {"widths": 3.0}, {"widths": [3.0]}),
        ("modes", {"earlies": 2, "factors": 0.5}, {"earlies": [2], "factors": [0.5]}),
        ("traps", {"tolerances": 0.3, **SHORT_TRAPS}, {"tolerances": [0.3], **SHORT_TRAPS}),
        ("attractors", {"tolerances": 0.3, **FEW_STARTS}, {"tolerances": [0.3], **FEW_STARTS}),
        ("stability", {"horizons": np.array([2, 4])}, {"horizons": [2, 4]}),
        (
            "wandering",
            {"horizons": np.array([4, 8]), "long_puzzles": 2, "exponents": 0},
            {"horizons": [4, 8], "long_puzzles": 2, "exponents": 0},
        ),
    ],
)
def test_one_is_as_good_as_several_and_an_array_as_a_list(
    question: str, given: dict[str, Any], listed: dict[str, Any]
) -> None:
    if question == "interventions":
        given, listed = ({"kinds": ["patch"], **settings} for settings in (given, listed))
    first, second = (QUESTIONS[question](MODEL, PUZZLES, **settings) for settings in (given, listed))
    assert first.summary() == second.summary()


@pytest.mark.parametrize(
    ("question", "nothing"),
    [
        ("guesses", {"sources": []}),
        ("interventions", {"kinds": ()}),
        ("interventions", {"kinds": ("patch",), "at": []}),
        ("lens", {"sites": []}),
        ("patch_sweep", {"sites": ()}),
        ("patch_sweep", {"ticks": ()}),
        ("patch_sweep", {"positions": ()}),
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


@pytest.mark.parametrize(
    ("question", "wrong", "told"),
    [
        ("attractors", {"tolerance": -1}, "tolerance is -1; it must be a number at least 0"),
        ("attractors", {"tolerances": (0.1, -1)}, "tolerances is -1"),
        ("fixed_points", {"same": -1}, "same is -1"),
        ("fixed_points", {"eigenvalues": -1}, "eigenvalues is -1"),
        ("fixed_points", {"spread": "x"}, "spread is 'x'"),
        ("jumps", {"alpha": 1}, "alpha is 1"),
        ("jumps", {"curve": "los"}, "There is no curve 'los'"),
        ("jumps", {"gradual_width": 1}, "gradual_width is 1"),
        ("jumps", {"widths": 1.5}, "widths is 1.5"),
        ("modes", {"early": 99}, "early is 99; it must be from 1 to"),
        ("modes", {"factors": -1}, "factors is -1"),
        ("row_masking", {"at": 99}, "at is 99; it must be from 1 to 64"),
        ("solved_grids", {"at": 9, "segments": 8}, "at is 9; it must be from 1 to 8"),
        ("stability", {"at": 99}, "at is 99; it must be from 1 to 64"),
        ("stability", {"horizons": 0}, "horizons is 0"),
        ("traps", {"tolerance": -1}, "tolerance is -1"),
        ("traps", {"scales": -1}, "scales is -1"),
        ("wandering", {"repeats": 0}, "repeats is 0"),
        ("wandering", {"tolerance": "x"}, "tolerance is 'x'; it must be a number"),
    ],
)
def test_what_is_wrong_is_told_by_its_name_before_anything_is_run(
    question: str, wrong: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: object, **__: object) -> None:
        raise AssertionError("the model ran")

    monkeypatch.setattr(RecursiveReasoner, "segment", run)
    with pytest.raises(InputError, match=told):
        QUESTIONS[question](MODEL, PUZZLES, **wrong)


def test_a_landscape_needs_three_segments_to_judge_rest_by() -> None:
    with pytest.raises(InputError, match="segments is 2; it must be at least 3"):
        reasoning.state_landscape(MODEL, PUZZLES[:1], segments=2)


SEEDED = sorted(set(QUESTIONS) - {"jumps", "modes", "evaluate", "solved_grids"})


@pytest.mark.parametrize("question", SEEDED)
@pytest.mark.parametrize("seed", [-1, 1.5])
def test_a_seed_that_is_none_is_refused_before_anything_is_run(question: str, seed: float) -> None:
    with pytest.raises(InputError, match="seed is"):
        QUESTIONS[question](MODEL, PUZZLES, seed=seed)


@pytest.mark.parametrize("question", ["guesses", "traps", "attractors"])
def test_a_seed_of_numpy_is_that_seed(question: str) -> None:
    first, again = (QUESTIONS[question](MODEL, PUZZLES, seed=seed, segments=4) for seed in (3, np.int64(3)))
    assert str(first) == str(again)
