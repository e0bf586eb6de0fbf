"""Do answers come in a jump where there was time to come gradually? Share of jumps by the segment of arrival.

    python analyses/jumps_by_arrival.py [KIND=REPORT,REPORT,... ...] [--out FOLDER]

Reads reports (`hrm-probe report NAME`) of all shipped models, as HRMs and TRMs for 6x6 and 9x9, or those that are
named: folders, or shipped models; runs no model. An answer that is there at segment 2 can hardly look like anything
but a jump, so that models that solve sooner jump more often; at one arrival they can be compared. What looks like a
jump depends on the curve, too: told is the share by the loss, by its logarithm and by the number of wrong cells.
Every two models of unlike kinds that were asked about the same puzzles are also compared among those that come late to
both: the share that jumps, and how much it differs (as `hrm-probe compare REPORT REPORT` tells of two).
Writes jumps_by_arrival.{png,pdf,html,json}.
Claim: answers come in one jump (arXiv 2601.10679, claim 3).
"""

from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from architecture import named
from command_lines import described, exit_status
from measured import FIGURES, write_figure

from hrm_probe.json_text import as_json
from hrm_probe.plots import style
from hrm_probe.provenance import provenance
from hrm_probe.reasoning.storing import load_about, load_results
from hrm_probe.report import REPORTS, compare_reports
from hrm_probe.report.numbers import DIGITS
from hrm_probe.report.result import RESULTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZES = ("6x6", "9x9")
FEWEST = 5  # answers, below which no mark is drawn
CURVES = {"loss": "share", "wrong cells": "errors", "log loss": "log loss"}  # columns of the table


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("kinds", nargs="*", help="kinds of models, each NAME=REPORT,REPORT,...")
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder (default: figures)")
    given = parser.parse_args(arguments)
    kinds = dict(named(kind) for kind in given.kinds) or shipped()
    about = {str(path): load_about(path / RESULTS) for paths in kinds.values() for path in paths}
    table = pd.concat([_of_report(kind, path) for kind, paths in kinds.items() for path in paths])
    pairs = paired(kinds)
    measured = {
        "table": table,
        "pairs": pairs,
        "seed": {path: one["seed"] for path, one in about.items()},
        "weights_sha256": {
            path: one["models"][one["model"]]["weights_sha256"] for path, one in about.items()
        },
        "provenance": provenance(),
    }
    write_figure(draw(table), given.out, "jumps_by_arrival", __doc__, as_json(measured, DIGITS))
    for found in (table, pairs):
        print(found.to_string(index=False, float_format=lambda value: f"{value:.3f}"))
    return 0


def shipped() -> dict[str, list[Path]]:
    """The reports of shipped models, by architecture and board as their names tell."""
    folders = sorted(path.parent for path in REPORTS.glob(f"*/{RESULTS}"))
    return {
        f"{architecture.upper()}, {size}": [f for f in folders if f.name.startswith(f"{architecture}-{size}")]
        for size in SIZES
        for architecture in ("hrm", "trm")
    }


def _of_report(kind: str, path: Path) -> pd.DataFrame:
    table = load_results(path / RESULTS)["jumps"].by_arrival()
    table.insert(0, "model", path.name)
    table.insert(0, "kind", kind)
    return table


def paired(kinds: dict[str, list[Path]]) -> pd.DataFrame:
    """A row for every two models of unlike kinds and one sample: jumps among what comes late to both."""
    rows = []
    for one, other in combinations(kinds, 2):
        for first, second in product(kinds[one], kinds[other]):
            if _sample(first) == _sample(second):
                table = compare_reports(first, second, questions=("jumps",))["jumps"].table
                jump = table[(table["number"] == "jump") & (table["among"] == "both")].iloc[0]
                rows.append(
                    {"first": first.name, "second": second.name, "late": jump["rows_first"]} | _shares(jump)
                )
    return pd.DataFrame(rows)


def _sample(report: Path) -> str:
    """By which puzzles are known."""
    return str(load_about(report / RESULTS)["data"]["sample"]["tokens_sha256"])


def _shares(row: "pd.Series[float]") -> dict[str, float]:
    return {
        "share_first": row["first"],
        "share_second": row["second"],
        **{name: row[name] for name in ("change", "change_low", "change_high")},
    }


def draw(table: pd.DataFrame) -> "Figure":
    """A panel per curve, a line per model, from early answers to late ones; kinds differ in colour, line and mark."""
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN, 2.9)
        axes = figure.subplots(1, len(CURVES), sharey=True)
        for ax, (curve, column) in zip(axes, CURVES.items(), strict=True):
            _draw_curve(ax, table[table["late"] >= FEWEST], column)
            ax.set_title(curve)
        style.share_axis(axes[0], "share that come in one jump")
        axes[1].set_xlabel("segment at which the answer comes")
        handles, labels = axes[0].get_legend_handles_labels()
        of_each = dict(zip(labels, handles, strict=True))  # one entry a kind
        figure.legend(of_each.values(), of_each.keys(), loc="outside lower center", ncols=4, handlelength=3)
    return figure


def _draw_curve(ax: "Axes", table: pd.DataFrame, column: str) -> None:
    arrivals = sorted(table["arrives"].unique(), key=lambda label: int(label.split("-")[0]))
    kinds = list(dict.fromkeys(table["kind"]))
    for (kind, _), rows in table.groupby(["kind", "model"], sort=False):
        number = kinds.index(kind)
        beside = 0.12 * (number - (len(kinds) - 1) / 2)
        ax.plot(
            [arrivals.index(label) + beside for label in rows["arrives"]], rows[column],
            color=style.SERIES[number], linestyle=style.DASHES[number], marker=style.MARKERS[number],
            markersize=3, linewidth=0.8, label=kind,
        )  # fmt: skip
    ax.set_xticks(range(len(arrivals)), arrivals)


if __name__ == "__main__":
    raise SystemExit(main())
