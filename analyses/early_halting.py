"""Is what a model solves lost again because rows that halt leave its training?

    python analyses/early_halting.py NAME=RUN [NAME=RUN ...] [--out DIR]
    python analyses/early_halting.py --saved [--out DIR]        draw again what was read before

Each RUN is the folder of a finished training, or a shipped model: its account says how many held-out puzzles are solved
after each segment. Those that the figure compares:

    hrm-probe train hrm-maze --set init_from=hrm-maze --set steps=800 --set lr=3e-4 \\
        --set "test_set=generate 11x11 maze 500" --set early_halting=false --out runs/all-segments
    (the same with early_halting=true, --out runs/halting)
    python analyses/early_halting.py hrm-maze=hrm-maze "trained on as before=runs/halting" \\
        "trained on, all segments=runs/all-segments"

Writes early_halting.{png,pdf,html,json}.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from command_lines import described, exit_status
from measured import Measured, command_line

from hrm_probe.errors import InputError
from hrm_probe.models.bundled import bundled_folder
from hrm_probe.plots import DOUBLE_COLUMN, new_figure, style
from hrm_probe.training.summary import SUMMARY, read_summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KEPT = ("accuracy", "steps", "minutes", "seed", "provenance")
TOLD = ("early_halting", "exploration", "steps", "lr", "batch_size", "depth")


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("runs", nargs="*", metavar="NAME=RUN", help="what to call a run, and its folder")
    return command_line("early_halting", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """What the accounts of the trainings say."""
    if not given.runs:
        raise InputError(
            "No run was named: name some as NAME=RUN, or draw what was read before with --saved."
        )
    return {"runs": dict(_read(run) for run in given.runs)}


def draw(measured: Measured) -> "Figure":
    """The share solved after each segment, a line a run."""
    figure = new_figure(DOUBLE_COLUMN * 0.7, 2.6)
    ax = figure.subplots()
    for number, (name, run) in enumerate(measured["runs"].items()):
        colour, marker, dashes = style.series(number)
        shares = run["accuracy"]["by_segment"]
        ax.plot(
            range(1, len(shares) + 1), shares, color=colour, marker=marker, linestyle=dashes, markersize=3,
            linewidth=1.1, label=f"{name} ({run['accuracy']['all']['puzzles']:,} puzzles)",
        )  # fmt: skip
    style.segment_axis(ax, len(shares))
    style.share_axis(ax, "solved after a segment")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _read(told: str) -> tuple[str, dict[str, Any]]:
    name, separator, run = told.partition("=")
    if not separator:
        raise InputError(f'A run is named as NAME=RUN, not "{told}".')
    account = read_summary(Path(run)) or read_summary(bundled_folder() / run, "training.json")
    if account is None:
        raise InputError(
            f"{run} holds no {SUMMARY}; name the folder of a finished training, or a shipped model."
        )
    settings = {key: account["settings"].get(key, True) for key in TOLD}
    return name, {key: account[key] for key in KEPT} | {"settings": settings}


if __name__ == "__main__":
    raise SystemExit(main())
