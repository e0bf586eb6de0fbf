"""What a recipe asks for in vain is said, once and in a sentence; what works is not talked about."""

from typing import Any

import pytest

from hrm_probe.sudoku import Puzzles, generate
from hrm_probe.training import Recipe, bundled_recipes, load_recipe, train
from hrm_probe.training.data.sets import load_data
from hrm_probe.training.remarks import NEEDS, remarks
from tests.training.tiny_runs import TINY

PUZZLES = generate(5, "minimal", "4x4")
WORKING: dict[str, Any] = {
    "architecture": "hrm", "mixer": "attention", "n_heads": 2, "H_layers": 1, "train_size": 5, "train_mix": "test",
    "hint_fraction": 0.5, "hint_min_blanks": 2, "puzzle_lr": 1e-4, "puzzle_weight_decay": 1.0, "exploration": 0.5,
    "stagger": True, "supervision": "cgar", "depth": "plateau", "full_depth_by": 0.5, "order": "easy_first",
    "all_puzzles_by": 0.5, "keep_answers": 10, "answer_puzzles": 9, "answer_copies": 8,
    "ema_horizon": 0.5,
}  # fmt: skip


@pytest.mark.parametrize("name", bundled_recipes())
def test_bundled_recipes_get_what_they_ask_for(name: str) -> None:
    recipe = load_recipe(name)
    assert remarks(recipe, load_data(recipe).train) == []


def test_settings_that_all_have_what_they_take_are_passed_over() -> None:
    assert {name for need in NEEDS for name in need.settings} <= WORKING.keys()
    assert remarks(Recipe().replace(WORKING), PUZZLES) == []


@pytest.mark.parametrize(
    ("without", "sentence"),
    [
        ({"keep_answers": 0}, "answer_puzzles=9 and answer_copies=8 have no effect: they need keep_answers above 0."),
        ({"architecture": "trm"}, "H_layers=1 has no effect: it needs architecture=hrm."),
        ({"mixer": "mlp"}, "n_heads=2 has no effect: it needs mixer=attention."),
        ({"train_size": 0}, "train_mix=test has no effect: it needs train_size above 0."),
        ({"hint_fraction": 0}, "hint_min_blanks=2 has no effect: it needs hint_fraction above 0."),
        (
            {"prefix": 0},
            "puzzle_lr=0.0001 and puzzle_weight_decay=1.0 have no effect: they need prefix above 0.",
        ),
        (
            {"max_segments": 1},
            "exploration=0.5 and stagger=true and supervision=cgar have no effect: they need max_segments above 1.",
        ),
        ({"early_halting": False}, "exploration=0.5 has no effect: it needs early_halting=true."),
        ({"depth": "cgar"}, "full_depth_by=0.5 has no effect: it needs depth=plateau."),
        ({"H_cycles": 1}, "depth=plateau has no effect: it needs a full depth beyond (L_cycles, H_cycles) = (2, 1)."),
        ({"order": "uniform"}, "all_puzzles_by=0.5 has no effect: it needs order=easy_first."),
        (
            {"hint_min_blanks": 16},
            "hint_fraction=0.5 has no effect: no training puzzle has more blanks than hint_min_blanks=16.",
        ),
        (
            {"positions": "none"},
            "mixer=attention with positions=none cannot tell one cell from another: use positions=rope.",
        ),
        (
            {"ema_horizon": 0.999},
            "ema_horizon=0.999 is not a decay: the average reaches over that share of the training so far, almost to "
            "the first weights; 0.02 is usual.",
        ),
        (
            {"log_every": 1000},
            "depth=plateau deepens by full_depth_by alone: log_every=1000 is too infrequent to tell whether the loss "
            "falls; of 10,000 steps it must be below 1000.",
        ),
        (
            {"evaluate_every": 1500},
            "keep_answers=10 gets only 7: there are no more evaluations with evaluate_every=1500.",
        ),
    ],
)  # fmt: skip
def test_what_lacks_something_is_said(without: dict[str, Any], sentence: str) -> None:
    assert remarks(Recipe().replace({**WORKING, **without}), PUZZLES) == [sentence]


def test_of_minutes_nobody_knows_the_number_of_steps() -> None:
    recipe = Recipe().replace({**WORKING, "evaluate_every": 10**6, "log_every": 10**6})
    assert len(remarks(recipe, PUZZLES)) == 2
    assert remarks(recipe, PUZZLES, minutes=5) == []


def test_a_training_says_so_where_it_begins(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    sentence = "answer_copies=8 has no effect: it needs keep_answers above 0.\n"
    recipe = Recipe().replace({**TINY, "steps": 2, "answer_copies": 8})
    train(recipe, tmp_path)
    assert sentence in capsys.readouterr().err
    train(recipe, tmp_path, resume=True)
    assert sentence not in capsys.readouterr().err


def test_puzzles_of_several_solutions_are_counted() -> None:
    few_clues = generate(6, "minimal", "4x4")
    tokens = few_clues.tokens.copy()
    tokens[:2] = 1
    loose = Puzzles(tokens, few_clues.answers, few_clues.source, few_clues.rating)
    assert remarks(Recipe(), PUZZLES, test=PUZZLES) == []
    (told,) = remarks(Recipe(), PUZZLES, test=loose)
    assert told.startswith("test_set: 2 of 6 puzzles looked at have more than one solution")
