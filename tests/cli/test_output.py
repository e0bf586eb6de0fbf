"""JSON for scripts: strict, whole, and written to what can only be written to."""

import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest

import hrm_probe
from hrm_probe.cli.output import emit_json
from hrm_probe.report import TOPICS
from hrm_probe.sudoku import format_grids


def test_numbers_that_do_not_exist_are_null(tmp_path):
    emit_json(tmp_path / "x.json", {"a": float("nan"), "b": [np.float32("inf"), 1.5], "c": {"d": -np.inf}})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": None, "b": [None, 1.5], "c": {"d": None}}


def test_a_dash_is_standard_output(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    emit_json(Path("-"), [None])
    assert json.loads(capsys.readouterr().out) == [None]
    assert not list(tmp_path.iterdir())


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "far.json").write_text("old")
    (tmp_path / "link.json").symlink_to("far.json")
    emit_json(tmp_path / "link.json", 1)
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "far.json").read_text() == "1\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=emit_json, args=(tmp_path / "pipe", 1))
    writer.start()
    assert (tmp_path / "pipe").read_text() == "1\n"
    writer.join()
    assert (tmp_path / "pipe").is_fifo()


def test_json_replaces_what_a_command_wrote_and_nothing_else(typed, tmp_path):
    puzzles, other = tmp_path / "mine.csv", tmp_path / "config.json"
    grids = hrm_probe.load_puzzles("6x6-test", n=2)
    question, answer = (format_grids(digits)[0] for digits in (grids.grids, grids.answers - 1))
    puzzles.write_text(f"source,question,answer,rating\nmine,{question},{answer},0\n")
    other.write_text('{"d_model": 64}')
    versions = tmp_path / "package.json"
    versions.write_text('{"versions": {"react": "18"}, "provenance": "npm"}')
    for taken in (puzzles, other, versions):
        before = taken.read_text()
        said = typed("evaluate", "hrm-6x6", "--puzzles", puzzles, "--segments", 1, "--json", taken)
        assert "is not JSON that hrm-probe wrote; give --json another file" in said.sentence
        assert taken.read_text() == before
    for _ in range(2):
        assert typed("solve", question, "--segments", 1, "--json", "own.json").status == 0


def test_topics_of_a_report_are_in_its_help(typed):
    shown = " ".join(typed("report", "--help").out.replace("│", " ").split())
    assert all(topic in shown for topic in TOPICS)


def test_a_puzzle_with_a_strange_character_is_not_taken_for_a_file(typed):
    assert "'x' is neither a digit nor a blank" in typed("solve", "x" + "." * 35).sentence
