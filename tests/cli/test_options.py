"""What options must fulfil is looked at before any work, and refused in a sentence."""

import json
import os
import sys
from pathlib import Path

import pytest

from hrm_probe.cli.options import json_file, refuse_one_path_for_both, writable_file
from hrm_probe.errors import InputError


@pytest.mark.parametrize("minutes", ["0", "-1", "inf", "nan"])
def test_a_budget_is_a_number_above_0(typed, minutes):
    told = f"--minutes is {minutes}; it must be a number above 0"
    assert told in typed("train", "toy-4x4", "--minutes", minutes).sentence


@pytest.mark.parametrize("count", [0, -3])
def test_a_count_is_1_or_more(typed, count):
    assert f"--n is {count}; it must be at least 1" in typed("report", "hrm-6x6", "--n", count).sentence


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is a folder of Linux")
def test_a_stream_is_written_to_wherever_it_is(monkeypatch):
    monkeypatch.chdir("/proc")  # where no file can be made
    assert writable_file(Path("-")) == Path("-")
    for end in os.pipe():
        pipe = Path(f"/proc/self/fd/{end}")
        assert writable_file(pipe) == pipe
        os.close(end)


@pytest.mark.parametrize(
    "written", ["", '{"provenance": {"hrm_probe": "1"}}', '{"versions": {"hrm-probe": "1"}}']
)
def test_json_replaces_an_empty_file_or_what_a_command_wrote(tmp_path, written):
    file = tmp_path / "numbers.json"
    file.write_text(written)
    assert json_file(file) == file


@pytest.mark.parametrize("content", [[1], "mine", 1, None, {"versions": "hrm-probe"}, {"provenance": None}])
def test_json_replaces_no_other_json(tmp_path, content):
    file = tmp_path / "numbers.json"
    file.write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"numbers\.json exists and is not JSON that hrm-probe wrote"):
        json_file(file)


def test_one_path_for_both_is_refused_however_it_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="--out and --json are both there"):
        refuse_one_path_for_both(Path("there"), tmp_path / "there")
    refuse_one_path_for_both(Path("there"), Path("there.json"))
    refuse_one_path_for_both(None, None)
