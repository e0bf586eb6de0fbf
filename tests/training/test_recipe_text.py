"""Recipes as a person reads them."""

import tomllib
from pathlib import Path

import pytest

from hrm_probe.training.recipe import Recipe, bundled_recipes, load_recipe
from hrm_probe.training.recipe_text import as_toml, purposes


@pytest.mark.parametrize("name", bundled_recipes())
def test_what_is_printed_trains_the_same(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(name)
    copy = tmp_path / f"{name}.toml"
    copy.write_text(as_toml(recipe))
    assert load_recipe(copy) == recipe


def test_every_setting_is_printed_the_defaults_too() -> None:
    assert set(tomllib.loads(as_toml(Recipe()))) == set(Recipe().to_dict()) - {"name"}


def test_a_word_of_a_few_has_the_others_beside_it() -> None:
    assert 'depth = "full"  # or "cgar", "plateau", "shallow"' in as_toml(Recipe()).splitlines()
    assert "batch_size = 64" in as_toml(Recipe()).splitlines()


def test_words_with_quotes_are_kept(tmp_path: Path) -> None:
    recipe = Recipe(train_set='my "own" set.csv', train_sources=("a", "b"))
    assert Recipe().replace(tomllib.loads(as_toml(recipe))) == recipe


def test_every_bundled_recipe_says_what_it_is_for() -> None:
    told = purposes()
    assert list(told) == bundled_recipes()
    for purpose in told.values():
        assert purpose.endswith(".")
        assert 20 < len(purpose) < 130


def test_any_letter_can_be_in_a_name() -> None:
    assert tomllib.loads(as_toml(Recipe(train_set='\U0001f600/a"b.csv')))["train_set"] == '\U0001f600/a"b.csv'


def test_settings_say_what_they_are_for() -> None:
    lines = as_toml(Recipe()).splitlines()
    assert "steps = 10000  # one step = one segment for the whole batch" in lines
    assert (
        'train_mix = "set"  # or "test"; ... in the mix of sources that the set has, or the test set' in lines
    )
    assert any(line.startswith("evaluate_puzzles = 256  # of the test set") for line in lines)
    above = lines[lines.index('init_from = ""') - 1]
    assert above.startswith("# Weights to begin with")
