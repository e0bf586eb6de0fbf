"""The report as one page, like a short paper: verdicts first, then the evidence, then how it was made.

It opens from disk, needs no network and runs no script; pictures are vectors inside it.
"""

import html
import math
from typing import Any

from hrm_probe.plots.plain_page import figure_element, folded, plain_page
from hrm_probe.plots.templates import asset, filled
from hrm_probe.report import in_words
from hrm_probe.report.claim import Claim
from hrm_probe.report.in_words import rounded
from hrm_probe.report.result import Chapter, Report
from hrm_probe.report.verdicts import VERDICTS, Judgement, Unit, Verdict

MOST_ROWS = 40  # of a table on the page; report.json has all


def report_page(report: Report) -> str:
    """The page as HTML text."""
    numbers = _numbered(report)
    parts = [_verdicts(report), _method(report), *(_chapter(chapter, numbers) for chapter in report.chapters)]
    title = f"{report.model}: reasoning or guessing, claim by claim"
    return plain_page(title, _lead(report), "\n".join(parts), _about(report))


def effect_in_words(judgement: Judgement) -> str:
    """An effect with its interval in its own unit; a dash where there is none."""
    effect = judgement.effect
    if effect is None or not math.isfinite(effect.estimate):
        return "–"
    if judgement.unit == "share":
        return rounded(effect)
    if judgement.unit == "points":
        return "{:+.0f} [{:+.0f}, {:+.0f}] points".format(
            *(100 * v for v in (effect.estimate, effect.low, effect.high))
        )
    digits = 3 if judgement.unit == "nats" else 2
    numbers = (f"{round(v, digits) + 0.0:.{digits}f}" for v in (effect.estimate, effect.low, effect.high))
    return "{} [{}, {}]".format(*numbers) + _UNITS[judgement.unit]


def threshold_in_words(judgement: Judgement) -> str:
    """What the effect was held against, in its unit."""
    if not math.isfinite(judgement.threshold):
        return "–"
    if judgement.unit in ("share", "points"):
        return (
            f"{judgement.threshold:.0%}"
            if judgement.unit == "share"
            else f"{100 * judgement.threshold:.0f} points"
        )
    return f"{judgement.threshold:g}{_UNITS[judgement.unit]}"


_PLURAL: dict[Verdict, str] = {
    "holds": "hold",
    "does not hold": "do not hold",
    "undecided": "undecided",
    "not testable": "not testable",
}
_STANDS = {True: "stands", False: "falls", None: "–"}
_UNITS_OF = {
    "solution class": "puzzles, those of one solution class kept together, wider where there are few classes",
    "group": "tasks, those of one group of their data set kept together",
    "puzzle": "puzzles",
}
_UNITS: dict[Unit, str] = {"auc": " AUC", "nats": " nats", "ratio": " times", "share": "", "points": ""}


def _lead(report: Report) -> str:
    counts = {v: sum(j.verdict == v for _, j in report.judgements) for v in VERDICTS}
    told = ", ".join(f"{n} {_PLURAL[v] if n > 1 else v}" for v, n in counts.items() if n)
    about = report.about
    model, sample = about["models"][report.model], about["data"]["sample"]
    kinds = ", ".join(f"{n} {kind}" for kind, n in sample["sources"].items() if kind)
    groups = f"{about['classes']} {'solution classes' if 'board' in sample else 'groups'}"
    config = model["config"]
    return (
        f"What the literature says of recursive reasoning models, put to {report.model} "
        f"({config['architecture'].upper()}, {model['parameters']:,} parameters) on "
        f"{in_words.sample(sample)} ({'; '.join(part for part in (kinds, groups) if part)}). "
        f"Of {len(report.judgements)} claims: {told}. "
        "What one model shows is a fact about that model: other seeds of the same recipe can differ."
    )


def _verdicts(report: Report) -> str:
    corrected = report.corrections
    rows = "".join(
        f'<tr><td><a href="#{claim.name}">{html.escape(claim.title)}</a></td><td>{_badge(judgement)}</td>'
        f'<td class="number">{html.escape(effect_in_words(judgement))}</td>'
        f'<td class="number wide-only">{html.escape(threshold_in_words(judgement))}</td>'
        f"<td>{_STANDS[corrected[claim.name].stands] if claim.name in corrected else '–'}</td></tr>"
        for claim, judgement in report.judgements
    )
    return (
        '<div class="scroll"><table><thead><tr><th>claim</th><th>here</th><th class="number">effect, 95% interval</th>'
        '<th class="number wide-only">held against</th><th>corrected</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _badge(judgement: Judgement) -> str:
    return f'<span class="verdict {judgement.verdict.replace(" ", "-")}">{judgement.verdict}</span>'


def _method(report: Report) -> str:
    powers = [power for chapter in report.chapters for power in chapter.powers]
    titles = {claim.name: claim.title for claim, _ in report.judgements}
    rows = "".join(
        f"<tr><td>{html.escape(titles[power.claim])}</td>"
        f'<td class="number">{power.n}</td><td class="number">{power.threshold:.0%}</td>'
        f'<td class="number">{power.alternative:.0%}</td><td class="number">{power.power:.0%}</td>'
        f'<td class="number">{power.needed}</td></tr>'
        for power in powers
    )
    return filled(
        asset("method.html", "hrm_probe.report"),
        {"units": _UNITS_OF[report.about["clustered_by"]], "rows": rows},
    )


def _chapter(chapter: Chapter, numbers: dict[str, int]) -> str:
    topic = chapter.topic
    return "\n".join(
        [
            f'<h2 id="{topic.name}">{html.escape(topic.title)}</h2>',
            *(figure_element(picture, numbers[picture.name]) for picture in chapter.pictures),
            *(_claim(claim, judgement) for claim, judgement in chapter.judgements),
            *(folded(table, MOST_ROWS, "report.json") for table in chapter.tables),
        ]
    )


def _claim(claim: Claim, judgement: Judgement) -> str:
    controls = "".join(
        f"<li><b>{'passed' if control.passed else 'not passed'}</b> {html.escape(control.name)}: "
        f"{html.escape(control.sentence)}</li>"
        for control in judgement.controls
    )
    sentence = " ".join(part for part in (judgement.sentence, judgement.reason) if part)
    said = f"{claim.criterion} Claimed by {claim.source}; published: {claim.published}."
    return f"""<h3 id="{claim.name}">{html.escape(claim.title)}</h3>
<p>{_badge(judgement)} {html.escape(sentence)}</p>
<p class="small">{html.escape(said)}</p>
{f'<ul class="controls">{controls}</ul>' if controls else ""}
<p class="sceptic">What would make this wrong: {html.escape(claim.sceptic)}</p>"""


def _numbered(report: Report) -> dict[str, int]:
    names = [picture.name for chapter in report.chapters for picture in chapter.pictures]
    return {name: number for number, name in enumerate(names, start=1)}


def _about(report: Report) -> dict[str, str]:
    about = report.about
    return {
        "plan": ", ".join(f"{name} {value}" for name, value in about["settings"].items()),
        "puzzles": f"tokens with SHA-256 {about['data']['sample']['tokens_sha256'][:16]}",
        "weights": "; ".join(
            f"{name}: SHA-256 {model['weights_sha256'][:16]}" for name, model in about["models"].items()
        ),
        "machine": about["machine"],
        "versions": f"hrm_probe {about['hrm_probe']}, torch {about['torch']}, commit {about['commit'] or 'none'}",
        **_asked_again(about),
        **_added(about),
        "seconds": ", ".join(f"{name} {value}" for name, value in about["seconds"].items()),
        "again": "hrm-probe figures judges and draws all this again from results.npz beside this page, without the "
        "model",
    }


def _asked_again(about: dict[str, Any]) -> dict[str, str]:
    """The row of what another version asked of the saved curves, if that was done."""
    if (again := about.get("asked_again")) is None:
        return {}
    commit = again["commit"] or "none"
    return {
        "asked again": f"{', '.join(again['topics'])}, by hrm_probe {again['hrm_probe']}, commit {commit}"
    }


def _added(about: dict[str, Any]) -> dict[str, str]:
    """The row of the topics that were added to the report afterwards."""
    told = "; ".join(
        f"{', '.join(added['topics'])}, by hrm_probe {added['hrm_probe']}, commit {added['commit'] or 'none'}, on "
        f"{added['machine']}"
        for added in about.get("added", ())
    )
    return {"added": told} if told else {}
