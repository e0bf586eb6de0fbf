import json
from pathlib import Path

import numpy as np
import pytest

from hrm_probe.demo.finding import Finding, judge
from hrm_probe.dynamics.intervals import Interval, wilson
from hrm_probe.plots import style
from hrm_probe.plots.page import Statement


def interval(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 0.95, 100, "wilson")


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.6, 0.8, "holds"), (0.2, 0.4, "does not hold"), (0.4, 0.6, "undecided"), (0.5, 0.7, "undecided")],
)
def test_a_claim_is_judged_by_the_whole_interval(low: float, high: float, verdict: str) -> None:
    assert judge(interval(low, high), 0.5) == verdict


def test_nothing_counted_decides_nothing() -> None:
    assert judge(wilson(0, 0), 0.5) == "undecided"
    assert judge(interval(np.nan, np.nan), 0.5) == "undecided"


def test_a_finding_writes_equal_files_from_equal_numbers(tmp_path: Path) -> None:
    def finding() -> Finding:
        with style.style():
            figure = style.new_figure(2, 2)
            figure.subplots().plot([1, 2])
        return Finding(
            "one", "One", "n = 2", figure, {"x": 1}, [Statement("A claim.", "holds", "It does.", "one")]
        )

    for folder in ("first", "second"):
        finding().write(tmp_path / folder, {"seed": 0})
    assert sorted(p.name for p in (tmp_path / "first").iterdir()) == ["one.json", "one.pdf", "one.png"]
    for name in ("one.json", "one.pdf", "one.png"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    told = json.loads((tmp_path / "first" / "one.json").read_text())
    assert told["statements"] == [
        {"claim": "A claim.", "verdict": "holds", "sentence": "It does.", "picture": "one"}
    ]
    assert told["provenance"] == {"seed": 0}
