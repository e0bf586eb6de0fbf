"""The numbers beside a picture: strict, and rounded to what is known of them."""

import json
from pathlib import Path

import numpy as np

from hrm_probe.dynamics.intervals import wilson
from hrm_probe.report.numbers import write_rounded


def test_json_has_no_nan_and_no_numpy(tmp_path: Path) -> None:
    content = {"a": np.float32(0.1), "b": [np.nan, np.int64(3), np.bool_(True)], "c": np.arange(2), "d": None}
    written = json.loads(write_rounded(tmp_path / "x.json", content).read_text())
    assert written == {"a": 0.1, "b": [None, 3, True], "c": [0, 1], "d": None}


def test_intervals_are_told_by_their_fields_to_six_digits(tmp_path: Path) -> None:
    told = json.loads(write_rounded(tmp_path / "x.json", {"share": wilson(1, 3)}).read_text())["share"]
    assert told == {
        "estimate": 0.333333, "low": 0.0614919, "high": 0.79234, "level": 0.95, "n": 3, "method": "wilson",
    }  # fmt: skip
