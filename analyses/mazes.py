"""Do mazes show what Sudokus show? How ways through them grow, when answers come, and whether the easiest ones fail.

    python analyses/mazes.py [MODEL ...] [--n MAZES] [--kind KIND] [--shape SIDExSIDE] [--seed SEED] [--out DIR]
    python analyses/mazes.py [MODEL ...] --again               measure how ways grow anew, and keep all else as it was
    python analyses/mazes.py --saved [--out DIR]                draw again what was measured before

Each MODEL, a shipped one or a folder, solves mazes that are made on the spot, with another seed than those that it was
trained on: some as far apart as those, whose goals are at least as many steps away as a side has cells, and some of
each smaller distance. Of the far ones: which cells of a way come first (path_growth), whether late answers jump, by the
loss of training and by the logarithm of ordinary cross-entropy, and whether what is solved stays solved for four times
as long. Then a wall is put into the way of each that leaves another one: is the new way found as often from the state
that had solved the maze as from the model's own start? Writes mazes.{png,pdf,html,json}.
Claims: several ways are followed at once, and then given up (arXiv 2506.21734, section 3); the easiest puzzles fail,
answers jump, what is solved is lost again (arXiv 2601.10679, claims 1 to 3).
"""

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from command_lines import described, exit_status, positive
from measured import DIGITS, Measured, command_line, panel_title

from hrm_probe import load, mazes
from hrm_probe.json_text import as_json
from hrm_probe.models import RecursiveReasoner, Tasks
from hrm_probe.plots import DOUBLE_COLUMN, new_figure, style
from hrm_probe.plots.comparison import kinds_compared
from hrm_probe.plots.mazes import way_by_read
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import follow, jumps, path_growth, stability
from hrm_probe.reasoning.result import share_of
from hrm_probe.reasoning.runs.outcomes import outcomes
from hrm_probe.reasoning.statistics.change_of_shares import change_of_shares
from hrm_probe.reasoning.statistics.means import mean_over_puzzles
from hrm_probe.report.subject import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MODELS = ("hrm-maze", "trm-maze")
CURVES = {"loss": "loss of training", "log softmax loss": "log of the cross-entropy"}
ORDERS = {
    "nearer the start": "nearer the start",
    "nearer an end": "nearer an end",
    "earlier filled": "of forks, the branches\nfilled earlier",
    "earlier filled, farther from both ends": "… where the other\nis nearer an end",
}
EARLY = 3  # segments, after which the HRM solves most; what came first is asked of what is solved then
LONGER = 4  # times as many segments as a model was trained for
HEIGHT = 4.2


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("models", nargs="*", default=MODELS, metavar="MODEL", help=", ".join(MODELS))
    parser.add_argument("--n", type=positive, default=500, help="mazes of each distance")
    parser.add_argument("--kind", choices=mazes.KINDS, default="maze", help="of mazes")
    parser.add_argument("--shape", default="11x11", help="of the mazes; that of the models")
    parser.add_argument("--seed", type=int, default=1, help="seed of the mazes and the intervals")
    parser.add_argument(
        "--again", action="store_true", help="only how ways grow; the rest as mazes.json in --out has it"
    )
    return command_line("mazes", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """All that is asked of every model."""
    if given.again:
        measured = json.loads((given.out / "mazes.json").read_text())
        given.n, given.kind, given.shape, given.seed = (
            measured[name] for name in ("n", "kind", "shape", "seed")
        )
        for name in given.models:
            measured["models"][name_of(name)] |= dict(_growth(load(name), _far(given), given.seed))
        return measured | {"growth measured again": provenance()}
    found = {}
    for name in given.models:
        found[name_of(name)] = dict(_asked(load(name), given))
    return {
        "models": found,
        "n": given.n,
        "kind": given.kind,
        "shape": given.shape,
        "seed": given.seed,
        "provenance": provenance(),
    }


def _asked(model: RecursiveReasoner, given: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    far = _far(given)
    longer = LONGER * model.config.max_segments
    yield from _growth(model, far, given.seed)
    curves = follow(model, far)
    yield "solved by segment", curves.solved.mean(0).round(4).tolist()
    for curve in CURVES:
        jumping = jumps(None, far, curve=curve, curves=curves, seed=given.seed)
        print(f"{curve}: {jumping}", flush=True)
        yield f"jumps, {curve}", jumping.summary()
    kept = stability(model, far, longer, seed=given.seed)
    print(kept, flush=True)
    yield "stability", {name: value for name, value in kept.summary().items() if name != "by_segment"}
    yield "by distance", list(_by_distance(model, given))
    blocked = _wall_in_the_way(model, far, given.seed)
    print(blocked, flush=True)
    yield "wall in the way", blocked


def _far(given: argparse.Namespace) -> Tasks:
    """Mazes as far apart as those of the training."""
    return mazes.generate(given.n, given.kind, given.shape, given.seed)


def _growth(model: RecursiveReasoner, far: Tasks, seed: int) -> Iterator[tuple[str, Any]]:
    """How ways grow, to the end of a run and to the segment after which the HRM solves most."""
    for length, segments in (("growth", None), ("early growth", EARLY)):
        growth = path_growth(model, far, segments=segments, seed=seed)
        print(growth, flush=True)
        yield length, growth.summary()


def _by_distance(model: RecursiveReasoner, given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Of mazes of each distance, from neighbouring rooms to twice a side: what is solved."""
    side = int(given.shape.partition("x")[0])
    for steps in range(2, 2 * side + 1, 2):
        near = mazes.generate(given.n, given.kind, given.shape, given.seed, (steps, steps))
        of_run = outcomes(follow(model, near))
        row: dict[str, Any] = {"steps": steps, "mazes": len(near)}
        for when in ("last", "ever", "at_halt"):
            row[when] = as_json(share_of(of_run[f"solved_{when}"], None, seed=given.seed), DIGITS)
        print(row, flush=True)
        yield row


def _wall_in_the_way(model: RecursiveReasoner, far: Tasks, seed: int) -> dict[str, Any]:
    """Of mazes that are solved and leave another way: is that found from the state that solved them, and when?"""
    blocked, rows = mazes.with_wall_in_the_way(far, seed)
    before = model.run(far.tokens[rows])
    solved = (before.predictions[-1].numpy() == far.answers[rows]).all(1)
    old_alone = (
        (far.answers[rows] == mazes.PATH) & (blocked.answers != mazes.PATH) & (blocked.tokens != mazes.WALL)
    )
    told: dict[str, Any] = {"mazes": len(rows), "solved before": int(solved.sum())}
    ends = []
    for name, state in (("from the start", None), ("from the old state", before.state)):
        shown = model.run(blocked.tokens, state=state).predictions.numpy()  # [segment, maze, cell]
        right = (shown == blocked.answers).all(2)
        kept = ((shown[-1] == mazes.PATH) & old_alone).sum(1) / np.maximum(old_alone.sum(1), 1)
        ends.append((right[-1], solved))
        told[name] = {
            "solved": as_json(share_of(right[-1], None, solved, seed), DIGITS),
            "by segment": right[:, solved].mean(1).round(4).tolist(),
            "old way shown": as_json(mean_over_puzzles(kept[solved & old_alone.any(1)], None, seed), DIGITS),
        }
    told["difference"] = as_json(change_of_shares(*ends, seed=seed), DIGITS)
    return told


def draw(measured: Measured) -> "Figure":
    """Above, a panel a model: how ways grow, and what is solved. Below: what comes first, and how far goals may be."""
    figure = new_figure(DOUBLE_COLUMN * 1.25, HEIGHT)
    models = measured["models"]
    above, below = figure.subfigures(2, 1)
    panels = above.subplots(1, len(models), sharey=True, squeeze=False)[0]
    for number, (ax, (name, found)) in enumerate(zip(panels, models.items(), strict=True)):
        by_read = pd.DataFrame(found["growth"]["by_read"])
        solved = found["solved by segment"]
        ax.plot(
            np.arange(1, len(solved) + 1),
            solved,
            color=style.INK,
            linestyle="-.",
            linewidth=1.1,
            label="solved",
        )
        way_by_read(ax, by_read, title=panel_title(name), legend=number == 0)
        ax.set_ylabel("shown as path, or solved" if number == 0 else "")
    left, right = below.subplots(1, 2)
    kinds_compared(left, _orders(models), ORDERS, title="of two cells of the way, the one … comes first")
    left.axvline(0.5, color=style.GREY, linewidth=0.8, linestyle="--")
    left.set_xlabel("share of pairs")
    left.get_legend().remove()
    _solved_by_distance(right, models)
    return figure


def _orders(models: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {
            "kind": name,
            "measure": row["order"],
            **{end: row[end] for end in ("low", "high")},
            "estimate": row["share"],
        }
        for name, found in models.items()
        for row in found["early growth"]["orders"]
    ]
    return pd.DataFrame(rows).astype({"estimate": float, "low": float, "high": float})


def _solved_by_distance(ax: "Axes", models: dict[str, Any]) -> None:
    """Full marks where the model would halt, empty ones at the last segment."""
    for number, (name, found) in enumerate(models.items()):
        colour, marker, _ = style.series(number)
        rows = found["by distance"]
        for when, face, dashes, words in (
            ("at_halt", colour, "-", "where it halts"),
            ("last", "white", ":", "at the last"),
        ):
            share, low, high = ([row[when][end] for row in rows] for end in ("estimate", "low", "high"))
            ax.errorbar(
                [row["steps"] for row in rows], share, yerr=style.reach(share, low, high), color=colour, marker=marker,
                markerfacecolor=face, linestyle=dashes, markersize=4, linewidth=1.0, elinewidth=0.8,
                label=f"{name}, {words}",
            )  # fmt: skip
    ax.set_xlabel("steps to the goal")
    style.share_axis(ax, "solved")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


if __name__ == "__main__":
    raise SystemExit(main())
