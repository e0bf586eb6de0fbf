"""Recipes as a person reads them: what each is for, and every setting with its value and choices."""

import inspect
import json
import re
from typing import NamedTuple, get_args, get_origin, get_type_hints

from hrm_probe.training.recipe import RECIPES, Recipe, bundled_recipes


def purposes() -> dict[str, str]:
    """The first sentence of each bundled recipe, by name.

    >>> purposes()["toy-4x4"]                                       # doctest: +SKIP
    """
    return {name: _first_sentence((RECIPES / f"{name}.toml").read_text()) for name in bundled_recipes()}


def as_toml(recipe: Recipe) -> str:
    """Every setting of a recipe, the defaults too, as a TOML file that trains the same.

    >>> [line for line in as_toml(Recipe()).splitlines() if line.startswith(("architecture", "warmup"))]
    ['architecture = "hrm"  # or "trm"', 'warmup = 0.02  # share of the budget']

    A setting that is one of a few words has the others beside it, and what the source says of it beside or above it.
    """
    types, remarks = get_type_hints(Recipe), _remarks()
    lines = []
    for key, value in recipe.to_dict().items():
        if key == "name":  # the file's own
            continue
        remark = remarks[key]
        others = [word for word in get_args(types[key]) if word != value] if _is_choice(types[key]) else []
        notes = [f"or {', '.join(map(json.dumps, others))}" if others else "", remark.beside]
        note = "; ".join(filter(None, notes))
        lines += remark.above
        lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}" + (f"  # {note}" if note else ""))
    return "\n".join(lines) + "\n"


class _Remark(NamedTuple):
    """What the source says of a setting: in lines above it, those of its group before them, and beside it."""

    above: list[str]
    beside: str


def _remarks() -> dict[str, _Remark]:
    """By setting, as its comments in the source of `Recipe` have it."""
    remarks: dict[str, _Remark] = {}
    above: list[str] = []
    for line in map(str.strip, inspect.getsource(Recipe).splitlines()):
        if line.startswith("def "):
            break
        if line.startswith("# --"):
            above += [""] if remarks.keys() - {"name"} else []
        if line.startswith("#"):
            above.append(line)
        elif setting := re.match(r"(\w+): .*? = [^#]*(?:# (.*))?$", line):
            remarks[setting[1]] = _Remark(above, setting[2] or "")
            above = []
    return remarks


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
