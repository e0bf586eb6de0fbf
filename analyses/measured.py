"""What an analysis measured, kept beside its figure, so that it can be drawn again without measuring."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figure_page import write_page

from hrm_probe.errors import InputError
from hrm_probe.json_text import write_json
from hrm_probe.plots.saving import save_figure
from hrm_probe.plots.style import style
from hrm_probe.report.subject import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES = Path(__file__).parents[1] / "figures"
DIGITS = 5  # significant ones, of the numbers kept beside a figure
SHIPPED = (
    "hrm-6x6", "trm-6x6", "hrm-9x9-shallow", "trm-9x9-shallow", "hrm-6x6-seed1", "hrm-6x6-seed2", "hrm-6x6-mixed",
    "trm-6x6-seed1", "trm-6x6-seed2", "hrm-9x9-shallow-mixed", "trm-9x9-cpu-shallow", "trm-9x9-cpu", "trm-9x9-short",
)  # fmt: skip
"""Shipped models of either architecture and board; figures that have room for few show the first of them."""
LINE = 18  # letters of a title above a panel of a quarter of the figure
Measured = dict[str, Any]


def command_line(
    name: str,
    parser: ArgumentParser,
    measure: Callable[[Namespace], Measured],
    draw: Callable[[Measured], "Figure"],
    arguments: Sequence[str] | None,
) -> int:
    """Measure, or read with ``--saved``; write NAME.png, .pdf, .html and .json into ``--out``; give the exit status."""
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder of the figure")
    parser.add_argument("--saved", action="store_true", help=f"measure nothing: draw {name}.json from --out")
    given = parser.parse_args(arguments)
    _check_told_apart(getattr(given, "models", ()))
    measured = _read(given.out / f"{name}.json") if given.saved else measure(given)
    with style():
        figure = draw(measured)
    print(*write_figure(figure, given.out, name, parser.description, measured), sep="\n")
    return 0


def write_figure(figure: "Figure", out: Path, name: str, about: str | None, measured: Measured) -> list[Path]:
    """Write NAME.png, .pdf, .html and .json; ``about`` is what the script says of itself."""
    return [
        *save_figure(figure, out, name),
        write_page(figure, out, name, about, measured),
        write_json(out / f"{name}.json", measured),
    ]


def panel_title(name: str) -> str:
    """A model's name above a narrow panel: in two lines where it is too long for one."""
    cut = name.rfind("-", 0, LINE)
    return name if len(name) <= LINE or cut < 0 else f"{name[:cut]}\n{name[cut:]}"


def _check_told_apart(models: Sequence[str]) -> None:
    """Raise an InputError where two models would go by one name."""
    names = [name_of(model) for model in models]
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"Several of the models are called {name}; rename a folder, for answers are kept by name."
            )


def _read(file: Path) -> Measured:
    if not file.is_file():
        raise InputError(f"There is no {file}; leave --saved out to measure.")
    try:
        measured: Measured = json.loads(file.read_text())
    except ValueError:
        raise InputError(f"{file} is not valid JSON; leave --saved out to measure again.") from None
    return measured
