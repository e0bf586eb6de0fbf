"""Does the architecture decide whether failing runs rest or wander, and how answers come? Several seeds of each.

    python analyses/architecture.py [HRM=REPORT,REPORT,... TRM=REPORT,REPORT,...] [--out FOLDER]

Reads reports (`hrm-probe report NAME`) of three trainings each of hrm-6x6 and trm-6x6, which differ in their seed
alone, or those that are named: folders, or shipped models; runs no model. Writes architecture.png, .pdf, .html, .json.
Claim: HRM's failures settle and TRM's wander (studies disagree; see the report's chapter "Settle or wander").
"""

from pathlib import Path

from command_lines import described, exit_status
from measured import FIGURES, write_figure

from hrm_probe.errors import InputError
from hrm_probe.json_text import as_json
from hrm_probe.plots import style
from hrm_probe.plots.comparison import kinds_compared
from hrm_probe.provenance import provenance
from hrm_probe.reasoning.storing import load_about
from hrm_probe.report import REPORTS
from hrm_probe.report.comparing import Comparison, compare
from hrm_probe.report.numbers import DIGITS
from hrm_probe.report.result import RESULTS

OURS = {
    "HRM": [REPORTS / name for name in ("hrm-6x6", "hrm-6x6-seed1", "hrm-6x6-seed2")],
    "TRM": [REPORTS / name for name in ("trm-6x6", "trm-6x6-seed1", "trm-6x6-seed2")],
}


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("kinds", nargs="*", help="two kinds, each NAME=REPORT,REPORT,...")
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder (default: figures)")
    given = parser.parse_args(arguments)
    kinds = dict(named(kind) for kind in given.kinds) or OURS
    found = compare(kinds)
    write(found, kinds, given.out)
    print(found)
    return 0


def named(kind: str) -> tuple[str, list[Path]]:
    """ "HRM=a,b" as a name and the folders of its reports; those of shipped models are found by their names."""
    name, equals, reports = kind.partition("=")
    if not (name and equals and reports):
        raise InputError(f"{kind!r} is not a kind of models; write NAME=REPORT,REPORT,... .")
    return name, [_folder(report) for report in reports.split(",")]


def _folder(report: str) -> Path:
    shipped = REPORTS / report
    return shipped if shipped.is_dir() and not Path(report).exists() else Path(report)


def write(found: Comparison, kinds: dict[str, list[Path]], out: Path) -> None:
    """Picture, numbers, and a page of both."""
    titles = {
        row["measure"]: f"{row['title']}\n{row['verdict']}" for row in found.differences.to_dict("records")
    }
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN, 0.5 * len(titles) + 0.8)
        kinds_compared(
            figure.subplots(),
            found.values,
            titles,
            title="Does the architecture decide? Each mark is one training",
        )
    about = {str(path): load_about(path / RESULTS) for paths in kinds.values() for path in paths}
    measured = {
        "kinds": {kind: [str(path) for path in paths] for kind, paths in kinds.items()},
        "horizon": found.horizon,
        "values": found.values,
        "differences": found.differences,
        "seed": {path: one["seed"] for path, one in about.items()},
        "weights_sha256": {
            path: one["models"][one["model"]]["weights_sha256"] for path, one in about.items()
        },
        "provenance": provenance(),
    }
    write_figure(figure, out, "architecture", __doc__, as_json(measured, DIGITS))


if __name__ == "__main__":
    raise SystemExit(main())
