"""How far does what happens in one cell reach, by one update and by several segments: along the rules, or everywhere?

    python analyses/locality.py [MODEL ...] [--n PUZZLES] [--singles GRIDS] [--untrained NETWORKS] [--out DIR]
    python analyses/locality.py --saved [--out DIR]                     draw again what was measured before

Each MODEL, a shipped one or a folder, runs on minimal puzzles of its board's test set, and on their grids with a single
blank; one cell at a time is disturbed after the first segment, and the others are read. How many of the single blanks
it solves is asked, too. Writes locality.{png,pdf,html,json}.
Claims: z_H writes within a row, column or box, most of all in TRM, and repeated updates carry it over the board
(arXiv 2605.20784); L-updates are more local than H-updates (arXiv 2605.17811, of one network for both, by attention).

Predicted after hrm-6x6, hrm-6x6-mlp, trm-6x6 and trm-6x6-attention had been asked about eight puzzles each:
1. In every HRM the H-update is more local than the L-update, L over H below 1, its interval too.
2. In every TRM L- and H-updates are local to like degrees, L over H from 0.8 to 1.4.
3. Not TRM's are the most local H-updates: those of every HRM with attention are more so than those of every TRM with
   an MLP of the same board.
4. After four segments nothing is local any more, at most 1.3 times, in any model.
5. Untrained networks are from 0.8 to 1.25 times local in all steps.
6. Of the models that attend those whose H-update is less local with a single blank than with minimal puzzles, by a
   fifth or more, solve fewer single blanks than the others; with an MLP the two differ by a tenth at most.
"""

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from asking import asked_of_each
from command_lines import asking_models, exit_status, positive
from measured import Measured, command_line
from sampled import sampled_puzzles

from hrm_probe.dynamics import Interval
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.bundled import bundled_models
from hrm_probe.plots import DOUBLE_COLUMN, locality_marks, new_figure, style
from hrm_probe.reasoning import Locality, locality, single_blank, single_blanks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LARGE = "trm-9x9-short"  # takes long; to be named
MODELS = tuple(name for name in bundled_models() if "maze" not in name and name != LARGE)
KINDS = ("HRM, attention", "HRM, MLP", "TRM, attention", "TRM, MLP")
STEPS = {"L-update": style.SERIES[0], "H-update": style.SERIES[1], "4 segments": style.SERIES[2]}


@dataclass(frozen=True)
class Asked:
    """What is found of a model with puzzles as given, with a single blank, and how many of those it solves."""

    kind: str
    given: Locality
    single: Locality
    solved: Interval

    def __str__(self) -> str:
        return f"{self.given} With a single blank: {self.single} Solved: {self.solved}."

    def summary(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "given": self.given.summary(),
            "single": self.single.summary(),
            "single_blanks_solved": self.solved,
        }


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = asking_models(
        __doc__,
        MODELS,
        n=10,
        sample="puzzles, and as many grids with a single blank",
        seed="of the sample, the noise and the untrained networks",
    )
    parser.add_argument("--singles", type=positive, default=100, help="grids with a single blank to solve")
    parser.add_argument("--untrained", type=positive, default=1, help="untrained networks of each shape")
    return command_line("locality", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """What is found of each model; intervals over puzzles."""

    def ask(name: str, model: RecursiveReasoner) -> Asked:
        puzzles = sampled_puzzles(model, given.source, given.n, given.seed)
        nearly, _, _ = single_blanks(puzzles, 1, given.seed)
        as_given = locality(
            model, puzzles, after=(1, 4), untrained=given.untrained, seed=given.seed, progress=True
        )
        single = locality(model, nearly, after=1, untrained=0, seed=given.seed)
        more = sampled_puzzles(model, given.source, given.singles, given.seed)
        solved = single_blank(model, more, 1, groups="class", seed=given.seed).last
        return Asked(_kind(model), as_given, single, solved)

    return asked_of_each(given, ask, "singles", "untrained")


def draw(measured: Measured) -> "Figure":
    """A row for each model; beside it what a single blank makes of its H-update, and how many of those it solves."""
    models = measured["models"]
    figure = new_figure(DOUBLE_COLUMN, max(3.0, 1.2 + 0.2 * len(models)))
    marks, cloud = figure.subplots(1, 2, width_ratios=[1.6, 1])
    tables = {name: pd.DataFrame(found["given"]["table"]) for name, found in models.items()}
    locality_marks(marks, tables, STEPS)
    marks.legend(loc="upper center", bbox_to_anchor=(0.4, -0.13), ncols=3)
    for i, kind in enumerate(KINDS):
        of_kind = [found for found in models.values() if found["kind"] == kind]
        color, marker, _ = style.series(i)
        cloud.plot(
            [found["single"]["H"]["estimate"] / found["given"]["H"]["estimate"] for found in of_kind],
            [found["single_blanks_solved"]["estimate"] for found in of_kind],
            marker, color=color, markersize=4, linestyle="none", label=kind,
        )  # fmt: skip
    cloud.axvline(1, color=style.GREY, linewidth=0.6)
    cloud.set_ylim(-0.03, 1.03)
    cloud.set_xlabel("the same of H with a single blank,\nover that of puzzles as given")
    cloud.set_ylabel("single blanks solved")
    cloud.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2)
    return figure


def _kind(model: RecursiveReasoner) -> str:
    mixer = "MLP" if model.config.mixer == "mlp" else "attention"
    return f"{model.config.architecture.upper()}, {mixer}"


if __name__ == "__main__":
    raise SystemExit(main())
