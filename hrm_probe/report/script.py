"""One topic alone, for scripts."""

import argparse
from dataclasses import replace
from pathlib import Path

from hrm_probe.report import REPORTS
from hrm_probe.report.auditing import audit, reread
from hrm_probe.report.plan import Plan
from hrm_probe.report.result import Report
from hrm_probe.report.writing import write_report


def one_topic(report: Report, topic: str) -> Report:
    """The part of a report that is about one topic."""
    chapters = tuple(chapter for chapter in report.chapters if chapter.topic.name == topic)
    return replace(report, chapters=chapters)


def main(topic: str, about: str | None) -> None:
    """The command line of a topic's script."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="hrm-6x6", help="name or folder (default: hrm-6x6)")
    parser.add_argument("--puzzles", help="set or file (default: the test set of the model's board)")
    parser.add_argument("--twin", help="the same recipe trained with hints")
    parser.add_argument("--minutes", type=float, help="sample sizes are fitted to it")
    parser.add_argument("--seed", type=int, default=0, help="seed of everything drawn at random")
    parser.add_argument("--again", action="store_true", help="from the results of the model's report")
    parser.add_argument("--out", type=Path, help=f"folder (default: figures/claims/{topic}/MODEL)")
    given = parser.parse_args()
    name = Path(given.model).name
    out = given.out or Path("figures/claims") / topic / name
    if given.again:
        report = one_topic(reread(REPORTS / name), topic)
        write_report(report, out)
    else:
        report = audit(
            given.model,
            given.puzzles,
            twin=given.twin,
            out=out,
            plan=Plan(seed=given.seed),
            minutes=given.minutes,
            topics=[topic],
            progress=True,
        )
    print(report)
