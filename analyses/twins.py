"""How much of what a trained model is does its seed decide, and how much the last bit of its first weights?

    python analyses/twins.py [--recipe RECIPE] [--seeds SEED ...] [--twins TWINS] [--runs FOLDER] [--out FOLDER]
    python analyses/twins.py --saved [--out FOLDER]                    draw again what was measured before

Each seed trains the recipe, hrm-6x6 if none is given, several times: the first is the recipe itself, its twins see the
same puzzles in the same order from the same first weights, but each weight is the next float32 number above or below,
by a toss of a coin: one rounding is all that tells them apart. On the way and at the
end models are asked for minimal puzzles and for single blanks, at the end also how answers come. Told are how far the
movements of two trainings from their first weights lie apart, twins and strangers (other seeds); what share of the
variance between trainings the seed accounts for (intraclass correlation); and whether twins fail on the same grids.
Runs are kept in runs/twins and go on where they were stopped; finished ones are only read. Writes
twins.{png,pdf,html,json}.
Claim: HRM fails on puzzles with a single blank (arXiv 2601.10679, section 3). Of whom is that said: of a recipe, of a
seed, or of one run on one machine?
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from asked_in_training import Row, asked_once, minimal_puzzles, train_and_ask
from command_lines import asked_while_trained, described, exit_status, positive
from matplotlib.lines import Line2D
from measured import DIGITS, Measured, command_line
from seed_shares import seed_share

from hrm_probe.dynamics.intervals import share
from hrm_probe.files import writing
from hrm_probe.json_text import as_json
from hrm_probe.models import RecursiveReasoner, build_model
from hrm_probe.plots.style import DOUBLE_COLUMN, GREY, MARKERS, SERIES, new_figure, share_axis
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import follow, jumps, single_blanks
from hrm_probe.sudoku import Puzzles
from hrm_probe.training import load_recipe
from hrm_probe.training.recipe import parse_settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).parents[1]
RECIPE = "hrm-6x6"
ASKED = ("single_blanks", "minimal")
ASKED_AT = (25, 50, 100, 200, 500, 1000, 2000, 3000, 4000)
SLOW = 4  # the segment from which on an answer has had time to come step by step
SETTINGS = {"evaluate_every": 25, "evaluate_puzzles": 1, "device": "cpu", "compile": "off"}
KINDS = {"twins": SERIES[0], "strangers": GREY}


@partial(exit_status, stopped="Stopped; the same command continues from here.")
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    asked_while_trained(parser, RECIPE, [0, 1, 2, 3], ASKED_AT, ROOT / "runs" / "twins")
    parser.add_argument("--twins", type=positive, default=3, help="trainings with each seed")
    return command_line("twins", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """Every twin of every seed, and what they have in common."""
    settings = {**SETTINGS, **parse_settings(given.set)}
    runs = [trained(seed, twin, settings, given) for twin in range(given.twins) for seed in given.seeds]
    steps = [row["step"] for row in runs[0]["asked"]]
    told = {
        "recipe": given.recipe, "settings": settings, "puzzles": given.n, "seeds": given.seeds,
        "apart": [row for step in steps for row in apart(runs, step)],
        "same_failures": {key: alike(runs, key) for key in ASKED},
        "shares": shares(runs),
        "runs": [told_of(run) for run in runs],
        "provenance": provenance(),
    }  # fmt: skip
    measured: Measured = as_json(told, DIGITS)
    return measured


def told_of(run: Row) -> Row:
    """A training in short: shares on the way, and of the end also which grids, a 1 for each that is solved."""
    asked = [{"step": row["step"], **{key: np.mean(row[key]) for key in ASKED}} for row in run["asked"]]
    solved = {key: "".join(map(str, run["asked"][-1][key])) for key in ASKED}
    kept = {key: run[key] for key in ("seed", "twin", "end", "accuracy")}
    return {**kept, "asked": asked, "solved": solved}


def trained(seed: int, twin: int, settings: dict[str, Any], given: argparse.Namespace) -> Row:
    """One training, asked on the way and at its end; a finished one is only read."""
    folder: Path = (
        given.runs.resolve() / f"seed{seed}-twin{twin}"
    )  # as the run remembers it, from wherever it goes on
    overrides = {**settings, "seed": seed}
    recipe = load_recipe(given.recipe, overrides)
    puzzles = minimal_puzzles(recipe.test_set, given.n, 0)
    board = puzzles.board
    first = build_model(recipe.model_config(board.cells, board.vocab), seed)
    if twin:
        to_neighbours(first, draw=1000 * seed + twin)
        overrides["init_from"] = str(first.save(folder / "first"))

    def ask(model: RecursiveReasoner, step: int) -> Row:
        keep_weights(model, folder / f"weights-{step}.npy")
        return {key: right.astype(int) for key, right in answered(model, puzzles).items()}

    def ask_at_the_end(model: RecursiveReasoner) -> Row:
        come = jumps(model, puzzles, groups="class").table
        late = come[come["late"]]
        slow = late[late["first_solved"] >= SLOW]
        return {
            name: share(rows["kind"] == "jump") if len(rows) else None
            for name, rows in {"jumps": late, "slow_jumps": slow}.items()
        }

    rows, result = train_and_ask(
        given.recipe, folder, ask, given.asked_at, overrides, begins_as=lambda: first
    )
    end = asked_once(folder / "end.json", lambda: ask_at_the_end(result.model))
    accuracy = result.summary["accuracy"]
    return {"seed": seed, "twin": twin, "folder": folder, "asked": rows, "end": end, "accuracy": accuracy}


def to_neighbours(model: RecursiveReasoner, draw: int) -> None:
    """Move each weight to the next number above or below that its type knows, by a toss of a coin."""
    generator = torch.Generator().manual_seed(draw)
    with torch.no_grad():
        for weight in model.parameters():
            up = torch.rand(weight.shape, generator=generator) < 0.5
            weight.copy_(torch.nextafter(weight, torch.where(up, torch.inf, -torch.inf).to(weight.dtype)))


def answered(model: RecursiveReasoner, puzzles: Puzzles) -> dict[str, np.ndarray]:
    """Which minimal puzzles and which of their grids with one blank are solved at the last segment: bool [puzzle]."""
    single, _, _ = single_blanks(puzzles, 1, seed=0)
    segments = model.config.max_segments
    sets = {"minimal": puzzles, "single_blanks": single}
    return {key: follow(model, asked, segments).solved[:, -1] for key, asked in sets.items()}


def keep_weights(model: RecursiveReasoner, path: Path) -> None:
    """All weights, one after another, in a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flat = torch.cat([weight.detach().flatten() for weight in model.parameters()])
    with writing(path) as beside, beside.open("wb") as file:
        np.save(file, flat.numpy())


def pairs(runs: list[Row]) -> Iterator[tuple[str, Row, Row]]:
    """All pairs of trainings, and whether they are twins, of one seed, or strangers."""
    for one, other in combinations(runs, 2):
        yield "twins" if one["seed"] == other["seed"] else "strangers", one, other


def apart(runs: list[Row], step: int) -> list[Row]:
    """Of every pair how far apart their movements from their first weights are: 0 the same, sqrt(2) unrelated.

    The length of the difference over the geometric mean of both lengths; None before anything has moved.
    """
    moved = {}
    for run in runs:
        first, now = (np.load(run["folder"] / f"weights-{at}.npy") for at in (0, step))
        moved[run["folder"]] = (now - first).astype(np.float64)
    lengths = {folder: float(np.linalg.norm(movement)) for folder, movement in moved.items()}
    found = []
    for kind, one, other in pairs(runs):
        a, b = one["folder"], other["folder"]
        both = (lengths[a] * lengths[b]) ** 0.5
        distance = float(np.linalg.norm(moved[a] - moved[b])) / both if both else None
        found.append({"step": step, "pair": kind, "distance": distance})
    return found


def alike(runs: list[Row], key: str) -> Row:
    """Mean correlation over pairs of trainings of which grids they solve in the end (phi), and over how many pairs.

    Pairs of which one solves all or none of the grids have none.
    """
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kind, one, other in pairs(runs):
        right = np.array([run["asked"][-1][key] for run in (one, other)])
        if (right.std(1) > 0).all():
            found[kind].append(float(np.corrcoef(right)[0, 1]))
    return {kind: {"phi": np.mean(v) if v else None, "pairs": len(v)} for kind, v in found.items()}


ENDS: dict[str, Callable[[Row], float | None]] = {
    "single blanks": lambda run: float(np.mean(run["asked"][-1]["single_blanks"])),
    "minimal puzzles": lambda run: run["accuracy"]["by_source"].get("minimal", {}).get("accuracy"),
    "hard puzzles": lambda run: run["accuracy"]["by_source"].get("hard", {}).get("accuracy"),
    "jumps": lambda run: run["end"]["jumps"] and run["end"]["jumps"]["estimate"],
    "slow jumps": lambda run: run["end"]["slow_jumps"] and run["end"]["slow_jumps"]["estimate"],
}
"""What every training ends with; the last two are shares of late answers, and of those at segment 4 or later."""


def ends(runs: list[Row], of: Callable[[Row], float | None]) -> np.ndarray:
    """One value of every training, [seed, twin]; NaN where there is none."""
    seeds = list(dict.fromkeys(run["seed"] for run in runs))
    values = [[of(run) for run in runs if run["seed"] == seed] for seed in seeds]
    return np.array(values, dtype=float)


def shares(runs: list[Row]) -> list[Row]:
    """Of every end the values by seed, and the share of their variance that the seed accounts for."""
    return [
        {"end": name, "values": values, **seed_share(values)}
        for name, of in ENDS.items()
        if np.isfinite(values := ends(runs, of)).all()
    ]


def draw(measured: Measured) -> "Figure":
    """How far trainings part, what they solve on the way, and what they end with."""
    figure = new_figure(DOUBLE_COLUMN, 2.9)
    parting, single, last = figure.subplots(1, 3, width_ratios=(1, 1, 1.5))
    parting.set_title("movement of the weights")
    parting.set_ylabel("distance between two trainings")
    _parting(parting, measured)
    single.set_title("single blanks")
    share_axis(single, "share solved")
    seeds = measured["seeds"]
    for run in measured["runs"]:
        asked = run["asked"][1:]
        single.plot(
            [row["step"] for row in asked], [row["single_blanks"] for row in asked],
            color=SERIES[seeds.index(run["seed"])], marker=MARKERS[seeds.index(run["seed"])],
            markersize=3, linewidth=0.8,
        )  # fmt: skip
    for ax in (parting, single):
        ax.set_xscale("log")
        ax.set_xlabel("training steps")
    last.set_title("in the end")
    share_axis(last, "share")
    for place, told in enumerate(measured["shares"]):
        for number, values in enumerate(told["values"]):
            x = place + 0.6 * ((number + 0.5) / len(seeds) - 0.5)
            last.plot(
                [x] * len(values), values, color=SERIES[number], marker=MARKERS[number],
                linestyle="", markersize=3.5, markerfacecolor="none",
            )  # fmt: skip
    names = [told["end"].replace(" ", "\n") for told in measured["shares"]]
    last.set_xticks(range(len(names)), names)
    named = {kind: Line2D([], [], color=colour) for kind, colour in KINDS.items()}
    named |= {
        f"seed {seed}": Line2D([], [], color=SERIES[i], marker=MARKERS[i], markersize=4, linewidth=0.8)
        for i, seed in enumerate(seeds)
    }
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=len(named))
    return figure


def _parting(ax: Any, measured: Measured) -> None:
    """Median and range over pairs against steps."""
    for kind, colour in KINDS.items():
        by_step: dict[int, list[float]] = {}
        for row in measured["apart"]:
            if row["pair"] == kind and row["distance"] is not None:
                by_step.setdefault(row["step"], []).append(row["distance"])
        steps = list(by_step)
        ax.plot(steps, [np.median(v) for v in by_step.values()], color=colour, marker="o", markersize=3)
        lows, highs = ([end(v) for v in by_step.values()] for end in (min, max))
        ax.fill_between(steps, lows, highs, color=colour, alpha=0.2, linewidth=0)
    ax.set_yscale("log")


if __name__ == "__main__":
    raise SystemExit(main())
