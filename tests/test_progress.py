"""What a person sees while long work goes on."""

import sys

import pytest

from hrm_probe import progress
from hrm_probe.progress import Display, track


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


@pytest.mark.parametrize("terminal", [True, False])
def test_what_else_there_is_to_say_is_asked_anew_each_time(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    done: list[int] = []
    told: list[str] = []

    def status() -> str:
        told.append(f"{len(done)} found")
        return told[-1]

    for item in track(range(2), "looking", status=status):
        done.append(item)
    assert told == ["1 found", "2 found"]
    if not terminal:
        assert capsys.readouterr().err.splitlines()[-1].endswith(", 2 found")


def test_nothing_is_said_where_nothing_is_to_be_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    for show, lines in ((True, 3), (False, 0)):
        assert list(track(range(3), "counting", show=show)) == [0, 1, 2]
        assert len(capsys.readouterr().err.splitlines()) == lines


def test_a_closed_stderr_is_told_nothing_and_stdout_neither(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    monkeypatch.setattr(sys, "stderr", None)
    assert list(track(range(3), "counting")) == [0, 1, 2]
    with Display("counting") as display:
        display.show(1.0, "all of it")
        display.say("Done.")
    assert capsys.readouterr().out == ""


def test_work_that_is_soon_done_leaves_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    list(track(range(3), "counting"))
    with Display("counting", silent=True) as display:
        display.show(1.0, "all of it")
    assert capsys.readouterr().err == ""


def test_a_line_stays_beside_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Display("counting", total=2) as display:
        display.show(1, "1 of 2", "[so far]")
        display.say("Half of it [is done].")
    said = capsys.readouterr().err
    assert "Half of it [is done]." in said
    assert "1 of 2 [so far]" in said
