"""`make figures` leaves nothing out: every analysis that can be drawn again without a model is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DRAWN_AGAIN = [
    path.stem
    for path in sorted((ROOT / "analyses").glob("*.py"))
    if "--saved" in path.read_text() and (ROOT / "figures" / f"{path.stem}.json").exists()
]


def test_there_are_some() -> None:
    assert "leaks" in DRAWN_AGAIN


@pytest.mark.parametrize("name", DRAWN_AGAIN)
def test_is_among_the_figures(name: str) -> None:
    listed = re.search(r"^REDRAWN := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert listed is not None
    assert name in listed.group(1).split()
