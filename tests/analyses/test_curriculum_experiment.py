"""The curriculum experiment from end to end: toy runs, their report, and what it says without any."""

import json
import subprocess
import sys
from pathlib import Path

import curriculum
import pytest
from curricula import verdicts

from tests.analyses.conftest import ANALYSES

SCRIPT = ANALYSES / "curriculum.py"

TOY = [
    "--steps", "16", "--held-out", "6", "--probed", "6", "--batches", "2",
    *(word for pair in (
        "batch_size=4", "d_model=16", "n_heads=2", "L_layers=1", "L_cycles=1", "H_cycles=2", "max_segments=5",
        "evaluate_puzzles=2", "train_size=200",
    ) for word in ("--set", pair)),
]  # fmt: skip


def script(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False
    )


def drawn(out: Path, mode: str) -> set[str]:
    """The questions that have a picture."""
    prefix = f"curriculum_{mode}_"
    return {path.stem.removeprefix(prefix) for path in out.glob(f"{prefix}*.png")}


def test_a_toy_experiment_from_runs_to_report(tmp_path: Path) -> None:
    runs, out = tmp_path / "curriculum", tmp_path / "figures"
    command = ["run", "--runs", str(runs), "--seeds", "1", "--arms", "baseline", "PDC", "--jobs", "2", *TOY]
    command += ["--recorded", str(out / "none.json")]
    first = script(*command)
    assert first.returncode == 0, first.stderr + "".join(log.read_text() for log in runs.rglob("log.txt"))
    assert (runs / "PDC" / "seed-0" / "probes.json").exists()
    assert script(*command).stdout == "2 of 2 runs are finished.\n"
    assert len(list((runs / "PDC" / "seed-0" / "snapshots").iterdir())) == 16

    assert curriculum.main(["report", "--runs", str(runs), "--out", str(out)]) == 0
    for question in ("accuracy", "halting", "gradients", "detectors", "paths"):  # so few steps: no speed
        assert {path.suffix for path in out.glob(f"curriculum_{question}.*")} == {".png", ".pdf", ".json"}
    page = (out / "curriculum.md").read_text()
    told = json.loads((out / "curriculum.json").read_text())["verdicts"]
    blocks = [
        json.loads((runs / arm / "seed-0" / "summary.json").read_text())["blocks"]
        for arm in ("PDC", "baseline")
    ]
    assert told[0]["found"]["estimate"] == pytest.approx(1 - blocks[0] / blocks[1])
    assert blocks[0] < blocks[1]
    assert {verdict["why"] for verdict in told[1:]} == {"fewer than 5 seeds"}
    assert {verdict["verdict"] for verdict in told[1:]} == {verdicts.UNTESTABLE}
    assert "fewer than 5 seeds" in page
    assert "| PDC |" in page

    # Without the runs, the report is made from what the first report read.
    assert curriculum.main(["report", "--runs", str(tmp_path / "gone"), "--out", str(out)]) == 0
    assert (out / "curriculum.md").read_text() == page

    # What is recorded is not run again, elsewhere either; what was made with other settings is.
    command += ["--runs", str(tmp_path / "elsewhere"), "--recorded", str(out / "curriculum_runs.json")]
    assert script(*command).stdout == "2 of 2 runs are finished.\n"
    others = script(*command, "--set", "lr=0.002", "--arms", "PDC")
    assert others.stdout.startswith("0 of 1 runs are finished.\nPDC, seed 0: "), others.stderr


def test_equal_minutes_are_asked_for_accuracy_speed_and_halting_and_their_models_for_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, out = tmp_path / "curriculum", tmp_path / "figures"
    command = ["run", "--runs", str(runs), "--seeds", "1", "--arms", "baseline", "PDC", "--jobs", "2", *TOY]
    minutes = ["--cpu-minutes", "0.01"]
    alone = script("one", "PDC", "0", "--runs", str(runs), *TOY, *minutes)  # it makes its own puzzles
    assert alone.returncode == 0, alone.stderr
    made = script(*command, *minutes, "--recorded", str(out / "none.json"))
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("1 of 2 runs are finished.\n")
    run = tmp_path / "curriculum-minutes" / "baseline" / "seed-0"
    assert not any((run / name).exists() for name in ("path.json", "snapshots", "gradients_halfway.json"))
    assert json.loads((run / "probes.json").read_text()).keys() == {"puzzles", "solved", "halting"}
    assert curriculum.main(["report", "--runs", str(runs), "--out", str(out)]) == 0
    page = (out / "curriculum.md").read_text()
    assert drawn(out, "minutes") == {"accuracy", "halting"}  # detectors and depth on demand
    assert "From 2 runs of equal minutes." in page
    assert "speed\n\nNot compared: the baseline solves less than 10%." in page

    # With a baseline that solves something there is a speed to compare with.
    recorded = json.loads((out / "curriculum_runs.json").read_text())
    for made_run in recorded["minutes"]:
        made_run["curve"]["test_accuracy"][-1] = 0.5
    able = tmp_path / "able"
    able.mkdir()
    (able / "curriculum_runs.json").write_text(json.dumps(recorded))
    assert curriculum.main(["report", "--runs", str(tmp_path / "gone"), "--out", str(able)]) == 0
    assert drawn(able, "minutes") == {"accuracy", "speed", "halting"}

    # The same models, put to the detectors; each once, and what they said stands in the next report.
    detect = ["detect", "--runs", str(runs), "--out", str(out), "--puzzles", "6"]
    assert curriculum.main(detect) == 0
    saved = out / "curriculum_minutes_detectors.json"
    answers = json.loads(saved.read_text())["answers"]
    assert [(a["arm"], a["seed"], a["puzzles"], a["failures"]) for a in answers] == [
        ("PDC", 0, 6, 6),
        ("baseline", 0, 6, 6),
    ]
    said = saved.read_bytes()
    assert curriculum.main(detect) == 0
    assert saved.read_bytes() == said
    assert curriculum.main(["report", "--runs", str(runs), "--out", str(out)]) == 0
    page = (out / "curriculum.md").read_text()
    assert "detectors, minus PDC" in page  # a baseline that solves nothing is nothing to compare with
    assert "| baseline | failures that settle |" in page

    # The same models at the depths that progressive depth goes through; each is asked once.
    assert curriculum.main(["depths", "--runs", str(runs), "--out", str(out), "--puzzles", "6"]) == 0
    answers = json.loads((out / "curriculum_depths.json").read_text())["answers"]
    assert [(a["arm"], a["L_cycles"], a["H_cycles"]) for a in answers] == [
        (arm, *depth) for arm in ("PDC", "baseline") for depth in ((1, 1), (1, 2))
    ]
    kept = json.loads((run / "probes.json").read_text())["solved"]
    assert answers[-1]["by_segment"][-1] == pytest.approx(kept)  # the last depth is the one it is kept with
    assert curriculum.main(["report", "--runs", str(runs), "--out", str(out)]) == 0
    assert "| PDC | (1, 2) |" in (out / "curriculum.md").read_text()
    assert (
        curriculum.main(["depths", "--runs", str(tmp_path / "gone"), "--out", str(out), "--puzzles", "6"])
        == 0
    )
    assert curriculum.main(["depths", "--runs", str(runs), "--out", str(out), "--puzzles", "5"]) == 2
    assert "holds answers on 6 puzzles; ask as many" in capsys.readouterr().err


def test_nothing_to_report_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert curriculum.main(["report", "--runs", str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 2
    assert "run the experiment first" in capsys.readouterr().err
