"""Saved results asked again: the same answers from the same version, of the same puzzles only, without a model."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hrm_probe.errors import InputError
from hrm_probe.reasoning.deducing.deduction_tables import ORDERS, with_ends_anew
from hrm_probe.reasoning.storing import load_about, load_results
from hrm_probe.report import REPORTS, Plan, ask_again, asking_again, audit, reread, write_report
from hrm_probe.report.result import RESULTS
from hrm_probe.report.sample import the_sample
from hrm_probe.report.topics import TOPICS
from hrm_probe.sudoku import generate
from tests.reasoning.planted_fates import Divided, settles_wrong
from tests.reasoning.planted_segments import keeps

PUZZLES = generate(60, "easy", "4x4", seed=0)
MORE = generate(80, "easy", "4x4", seed=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("reports") / "planted"
    plan = Plan(puzzles=50, seed=3)
    audit(
        Divided(keeps, settles_wrong), PUZZLES, plan=plan, minutes=60, out=out, name="planted",
        topics=["jumps", "modes", "keeping"],
    )  # fmt: skip
    return out


def test_the_same_version_says_the_same(folder):
    report, results = ask_again(folder, PUZZLES)
    before = load_results(folder / RESULTS)
    assert str(results["jumps"]) == str(before["jumps"])
    assert results["modes"].table.equals(before["modes"].table)
    assert results["masked"].summary() == before["masked"].summary()  # of other runs: as it was
    assert report.about["asked_again"]["topics"] == ["jumps", "modes"]


@pytest.mark.parametrize(("clustered_by", "groups"), [("puzzle", None), ("solution class", "class")])
def test_it_is_asked_as_it_was(folder, monkeypatch, clustered_by, groups):
    asked = {}

    def spy(results, puzzles, groups, seed):
        asked.update(puzzles=puzzles, curves=results["curves"], groups=groups, seed=seed)
        return jumps(results, puzzles, groups, seed)

    def about(path):
        return {**load_about(path), "clustered_by": clustered_by}

    jumps = TOPICS["jumps"].again
    monkeypatch.setitem(TOPICS, "jumps", replace(TOPICS["jumps"], again=spy))
    monkeypatch.setattr(asking_again, "load_about", about)
    ask_again(folder, PUZZLES)
    assert (asked["groups"], asked["seed"]) == (groups, 3)
    assert asked["puzzles"].tokens.tolist() == PUZZLES.sample(50, 3).tokens.tolist()
    assert asked["curves"].predictions.dtype == np.int64  # as a run gives them


def test_what_another_version_said_is_replaced_and_told(folder, tmp_path):
    report, results = ask_again(folder, PUZZLES)
    results["jumps"] = replace(results["jumps"], alpha=0.5)  # as if it had been another version
    results["modes"] = replace(results["modes"], puzzles=7)
    write_report(report, tmp_path, results)
    again, renewed = ask_again(tmp_path, PUZZLES)
    assert (renewed["jumps"].alpha, renewed["modes"].puzzles) == (0.05, 50)
    assert str(again) == str(report) != str(reread(tmp_path))
    write_report(again, tmp_path, renewed)
    told = json.loads((tmp_path / "report.json").read_text())["about"]
    assert told["asked_again"]["topics"] == ["jumps", "modes"]
    assert "<td>asked again</td><td>jumps, modes, by hrm_probe" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("others", [PUZZLES[:49], MORE])
def test_other_puzzles_are_refused(folder, others):
    with pytest.raises(InputError, match="is of other puzzles; name with --puzzles"):
        ask_again(folder, others)


def test_where_no_set_is_bundled_one_must_be_named(folder):
    with pytest.raises(InputError, match=r"No 4x4 puzzles are bundled: make some .*--puzzles"):
        ask_again(folder)


def test_what_exponents_tell_is_asked_again_of_runs_that_were_saved(tmp_path):
    plan = Plan(puzzles=60, seed=3, long=12, horizons=(64,), exponents=24, tangents=2)
    model = Divided(keeps, settles_wrong)
    audit(model, PUZZLES, plan=plan, minutes=60, out=tmp_path, name="planted", topics=["settling"])
    before = load_results(tmp_path / RESULTS)["wandering"]
    report, results = ask_again(tmp_path, PUZZLES)
    assert results["wandering"].leading_adds == before.leading_adds
    assert results["wandering"].models.equals(before.models)
    assert results["wandering"].table.equals(before.table)
    assert report.about["asked_again"]["topics"] == ["settling"]


@pytest.mark.parametrize("topic", ["modes", "deduction"])
def test_a_shipped_report_holds_what_it_would_say_again(topic):
    shipped = REPORTS / "hrm-6x6"
    results, about = load_results(shipped / RESULTS), load_about(shipped / RESULTS)
    sample = the_sample(about, None, shipped)
    for name, found in TOPICS[topic].again(results, sample, "class", about["seed"]).items():
        again, kept = found.summary(), results[name].summary()
        if not kept.get("asked_of"):  # the report is older than that
            again.pop("asked_of", None)
            kept.pop("asked_of", None)
        assert again == kept


def test_where_all_shares_are_equal_the_order_is_not_said_to_be_certain():
    table = pd.DataFrame({order: [1.0] * 26 + [np.nan] for order in ORDERS})
    orders = pd.DataFrame({"order": ORDERS, "share": 1.0, "low": 1.0, "high": 1.0})
    ends = with_ends_anew(orders, table, None, seed=0)[["low", "high"]]
    assert (ends["low"] < 0.95).all()
    assert (ends["high"] == 1).all()


def test_a_report_with_nothing_to_be_asked_again_must_be_made_again(tmp_path):
    plan = Plan(puzzles=20, masked=8, masked_segments=16)
    model = Divided(keeps, settles_wrong)
    audit(model, PUZZLES, plan=plan, minutes=60, out=tmp_path, name="planted", topics=["keeping"])
    with pytest.raises(InputError, match="has nothing to be asked again"):
        ask_again(tmp_path, PUZZLES)
