import json
import re
from pathlib import Path

import pytest

from hrm_probe.demo import FINDINGS, Demo, Evidence, run_demo
from hrm_probe.demo.run import NUMBERS, PAGE


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "made"


@pytest.fixture(scope="module")
def heard() -> list[str]:
    return []


@pytest.fixture(scope="module")
def demo(evidence: Evidence, out: Path, heard: list[str]) -> Demo:
    return run_demo(out, evidence, heard.append)


@pytest.fixture(scope="module")
def numbers(demo: Demo, out: Path) -> dict:
    return json.loads((out / NUMBERS).read_text())


def test_every_picture_is_there_for_screen_and_print(demo: Demo, out: Path) -> None:
    made = {path.name for path in out.iterdir()}
    assert made == {PAGE, NUMBERS} | {f"{name}.{ending}" for name in FINDINGS for ending in ("png", "pdf")}
    assert {path.name for path in demo.files} == made
    assert all((out / name).stat().st_size > 1000 for name in made)


def test_it_tells_what_it_is_doing(demo: Demo, heard: list[str]) -> None:
    assert heard == [*FINDINGS, "page"]


def test_numbers_are_complete(numbers: dict) -> None:
    assert set(numbers) == {"statements", "findings", "provenance", "seconds"}
    assert set(numbers["findings"]) == set(FINDINGS)
    for finding in numbers["findings"].values():
        assert finding["title"]
        assert finding["caption"]
        assert finding["numbers"]


def test_numbers_say_where_they_come_from(numbers: dict) -> None:
    origin = numbers["provenance"]
    assert origin["seed"] == 0
    assert {"settings", "models", "data", "commit", "machine", "torch", "python"} <= set(origin)
    assert set(origin["models"]) == {"one", "two", "three"}
    assert all(len(model["weights_sha256"]) == 64 for model in origin["models"].values())
    assert origin["data"]["sample"]["puzzles"] == 12


def test_every_statement_has_a_verdict_and_a_picture(demo: Demo, numbers: dict) -> None:
    assert len(numbers["statements"]) >= 8
    for statement in numbers["statements"]:
        assert statement["verdict"] in {"holds", "does not hold", "undecided"}
        assert statement["picture"] in FINDINGS
        assert statement["sentence"] in str(demo)


def test_an_untrained_model_is_not_said_to_reason(demo: Demo) -> None:
    """Verdicts follow the numbers: a model that solves nothing gets no claim about its solutions."""
    about_solutions = [s for s in demo.statements if s.section.startswith("jumps")]
    assert {s.verdict for s in about_solutions} == {"undecided"}


def test_the_page_holds_the_stories_with_board_curve_and_plane(demo: Demo, out: Path) -> None:
    page = (out / PAGE).read_text()
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])  # type: ignore[index]
    assert data["stories"]
    for story in data["stories"]:
        assert len(story["predictions"]) == len(story["loss"]) == 6
        assert len(story["path"]) == 7
        assert story["plane"]["data"]
    assert "figure-accuracy" in data["figures"]


def test_the_same_seed_gives_the_same_numbers(evidence: Evidence, demo: Demo) -> None:
    again = Evidence(evidence.settings, given=evidence.models, progress=False)
    for name in ("modes", "plane"):
        found = next(finding for finding in demo.findings if finding.name == name)
        assert str(FINDINGS[name](again).numbers) == str(found.numbers)
