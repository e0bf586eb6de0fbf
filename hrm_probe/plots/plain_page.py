"""A page without scripts: pictures as vectors in it, tables that unfold; it opens from disk and needs no network."""

import html
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from hrm_probe.plots import style
from hrm_probe.plots.templates import about_table, asset, filled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 400
"""Rows of a table on a page, unless told otherwise."""


@dataclass(frozen=True)
class Picture:
    """A figure with what is written under it: what is shown, how many, which seed; ``name`` is unique on its page."""

    name: str
    title: str
    caption: str
    figure: "Figure"


@dataclass(frozen=True)
class Table:
    """A table with its heading and what is to be known of it."""

    title: str
    rows: pd.DataFrame
    caption: str


def picture_page(
    title: str,
    said: str,
    pictures: Sequence[Picture],
    tables: Sequence[Table],
    about: Mapping[str, Any],
    all_rows_in: str,
) -> str:
    """A page of pictures with the numbers behind them, as HTML text.

    >>> page = picture_page("Which heads?", "Two.", [], [], {"seed": 0}, "heads.json")
    >>> "<h1>Which heads?</h1>" in page and "<td>seed</td><td>0</td>" in page
    True

    Args:
        title: the question.
        said: the answer, lines kept as they are.
        pictures, tables: in order; tables are folded.
        about: seed, command, versions and the like, for the foot.
        all_rows_in: the file that holds what is too long for the page.
    """
    body = "\n".join(
        [
            f'<pre class="said">{html.escape(said)}</pre>',
            *(figure_element(picture) for picture in pictures),
            *(folded(table, MOST_ROWS, all_rows_in) for table in tables),
        ]
    )
    return plain_page(title, "", body, about)


def plain_page(title: str, lead: str, body: str, about: Mapping[str, Any]) -> str:
    """The frame of such a page; ``lead`` is text, ``body`` HTML."""
    parts = {
        "title": html.escape(title),
        "lead": f'<p class="lead">{html.escape(lead)}</p>' if lead else "",
        "css": asset("plain.css"),
        "body": body,
        "about": about_table(about),
    }
    return filled(asset("plain.html"), parts)


def figure_element(picture: Picture, number: int | None = None) -> str:
    """The picture with its caption, numbered or not."""
    heading = "" if number is None else f"Figure {number}. "
    heading += f"{html.escape(picture.title)}." if picture.title else ""
    caption = (
        f"<strong>{heading}</strong> {html.escape(picture.caption)}" if heading or picture.caption else ""
    )
    legend = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure id="picture-{picture.name}">{as_svg(picture)}{legend}</figure>'


def as_svg(picture: Picture) -> str:
    """The picture as an SVG element whose ids are its own, so that several can stand on one page."""
    import matplotlib as mpl

    file = io.StringIO()
    with style.style(), mpl.rc_context({"svg.hashsalt": picture.name}):
        picture.figure.savefig(file, format="svg", metadata={"Date": None})
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*" height="([^"]*)"', r"\1", svg, count=1)
    svg = re.sub(r'\bid="', f'id="{picture.name}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{picture.name}-", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(picture.title)}" ', 1)


def folded(table: Table, most: int, all_rows_in: str) -> str:
    """The table behind its heading, cut where it has more than ``most`` rows."""
    rows = table.rows.head(most)
    heads = "".join(f"<th>{html.escape(str(name).replace('_', ' '))}</th>" for name in rows.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_cell(value))}</td>" for value in row) + "</tr>"
        for row in rows.itertuples(index=False)
    )
    more = len(table.rows) - len(rows)
    left = f" {more} more rows are in {all_rows_in}." if more else ""
    return (
        f"<details><summary>{html.escape(table.title)}</summary><p>{html.escape(table.caption)}{html.escape(left)}</p>"
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></details>'
    )


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NA:
        return "–"
    if isinstance(value, float):
        return f"{value:.3g}"
    return str(value)
