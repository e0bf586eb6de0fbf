"""Settings as they are typed."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pytest

from hrm_probe.cli.typed_values import as_typed, can_be_typed, described, typed_settings
from hrm_probe.errors import InputError
from hrm_probe.reasoning.catalogue import Setting


def read(text, kind):
    return typed_settings({"key": text}, {"key": Setting(kind, None, "")})["key"]


@pytest.mark.parametrize(
    ("text", "kind", "meant"),
    [
        ("3", int, 3),
        ("3", int | None, 3),
        ("none", int | None, None),
        ("none", str | None, None),
        ("0.5", float, 0.5),
        ("true", bool, True),
        ("z_H", str, "z_H"),
        ("grid", Literal["grid", "puzzle"], "grid"),
        ("4", int | Sequence[int] | None, 4),
        ("4,8", int | Sequence[int] | None, (4, 8)),
        ("4", Sequence[int], (4,)),
        ("1, all", Sequence[int | Literal["all"]], (1, "all")),
        ("z_H", str | Sequence[str], "z_H"),
        ("z_H,z_L", str | Sequence[str], ("z_H", "z_L")),
        ("3", int | np.ndarray | None, 3),
    ],
)
def test_a_value_is_read_as_its_setting_takes_it(text, kind, meant):
    value = read(text, kind)
    assert value == meant
    assert type(value) is type(meant)


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("many", int, "key takes a whole number"),
        ("1.5", int | None, "none or a whole number"),
        ("nan", float, "key takes a number"),
        ("perhaps", bool, "true or false"),
        ("row", Literal["grid", "puzzle"], "grid or puzzle"),
        ("4,x", Sequence[int], "several with commas between them (a whole number each)"),
        ("", str, "key takes a word"),
    ],
)
def test_a_value_of_another_kind_is_refused_in_words(text, kind, told):
    with pytest.raises(InputError) as refused:
        read(text, kind)
    assert told in str(refused.value)


def test_an_unknown_setting_is_refused_with_those_that_there_are():
    with pytest.raises(InputError, match="no setting 'n'; it has at and held"):
        typed_settings({"n": "3"}, {"at": Setting(int, 1, ""), "held": Setting(int, 2, "")})
    with pytest.raises(InputError, match="it has none"):
        typed_settings({"n": "3"}, {})


def test_what_no_word_stands_for_cannot_be_typed():
    assert not can_be_typed(Mapping[str, np.ndarray] | None)
    assert not can_be_typed(Sequence[np.ndarray])
    assert can_be_typed(Mapping[str, np.ndarray] | str)
    assert described(Mapping[str, np.ndarray] | str | None) == "none or a word"


@pytest.mark.parametrize(
    ("value", "typed"), [(None, "none"), ((1, 2), "1,2"), (True, "true"), ("all", "all"), (0.5, "0.5")]
)
def test_defaults_are_shown_as_they_would_be_typed(value, typed):
    assert as_typed(value) == typed
