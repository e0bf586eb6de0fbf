"""Does a model whose attention could never leak fail on single blanks? And when in training does attention leak?

    python analyses/closed_edges.py [--recipe RECIPE] [--arms ARM ...] [--seeds SEED ...] [--runs FOLDER] [--out FOLDER]
    python analyses/closed_edges.py --saved [--out FOLDER]             draw again what was measured before

Each arm trains a recipe of an HRM that attends and has no hints, hrm-6x6 if none is given, with the same seeds, data
and settings: "open" as it is; "H closed", where no cell of H sees a cell that no rule joins it with; "L closed", the
same of L; "H and L closed", where none of either level does; and as a control "H closed at random", where each cell of
H is kept from as many such cells as it has peers, drawn once by the seed. The edges are closed in every step and
whenever the model is asked. On the way it is asked for puzzles and grids with few blanks, for the attention of H that
goes to unrelated cells, and, where that can be seen, how much is solved with their scores lowered by 2. At the end it
is asked how answers come and whether they stay; how it does with H's edges open and closed, whichever way it was
trained; and where one level alone is closed, how with the other's scores lowered, too. Runs are kept in
runs/closed-edges and go on where they were stopped; finished ones are only read.
Writes closed_edges.{png,pdf,html,json}.
Claim: single blanks fail where attention leaks to unrelated cells (analyses/leaks.py); then a model that cannot leak
does not fail on them, though it never trained on a hint.
"""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from asked_in_training import Row, asked_once, minimal_puzzles, movement_at_rest, train_and_ask
from command_lines import asked_while_trained, described, exit_status, positive
from matplotlib.lines import Line2D
from measured import DIGITS, Measured, command_line

from hrm_probe.dynamics.intervals import share
from hrm_probe.json_text import as_json
from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots.style import DASHES, DOUBLE_COLUMN, GREY, SERIES, new_figure, share_axis
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import follow, jumps, leaks
from hrm_probe.reasoning.heads.attention_edges import BLOCKS, edge_kinds
from hrm_probe.reasoning.heads.attention_heads import Head, Hook, blocked
from hrm_probe.sudoku import Puzzles
from hrm_probe.training import Recipe, load_recipe
from hrm_probe.training.recipe import parse_settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).parents[1]
RECIPE = "hrm-6x6"
ARMS: dict[str, tuple[tuple[str, ...], str]] = {
    "open": ((), ""),
    "H closed": (("H",), "unrelated"),
    "L closed": (("L",), "unrelated"),
    "H and L closed": (("H", "L"), "unrelated"),
    "H closed at random": (("H",), "as many unrelated"),
}
"""Of each arm the levels whose edges are closed, and which edges."""
CANNOT_LEAK_IN_H = ("H closed", "H and L closed")
STILL_OPEN = {"H closed": "L", "L closed": "H"}
ASKED_AT = (500, 1000, 2000, 3000, 4000)
STOPPED = -2.0
LEAKING = {"1": ("o", None), "all": ("s", "white")}  # the mark of grids with so many blanks, and its fill
LONG = 64  # segments after which solved puzzles should have come to rest
SETTINGS = {"evaluate_every": 500, "evaluate_puzzles": 1, "device": "cpu", "compile": "off"}


@partial(exit_status, stopped="Stopped; the same command continues from here.")
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument(
        "--arms", nargs="+", choices=ARMS, default=list(ARMS), metavar="ARM", help="; ".join(ARMS)
    )
    asked_while_trained(parser, RECIPE, [0, 1, 2], ASKED_AT, ROOT / "runs" / "closed-edges")
    parser.add_argument("--counts", type=positive, nargs="+", default=[1, 4], help="numbers of blanks")
    return command_line("closed_edges", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Every arm with every seed."""
    settings = {**SETTINGS, **parse_settings(given.set)}
    runs = [trained(arm, seed, settings, given) for seed in given.seeds for arm in given.arms]
    return {
        "recipe": given.recipe,
        "runs": as_json(runs, DIGITS), "settings": settings, "puzzles": given.n, "seeds": given.seeds,
        "provenance": provenance(),
    }  # fmt: skip


def trained(arm: str, seed: int, settings: dict[str, Any], given: argparse.Namespace) -> Row:
    """One training, asked on the way and at its end; a finished one is only read."""
    overrides = {**settings, "seed": seed}
    recipe = load_recipe(given.recipe, overrides)
    puzzles = minimal_puzzles(recipe.test_set, given.n, 0)
    levels, edge = ARMS[arm]
    own = closing(levels, edge, puzzles, recipe, seed)
    counts = (*given.counts, "all")

    def ask(model: RecursiveReasoner, _: int) -> Row:
        biases = () if arm in CANNOT_LEAK_IN_H else (STOPPED,)
        return {"leaks": leaks(model, puzzles, counts=counts, biases=biases, groups="class").table}

    folder = given.runs / f"{arm.replace(' ', '-')}-seed{seed}"
    rows, result = train_and_ask(given.recipe, folder, ask, given.asked_at, overrides, fwd_hooks=own)

    def ask_at_the_end() -> Row:
        uses = {"open": [], "H closed": closing(("H",), "unrelated", puzzles, recipe, seed)}
        row: Row = {
            f"used {use}": _solved(result.model, puzzles, counts, hooks) for use, hooks in uses.items()
        }
        with result.model.hooks(own):
            if arm in STILL_OPEN:  # what is left of the leak is there
                level = STILL_OPEN[arm]
                lowered = leaks(
                    result.model, puzzles, level=level, counts=counts, biases=(STOPPED,), groups="class"
                )
                row[f"{level} lowered"] = lowered.table
            curves = follow(result.model, puzzles, LONG)
            come = jumps(result.model, puzzles, groups="class")
        ever, last = curves.solved.any(1), curves.solved[:, -1]
        return row | {
            "long": share(last),
            "kept": share(last[ever]),
            "movement": movement_at_rest(curves),
            "jumps": {"share": come.share, "by_arrival": come.by_arrival()},
        }

    end = asked_once(folder / "end.json", ask_at_the_end)
    return {"arm": arm, "seed": seed, "asked": rows, "end": end, "accuracy": result.summary["accuracy"]}


def closing(levels: Sequence[str], edge: str, puzzles: Puzzles, recipe: Recipe, seed: int) -> list[Hook]:
    """Hooks that keep every head of these levels from looking along such edges, the same for all puzzles."""
    if not levels:
        return []
    edges = BLOCKS[edge](edge_kinds(puzzles.board, recipe.prefix), puzzles, np.random.default_rng(seed))
    blocks = {"H": recipe.H_layers, "L": recipe.L_layers}
    return blocked([Head(level, block, 0) for level in levels for block in range(blocks[level])], edges)


def _solved(
    model: RecursiveReasoner, puzzles: Puzzles, counts: Sequence[Any], hooks: list[Hook]
) -> pd.DataFrame:
    with model.hooks(hooks):
        return leaks(model, puzzles, counts=counts, biases=(), groups="class").table


def draw(measured: Measured) -> "Figure":
    """Against the steps of training: what is solved of single blanks and of puzzles, and how much attention leaks."""
    figure = new_figure(DOUBLE_COLUMN, 2.9)
    single, puzzles, leaking = figure.subplots(1, 3, sharex=True)
    single.set_title("single blanks")
    puzzles.set_title("puzzles as given")
    leaking.set_title("attention of H in blank cells")
    share_axis(single, "share solved")
    share_axis(puzzles, "share solved")
    share_axis(leaking, "share that goes to unrelated cells")
    arms = list(dict.fromkeys(run["arm"] for run in measured["runs"]))
    most = 0.25  # of the attention that is shown
    for run in measured["runs"]:
        number = arms.index(run["arm"])
        look = {"color": SERIES[number], "linestyle": DASHES[number], "linewidth": 1.0, "markersize": 3}
        steps = [row["step"] for row in run["asked"]]
        for ax, blanks in ((single, "1"), (puzzles, "all")):
            ax.plot(steps, [_row(row, blanks)["accuracy"] for row in run["asked"]], marker="o", **look)
        if run["arm"] not in CANNOT_LEAK_IN_H:
            for blanks, (marker, fill) in LEAKING.items():
                leaked = [_row(row, blanks)["from_blanks"] for row in run["asked"]]
                most = max(most, *leaked)
                leaking.plot(steps, leaked, marker=marker, markerfacecolor=fill or look["color"], **look)
    leaking.set_ylim(-0.01, 1.1 * most)
    for ax in (single, puzzles, leaking):
        ax.set_xlabel("training steps")
    named = {arm: Line2D([], [], color=SERIES[i], linestyle=DASHES[i]) for i, arm in enumerate(arms)}
    for label, (marker, fill) in zip(("one blank", "puzzles as given"), LEAKING.values(), strict=True):
        named[label] = Line2D([], [], color=GREY, linestyle="", marker=marker, markerfacecolor=fill or GREY)
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=-(-len(named) // 2))
    return figure


def _row(asked: Row, blanks: str) -> Row:
    """The untouched runs of grids with so many blanks."""
    return next(row for row in asked["leaks"] if row["blanks"] == blanks and row["bias"] == 0)


if __name__ == "__main__":
    raise SystemExit(main())
