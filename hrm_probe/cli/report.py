"""``hrm-probe report MODEL`` and ``hrm-probe figures``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hrm_probe.cli.options import (
    INTERRUPTED,
    Device,
    ForwardDtypeName,
    ModelArgument,
    Seed,
    at_least_one,
    positive,
    writable_folder,
)
from hrm_probe.errors import InputError
from hrm_probe.report import OWN_REPORTS, REPORTS


def report_command(
    model: ModelArgument,
    puzzles: Annotated[
        str | None,
        typer.Option(
            help="A bundled set's name, or a file of puzzles with answers that training has not seen; or the "
            "folder train or test of a published data set, such as mazes."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(callback=writable_folder, help="Folder to write to; reports/MODEL if not given."),
    ] = None,
    twin: Annotated[
        str | None,
        typer.Option(
            help="The same recipe trained with hints, to compare; MODEL-mixed where that is shipped."
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            callback=positive,
            help="About how long it may take: sample sizes are fitted to it. 5 up to 6x6, 20 for 9x9 if not given.",
        ),
    ] = None,
    n: Annotated[int | None, typer.Option(callback=at_least_one, help="At most this many puzzles.")] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this topic (may be given several times): easy_puzzles, keeping, jumps, attractors, modes, "
            "settling, deduction or dimensions."
        ),
    ] = None,
    seed: Seed = 0,
    device: Device = None,
    dtype: ForwardDtypeName = None,
    add: Annotated[
        bool,
        typer.Option("--add", help="Run only the topics that the existing report lacks; the others stay."),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace a report of another model, or with more topics or puzzles."),
    ] = False,
) -> None:
    """Audit a model: every claim of the literature tested, with verdicts, controls, pictures, one page, one JSON.

    A stopped report continues after its last finished topic when the same command is given again.
    """
    import sys

    from hrm_probe.allocator import keep_freed_memory
    from hrm_probe.report.adding import add_topics
    from hrm_probe.report.auditing import audit
    from hrm_probe.report.plan import Plan
    from hrm_probe.report.subject import name_of
    from hrm_probe.report.topics import TOPICS
    from hrm_probe.report.unfinished import UNFINISHED
    from hrm_probe.report.writing import NUMBERS, PAGE

    out = OWN_REPORTS / name_of(model) if out is None else out
    keep_freed_memory()
    plan = Plan(seed=seed) if n is None else Plan(puzzles=n, seed=seed)
    asked: dict[str, Any] = {
        "twin": twin,
        "device": device,
        "dtype": dtype,
        "minutes": minutes,
        "topics": topic or tuple(TOPICS),
        "say": lambda line: print(line, file=sys.stderr, flush=True),
        "progress": True,
    }
    if add and (n is not None or seed or force):
        raise InputError(
            "--add keeps the puzzles and the seed of the existing report: leave out --n, --seed, --force."
        )
    try:
        if add:
            report = add_topics(out, model, puzzles, **asked)
        else:
            report = audit(model, puzzles, out=out, plan=plan, force=force, **asked)
    except KeyboardInterrupt:
        if not (out / UNFINISHED).exists():
            raise
        print(
            "hrm-probe: interrupted; the same command continues after the last finished topic.",
            file=sys.stderr,
        )
        raise typer.Exit(INTERRUPTED) from None
    print(report)
    seconds, added = report.about["seconds"], report.about["added"][-1]["topics"] if add else []
    made = (
        f"Added {', '.join(added)} in {sum(seconds[topic] for topic in added):.0f} s"
        if add
        else (f"Made in {seconds['all']:.0f} s on {report.about['machine']}")
    )
    print(f"\n{made}. Numbers: {out / NUMBERS}. Open {out / PAGE}.")


def figures_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Reports by their models' names, or folders; all if none is named."),
    ] = None,
    under: Annotated[
        Path | None,
        typer.Option(help="Where reports are kept; if not given, figures/report, or else reports."),
    ] = None,
    ask_again: Annotated[
        bool,
        typer.Option(
            "--ask-again",
            help="Also ask again, of the saved results, what needs no model: jumps, modes, what foretells failure.",
        ),
    ] = False,
    puzzles: Annotated[
        str | None,
        typer.Option(
            help="With --ask-again, the set that the reports were made from; the bundled one if not given."
        ),
    ] = None,
) -> None:
    """Judge and draw reports again from their saved results, with one table of all; no model is run."""
    from hrm_probe.files import writing
    from hrm_probe.report.asking_again import ask_again as asked_again
    from hrm_probe.report.auditing import reread
    from hrm_probe.report.overview import OVERVIEW, overview
    from hrm_probe.report.result import RESULTS
    from hrm_probe.report.writing import write_report

    places = [REPORTS, OWN_REPORTS] if under is None else [under]
    folders = [_kept(name, places) for name in names or ()]
    if not names:
        under = next((place for place in places if any(place.glob(f"*/{RESULTS}"))), places[0])
        folders = sorted(path.parent for path in under.glob(f"*/{RESULTS}"))
    if not folders:
        raise InputError(f"There are no reports under {under}; make one with hrm-probe report MODEL.")
    reports = []
    for folder in folders:
        report, results = asked_again(folder, puzzles) if ask_again else (reread(folder), None)
        reports.append(report)
        for file in write_report(report, folder, results):
            print(file)
    if under is not None and not names:
        with writing(under / OVERVIEW) as beside:
            beside.write_text(overview(reports), encoding="utf-8")
        print(under / OVERVIEW)


def _kept(name: str, places: list[Path]) -> Path:
    """The folder of a report that is given by its folder or by its model's name."""
    from hrm_probe.report.result import RESULTS

    folders = [Path(name), *(place / name for place in places)]
    return next((folder for folder in folders if (folder / RESULTS).exists()), folders[1])
