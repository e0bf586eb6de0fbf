import json
import re

import numpy as np
import plotly.graph_objects as go
import pytest

from hrm_probe.plots.page import Section, Statement, Story, interactive_page
from hrm_probe.plots.plane import PlaneView

ANSWERS = np.array([1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1]) + 1


@pytest.fixture(scope="module")
def page() -> str:
    plane = PlaneView(
        np.arange(3.0),
        np.arange(3.0),
        np.zeros((3, 3)),
        np.empty((0, 4)),
        np.zeros((3, 2)),
        np.zeros(3, bool),
    )
    story = Story(
        "puzzle <7>",
        "solved",
        "It jumps.",
        np.where(np.arange(16) < 4, ANSWERS, 1),
        ANSWERS,
        np.repeat(ANSWERS[None], 2, 0),
        np.array([0.5, np.nan]),
        np.array([1.0, 0.1]),
        jump=2,
        plane=plane,
    )
    return interactive_page(
        title="A & B",
        lead="What this is </script>.",
        statements=[
            Statement("A claim.", "holds", "It holds.", "one"),
            Statement("Another.", "undecided", "Who knows.", "one"),
        ],
        stories=[story],
        sections=[Section("one", "First", "n = 1", go.Figure(go.Scatter(y=[1, 2])))],
        about={"seed": "0"},
        box=(2, 2),
    )


def data_of(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


def test_the_page_needs_nothing_from_outside(page: str) -> None:
    assert not re.search(r"<(?:script|img|iframe)[^>]*\ssrc=", page[: page.index("<script>")])
    assert not re.search(r"<link[^>]*href=\"(?!data:)", page)
    assert "default-src 'none'" in page


def test_plotly_is_embedded_once(page: str) -> None:
    assert page.count("plotly.js v") == 1
    assert len(page) < 8e6


def test_every_placeholder_is_filled_and_text_is_escaped(page: str) -> None:
    body = page[page.index("<body>") :]
    assert "{{" not in body
    assert "A &amp; B" in body
    assert "puzzle &lt;7&gt;" in body
    assert "What this is &lt;/script&gt;." in body


def test_verdicts_are_said_in_words_and_link_to_their_picture(page: str) -> None:
    assert '<a href="#one">holds here</a>' in page
    assert '<a href="#one">undecided</a>' in page
    assert '<section id="one">' in page


def test_the_data_are_valid_json_with_null_for_nan(page: str) -> None:
    story = data_of(page)["stories"][0]
    assert story["loss"] == [0.5, None]
    assert story["answers"] == ANSWERS.tolist()
    assert len(story["path"]) == 3  # the start and two segments
    assert story["plane"]["data"]


def test_every_figure_has_its_place(page: str) -> None:
    for name in data_of(page)["figures"]:
        assert f'id="{name}"' in page


def test_a_page_without_stories_has_no_explorer() -> None:
    page = interactive_page(title="t", lead="l", statements=[], stories=[], sections=[], about={}, box=(2, 2))
    assert 'id="explorer"' not in page
