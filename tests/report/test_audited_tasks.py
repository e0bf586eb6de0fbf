"""A report on tasks without rules: what it says of a model whose answers are planted, and what it leaves alone."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from hrm_probe.errors import InputError
from hrm_probe.models import Tasks
from hrm_probe.reasoning.storing import load_results
from hrm_probe.report import Plan, add_topics, ask_again, audit, reread
from hrm_probe.report.topics import TOPICS
from tests.models.published.folders import padded, write_folder
from tests.reasoning.planted_tasks import NEVER, Embedded

NEED_RULES = {"easy_puzzles_fail", "hints_repair", "masked_rows_are_lost", "hints_keep"}
PLAN = Plan(
    puzzles=240, masked=240, masked_segments=32, divided=24, starts=4, plane=2, long=32, horizons=(16, 32),
    exponents=16, tangents=2,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _one_thread(_two_threads: None) -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def tasks() -> Tasks:
    """Half of them are never solved; the others at segments 3 to 9, in a jump. Two copies of each make a group."""
    ids = np.where(np.arange(240) % 4 < 2, NEVER, 2 + np.arange(240) % 7)
    given = padded(240, 8)
    return Tasks(given.tokens, given.answers, puzzle_ids=ids, group=np.arange(240) // 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("reports") / "planted"


@pytest.fixture(scope="module")
def report(tasks, folder):
    return audit(Embedded(), tasks, plan=PLAN, minutes=60, out=folder, name="planted")


def test_what_needs_rules_is_not_testable_and_says_so(report):
    judged = {claim.name: judgement for claim, judgement in report.judgements}
    assert list(judged) == [claim.name for topic in TOPICS.values() for claim in topic.claims]
    for name in NEED_RULES:
        assert judged[name].verdict == "not testable"
        assert "not Sudokus" in judged[name].reason


def test_what_was_planted_is_found(report):
    assert report.verdict("answers_jump") == "holds"
    assert report.verdict("solutions_are_lost") == "does not hold"
    assert report.verdict("failures_settle") == "holds"
    assert report.verdict("rival_attractors") == "does not hold"
    assert report.verdict("another_start_rescues") == "does not hold"
    assert report.verdict("four_modes") == "does not hold"  # no failure wanders


def test_intervals_keep_the_groups_of_a_data_set_together(report, tasks):
    assert report.about["clustered_by"] == "group"
    assert report.about["classes"] == 120
    assert report.about["data"]["sample"]["cells"] == 12
    alone = Tasks(tasks.tokens, tasks.answers, puzzle_ids=tasks.puzzle_ids)
    apart = audit(Embedded(), alone, plan=PLAN, minutes=60, topics=["modes"])
    assert apart.about["clustered_by"] == "puzzle"
    narrow, wide = ({c.name: j for c, j in r.judgements}["four_modes"].effect for r in (apart, report))
    assert narrow.high - narrow.low <= wide.high - wide.low


def test_the_page_speaks_of_tasks(report, folder):
    page = (folder / "report.html").read_text()
    assert "240 tasks of 12 cells (120 groups)" in page
    assert "those of one group of their data set kept together" in page
    assert "solution class" not in page.partition("</header>")[2].replace("or one solution class", "")
    assert {path.name for path in folder.glob("*.png")} == {
        "keeping.png", "jumps.png", "basins.png", "modes.png", "settling.png", "dimensions.png",
    }  # fmt: skip


def test_the_same_report_comes_from_what_was_saved(report, folder, tasks):
    assert str(reread(folder)) == str(report)
    again, results = ask_again(folder, tasks)
    assert str(again) == str(report)
    assert results["modes"].table.equals(load_results(folder / "results.npz")["modes"].table)
    with pytest.raises(InputError, match="name them with --puzzles"):
        ask_again(folder)


def test_no_time_is_planned_for_what_is_left_out(tasks):
    said: list[str] = []
    audit(Embedded(), tasks, plan=PLAN, minutes=60, topics=["easy_puzzles", "modes"], say=said.append)
    assert "single blanks" not in said[0]
    plan = Plan()
    less = plan.without_rules()
    dropped = {"blanks", "singles", "landscape", "deduced", "supposed"}
    for part, cost in less.cost(16, 900).items():
        assert cost == (0 if part in dropped else plan.cost(16, 900)[part])
    fitted = less.fitted(1e-4, 10, 16, 900)
    assert (fitted.blanks, fitted.singles, fitted.landscape) == (0, 0, 0)
    assert not any(word in str(less) for word in ("blank", "plane of", "masked", "guess", "order"))


def test_a_topic_that_runs_nothing_of_tasks_is_added_in_any_time(tasks, tmp_path):
    audit(Embedded(), tasks, plan=PLAN, minutes=60, topics=["modes"], out=tmp_path / "out", name="planted")
    report = add_topics(tmp_path / "out", Embedded(), tasks, topics=["modes", "easy_puzzles"], minutes=1)
    judged = {claim.name: judgement for claim, judgement in report.judgements}
    assert judged["easy_puzzles_fail"].verdict == "not testable"


def test_a_saved_folder_is_read_alike_when_it_is_asked_again(tmp_path, tasks):
    """The sample is drawn from the part of the folder that was read, which the numbers tell."""
    starts = np.arange(241)
    write_folder(
        tmp_path / "data" / "test", tasks.tokens, np.where(tasks.asked, tasks.answers, 0),
        identifiers=tasks.puzzle_ids, starts=starts, groups=np.arange(0, 241, 2),
    )  # fmt: skip
    plan = replace(PLAN, puzzles=40)
    first = audit(
        Embedded(),
        tmp_path / "data" / "test",
        plan=plan,
        minutes=60,
        topics=["modes", "jumps"],
        out=tmp_path / "out",
    )
    assert json.loads((tmp_path / "out" / "report.json").read_text())["about"]["pool"] == 40
    again, _ = ask_again(tmp_path / "out", tmp_path / "data" / "test")
    assert str(again) == str(first)
