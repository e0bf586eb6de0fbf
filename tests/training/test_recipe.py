"""Recipes: what they take, and how they say no."""

from pathlib import Path

import pytest

from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig
from hrm_probe.training.recipe import Recipe, bundled_recipes, load_recipe, parse_settings


@pytest.mark.parametrize("name", bundled_recipes())
def test_every_bundled_recipe_is_sound_and_can_be_set(name: str) -> None:
    recipe = load_recipe(
        name, {"steps": "7", "checkpoint_every": "3", "seed": "5", "batch_size": "2", "lr": "1e-4"}
    )
    assert recipe.name == name
    assert (recipe.steps, recipe.checkpoint_every, recipe.seed, recipe.batch_size, recipe.lr) == (
        7,
        3,
        5,
        2,
        1e-4,
    )
    assert isinstance(recipe.model_config(36, 8), ModelConfig)


def test_the_promised_recipes_are_there() -> None:
    assert {"hrm-6x6", "hrm-6x6-mixed", "trm-6x6", "toy-4x4"} <= set(bundled_recipes())


def test_mixed_differs_from_plain_by_its_hints_only() -> None:
    plain, mixed = load_recipe("hrm-6x6").to_dict(), load_recipe("hrm-6x6-mixed").to_dict()
    assert {key for key in plain if plain[key] != mixed[key]} == {"name", "hint_fraction"}
    assert mixed["hint_fraction"] == 0.5


def test_text_is_read_as_the_settings_type() -> None:
    recipe = Recipe().replace(
        {"augment": "false", "steps": "1_000", "ema_horizon": "0", "train_sources": "minimal, hard", "lr": 1}
    )
    assert recipe.augment is False
    assert recipe.steps == 1000
    assert recipe.train_sources == ("minimal", "hard")
    assert recipe.lr == 1.0


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"learning_rate": 1}, "no setting"),
        ({"stepz": 1}, "near names are steps"),
        ({"steps": "many"}, "whole number"),
        ({"steps": 1.5}, "whole number"),
        ({"steps": True}, "whole number"),
        ({"steps": 0}, "greater than 0"),
        ({"lr": "fast"}, "a number"),
        ({"augment": "perhaps"}, "true or false"),
        ({"optimizer": "sgd"}, "adamw, adam_atan2"),
        ({"architecture": 3}, "text"),
        ({"exploration": 1.1}, r"0\.\.1"),
        ({"seed": -1}, "negative"),
        ({"seed": 10**20}, "must not go beyond"),
        ({"lr": "nan"}, "finite"),
        ({"weight_decay": "inf"}, "finite"),
        ({"beta1": 1}, "never forgets"),
        ({"expansion": 0}, "greater than 0"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Recipe().replace(settings)


def test_settings_are_replaced_by_name_as_well() -> None:
    recipe = load_recipe("toy-4x4")
    assert recipe.replace(steps=7) == recipe.replace({"steps": "7"})
    with pytest.raises(InputError, match="step"):
        recipe.replace(step=7)


def test_a_recipe_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8 text"):
        load_recipe(tmp_path / "own.toml")


def test_recipes_from_files(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('architecture = "trm"\nsteps = 12\nlr = 1\n')
    recipe = load_recipe(file)
    assert (recipe.name, recipe.architecture, recipe.steps, recipe.lr) == ("mine", "trm", 12, 1.0)
    file.write_text("steps = = 3")
    with pytest.raises(InputError, match="not valid TOML"):
        load_recipe(file)
    with pytest.raises(InputError, match="near names are hrm-6x6"):
        load_recipe("hrm-6x7")


def test_settings_of_a_command_line() -> None:
    assert parse_settings(["lr=1e-4", "train_set=a=b.csv"]) == {"lr": "1e-4", "train_set": "a=b.csv"}
    with pytest.raises(InputError, match="key=value"):
        parse_settings(["lr"])
    with pytest.raises(InputError, match=r"lr is set twice, to 1 and to 2; set it once"):
        parse_settings(["lr=1", "seed=0", "lr=2"])
    assert parse_settings(["lr=1", "lr= 1"]) == {"lr": "1"}


def test_a_recipe_made_in_python_is_read_like_one_in_a_file() -> None:
    assert Recipe(lr="5e-4", augment="false").lr == 5e-4  # type: ignore[arg-type]
    with pytest.raises(InputError, match="steps is True; it must be a whole number"):
        Recipe(steps=True)
    with pytest.raises(InputError, match="augment is 'maybe'; it must be true or false"):
        Recipe(augment="maybe")  # type: ignore[arg-type]


@pytest.mark.parametrize("settings", [{"steps": float("inf")}, {"lr": 10**400}])
def test_numbers_beyond_all_bounds_are_refused_in_a_sentence(settings: dict[str, object]) -> None:
    (name,) = settings
    with pytest.raises(InputError, match=f"^{name} is .*; it must be a"):
        Recipe().replace(settings)


def test_a_recipe_in_the_home_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.toml").write_text("steps = 7")
    assert load_recipe("~/mine.toml").steps == 7
    with pytest.raises(InputError):
        load_recipe(None)  # type: ignore[arg-type]
