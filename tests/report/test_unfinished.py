"""What a stopped report leaves is found by the same question alone, and whole."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hrm_probe.report.plan import Plan
from hrm_probe.report.unfinished import Unfinished, forget, left_unfinished

ASKED: dict[str, Any] = {"model": "planted", "topics": ("jumps", "modes"), "minutes": 5.0}
LEFT = Unfinished(Plan(puzzles=7, horizons=(16, 32)), {"labels": np.array([3, 1])}, {"jumps": 12.5})


def test_it_is_taken_up_as_it_was(tmp_path: Path) -> None:
    LEFT.keep(tmp_path, ASKED)
    found = left_unfinished(tmp_path, ASKED)
    assert found is not None
    assert found.plan == LEFT.plan
    assert found.results["labels"].tolist() == [3, 1]
    assert found.seconds == {"jumps": 12.5}


@pytest.mark.parametrize(
    "other", [{"model": "another"}, {"minutes": 6.0}, {"topics": ("jumps",)}, {"more": 1}]
)
def test_another_question_finds_nothing(tmp_path: Path, other: dict[str, Any]) -> None:
    LEFT.keep(tmp_path, ASKED)
    assert left_unfinished(tmp_path, {**ASKED, **other}) is None


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    forget(tmp_path)  # where there is nothing, too
    LEFT.keep(tmp_path, ASKED)
    forget(tmp_path)
    assert left_unfinished(tmp_path, ASKED) is None
    assert not list(tmp_path.iterdir())
