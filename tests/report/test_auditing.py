"""The whole audit on a planted model: files, page, numbers, and the same again from what was saved."""

import json
import re
import shutil
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from hrm_probe.cli.app import app
from hrm_probe.errors import InputError
from hrm_probe.models import ModelConfig, build_model
from hrm_probe.report import Plan, audit, reread, write_report
from hrm_probe.report.overview import overview
from hrm_probe.report.script import one_topic
from hrm_probe.report.subject import name_of
from hrm_probe.report.topics import TOPICS
from hrm_probe.sudoku import generate
from tests.reasoning.planted_fates import Divided, settles_wrong
from tests.reasoning.planted_segments import keeps

PUZZLES = generate(60, "easy", "4x4", seed=0)
PLAN = Plan(
    puzzles=60, blanks=12, singles=24, masked=16, masked_segments=32, divided=4, starts=4, plane=2, landscape=3, long=8,
    horizons=(16, 32), exponents=16, tangents=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("reports") / "planted"


@pytest.fixture(scope="module")
def report(folder):
    return audit(Divided(keeps, settles_wrong), PUZZLES, plan=PLAN, minutes=60, out=folder, name="planted")


def test_every_claim_gets_a_verdict(report):
    claims = [claim.name for topic in TOPICS.values() for claim in topic.claims]
    assert [claim.name for claim, _ in report.judgements] == claims
    assert report.verdict("failures_settle") in str(report)
    with pytest.raises(InputError, match="There is no claim"):
        report.verdict("everything")


def test_the_numbers_hold_what_the_page_says(report, folder):
    told = json.loads((folder / "report.json").read_text())
    assert [row["verdict"] for row in told["claims"]] == [j.verdict for _, j in report.judgements]
    for row in told["claims"]:
        assert {"effect", "threshold", "controls", "criterion", "sceptic", "published"} <= set(row)
        assert (row["correction"] is None) == (row["effect"] is None)
    assert told["about"]["settings"]["puzzles"] == 60
    assert told["power"]


def test_the_page_needs_no_network_and_every_link_has_an_end(folder):
    page = (folder / "report.html").read_text()
    assert not re.findall(r'(?:src|href)="https?:', page.replace("http://www.w3.org", ""))
    assert "<script" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert "img-src data:" in policy[1]  # bitmaps inside the vectors
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'<a href="#([^"]+)"', page)) <= set(ids)
    assert "{{" not in page


def test_pictures_are_there_as_bitmap_and_vector(report, folder):
    for chapter in report.chapters:
        for picture in chapter.pictures:
            assert (folder / f"{picture.name}.png").stat().st_size > 5000
            assert (folder / f"{picture.name}.pdf").read_bytes()[:5] == b"%PDF-"
            assert "seed" in picture.caption.lower()


def test_saved_results_give_the_same_report_without_a_model(report, folder, tmp_path):
    again = reread(folder)
    assert str(again) == str(report)
    write_report(again, tmp_path)
    for name in ("report.json", "report.html"):
        assert (tmp_path / name).read_text() == (folder / name).read_text()


def test_one_topic_stands_alone(report):
    alone = one_topic(report, "jumps")
    assert [chapter.topic.name for chapter in alone.chapters] == ["jumps"]


def test_the_figures_command_draws_what_is_saved_and_one_table_of_all(report, folder):
    said = CliRunner().invoke(app, ["figures", "--under", str(folder.parent)])
    assert said.exit_code == 0
    assert "report.html" in said.output
    table = (folder.parent / "verdicts.md").read_text()
    assert "| claim | `planted` |" in table
    for claim, judgement in report.judgements:
        assert f"| {claim.title} | {judgement.verdict}" in table


def test_a_report_that_was_stopped_goes_on_after_its_last_topic(report, tmp_path, monkeypatch):
    def stop(subject):
        raise KeyboardInterrupt

    def ask(said, **settings):
        audited = {"plan": PLAN, "minutes": 60, "out": tmp_path / "r", "name": "planted", "say": said.append}
        return audit(Divided(keeps, settles_wrong), PUZZLES, **audited | settings)

    topics = list(TOPICS)
    with monkeypatch.context() as patched:
        patched.setitem(TOPICS, topics[3], replace(TOPICS[topics[3]], gather=stop))
        with pytest.raises(KeyboardInterrupt):
            ask([])
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["unfinished.npz"]
    left = (tmp_path / "r" / "unfinished.npz").read_bytes()

    said = []
    ask(
        said, plan=replace(PLAN, seed=1), out=tmp_path / "other", topics=["jumps"]
    )  # elsewhere, another question
    assert not any("taken over" in line for line in said)
    assert (tmp_path / "r" / "unfinished.npz").read_bytes() == left

    said.clear()
    again = ask(said)
    taken = [line.partition(":")[0] for line in said if "taken over from the report that was stopped" in line]
    assert taken == topics[:3]
    assert [(c.name, j.verdict, j.effect) for c, j in again.judgements] == [
        (c.name, j.verdict, j.effect) for c, j in report.judgements
    ]
    assert not (tmp_path / "r" / "unfinished.npz").exists()
    assert set(again.about["seconds"]) == {*topics, "all"}


def test_another_question_does_not_go_on_from_what_was_stopped(tmp_path, monkeypatch):
    def stop(subject):
        raise KeyboardInterrupt

    model = Divided(keeps, settles_wrong)
    first = {"plan": PLAN, "minutes": 60, "out": tmp_path, "topics": ["jumps", "modes"]}
    with monkeypatch.context() as patched:
        patched.setitem(TOPICS, "modes", replace(TOPICS["modes"], gather=stop))
        with pytest.raises(KeyboardInterrupt):
            audit(model, PUZZLES, **first)
    for other in ({"plan": replace(PLAN, seed=1)}, {"minutes": 59}, {"force": True}):
        said = []
        with monkeypatch.context() as patched:
            patched.setitem(TOPICS, "jumps", replace(TOPICS["jumps"], gather=stop))
            with pytest.raises(KeyboardInterrupt):
                audit(model, PUZZLES, **first | other, say=said.append)
        assert not any("taken over" in line for line in said)


def test_a_report_of_ones_own_is_found_by_its_name(report, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(folder, tmp_path / "reports" / "planted")
    (tmp_path / "reports" / "planted" / "report.html").unlink()
    said = CliRunner().invoke(app, ["figures", "planted"])
    assert said.exit_code == 0
    assert "reports/planted/report.html" in said.output
    assert (tmp_path / "reports" / "planted" / "report.html").exists()


def test_what_falls_when_many_claims_are_corrected_for_is_marked(report):
    table = overview([report])
    falling = [correction.stands is False for correction in report.corrections.values()]
    assert table.count("†:") == sum(falling) + 1  # and the note


@pytest.mark.filterwarnings("error::UserWarning")
def test_a_model_that_has_learnt_nothing_gets_its_report():
    """An untrained HRM on a 9x9 board solves nothing: what needs solutions is not testable, and nothing breaks."""
    sizes = {"d_model": 16, "n_heads": 2, "H_layers": 1, "L_layers": 1, "H_cycles": 1, "L_cycles": 1}
    model = build_model(ModelConfig(architecture="hrm", vocab=11, cells=81, max_segments=6, **sizes), seed=0)
    few = replace(PLAN, puzzles=8, blanks=2, singles=4, masked=2, divided=2, starts=2, long=4, exponents=4)
    report = audit(model, generate(8, "minimal", "9x9", seed=0), plan=few, minutes=60)
    assert report.verdict("easy_puzzles_fail") == "not testable"
    assert report.verdict("answers_jump") == "not testable"
    assert "not testable" in str(report)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"topics": ["luck"]}, "There is no topic 'luck'"),
        ({"topics": []}, "No topic was named; choose among"),
        ({"minutes": -1}, "a report needs some"),
        ({"puzzles": generate(5, "easy", "6x6", seed=0)}, "the model is for 16"),
        ({"puzzles": PUZZLES[:0]}, "There are no puzzles"),
    ],
)
def test_what_cannot_be_audited_is_said_at_once(settings, says):
    with pytest.raises(InputError, match=says):
        audit(**{"model": Divided(keeps, settles_wrong), "puzzles": PUZZLES, **settings})


def test_a_model_that_is_named_may_compute_in_bfloat16(tmp_path):
    sizes = {"d_model": 16, "n_heads": 2, "H_layers": 1, "L_layers": 1, "H_cycles": 1, "L_cycles": 1}
    model = build_model(ModelConfig(architecture="trm", vocab=6, cells=16, max_segments=6, **sizes), seed=0)
    folder = model.save(tmp_path / "small")
    report = audit(folder, PUZZLES[:8], dtype="bfloat16", topics=["modes"], minutes=60)
    assert report.about["models"]["small"]["config"]["forward_dtype"] == "bfloat16"


def test_a_model_of_few_segments_is_followed_beyond_them():
    sizes = {"d_model": 16, "n_heads": 2, "H_layers": 1, "L_layers": 1, "H_cycles": 1, "L_cycles": 1}
    model = build_model(ModelConfig(architecture="trm", vocab=6, cells=16, max_segments=3, **sizes), seed=0)
    said = []
    report = audit(
        model, PUZZLES[:8], topics=["jumps", "modes", "settling"], plan=PLAN, minutes=60, say=said.append
    )
    assert report.about["segments"] == 8
    assert "all followed to segment 8, though trained for 3" in said[0]


def test_a_report_is_not_lost_to_another_model_or_to_a_smaller_report(report, folder):
    model = Divided(keeps, settles_wrong)
    before = (folder / "report.json").read_bytes()
    with pytest.raises(InputError, match="holds a report of planted; name another folder"):
        audit(model, PUZZLES, plan=PLAN, minutes=60, out=folder, name="another")
    with pytest.raises(InputError, match=r"other topics \(.*settling.*would be lost"):
        audit(model, PUZZLES, plan=PLAN, minutes=60, out=folder, name="planted", topics=["jumps"])
    with pytest.raises(InputError, match=r"more puzzles \(60, not 40\), which would be lost"):
        audit(model, PUZZLES[:40], plan=PLAN, minutes=60, out=folder, name="planted")
    assert (folder / "report.json").read_bytes() == before


@pytest.mark.parametrize("name", ["report.html", "report.json", "results.npz"])
def test_files_that_are_no_report_are_not_replaced(tmp_path, name):
    mine = tmp_path / name
    mine.write_text("mine")
    with pytest.raises(InputError, match=f"holds {name}, but no report that can be read"):
        audit(Divided(keeps, settles_wrong), PUZZLES, plan=PLAN, minutes=60, out=tmp_path, name="planted")
    assert mine.read_text() == "mine"


def test_the_model_of_a_run_is_called_after_the_run():
    assert [name_of(f"runs/{run}/model") for run in "ab"] == ["a", "b"]
    assert name_of("hrm-6x6") == "hrm-6x6"


def test_a_twin_of_the_same_name_is_told_apart():
    sizes = {"d_model": 16, "n_heads": 2, "L_layers": 1, "L_cycles": 1, "H_cycles": 1}
    config = ModelConfig(architecture="trm", vocab=6, cells=16, max_segments=5, **sizes)
    model, twin = build_model(config, seed=0), build_model(config, seed=1)
    report = audit(model, PUZZLES, twin=twin, plan=PLAN, topics=["easy_puzzles"])
    assert list(report.about["models"]) == ["trm", "trm, with hints"]
