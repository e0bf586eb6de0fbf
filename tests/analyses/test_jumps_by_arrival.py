"""Jumps by the segment of arrival: from reports to a picture and numbers; what it cannot read is one sentence."""

import json
from pathlib import Path

import jumps_by_arrival
import pytest

from hrm_probe.report import REPORTS


def test_of_a_shipped_report_all_late_answers_are_told_apart(tmp_path: Path) -> None:
    assert jumps_by_arrival.main(["one=hrm-6x6", "other=trm-6x6", "--out", str(tmp_path)]) == 0
    assert {path.suffix for path in tmp_path.iterdir()} == {".png", ".pdf", ".json"}
    rows = json.loads((tmp_path / "jumps_by_arrival.json").read_text())["table"]
    assert {(row["kind"], row["model"]) for row in rows} == {("one", "hrm-6x6"), ("other", "trm-6x6")}
    report = json.loads((REPORTS / "hrm-6x6" / "report.json").read_text())
    own = [row for row in rows if row["model"] == "hrm-6x6"]
    assert f"Of {sum(row['late'] for row in own):,} answers found after the first segment" in json.dumps(
        report
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
