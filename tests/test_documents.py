"""What the documents point to is there: files, sections of files, and pictures."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CHANGELOG.md", "analyses/README.md", "figures/curriculum.md")
INLINE = re.compile(r"\]\(([^)\s]+)\)")
DEFINED = re.compile(r"^\[([^\]]+)\]: (\S+)$", re.MULTILINE)
USED = re.compile(r"(?<!!)\[([^\]\[`*]+)\](?![(:\[])")


def anchors(path: Path) -> set[str]:
    """Of every heading, as web pages of repositories name them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    document = ROOT / name
    text = document.read_text(encoding="utf-8")
    links = INLINE.findall(text) + [target for _, target in DEFINED.findall(text)]
    lost = []
    for link in links:
        if link.startswith(("http://", "https://")):
            continue
        place, _, section = link.partition("#")
        target = (document.parent / place).resolve() if place else document
        if not target.exists() or (section and section not in anchors(target)):
            lost.append(link)
    assert not lost


def test_names_of_links_are_defined() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    defined = {name for name, _ in DEFINED.findall(text)}
    assert defined
    prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    used = {" ".join(name.split()) for name in USED.findall(prose)}
    assert defined <= used  # none that nothing leads to
    assert all(re.match(r"[\d.-]", name) for name in used - defined)  # intervals stand in brackets, too


@pytest.mark.parametrize("finding", ["accuracy", "blanks", "jumps", "jumps_other", "modes", "plane"])
def test_a_finding_is_told_alike_in_its_own_file_and_in_the_demos(finding: str) -> None:
    own, demo = (
        json.loads((ROOT / "figures" / f"{name}.json").read_text())["statements"]
        for name in (finding, "demo")
    )
    assert own
    assert [told for told in demo if told["picture"] == finding] == own
