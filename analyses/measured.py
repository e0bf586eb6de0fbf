"""What an analysis measured, kept beside its figure, so that it can be drawn again without measuring."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrm_probe.errors import InputError
from hrm_probe.files import writing
from hrm_probe.plots.style import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES = Path(__file__).parents[1] / "figures"
Measured = dict[str, Any]


def command_line(
    name: str,
    parser: ArgumentParser,
    measure: Callable[[Namespace], Measured],
    draw: Callable[[Measured], "Figure"],
    arguments: Sequence[str] | None,
) -> int:
    """Measure, or read with ``--saved``; write NAME.png, .pdf and .json into ``--out``; give the exit status."""
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder of the figure")
    parser.add_argument("--saved", action="store_true", help=f"measure nothing: draw {name}.json of --out")
    given = parser.parse_args(arguments)
    try:
        measured = _read(given.out / f"{name}.json") if given.saved else measure(given)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    with style():
        figure = draw(measured)
        for suffix in ("png", "pdf"):
            with writing(given.out / f"{name}.{suffix}") as beside:
                figure.savefig(beside)
            print(given.out / f"{name}.{suffix}")
    with writing(given.out / f"{name}.json") as beside:
        beside.write_text(json.dumps(measured, indent=1) + "\n")
    print(given.out / f"{name}.json")
    return 0


def _read(file: Path) -> Measured:
    if not file.is_file():
        raise InputError(f"There is no {file}; leave --saved out to measure.")
    measured: Measured = json.loads(file.read_text())
    return measured
