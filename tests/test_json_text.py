"""JSON is strict, says all that was measured, and is a whole file or none."""

import json
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hrm_probe.json_text import as_json, json_text, write_json


@dataclass(frozen=True)
class Ends:
    low: float
    high: float


@pytest.mark.parametrize(
    ("value", "known"),
    [
        (float("nan"), None),
        (np.float32("-inf"), None),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.str_("row"), "row"),
        (np.array([[1.5, np.nan], [0.0, 2.0]]), [[1.5, None], [0.0, 2.0]]),
        (np.array(2), 2),
        (pd.DataFrame({"n": [1, 2], "share": [0.5, np.nan]}), [{"n": 1, "share": 0.5}, {"n": 2, "share": None}]),
        (Ends(0.0, np.inf), {"low": 0.0, "high": None}),
        (MappingProxyType({1: (1, 2)}), {"1": [1, 2]}),
        (Path("a/b"), str(Path("a/b"))),
        (None, None),
    ],
)  # fmt: skip
def test_values_become_what_json_knows(value: Any, known: Any) -> None:
    found = as_json({"all": [value]})["all"][0]
    assert found == known
    assert type(found) is type(known)


def test_numbers_are_rounded_only_where_that_is_wanted() -> None:
    numbers = {"third": 1 / 3, "narrow": np.float32(0.1), "many": 12345678, "large": np.array([98765432.1])}
    assert as_json(numbers)["third"] == 1 / 3
    assert as_json(numbers, 6) == {"third": 0.333333, "narrow": 0.1, "many": 12345678, "large": [98765400.0]}


def test_what_json_has_no_word_for_is_an_error() -> None:
    with pytest.raises(TypeError, match="no equivalent of a set"):
        as_json({"a": {1, 2}})


def test_the_text_is_strict_json() -> None:
    assert json_text({"a": float("nan"), "b": "é"}, indent=None) == '{"a": null, "b": "\\u00e9"}\n'
    assert json_text([1]) == "[\n 1\n]\n"


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    file = write_json(tmp_path / "new" / "x.json", {"a": 1})
    assert json.loads(file.read_text()) == {"a": 1}
    with pytest.raises(TypeError):
        write_json(file, {"a": 2, "b": object()})
    assert json.loads(file.read_text()) == {"a": 1}
    assert [path.name for path in file.parent.iterdir()] == ["x.json"]
