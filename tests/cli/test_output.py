"""JSON for scripts: strict, whole, and written to what can only be written to."""

import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from hrm_probe.cli.output import write_json


def test_numbers_that_do_not_exist_are_null(tmp_path):
    write_json({"a": float("nan"), "b": [np.float32("inf"), 1.5], "c": {"d": -np.inf}}, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": None, "b": [None, 1.5], "c": {"d": None}}


def test_a_dash_is_standard_output(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_json([None], Path("-"))
    assert json.loads(capsys.readouterr().out) == [None]
    assert not list(tmp_path.iterdir())


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "far.json").write_text("old")
    (tmp_path / "link.json").symlink_to("far.json")
    write_json(1, tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "far.json").read_text() == "1\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=write_json, args=(1, tmp_path / "pipe"))
    writer.start()
    assert (tmp_path / "pipe").read_text() == "1\n"
    writer.join()
    assert (tmp_path / "pipe").is_fifo()
