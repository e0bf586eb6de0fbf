"""The comparison's script: from reports to a picture and numbers; what it cannot read is one sentence."""

import json
from pathlib import Path

import architecture
import pytest

from hrm_probe.report import REPORTS, Plan, audit
from hrm_probe.sudoku import generate
from tests.reasoning.planted_fates import Divided, settles_wrong
from tests.reasoning.planted_segments import keeps

PLAN = Plan(
    puzzles=40, blanks=4, singles=12, masked=4, masked_segments=32, divided=2, starts=2, plane=2, landscape=3, long=8,
    horizons=(16, 32), exponents=8, tangents=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports") / "planted"
    puzzles = generate(40, "easy", "4x4", seed=0)
    topics = ["easy_puzzles", "jumps", "attractors", "settling"]
    audit(
        Divided(keeps, settles_wrong),
        puzzles,
        plan=PLAN,
        minutes=60,
        out=folder,
        topics=topics,
        name="planted",
    )
    return str(folder)


def test_a_model_compared_with_itself_differs_in_nothing(report, tmp_path, capsys):
    kinds = [f"{kind}={report},{report}" for kind in ("one", "other")]
    assert architecture.main([*kinds, "--out", str(tmp_path)]) == 0
    assert "one against other" in capsys.readouterr().out
    assert (tmp_path / "architecture.png").stat().st_size > 5000
    told = json.loads((tmp_path / "architecture.json").read_text())
    assert {row["verdict"] for row in told["differences"]} <= {"undecided", "not testable"}
    assert len(told["values"]) == 4 * len(told["differences"])
    rests = [row["estimate"] for row in told["values"] if row["measure"] == "failures_rest"]
    assert rests == [1, 1, 1, 1]  # as planted


def test_reports_of_shipped_models_are_found_by_name(report):
    assert architecture.named(f"HRM=hrm-6x6,{report}") == ("HRM", [REPORTS / "hrm-6x6", Path(report)])


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        (["HRM"], "'HRM' is not a kind of models"),
        (["HRM=nowhere,nothing", "TRM=nowhere,nothing"], "There are no saved results at nowhere"),
        (["HRM=nowhere,nothing"], "A comparison is of two kinds"),
    ],
)
def test_bad_input_is_one_sentence(kinds, says, tmp_path, capsys):
    assert architecture.main([*kinds, "--out", str(tmp_path)]) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
