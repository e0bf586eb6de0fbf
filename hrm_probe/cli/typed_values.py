"""Settings of a question as they are typed, ``key=value``, by the kinds that its function takes."""

import math
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from hrm_probe.errors import InputError
from hrm_probe.reasoning.catalogue import Setting
from hrm_probe.wording import joined_words

WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a word", NoneType: "none"}


def can_be_typed(kind: Any) -> bool:
    """Is there a word for any value of this kind but None?"""
    return any(one is not NoneType and _word(one) for one in _kinds(kind))


def typed_settings(typed: Mapping[str, str], settings: Mapping[str, Setting]) -> dict[str, Any]:
    """The values that are meant.

    Raises:
        InputError: an unknown setting, or a value of another kind.
    """
    known = [name for name, setting in settings.items() if can_be_typed(setting.kind)]
    for name in typed:
        if name not in known:
            there = f"it has {joined_words(known)}" if known else "it has none"
            raise InputError(f"This question has no setting {name!r}; {there}.")
    return {name: _value(name, text, settings[name].kind) for name, text in typed.items()}


def described(kind: Any) -> str:
    """What a setting of this kind takes, in words."""
    return " or ".join(dict.fromkeys(word for one in _kinds(kind) if (word := _word(one))))


def as_typed(value: Any) -> str:
    """A value, as it would be typed."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return ",".join(map(as_typed, value)) if isinstance(value, list | tuple) else f"{value}"


def _value(name: str, text: str, kind: Any) -> Any:
    kinds = sorted(_kinds(kind), key=lambda one: _items(one) is not None, reverse="," in text)
    try:
        return _first(text, kinds)
    except ValueError:
        raise InputError(f"--set {name}={text}: {name} takes {described(kind)}.") from None


def _read(text: str, kind: Any) -> Any:
    """The text as a value of this one kind; a ValueError if it is not one."""
    if (items := _items(kind)) is not None:
        return tuple(_first(part.strip(), _kinds(items)) for part in text.split(",") if part.strip())
    if get_origin(kind) is Literal:
        return _chosen(text, {str(choice): choice for choice in get_args(kind)})
    if kind is NoneType:
        return _chosen(text.lower(), {"none": None})
    if kind is bool:
        return _chosen(text.lower(), {"true": True, "false": False})
    if kind not in (int, float, str) or not text:
        raise ValueError(text)
    value = kind(text)
    if kind is float and not math.isfinite(value):
        raise ValueError(text)
    return value


def _chosen(text: str, values: dict[str, Any]) -> Any:
    if text not in values:
        raise ValueError(text)
    return values[text]


def _first(text: str, kinds: Sequence[Any]) -> Any:
    """The text as a value of the first of these kinds that has such a one; a ValueError if none has."""
    for one in kinds:
        try:
            return _read(text, one)
        except ValueError:
            continue
    raise ValueError(text)


def _kinds(kind: Any) -> list[Any]:
    """The members of a union; where it has one, None comes before what would read "none" as a word."""
    members = list(get_args(kind)) if get_origin(kind) in (Union, UnionType) else [kind]
    return sorted(members, key=lambda one: one is not NoneType)


def _items(kind: Any) -> Any:
    """What a sequence is of; None for anything but a sequence."""
    origin = get_origin(kind)
    if not isinstance(origin, type) or not origin.__module__.startswith(("collections", "builtins")):
        return None
    return get_args(kind)[0] if origin.__name__ in ("Sequence", "Iterable", "Collection", "tuple") else None


def _word(kind: Any) -> str:
    if (items := _items(kind)) is not None:
        inner = described(items)
        return f"several with commas between them ({inner} each)" if inner else ""
    if get_origin(kind) is Literal:
        return joined_words([str(word) for word in get_args(kind)], last="or")
    return WORDS.get(kind, "")
