"""`hrm-probe bench`, as typed."""

import json
import subprocess
import sys

from hrm_probe.errors import InputError


def hrm_probe(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hrm_probe", *arguments], capture_output=True, text=True, check=False
    )


def test_a_table_for_people_and_a_file_for_scripts(tmp_path):
    out = tmp_path / "new" / "bench.json"
    done = hrm_probe("bench", "toy-4x4", "--seconds", "0.05", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "training step" in done.stdout
    content = json.loads(out.read_text())
    assert content["recipes"]["toy-4x4"]["works"]["training step"]["utilisation"] > 0
    assert content["settings"]["seconds"] == 0.05


def test_every_option_reaches_the_timing(typed, monkeypatch, tmp_path):
    asked = []

    def bench(recipes, *, say, **settings):
        asked.append((list(recipes), settings))
        raise InputError("That is all.")

    monkeypatch.setattr("hrm_probe.bench.running.bench", bench)
    words = "toy-4x4 --seconds 2 --batch-size 5 --minutes-limit 3 --device cpu --dtype bfloat16 --compile off"
    out = tmp_path / "bench.json"
    out.write_text('{"recipes": {"hrm-6x6": {}}}')
    typed("bench", *words.split(), "--out", out, "--force")
    overrides = {"device": "cpu", "dtype": "bfloat16", "compile": "off"}
    assert asked == [(["toy-4x4"], {"seconds": 2, "batch_size": 5, "minutes": 3, "overrides": overrides})]


def test_an_unknown_recipe_is_refused(typed, tmp_path):
    assert 'no recipe "toy-5x5"' in typed("bench", "toy-5x5", "--out", tmp_path / "bench.json").sentence
    assert not (tmp_path / "bench.json").exists()


def test_what_cannot_be_timed_is_told_before_what_would_be_lost(typed, tmp_path):
    out = tmp_path / "bench.json"
    out.write_text('{"recipes": {"hrm-6x6": {}}}')
    assert 'no recipe "toy-5x5"' in typed("bench", "toy-5x5", "--out", out).sentence
    assert "dtype" in typed("bench", "toy-4x4", "--dtype", "int8", "--out", out).sentence


def test_a_file_with_further_recipes_is_kept(typed, tmp_path):
    out = tmp_path / "bench.json"
    out.write_text('{"recipes": {"hrm-6x6": {}, "toy-4x4": {}}}')
    before = out.read_text()
    sentence = typed("bench", "toy-4x4", "--out", out).sentence
    assert "holds other recipes (hrm-6x6), which would be lost" in sentence
    assert out.read_text() == before


def test_a_file_that_is_none_of_its_own_is_kept(typed, tmp_path):
    out = tmp_path / "mine.csv"
    out.write_text("a,b\n1,2\n")
    assert "was not written by bench" in typed("bench", "toy-4x4", "--out", out).sentence
    assert out.read_text() == "a,b\n1,2\n"
