"""Training all segments beside early halting, at toy size: two seeds, from training to the picture."""

import json
from pathlib import Path

import all_segments
import pytest

from hrm_probe.sudoku import load_puzzles

QUICK = ["steps=2", "evaluate_puzzles=2", "log_every=1", "test_set=SET", "compile=off", "max_segments=5"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    """The words of a command line that was run, and the folder it wrote to."""
    folder = tmp_path_factory.mktemp("all_segments")
    test = load_puzzles("6x6-test")
    test[test.source == "minimal"][:8].to_csv(folder / "eight.csv")
    settings = [word.replace("SET", str(folder / "eight.csv")) for word in QUICK]
    pairs = [word for setting in settings for word in ("--set", setting)]
    places = ["--runs", str(folder / "runs"), "--out", str(folder / "out")]
    words = ["--seeds", "2", "--n", "6", "--segments", "8", *pairs, *places]
    assert all_segments.main(words) == 0
    return words, folder


def test_each_seed_is_trained_both_ways_and_compared_by_every_question(
    trained: tuple[list[str], Path],
) -> None:
    _, folder = trained
    told = json.loads((folder / "out" / "all_segments.json").read_text())
    arms = ("early halting", "all segments")
    assert [(row["seed"], row["arm"]) for row in told["runs"]] == [
        (seed, arm) for seed in (0, 1) for arm in arms
    ]
    assert {change["question"] for change in told["changes"]} == {
        "stability",
        "row_masking",
        "single_blank",
        "jumps",
    }
    assert (told["puzzles"], told["segments"]) == (6, 8)
    assert (folder / "out" / "all_segments.png").exists()


def test_the_two_ways_differ_in_early_halting_alone(trained: tuple[list[str], Path]) -> None:
    _, folder = trained
    one, other = (
        json.loads((folder / "runs" / f"{arm}-1" / "summary.json").read_text())["settings"]
        for arm in ("early-halting", "all-segments")
    )
    assert {key for key in one if one[key] != other[key]} == {"early_halting"}
    assert (one["early_halting"], other["early_halting"], one["seed"]) == (True, False, 1)


def test_finished_trainings_are_only_read(trained: tuple[list[str], Path]) -> None:
    words, folder = trained
    checkpoint = folder / "runs" / "all-segments-0" / "checkpoint.pt"
    before = checkpoint.stat().st_mtime_ns
    assert all_segments.main(words) == 0
    assert checkpoint.stat().st_mtime_ns == before


def test_what_was_never_measured_is_not_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert all_segments.main(["--saved", "--out", str(tmp_path)]) == 2
    assert "leave --saved out to measure" in capsys.readouterr().err
