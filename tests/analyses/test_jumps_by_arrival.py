"""Jumps by the segment of arrival: from reports to a picture and numbers; what it cannot read is one sentence."""

import json
from pathlib import Path

import jumps_by_arrival
import pytest

from hrm_probe.reasoning.storing import load_results
from hrm_probe.report import REPORTS
from hrm_probe.report.result import RESULTS


def test_of_a_shipped_report_all_late_answers_are_told_apart(tmp_path: Path) -> None:
    assert jumps_by_arrival.main(["one=hrm-6x6", "other=trm-6x6", "--out", str(tmp_path)]) == 0
    assert {path.suffix for path in tmp_path.iterdir()} == {".png", ".pdf", ".html", ".json"}
    written = json.loads((tmp_path / "jumps_by_arrival.json").read_text())
    rows = written["table"]
    assert {(row["kind"], row["model"]) for row in rows} == {("one", "hrm-6x6"), ("other", "trm-6x6")}
    report = json.loads((REPORTS / "hrm-6x6" / "report.json").read_text())
    own = [row for row in rows if row["model"] == "hrm-6x6"]
    assert f"Of {sum(row['late'] for row in own):,} answers found after the first segment" in json.dumps(
        report
    )

    (pair,) = written["pairs"]
    late = [load_results(REPORTS / name / RESULTS)["jumps"].table["late"] for name in ("hrm-6x6", "trm-6x6")]
    assert (pair["first"], pair["second"], pair["late"]) == (
        "hrm-6x6",
        "trm-6x6",
        int((late[0] & late[1]).sum()),
    )
    assert pair["change"] == pytest.approx(pair["share_second"] - pair["share_first"], abs=1e-5)


def test_models_that_were_asked_about_unlike_puzzles_make_no_pair() -> None:
    assert not len(
        jumps_by_arrival.paired({"6x6": [REPORTS / "hrm-6x6"], "9x9": [REPORTS / "hrm-9x9-shallow"]})
    )


def test_by_itself_it_reads_all_shipped_reports_each_once() -> None:
    found = [path.name for paths in jumps_by_arrival.shipped().values() for path in paths]
    assert sorted(found) == sorted(path.parent.name for path in REPORTS.glob("*/results.npz"))


@pytest.mark.parametrize(
    ("kinds", "sentence"),
    [
        (["trm-6x6"], "'trm-6x6' is not a kind of models; write NAME=REPORT,REPORT,..."),
        (["one=nowhere"], "nowhere"),
    ],
)
def test_what_is_no_report_is_refused(
    kinds: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert jumps_by_arrival.main([*kinds, "--out", str(tmp_path)]) == 2
    assert sentence in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
