"""Recipes as a person reads them: what each is for, and every setting with its value and choices."""

import json
from typing import get_args, get_origin, get_type_hints

from hrm_probe.training.recipe import RECIPES, Recipe, bundled_recipes


def purposes() -> dict[str, str]:
    """The first sentence of each bundled recipe, by name.

    >>> purposes()["toy-4x4"]                                       # doctest: +SKIP
    """
    return {name: _first_sentence((RECIPES / f"{name}.toml").read_text()) for name in bundled_recipes()}


def as_toml(recipe: Recipe) -> str:
    """Every setting of a recipe, the defaults too, as a TOML file that trains the same.

    >>> as_toml(Recipe()).splitlines()[0]
    'architecture = "hrm"  # or "trm"'

    A setting that is one of a few words has the others beside it.
    """
    types = get_type_hints(Recipe)
    lines = []
    for key, value in recipe.to_dict().items():
        if key == "name":  # the file's own
            continue
        others = [word for word in get_args(types[key]) if word != value] if _is_choice(types[key]) else []
        note = f"  # or {', '.join(map(json.dumps, others))}" if others else ""
        lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}{note}")
    return "\n".join(lines) + "\n"


def _is_choice(kind: object) -> bool:
    return get_origin(kind) is not None and all(isinstance(word, str) for word in get_args(kind))


def _first_sentence(text: str) -> str:
    comment = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        comment.append(line.lstrip("# "))
    sentence, _, _ = " ".join(comment).partition(". ")
    return sentence.rstrip(".") + "."
