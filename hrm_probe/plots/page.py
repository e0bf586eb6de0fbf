"""One HTML page that ties the pictures together: it opens from disk, needs no network, and fits a phone."""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hrm_probe.json_text import as_json
from hrm_probe.plots import style
from hrm_probe.plots.plane import PlaneView, plane_figure
from hrm_probe.plots.templates import about_table, asset, filled

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Verdict = Literal["holds", "does not hold", "undecided"]
VERDICT_WORDS = {"holds": "holds here", "does not hold": "does not hold here", "undecided": "undecided"}


@dataclass(frozen=True)
class Statement:
    """A claim tested on this model: its verdict, a sentence with its numbers, and the section that shows it."""

    claim: str
    verdict: Verdict
    sentence: str
    section: str


@dataclass(frozen=True)
class Section:
    """A picture of the page with its heading and caption; ``name`` is unique and has no spaces."""

    name: str
    title: str
    caption: str
    figure: "Figure"


@dataclass(frozen=True)
class Story:
    """One puzzle that the reader can step through.

    Attributes:
        label: what the list of puzzles calls it.
        group: under which heading of that list.
        note: why it is worth a look, one sentence.
        tokens, answers: [cell], 1 for a blank, v + 1 for digit v.
        predictions: [segment, cell].
        loss, displacement: [segment].
        jump: the segment of the jump, None if there is none.
        plane: the trajectory in its plane; its path has the start and every segment.
    """

    label: str
    group: str
    note: str
    tokens: np.ndarray
    answers: np.ndarray
    predictions: np.ndarray
    loss: np.ndarray
    displacement: np.ndarray
    jump: int | None = None
    plane: PlaneView | None = None


def interactive_page(
    *,
    title: str,
    lead: str,
    statements: Sequence[Statement],
    stories: Sequence[Story],
    sections: Sequence[Section],
    about: Mapping[str, str],
    box: tuple[int, int],
) -> str:
    """The page as HTML text, plotly.js inside it (once, about 5 MB).

    Args:
        title, lead: heading and first paragraph.
        statements: what was found; shown first.
        stories: puzzles to step through; without any, that part is left out.
        sections: further pictures, in order.
        about: seed, model, versions and the like, for the foot.
        box: rows and columns of a box of the board.
    """
    from plotly.offline import get_plotlyjs

    data = {
        "box": list(box),
        "layout": as_json(style.plotly_layout()),
        "stories": [_story(story) for story in stories],
        "figures": {f"figure-{section.name}": _figure(section.figure) for section in sections},
    }
    parts = {
        "title": html.escape(title),
        "lead": html.escape(lead),
        "css": asset("page.css"),
        "js": asset("page.js"),
        "findings": _findings(statements),
        "explorer": _explorer(stories),
        "sections": "\n".join(_section(section) for section in sections),
        "about": about_table(about),
        "data": json.dumps(data, separators=(",", ":"), allow_nan=False).replace("</", "<\\/"),
        "plotly": get_plotlyjs().replace("</script", "<\\/script"),
    }
    return filled(asset("page.html"), parts)


def _findings(statements: Sequence[Statement]) -> str:
    rows = "".join(
        f'<li><span class="verdict {s.verdict.replace(" ", "-")}">'
        f'<a href="#{s.section}">{VERDICT_WORDS[s.verdict]}</a></span>'
        f"<p><strong>{html.escape(s.claim)}</strong> {html.escape(s.sentence)}</p></li>"
        for s in statements
    )
    return f'<ul class="findings">{rows}</ul>' if rows else ""


def _explorer(stories: Sequence[Story]) -> str:
    if not stories:
        return ""
    options, groups = "", list(dict.fromkeys(story.group for story in stories))
    for group in groups:
        inside = "".join(
            f'<option value="{i}">{html.escape(story.label)}</option>'
            for i, story in enumerate(stories)
            if story.group == group
        )
        options += f'<optgroup label="{html.escape(group)}">{inside}</optgroup>'
    longest = max(len(story.loss) for story in stories)
    return f"""<section id="explorer">
<h2>One puzzle, segment by segment</h2>
<p class="hint" id="why"></p>
<div class="explorer">
<div class="controls">
<label for="pick">puzzle</label><select id="pick" class="pick" aria-label="puzzle">{options}</select>
<button id="play" type="button">Play</button>
<label for="slide">segment</label>
<input id="slide" type="range" min="1" max="{longest}" value="1" step="1" aria-label="segment">
<output id="said" for="slide"></output>
</div>
<div class="look"><div id="board" class="board" role="img"></div><p class="state" id="state" aria-live="polite"></p>
<p class="key"><span><i class="is-given"></i>given</span>
<span><i class="is-wrong"></i>wrong</span>
<span><i class="is-changed"></i>changed</span></p></div>
<div class="graphs"><div id="curve"></div><div id="plane"></div></div>
</div>
</section>"""


def _section(section: Section) -> str:
    return (
        f'<section id="{section.name}"><h2>{html.escape(section.title)}</h2>'
        f'<div class="plot wide" id="figure-{section.name}"></div>'
        f'<p class="caption">{html.escape(section.caption)}</p></section>'
    )


def _figure(figure: "Figure") -> dict[str, Any]:
    """Plotly's JSON without the default template, which our style replaces."""
    content: dict[str, Any] = json.loads(figure.to_json())
    content["layout"].pop("template", None)
    return {"data": content["data"], "layout": content["layout"]}


def _story(story: Story) -> dict[str, Any]:
    return {
        "note": story.note,
        "tokens": story.tokens.tolist(),
        "answers": story.answers.tolist(),
        "predictions": story.predictions.tolist(),
        "loss": as_json(np.round(story.loss.astype(float), 4)),
        "displacement": as_json(np.round(story.displacement.astype(float), 4)),
        "jump": story.jump,
        "plane": None if story.plane is None else _figure(plane_figure(story.plane)),
        "path": None if story.plane is None else np.round(story.plane.path.astype(float), 4).tolist(),
    }
