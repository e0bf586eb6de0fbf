"""Topics added afterwards: as if they had been asked at once, of the same puzzles and weights; the rest as it was."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hrm_probe.cli.app import app
from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, build_model, load
from hrm_probe.reasoning.storing import load_about, load_results
from hrm_probe.report import Plan, add_topics, adding, audit, reread
from hrm_probe.report.plan import SPARED, SUPPOSED_RUNS
from hrm_probe.report.result import RESULTS
from hrm_probe.sudoku import generate
from hrm_probe.trace.origin import weights_sha256
from tests.reasoning.planted_fates import Divided, settles_wrong
from tests.reasoning.planted_segments import keeps

PUZZLES = generate(60, "easy", "4x4", seed=0)
PLAN = Plan(puzzles=50, masked=12, masked_segments=32, deduced=40, seed=3)
MODEL = Divided(keeps, settles_wrong)
SMALL = ModelConfig(cells=16, vocab=6, d_model=8, n_heads=1, H_layers=1, L_layers=1, max_segments=5)
ALL = ["keeping", "modes", "deduction"]


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    out = tmp_path_factory.mktemp("reports") / "planted"
    audit(MODEL, PUZZLES, plan=PLAN, minutes=60, out=out, name="planted", topics=["keeping"])
    return out


@pytest.fixture
def folder(before, tmp_path):
    return Path(shutil.copytree(before, tmp_path / "planted"))


def test_what_is_added_is_what_a_whole_report_says(folder):
    whole = audit(MODEL, PUZZLES, plan=PLAN, minutes=60, name="planted", topics=ALL)
    kept = load_results(folder / RESULTS)["masked"]
    said: list[str] = []
    report = add_topics(folder, MODEL, PUZZLES, topics=ALL, say=said.append)
    assert [chapter.topic.name for chapter in report.chapters] == ALL
    assert [judgement.to_dict() for _, judgement in report.judgements] == [
        judgement.to_dict() for _, judgement in whole.judgements
    ]
    assert load_results(folder / RESULTS)["masked"].table.equals(kept.table)
    assert said[1:] == ["modes", "deduction"]  # and not what is there
    assert "40 put in order" in said[0]
    assert "masked" not in said[0]


def test_the_report_says_what_was_added(folder):
    seconds = load_about(folder / RESULTS)["seconds"]
    add_topics(folder, MODEL, PUZZLES, topics=["modes"])
    report = add_topics(folder, MODEL, PUZZLES, topics=["deduction"])
    about = report.about
    assert [added["topics"] for added in about["added"]] == [["modes"], ["deduction"]]
    assert about["seconds"]["keeping"] == seconds["keeping"]
    assert about["seconds"]["all"] > seconds["all"] + about["seconds"]["deduction"] - 0.1  # each is rounded
    assert "<td>added</td><td>modes, by hrm_probe" in (folder / "report.html").read_text()
    assert json.loads((folder / "report.json").read_text())["about"]["topics"] == ALL
    assert str(reread(folder)) == str(report)


def test_a_report_of_an_older_version_is_added_to(folder, monkeypatch):
    """It did not say how many segments it followed, nor what its sample was drawn from, and had fewer sizes."""

    def older(path):
        about = load_about(path)
        settings = {
            name: size for name, size in about["settings"].items() if name not in ("deduced", "supposed")
        }
        known = {name: told for name, told in about.items() if name not in ("segments", "pool")}
        return {**known, "settings": settings}

    monkeypatch.setattr(adding, "load_about", older)
    report = add_topics(folder, MODEL, PUZZLES, topics=["deduction"])
    assert report.about["settings"]["deduced"] == 50  # the usual size, of so many puzzles
    assert report.about["topics"] == ["keeping", "deduction"]


def test_topics_stand_in_their_usual_order_and_times_add_up(folder, monkeypatch):
    def slow(path):
        about = load_about(path)
        return about | {"seconds": about["seconds"] | {"all": 1000.0}}

    monkeypatch.setattr(adding, "load_about", slow)
    about = add_topics(folder, MODEL, PUZZLES, topics=["easy_puzzles"]).about
    assert about["topics"] == ["easy_puzzles", "keeping"]
    assert about["seconds"]["all"] >= 1000 + about["seconds"]["easy_puzzles"]


def test_models_on_disk_are_loaded_as_for_the_whole_report(tmp_path):
    paths = [str(build_model(SMALL, seed=seed).save(tmp_path / f"model-{seed}")) for seed in (0, 1)]
    out, double = tmp_path / "report", {"dtype": "float64", "device": "cpu"}
    audit(paths[0], PUZZLES, plan=Plan(puzzles=20), minutes=60, out=out, topics=["modes"], **double)
    with pytest.raises(InputError, match=r"of other weights, or of the same in another dtype"):
        add_topics(out, paths[0], PUZZLES, topics=["jumps"])
    models = add_topics(out, paths[0], PUZZLES, topics=["jumps"], twin=paths[1], **double).about["models"]
    for path in paths:
        assert models[Path(path).name]["weights_sha256"] == weights_sha256(load(path, **double))


def test_the_model_to_compare_with_is_called_as_in_a_whole_report(folder):
    twin = Divided(keeps, settles_wrong)
    whole = audit(MODEL, PUZZLES, plan=PLAN, minutes=60, name="planted", topics=["modes"], twin=twin)
    added = add_topics(folder, MODEL, PUZZLES, topics=["modes"], twin=twin)
    assert added.about["models"].keys() == whole.about["models"].keys()
    without = add_topics(folder, MODEL, PUZZLES, topics=["deduction"])
    assert without.about["models"].keys() == whole.about["models"].keys()


def test_minutes_are_for_what_is_added(folder):
    said: list[str] = []
    report = add_topics(folder, MODEL, PUZZLES, topics=["deduction"], minutes=1e-6, say=said.append)
    assert "the 1e-06 asked for are too few" in said[0]
    settings = report.about["settings"]
    assert (settings["deduced"], settings["supposed"]) == (
        40,
        32,
    )  # no less than the least, no more than planned
    assert settings["masked"] == PLAN.masked


def test_samples_are_the_share_that_the_minutes_are_of_what_the_plan_would_take(folder, monkeypatch):
    monkeypatch.setattr(adding, "seconds_per_segment", lambda *_: 1.0)
    monkeypatch.setattr(
        adding, "load_about", lambda path: load_about(path) | {"settings": Plan(seed=3, puzzles=50).to_dict()}
    )
    whole = (1 + SUPPOSED_RUNS) * 50 * MODEL.config.max_segments / SPARED / 60
    settings = add_topics(folder, MODEL, PUZZLES, topics=["deduction"], minutes=0.981 * whole).about[
        "settings"
    ]
    assert (settings["deduced"], settings["supposed"]) == (49, 49)


def test_another_model_other_puzzles_and_nothing_to_add_are_refused(folder):
    numbers = (folder / "report.json").read_bytes()
    with pytest.raises(InputError, match=r"of other weights, .* name the model, or --dtype"):
        add_topics(folder, build_model(SMALL, seed=5), PUZZLES)
    with pytest.raises(InputError, match="is of other puzzles; name with --puzzles"):
        add_topics(folder, MODEL, generate(60, "easy", "4x4", seed=1))
    with pytest.raises(InputError, match="has keeping already; there is nothing to add"):
        add_topics(folder, MODEL, PUZZLES, topics=["keeping"])
    with pytest.raises(InputError, match="There is no topic 'everything'"):
        add_topics(folder, MODEL, PUZZLES, topics=["everything"])
    with pytest.raises(InputError, match="no saved results"):
        add_topics(folder / "elsewhere", MODEL, PUZZLES)
    assert (folder / "report.json").read_bytes() == numbers


def test_the_command_line_adds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build_model(SMALL).save("small")
    PUZZLES.to_csv("puzzles.csv")
    command = ["report", "small", "--puzzles", "puzzles.csv"]

    def typed(*more: str):
        return CliRunner().invoke(app, [*command, *more])

    assert typed("--topic", "modes", "--n", "30").exit_code == 0
    done = typed("--topic", "modes", "--topic", "deduction", "--add")
    assert done.exit_code == 0, done.output
    assert "Added deduction in" in done.output
    assert load_about("reports/small/results.npz")["topics"] == ["modes", "deduction"]
    refused = typed("--add", "--n", "40")
    assert isinstance(refused.exception, InputError)
    assert "leave out --n" in str(refused.exception)
