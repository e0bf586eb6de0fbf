"""Are nearly solved 9x9 boards the easy ones? Two HRMs, trained with and without hints, and a TRM.

    python analyses/blanks_9x9.py [MODEL ...] [--puzzles SET] [--n 100] [--seed 0] [--out FOLDER]
    python analyses/blanks_9x9.py --saved [--out FOLDER]               draw again what was measured before

Each grid is asked with every number of blanks, from one to those of the easy puzzle itself, for 16 segments. Writes
blanks_9x9.{png,pdf,json}. MODELs are shipped ones or folders.
Claim: a model that solves puzzles fails where a single cell is blank; hints in training repair it (arXiv 2601.10679).
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from hrm_probe import load, load_puzzles
from hrm_probe.errors import InputError
from hrm_probe.files import writing
from hrm_probe.plots import DOUBLE_COLUMN, blank_curves, new_figure
from hrm_probe.plots.style import style
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import blanks

FIGURES = Path(__file__).parents[1] / "figures"
NAME = "blanks_9x9"
MODELS = ("hrm-9x9-shallow", "hrm-9x9-shallow-mixed", "trm-9x9-shallow")
COUNTS = (1, 2, 4, 8, 16, 24, 32, 40, 48, "all")
SEGMENTS = 16
HEIGHT = 3.4


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=MODELS, metavar="MODEL", help=", ".join(MODELS))
    parser.add_argument("--puzzles", default="9x9-test", help="a bundled set's name, or a file with answers")
    parser.add_argument("--source", default="easy", help="puzzles of this source")
    parser.add_argument("--n", type=int, default=100, help="a random sample of so many")
    parser.add_argument("--seed", type=int, default=0, help="of the sample and of the blanks")
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder of the figure")
    parser.add_argument("--saved", action="store_true", help=f"run nothing: draw {NAME}.json of --out")
    given = parser.parse_args(arguments)
    try:
        measured = _read(given.out) if given.saved else _measure(given)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    for path in write(measured, given.out):
        print(path)
    return 0


def write(measured: dict[str, Any], out: Path) -> list[Path]:
    """The figure, twice, and its numbers."""
    out.mkdir(parents=True, exist_ok=True)
    paths = [out / f"{NAME}.{suffix}" for suffix in ("png", "pdf", "json")]
    with style():
        figure = new_figure(DOUBLE_COLUMN, HEIGHT)
        blank_curves(
            figure.subplots(),
            {model: pd.DataFrame(told["table"]) for model, told in measured["models"].items()},
        )
        for path in paths[:2]:
            with writing(path) as beside:
                figure.savefig(beside)
    with writing(paths[2]) as beside:
        beside.write_text(json.dumps(measured, indent=1) + "\n")
    return paths


def _measure(given: argparse.Namespace) -> dict[str, Any]:
    puzzles = load_puzzles(given.puzzles)
    puzzles = puzzles[puzzles.source == given.source]
    if not len(puzzles):
        raise InputError(f"{given.puzzles} has no puzzles of source {given.source!r}; give another --source.")
    told = {}
    for name in given.models:
        counts = [count for count in COUNTS if count == "all" or count <= puzzles.blanks.sum(1).min()]
        found = blanks(load(name), puzzles, counts, SEGMENTS, n=given.n, seed=given.seed, progress=True)
        print(f"{name}. {found}")
        told[Path(name).name] = found.summary()
    return {
        "models": told,
        "puzzles": Path(given.puzzles).name,
        "source": given.source,
        "seed": given.seed,
        "provenance": provenance(),
    }


def _read(folder: Path) -> dict[str, Any]:
    file = folder / f"{NAME}.json"
    if not file.is_file():
        raise InputError(f"There is no {file}; leave --saved out to measure.")
    measured: dict[str, Any] = json.loads(file.read_text())
    return measured


if __name__ == "__main__":
    sys.exit(main())
