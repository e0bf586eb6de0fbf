"""Do hints in training help a small HRM with single blanks? README's first experiment, with more than one seed.

    python analyses/first_experiment.py [--seeds SEEDS] [--n PUZZLES] [--set KEY=VALUE] [--runs FOLDER] [--out FOLDER]
    python analyses/first_experiment.py --saved [--out FOLDER]         draw again what was measured before

Trains the recipe toy-6x6 with each seed twice, as it is ("plain") and with more clues in half of the draws ("hints"),
as `hrm-probe train toy-6x6 --set seed=SEED [--set hint_fraction=0.5]` does. Then both are asked about the same single
blanks of 6x6-test, and compared pair by pair. Runs are kept in --runs, as ARM-SEED, and go on where they were stopped;
finished ones are only read.
Writes first_experiment.{png,pdf,html,json}.
Claim: easy puzzles fail, and hints in training repair it (arXiv 2601.10679, sections 3 and 5).
"""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from command_lines import described, exit_status, positive
from measured import Measured, command_line
from paired_arms import paired_marks, trained_in_pairs

from hrm_probe.dynamics import wilson
from hrm_probe.json_text import as_json
from hrm_probe.plots.style import DOUBLE_COLUMN, new_figure
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import SingleBlank, compare_answers, single_blank
from hrm_probe.reasoning.result import group_labels
from hrm_probe.sudoku import Puzzles, load_puzzles
from hrm_probe.training import train
from hrm_probe.training.recipe import parse_settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).parents[1]
RECIPE = "toy-6x6"
ARMS: dict[str, dict[str, Any]] = {"plain": {}, "hints": {"hint_fraction": 0.5}}
SHOWN = {
    "minimal": "minimal puzzles",
    "last": "single blanks,\nat the last segment",
    "at_halt": "single blanks,\nwhere it would halt",
}


@partial(exit_status, stopped="Stopped; the same command continues from here.")
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    trained_in_pairs(parser, ROOT / "runs" / "first-experiment")
    parser.add_argument(
        "--n", type=positive, default=400, help="puzzles whose grids are asked for with one blank"
    )
    return command_line("first_experiment", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """A row for each seed and arm, and what hints change for each seed."""
    settings = parse_settings(given.set)
    puzzles = load_puzzles("6x6-test", given.n, seed=0)
    rows, changes = [], []
    for seed in range(given.seeds):
        singles = {}
        for arm, own in ARMS.items():
            out, changed = given.runs / f"{arm}-{seed}", {"seed": seed, **own, **settings}
            row, singles[arm] = _trained_and_asked(out, changed, puzzles)
            rows.append({"seed": seed, "arm": arm, **row})
            print(f"{arm}, seed {seed}: {row['minimal'].in_percent()} of the minimal puzzles. {singles[arm]}")
        labels, _ = group_labels(puzzles, "class")
        found = compare_answers(singles["plain"], singles["hints"], ("plain", "hints"), groups=labels)
        changes += [{"seed": seed, **change} for change in found.table.to_dict("records")]
        print(found)
    return {
        "runs": as_json(rows),
        "changes": as_json(changes),
        "recipe": RECIPE,
        "settings": as_json(settings),
        "puzzles": len(puzzles),
        "provenance": provenance(),
    }


def _trained_and_asked(
    out: Path, settings: dict[str, Any], puzzles: Puzzles
) -> tuple[dict[str, Any], SingleBlank]:
    """What became of one training, and its model's answer about single blanks."""
    result = train(RECIPE, out, resume=True, overrides=settings)
    found = single_blank(result.model, puzzles, groups="class", seed=0)
    minimal = result.summary["accuracy"]["by_source"]["minimal"]
    row = {
        "minimal": wilson(minimal["solved"], minimal["puzzles"]),
        **{name: getattr(found, name) for name in ("last", "at_halt", "ever")},
        "minutes": result.summary["minutes"],
        "compiled": result.summary["compiled"],
    }
    return row, found


def draw(measured: Measured) -> "Figure":
    """A column for each share, in it a pair of marks for each seed: open without hints, filled with them."""
    figure = new_figure(DOUBLE_COLUMN, 2.8)
    paired_marks(figure.subplots(), measured["runs"], SHOWN, ("plain", "hints"))
    return figure


if __name__ == "__main__":
    raise SystemExit(main())
