"""Does an HRM keep what it solves if every segment is trained, and not only those before it would halt?

    python analyses/all_segments.py [--seeds SEEDS] [--n PUZZLES] [--segments N] [--set KEY=VALUE] [--runs FOLDER]
    python analyses/all_segments.py --saved [--out FOLDER]             draw again what was measured before

Trains the recipe hrm-6x6 with each seed twice, as it is ("early halting": a row that halts makes room for another
puzzle) and with all segments of every row ("all segments"), as
`hrm-probe train hrm-6x6 --set seed=SEED [--set early_halting=false]` does. Both are asked about the same minimal
puzzles, as given, with one masked row and with a single blank, and compared puzzle by puzzle. Runs are in --runs,
as ARM-SEED, and go on where they were stopped; finished ones are only read.
Writes all_segments.{png,pdf,html,json}.
Claims: a solved state is no fixed point, so that the easiest puzzles fail (arXiv 2601.10679, section 3). Is it because
training seldom goes on from a solved state?
"""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asked_in_training import minimal_puzzles
from command_lines import described, exit_status, positive
from measured import DIGITS, Measured, command_line
from paired_arms import paired_marks, trained_in_pairs

from hrm_probe.json_text import as_json
from hrm_probe.plots.style import DOUBLE_COLUMN, new_figure
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import (
    Jumps,
    Keeping,
    SingleBlank,
    compare_answers,
    jumps,
    row_masking,
    single_blank,
    stability,
)
from hrm_probe.reasoning.result import group_labels
from hrm_probe.sudoku import Puzzles
from hrm_probe.training import train
from hrm_probe.training.recipe import load_recipe, parse_settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).parents[1]
RECIPE = "hrm-6x6"
ARMS: dict[str, dict[str, Any]] = {"early halting": {}, "all segments": {"early_halting": False}}
SHOWN = {
    "solved": "minimal puzzles",
    "kept": "… kept since first\nsolved, of those solved",
    "masked_kept": "one masked row: kept,\nof those solved",
    "single_blanks": "single blanks",
}
Answer = Jumps | Keeping | SingleBlank


@partial(exit_status, stopped="Stopped; the same command continues from here.")
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    trained_in_pairs(parser, ROOT / "runs" / "all-segments")
    parser.add_argument(
        "--n", type=positive, default=200, help="minimal puzzles of the test set to ask about"
    )
    parser.add_argument("--segments", type=positive, default=128, help="to which what is solved is followed")
    return command_line("all_segments", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """A row for each seed and arm, and what training all segments changes for each seed."""
    settings = parse_settings(given.set)
    puzzles = minimal_puzzles(load_recipe(RECIPE, settings).test_set, given.n, seed=0)
    labels, _ = group_labels(puzzles, "class")
    (first, second), rows, changes = ARMS, [], []
    for seed in range(given.seeds):
        answers = {}
        for arm, own in ARMS.items():
            out = given.runs / f"{arm.replace(' ', '-')}-{seed}"
            result = train(RECIPE, out, resume=True, overrides={"seed": seed, **own, **settings})
            if not result.finished:
                raise KeyboardInterrupt
            answers[arm] = _asked(result.model, puzzles, given.segments)
            rows.append({"seed": seed, "arm": arm, **_shares(answers[arm])})
            print(f"{arm}, seed {seed}.", *answers[arm].values(), sep="\n  ", flush=True)
        before, after = answers.values()
        for question in before:
            found = compare_answers(before[question], after[question], (first, second), groups=labels)
            changes += [{"seed": seed, "question": question, **row} for row in found.table.to_dict("records")]
    return {
        "runs": as_json(rows, DIGITS),
        "changes": as_json(changes, DIGITS),
        "recipe": RECIPE,
        "settings": as_json(settings),
        "puzzles": len(puzzles),
        "segments": given.segments,
        "provenance": provenance(),
    }


def draw(measured: Measured) -> "Figure":
    """A column for each share, in it a pair of marks for each seed: open with early halting, filled without."""
    figure = new_figure(DOUBLE_COLUMN, 2.8)
    first, second = ARMS
    paired_marks(figure.subplots(), measured["runs"], SHOWN, (first, second))
    return figure


def _asked(model: Any, puzzles: Puzzles, segments: int) -> dict[str, Answer]:
    usual: dict[str, Any] = {"groups": "class", "seed": 0}
    return {
        "stability": stability(model, puzzles, segments, **usual),
        "row_masking": row_masking(model, puzzles, segments=segments, **usual),
        "single_blank": single_blank(model, puzzles, **usual),
        "jumps": jumps(model, puzzles, **usual),
    }


def _shares(answers: dict[str, Any]) -> dict[str, Any]:
    return {
        "solved": answers["stability"].at,
        "solved_after": answers["stability"].last,
        "kept": answers["stability"].kept_since_first,
        "masked_kept": answers["row_masking"].kept_since_first,
        "single_blanks": answers["single_blank"].last,
        "jumps": answers["jumps"].share,
    }


if __name__ == "__main__":
    raise SystemExit(main())
