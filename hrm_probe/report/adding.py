"""Topics added to an existing report: a new question need not cost the answers to the old ones."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.provenance import provenance
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.storing import load_about, load_results
from hrm_probe.report.auditing import Say, judge, known_topics
from hrm_probe.report.plan import LEAST, SPARED, Plan, seconds_per_segment
from hrm_probe.report.provenance import full_provenance
from hrm_probe.report.result import RESULTS, Report
from hrm_probe.report.sample import the_sample
from hrm_probe.report.subject import Subject, loaded, segments_followed, twin_of
from hrm_probe.report.topics import TOPICS
from hrm_probe.report.writing import write_report
from hrm_probe.trace.origin import weights_sha256


def add_topics(
    folder: str | Path,
    model: str | Path | RecursiveReasoner,
    puzzles: str | Path | Asked | None = None,
    *,
    topics: Iterable[str] = tuple(TOPICS),
    twin: str | Path | RecursiveReasoner | None = None,
    device: str | None = None,
    dtype: str | None = None,
    minutes: float | None = None,
    say: Say = lambda line: None,
    progress: bool = False,
) -> Report:
    """Run the topics that a saved report lacks, on its own puzzles and by its own plan, and write it again.

    >>> report = add_topics("reports/hrm-6x6", "hrm-6x6")                         # doctest: +SKIP
    >>> report.about["added"][-1]["topics"]                                      # doctest: +SKIP
    ['deduction']

    Args:
        folder: the report's.
        model: that it is of, by name, by folder or at hand; known by its weights.
        puzzles: the set that its sample was drawn from; the bundled test set of its board if None.
        topics: wanted in the end; those that are there stay as they are.
        twin, device, dtype, say, progress: as in :func:`hrm_probe.report.audit`.
        minutes: for what is added; the plan's own sizes if None.

    Returns:
        The report, which says in ``about["added"]`` what was added by which version.

    Raises:
        InputError: no report there, one of other weights or other puzzles, or a report that lacks nothing.
    """
    begun, path = time.monotonic(), Path(folder) / RESULTS
    results, about = dict(load_results(path)), load_about(path)
    wanted = known_topics(topics)
    missing = [topic for topic in wanted if topic not in about["topics"]]
    if not missing:
        raise InputError(f"The report in {folder} has {', '.join(wanted)} already; there is nothing to add.")
    reasoner = loaded(model, device, dtype)
    name = about["model"]
    if weights_sha256(reasoner) != about["models"][name]["weights_sha256"]:
        raise InputError(
            f"The report in {folder} is of other weights, or of the same in another dtype; name the model, or --dtype, "
            "that it was made with."
        )
    sample = the_sample(about, puzzles, folder)
    pair = twin_of(model, twin, name, sample, device, dtype)
    plan = Plan.saved(about["settings"]).among(len(sample))
    parts = frozenset(part for topic in missing for part in TOPICS[topic].parts)
    sizes = segments_followed(reasoner), reasoner.config.cells
    each = seconds_per_segment(reasoner, sample)
    if minutes is not None:
        cost = sum(value for part, value in plan.cost(*sizes).items() if part in parts)
        share = min(1.0, 60 * minutes * SPARED / each / cost) if cost else 1.0
        plan = plan.shrunk(share, parts & LEAST.keys())
    expected = plan.minutes(each, *sizes, parts)
    subject = Subject(
        name,
        reasoner,
        sample,
        plan,
        twin=pair,
        progress=progress,
        minutes=expected,
        asked=minutes or expected,
        parts=parts,
    )
    say(str(subject))
    seconds: dict[str, float] = {}
    for topic in missing:
        say(topic)
        started = time.monotonic()
        results |= TOPICS[topic].gather(subject)
        seconds[topic] = round(time.monotonic() - started, 1)
    report = judge(results, _told(about, subject, missing, seconds, time.monotonic() - begun))
    write_report(report, folder, results)
    return report


def _told(
    about: dict[str, Any], subject: Subject, added: list[str], seconds: dict[str, float], all_seconds: float
) -> dict[str, Any]:
    """What the report says of itself from now on."""
    models = {subject.name: subject.model, **dict([subject.twin] if subject.twin else [])}
    known = full_provenance(subject.seed, models, {}, {})["models"]
    before = about["seconds"]
    return {
        **about,
        "topics": [topic for topic in TOPICS if topic in {*about["topics"], *added}],
        "settings": subject.plan.to_dict(),
        "models": known | about["models"],
        "seconds": {**before, **seconds, "all": round(before["all"] + all_seconds, 1)},
        "added": [*about.get("added", []), {"topics": added, **provenance()}],
    }
