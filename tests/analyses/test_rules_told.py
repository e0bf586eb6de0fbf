"""From models to the pictures of who hears a cell's digit, and again from what was saved."""

import importlib
import json
from pathlib import Path

import pytest

exclusion, standoffs = (importlib.import_module(name) for name in ("exclusion", "standoffs"))


def test_from_a_model_to_who_gives_a_digit_up(tmp_path: Path) -> None:
    assert exclusion.main(["trm-6x6", "--n", "30", "--late", "3", "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"exclusion.{kind}" for kind in ("png", "pdf", "html", "json")
    }
    numbers = (tmp_path / "exclusion.json").read_text()
    told = json.loads(numbers)["models"]["trm-6x6"]
    assert [model["since"] for model in told.values()] == [1, 3]
    assert all(model["resampled"] == "class" for model in told.values())
    assert all(model["excluded"]["estimate"] > 0.6 for model in told.values())
    (tmp_path / "exclusion.png").unlink()
    assert exclusion.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "exclusion.png").exists()
    assert (tmp_path / "exclusion.json").read_text() == numbers


def test_from_a_model_to_how_its_own_digits_are_heard(tmp_path: Path) -> None:
    arguments = ["trm-6x6", "--n", "30", "--late", "2", "--lent", "blank", "--out", str(tmp_path)]
    assert exclusion.main(arguments) == 0
    (told,) = json.loads((tmp_path / "exclusion.json").read_text())["models"]["trm-6x6"].values()
    assert (told["lent"], told["since"]) == ("blank", 2)
    assert told["by_probability"]
    (tmp_path / "exclusion.png").unlink()
    assert exclusion.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "exclusion.png").exists()


def test_from_a_model_to_what_holds_two_cells(tmp_path: Path) -> None:
    assert standoffs.main(["hrm-6x6-seed2", "--n", "40", "--at", "3", "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"standoffs.{kind}" for kind in ("png", "pdf", "html", "json")
    }
    numbers = (tmp_path / "standoffs.json").read_text()
    told = json.loads(numbers)["models"]["hrm-6x6-seed2"]
    assert (told["puzzles"], told["at"], told["resampled"]) == (80, 3, "class")
    assert told["told"]["estimate"] < 0.2 < told["plain"]["estimate"]
    (tmp_path / "standoffs.png").unlink()
    assert standoffs.main(["--saved", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "standoffs.png").exists()


@pytest.mark.parametrize("script", [exclusion, standoffs])
def test_what_cannot_be_measured_is_said(script, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["hrm-6x6", "--source", "none", "--out", str(tmp_path)]) == 2
    assert "6x6-test has no puzzles of source 'none'" in capsys.readouterr().err
