"""From a model to the picture of what its heads carry, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

carriers = importlib.import_module("carriers")


def test_from_a_model_to_what_each_head_carries(tmp_path: Path) -> None:
    arguments = ["hrm-6x6", "--heads", "H1.2", "--n", "12", "--segments", "1", "--out", str(tmp_path)]
    assert carriers.main(arguments) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"carriers.{kind}" for kind in ("png", "pdf", "html", "json")
    }
    numbers = (tmp_path / "carriers.json").read_text()
    rows = json.loads(numbers)["models"]["hrm-6x6"]
    given_up = {(row["head"], row["relation"]): row["excluded"] for row in rows}
    assert {row["head"] for row in rows} == {"untouched", "H1.2"}
    assert given_up["untouched", "row"] > 0.5
    assert given_up["H1.2", "row"] < given_up["untouched", "row"]  # the head that looks along rows
    (tmp_path / "carriers.png").unlink()
    assert carriers.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "carriers.png").exists()
    assert (tmp_path / "carriers.json").read_text() == numbers


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert carriers.main(["trm-6x6", "--n", "2", "--out", str(tmp_path)]) == 2
    assert "has no heads" in capsys.readouterr().err
    assert carriers.main(["hrm-6x6", "--n", "2", "--heads", "H9.9", "--out", str(tmp_path)]) == 2
    assert "There is no head 'H9.9'; choose among H0.0" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
