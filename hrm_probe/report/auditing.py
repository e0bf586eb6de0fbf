"""The audit of a model: gather, judge, draw, write. Gathering alone runs the model."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hrm_probe.files import check_folder
from hrm_probe.models import RecursiveReasoner
from hrm_probe.near_names import names_among
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.storing import load_about, load_results
from hrm_probe.report.claim import Results
from hrm_probe.report.plan import Plan
from hrm_probe.report.power import power_of
from hrm_probe.report.provenance import full_provenance
from hrm_probe.report.result import RESULTS, Chapter, Report
from hrm_probe.report.sample import count_groups
from hrm_probe.report.subject import subject_of
from hrm_probe.report.topics import TOPICS
from hrm_probe.report.unfinished import Unfinished, forget, left_unfinished
from hrm_probe.report.writing import refuse_to_lose_a_report, write_report

Say = Callable[[str], None]


def audit(
    model: str | Path | RecursiveReasoner,
    puzzles: str | Path | Asked | None = None,
    *,
    twin: str | Path | RecursiveReasoner | None = None,
    out: str | Path | None = None,
    name: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    plan: Plan | None = None,
    minutes: float | None = None,
    topics: Iterable[str] = tuple(TOPICS),
    say: Say = lambda line: None,
    progress: bool = False,
    force: bool = False,
) -> Report:
    """Test every claim of the literature on a model, each with an interval, controls and a verdict.

    >>> report = audit("hrm-6x6")                                        # doctest: +SKIP
    >>> report.verdict("answers_jump")                                   # doctest: +SKIP
    'does not hold'

    Args:
        model: a name, a folder, or a model at hand.
        puzzles: a set's name, a file or puzzles with answers that training has not seen; the bundled test set of the
            model's board if None. Or ``Tasks``, or the folder of a published data set of mazes or of ARC: what blanks
            cells of solved grids, or judges grids by rules, is not testable there.
        twin: the same recipe trained with hints mixed in; "NAME-mixed" if that is a shipped model.
        out: folder for page, numbers, pictures and results; nothing is written if None. What a report that was stopped
            has left there is taken over, where all that its results depend on is the same.
        name: what to call the model; its own name, or its folder's, if None.
        device: "cpu" or "cuda", for models that are named; CUDA where there is one if None.
        dtype: "float32" or "bfloat16", for models that are named; as saved if None. bfloat16 is faster on processors
            that have it; fixed points and attractors are looked for in float32 all the same, but long runs then rest
            no closer than its rounding.
        plan: sample sizes and seed.
        minutes: of this machine's time, to which the sample sizes of a whole report are fitted; 5 up to 6x6, 20
            for 9x9 if None.
        topics: which; all if not given.
        say: is told, in a line each, what is being done.
        progress: show bars.
        force: replace a report in ``out`` that is of another model, or has topics or puzzles that this one has not; and
            start afresh where one was stopped.

    Raises:
        InputError: puzzles of another board, an unknown topic, or a model that cannot be read.

    Verdicts follow :func:`hrm_probe.report.verdicts.decide`. Intervals are at 95%, by bootstrap over puzzles
    clustered by solution class (tasks: by the groups of their data set); which verdicts stand when their number is
    corrected for is in ``corrections``.
    """
    begun = time.monotonic()
    topics = known_topics(topics)
    parts = frozenset(part for topic in topics for part in TOPICS[topic].parts)
    if out is not None:
        out = check_folder(out)
    plan = plan or Plan()
    subject = subject_of(model, puzzles, twin, name, device, dtype, plan, minutes, progress, parts)
    if out is not None and not force:
        refuse_to_lose_a_report(out, subject.name, topics, len(subject.puzzles))
    models = {subject.name: subject.model}
    if subject.twin is not None:
        twin_name, twin_model = subject.twin
        models[twin_name] = twin_model
    pool = subject.puzzles if subject.pool is None else subject.pool
    asked = {"minutes": subject.asked, **full_provenance(plan.seed, models, {"pool": pool}, plan.to_dict())}
    before = None if out is None or force else left_unfinished(out, asked)
    if before is not None:
        subject = subject.with_plan(before.plan)
    say(str(subject))
    gathered = before or Unfinished(subject.plan, {}, {})
    for topic in topics:
        if topic in gathered.seconds:
            say(f"{topic}: taken over from the report that was stopped")
            continue
        say(topic)
        started = time.monotonic()
        results = {**gathered.results, **TOPICS[topic].gather(subject)}
        took = {topic: round(time.monotonic() - started, 1)}
        gathered = gathered._replace(results=results, seconds=gathered.seconds | took)
        if out is not None:
            gathered.keep(out, asked)
    taken_over = sum(before.seconds.get(topic, 0.0) for topic in topics) if before else 0.0
    seconds = {topic: gathered.seconds[topic] for topic in topics}
    about = {
        "model": subject.name,
        "topics": list(topics),
        "segments": subject.segments,
        "pool": len(pool),
        "classes": count_groups(subject.puzzles),
        "clustered_by": subject.clustered_by,
        "seconds": seconds | {"all": round(taken_over + time.monotonic() - begun, 1)},
        **full_provenance(subject.seed, models, {"sample": subject.puzzles}, subject.plan.to_dict()),
    }
    report = judge(gathered.results, about)
    if out is not None:
        write_report(report, out, gathered.results)
        forget(out)
    return report


def judge(results: Results, about: dict[str, Any]) -> Report:
    """A report from results that were gathered before; no model is run."""
    model, seed = about["model"], about["seed"]
    chapters = []
    for name in about["topics"]:
        topic = TOPICS[name]
        judgements = tuple((claim, claim.judge(results)) for claim in topic.claims)
        powers = tuple(
            power_of(claim.name, claim.cases(results), claim.threshold, claim.alternative)
            for claim, judgement in judgements
            if claim.threshold is not None
            and claim.alternative is not None
            and claim.cases is not None
            and judgement.verdict != "not testable"
        )
        pictures = tuple(topic.draw(results, model, seed))
        chapters.append(Chapter(topic, judgements, pictures, tuple(topic.tables(results)), powers))
    return Report(model, tuple(chapters), about)


def reread(folder: str | Path) -> Report:
    """The report again from what was saved in its folder: judged and drawn again, without running the model.

    Raises:
        InputError: no results there.
    """
    path = Path(folder) / RESULTS
    return judge(load_results(path), load_about(path))


def known_topics(topics: Iterable[str]) -> list[str]:
    """Topics in the order in which they are told, each once.

    Raises:
        InputError: an unknown topic, or none.
    """
    wanted = names_among(topics, TOPICS, "topic")
    return [topic for topic in TOPICS if topic in wanted]
