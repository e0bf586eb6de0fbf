"""What a person sees while long work goes on."""

import pytest

from hrm_probe import progress
from hrm_probe.progress import track


def test_items_pass_through_unchanged() -> None:
    assert list(track(range(5), "counting")) == [0, 1, 2, 3, 4]


def test_lines_never_count_beyond_the_total(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    list(track(range(4), "running", total=400, each=128))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "running: 128 of 400 puzzles",
        "running: 256 of 400 puzzles",
        "running: 384 of 400 puzzles",
        "running: 400 of 400 puzzles",
    ]
    assert lines[-1].endswith("about 0 s left")
