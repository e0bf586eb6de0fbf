"""A run gets the activations of another puzzle: until which update does that move the answer, and through which state?

    python analyses/patching.py [MODEL ...] [--n 48] [--seed 0] [--out FOLDER]
    python analyses/patching.py --saved [--out FOLDER]                 draw again what was measured before

Runs of 8 segments. First the states of another puzzle are put in, at every update of the first segment and the last
four; then those of the same puzzle with one clue changed, in the clue's cell, in the cells where the two answers differ
and everywhere else, at every update of the last two. Last both states whole, at the end of every segment, in runs of 8
and of 16 segments: does it matter when they are put in, or only how much time is left? Every run goes on with its own
puzzle. Writes patching.{png,pdf,html,json}. MODELs are shipped ones or folders; puzzles are minimal ones of the model's
board.
Method: activation patching (arXiv 2202.05262, 2211.00593).
"""

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from command_lines import described, exit_status, positive
from measured import Measured, command_line

from hrm_probe import load, load_puzzles
from hrm_probe.models import RecursiveReasoner, Tick
from hrm_probe.plots import patch_map
from hrm_probe.plots.style import DASHES, DOUBLE_COLUMN, MARKERS, SERIES, new_figure
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import PatchSweep, one_clue_changed, patch_sweep
from hrm_probe.report.subject import name_of
from hrm_probe.sudoku import Board, Puzzles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MODELS = ("hrm-6x6", "trm-6x6", "hrm-9x9-shallow")
SEGMENTS, LONGER = 8, 16
SETS = ("changed", "disputed", "elsewhere")
HEIGHT = 2.1  # of a model's row, inches


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("models", nargs="*", default=MODELS, metavar="MODEL", help=", ".join(MODELS))
    parser.add_argument("--n", type=positive, default=48, help="minimal puzzles in the random sample")
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of the sample, the pairs and the resampling"
    )
    return command_line("patching", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Each model's sweeps, by name: their summaries."""
    told = {}
    for name in given.models:
        model = load(name)
        puzzles = load_puzzles(f"{Board.of(model.config.cells)}-test").sample(given.n, given.seed)
        found = _sweeps(model, puzzles, given.seed)
        for sweep_name, sweep in found.items():
            print(f"{name}, {sweep_name}. {sweep}")
        told[name_of(name)] = {sweep_name: sweep.summary() for sweep_name, sweep in found.items()}
    return {"models": told, "n": given.n, "seed": given.seed, "provenance": provenance()}


def _sweeps(model: RecursiveReasoner, puzzles: Puzzles, seed: int) -> dict[str, PatchSweep]:
    def outer(tick: Tick) -> bool:
        return tick.segment == 1 or tick.segment > SEGMENTS - 4

    def sweep(
        receivers: Puzzles, donors: Puzzles | None = None, segments: int = SEGMENTS, **how
    ) -> PatchSweep:
        return patch_sweep(
            model, receivers, donors, segments=segments, groups="class", seed=seed, progress=True, **how
        )

    pairs = {"another puzzle": (puzzles, None), "one clue changed": one_clue_changed(puzzles, seed)}
    found = {
        "another puzzle": sweep(puzzles, sites=("z_H", "z_L"), ticks=outer),
        "one clue changed": sweep(
            *pairs["one clue changed"],
            sites=("z_H", "z_L"),
            ticks=lambda tick: tick.segment > SEGMENTS - 2,
            positions=SETS,
        ),
    }
    for name, (receivers, donors) in pairs.items():
        for segments in (SEGMENTS, LONGER):
            ends = [Tick(s, model.config.H_cycles, 0) for s in range(segments - SEGMENTS + 1, segments + 1)]
            found[f"{name}, {segments} segments"] = sweep(
                receivers, donors, segments, sites="state", ticks=ends
            )
    return found


def draw(measured: Measured) -> "Figure":
    """A row per model: the two maps, and what is left of the donor by the segments that follow."""
    models = measured["models"]
    figure = new_figure(DOUBLE_COLUMN, HEIGHT * len(models))
    rows = figure.subplots(len(models), 3, squeeze=False, width_ratios=(5, 5, 4))
    for (left, middle, right), (name, told) in zip(rows, models.items(), strict=True):
        tables = {sweep: pd.DataFrame(summary["table"]) for sweep, summary in told.items()}
        patch_map(left, tables["another puzzle"], title=f"{name}: another puzzle", bar=False)
        patch_map(middle, tables["one clue changed"], title="one clue changed")
        _left_over(right, told)
    handles, labels = rows[0][2].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower right", ncols=4, handlelength=3)
    return figure


def _left_over(ax: "Axes", told: Measured) -> None:
    for i, pair in enumerate(("another puzzle", "one clue changed")):
        for j, segments in enumerate((SEGMENTS, LONGER)):
            table = pd.DataFrame(told[f"{pair}, {segments} segments"]["table"]).astype(
                dict.fromkeys(("donor", "donor_low", "donor_high"), float)
            )
            left = segments - table["segment"]
            ax.plot(
                left,
                table["donor"],
                color=SERIES[i],
                linestyle=DASHES[j],
                marker=MARKERS[i],
                markersize=3,
                linewidth=1.2,
                label=f"{pair}, of {segments}",
            )
            if j == 0:
                ax.fill_between(
                    left, table["donor_low"], table["donor_high"], color=SERIES[i], alpha=0.15, linewidth=0
                )
    ax.set_ylim(-0.02, 1.02)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set_ylabel("cells as the donor's")
    ax.set_xlabel("segments after the patch")
    ax.set_title("both states")


if __name__ == "__main__":
    raise SystemExit(main())
