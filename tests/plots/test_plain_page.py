"""A page without scripts: complete in itself, and nothing that is said on it can break it."""

import re

import pandas as pd
import pytest

from hrm_probe.plots import new_figure
from hrm_probe.plots.plain_page import Picture, Table, as_svg, folded, picture_page


def drawn(name="line"):
    figure = new_figure(2.0, 1.5)
    figure.subplots().plot([0, 1], [1, 0])
    return Picture(name, "A line", "From top to bottom.", figure)


@pytest.fixture
def picture():
    return drawn()


def page_of(picture, said="Said.", about=None, rows=3):
    table = Table("Rows", pd.DataFrame({"a_b": range(rows), "c": [0.123456] * rows}), "")
    return picture_page("Question?", said, [picture], [table], about or {"seed": 0}, "numbers.json")


def test_the_page_holds_question_answer_picture_numbers_and_origin(picture):
    page = page_of(picture, about={"seed": 7, "settings": {"steps": 3}})
    assert "<h1>Question?</h1>" in page
    assert "Said." in page
    assert "<strong>A line.</strong> From top to bottom." in page
    assert "<th>a b</th><th>c</th>" in page
    assert "<td>2</td><td>0.123</td>" in page
    assert "<td>seed</td><td>7</td>" in page
    assert "<td>{&quot;steps&quot;: 3}</td>" in page


def test_it_needs_nothing_beside_it_and_runs_nothing(picture):
    page = page_of(picture)
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!#)', page)


def test_what_is_said_is_text_not_markup(picture):
    page = page_of(picture, said='<script>alert("x")</script> {{css}} & more')
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "{{css}} &amp; more" in page


def test_lines_of_the_answer_are_kept(picture):
    assert "one\n  two" in page_of(picture, said="one\n  two")


def test_a_long_table_says_where_the_rest_is():
    table = Table("Rows", pd.DataFrame({"a": range(12)}), "All rows.")
    element = folded(table, 10, "numbers.json")
    assert "All rows. 2 more rows are in numbers.json." in element
    assert "<td>9</td>" in element
    assert "<td>10</td>" not in element
    assert "more rows" not in folded(table, 12, "numbers.json")


def test_what_is_not_there_is_a_dash():
    rows = pd.DataFrame({"a": [float("nan"), 1.0], "b": [None, "x"]})
    assert folded(Table("", rows, ""), 9, "").count("<td>–</td>") == 2


def test_two_pictures_on_a_page_do_not_share_ids():
    elements = [as_svg(drawn(name)) for name in ("line", "other")]
    ids = [set(re.findall(r'\bid="([^"]*)"', element)) for element in elements]
    assert ids[0]
    assert not ids[0] & ids[1]
    for found, element in zip(ids, elements, strict=True):
        assert set(re.findall(r'(?:href="#|url\(#)([^")]*)', element)) <= found


def test_the_same_picture_gives_the_same_page():
    assert page_of(drawn()) == page_of(drawn())
