"""README's first experiment at toy size: two seeds, from training to the picture."""

import json
from pathlib import Path

import first_experiment
import pytest

from hrm_probe.sudoku import load_puzzles

QUICK = ["steps=2", "evaluate_puzzles=2", "log_every=1", "test_set=SET", "compile=off", "max_segments=2"]


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    test = load_puzzles("6x6-test")
    (test[test.source == "minimal"][:6]).to_csv(tmp_path / "six.csv")
    settings = [word.replace("SET", str(tmp_path / "six.csv")) for word in QUICK]
    pairs = [word for setting in settings for word in ("--set", setting)]
    return [
        "--seeds",
        "2",
        "--n",
        "6",
        *pairs,
        "--runs",
        str(tmp_path / "runs"),
        "--out",
        str(tmp_path / "out"),
    ]


def test_each_seed_is_trained_both_ways_and_compared(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert first_experiment.main(words) == 0
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {
        "plain-0",
        "hints-0",
        "plain-1",
        "hints-1",
    }
    told = json.loads((tmp_path / "out" / "first_experiment.json").read_text())
    assert [(row["seed"], row["arm"]) for row in told["runs"]] == [
        (0, "plain"),
        (0, "hints"),
        (1, "plain"),
        (1, "hints"),
    ]
    assert all(row["minimal"]["n"] == row["last"]["n"] or row["minimal"]["n"] == 6 for row in told["runs"])
    (change,) = (
        row for row in told["changes"] if (row["seed"], row["number"], row["among"]) == (1, "solved", "all")
    )
    shares = [row["last"]["estimate"] for row in told["runs"] if row["seed"] == 1]
    assert [change["first"], change["second"]] == pytest.approx(shares)
    assert "From plain to hints (change: hints minus plain), 6 rows" in capsys.readouterr().out
    assert (tmp_path / "out" / "first_experiment.png").exists()

    settings = json.loads((tmp_path / "runs" / "hints-1" / "summary.json").read_text())["settings"]
    assert (settings["seed"], settings["hint_fraction"]) == (1, 0.5)
    before = (tmp_path / "runs" / "hints-1" / "checkpoint.pt").stat().st_mtime_ns
    assert first_experiment.main(words) == 0  # finished runs are only read
    assert (tmp_path / "runs" / "hints-1" / "checkpoint.pt").stat().st_mtime_ns == before


def test_what_was_never_measured_is_not_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert first_experiment.main(["--saved", "--out", str(tmp_path)]) == 2
    assert "leave --saved out to measure" in capsys.readouterr().err
