"""Does more recursion solve more, or asking again? And must each segment be deep?

    python analyses/more_segments.py [MODEL] [--puzzles SET] [--n PUZZLES] [--segments SEGMENTS] [--out FOLDER]
    python analyses/more_segments.py --saved [--out FOLDER]            draw again what was measured before

MODEL goes on for SEGMENTS segments at its own depth (L, H), four times what it was trained for if not given, and for
as many layers at the first depth of progressive depth, whose segments are cheaper (arXiv 2511.08653). Puzzles solved
so far are counted after every segment, and how far z_H moves in it: failures at rest will not be solved any more,
failures that wander may be. For as many layers, too, it is asked about relabelled copies and guesses are voted on.
Writes more_segments.{png,pdf,html,json}.
Claims: the model is trapped at the first fixed point it meets, and more guesses, not more recursion, solve more
(arXiv 2601.10679, sections 4 and 5).
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from asked_depths import asked_at, depths_up_to
from command_lines import described, exit_status, positive
from measured import Measured, command_line

from hrm_probe.dynamics.intervals import share
from hrm_probe.json_text import as_json
from hrm_probe.models import RecursiveReasoner, default_model, load
from hrm_probe.plots.style import DOUBLE_COLUMN, INK, RIGHT, SERIES, WRONG, new_figure, share_axis
from hrm_probe.provenance import provenance
from hrm_probe.reasoning import follow, guesses
from hrm_probe.reasoning.guessing.votes import CEILING
from hrm_probe.sudoku import Puzzles, load_puzzles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LONGER = 4  # times the segments of training
DASHES = ("-", "--")  # the model's own depth, the shallow one
LOOK = {
    "majority": ("o", SERIES[3]),
    "halting": ("s", SERIES[1]),
    CEILING: ("o", INK),
}  # votes; a ceiling is open
Answer = dict[str, Any]


@exit_status
def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit status."""
    parser = described(__doc__)
    parser.add_argument("model", nargs="?", default=default_model("9x9"), help="a shipped model, or a folder")
    parser.add_argument("--puzzles", default="9x9-test", help="a bundled set's name, or a file with answers")
    parser.add_argument("--source", help="only puzzles of this source, such as hard")
    parser.add_argument("--n", type=positive, default=100, help="puzzles in the random sample")
    parser.add_argument("--segments", type=positive, help="segments at the model's own depth")
    parser.add_argument("--dtype", default="bfloat16", help="precision of activations and weights")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample")
    return command_line("more_segments", parser, measure, draw, arguments)


def measure(given: argparse.Namespace) -> Measured:
    """More segments at two depths, and guesses for as many layers."""
    model = load(given.model, dtype=given.dtype)
    puzzles = load_puzzles(given.puzzles)
    if given.source is not None:
        puzzles = puzzles[puzzles.source == given.source]
    puzzles = puzzles.sample(min(given.n, len(puzzles)), given.seed)
    segments = given.segments or LONGER * model.config.max_segments
    return {
        "model": Path(given.model).name,
        "puzzles": Path(given.puzzles).name,
        "source": given.source,
        "n": len(puzzles),
        "seed": given.seed,
        "dtype": given.dtype,
        "device": str(model.device),
        "answers": ask(model, puzzles, segments),
        "guesses": guess(model, puzzles, max(segments // model.config.max_segments, 1), given.seed),
        "provenance": provenance(),
    }


def ask(model: RecursiveReasoner, puzzles: Puzzles, segments: int) -> list[Answer]:
    """For as many layers at each depth: who is solved after each segment, and how far z_H moves in it."""
    depths, answers = depths_up_to(model.config), []
    for depth in (depths[-1], depths[0]):
        with asked_at(model, depth):
            curves = follow(model, puzzles, segments * depths[-1].layers // depth.layers, progress=True)
        last = curves.solved[:, -1]
        answers.append(
            as_json(
                {
                    **depth.cycles,
                    "layers": depth.layers,
                    "solved": [share(column) for column in curves.solved.T],
                    "ever_lost": int((curves.solved.any(axis=1) & ~last).sum()),
                    "unsolved": int((~last).sum()),
                    "movement_solved": _quartiles(curves.displacement[last]),
                    "movement_unsolved": _quartiles(curves.displacement[~last]),
                }
            )
        )
    return answers


def guess(model: RecursiveReasoner, puzzles: Puzzles, n: int, seed: int) -> list[Answer]:
    """Votes among 1 to n guesses about relabelled copies, each of as many segments as in training."""
    if n < 2:
        return []
    found = guesses(model, puzzles, sources=["relabelling"], n_guesses=n, seed=seed, progress=True).table
    rows: list[Answer] = as_json(found[found["vote"].isin(LOOK)].to_dict("records"))
    return rows


def _quartiles(moved: np.ndarray) -> list[list[float]] | None:
    """Of each segment over runs, [segment, 3]; None where there is no run."""
    return np.quantile(moved, (0.25, 0.5, 0.75), axis=0).T.tolist() if len(moved) else None


def draw(measured: Measured) -> "Figure":
    """Left: solved against the layers that a puzzle has passed. Right: movement of z_H, solved and unsolved apart."""
    answers, voted = measured["answers"], measured["guesses"]
    figure = new_figure(DOUBLE_COLUMN, 2.8)
    solved, moving = figure.subplots(1, 2)
    for answer, dash in zip(answers, DASHES, strict=True):
        depth = f"({answer['L_cycles']}, {answer['H_cycles']})"
        passed = answer["layers"] * np.arange(1, len(answer["solved"]) + 1)
        estimate, low, high = (
            np.array([s[key] for s in answer["solved"]]) for key in ("estimate", "low", "high")
        )
        solved.plot(passed, estimate, dash, color=RIGHT, label=f"asked at {depth}")
        solved.fill_between(passed, low, high, color=RIGHT, alpha=0.12, linewidth=0)
        for colour, kind in ((RIGHT, "solved"), (WRONG, "unsolved")):
            _draw_movement(
                moving, passed, answer[f"movement_{kind}"], colour, dash, f"{kind} at the end, {depth}"
            )
    _draw_votes(solved, voted, answers[0]["layers"])
    share_axis(solved, "solved")
    moving.set_ylabel("movement of z_H in a segment")
    moving.set_yscale("log")
    for ax in (solved, moving):
        ax.set_xscale("log")
        ax.set_xlabel("layers passed")
        ax.legend(fontsize="small")
    return figure


def _draw_votes(ax: "Axes", voted: list[Answer], layers: int) -> None:
    for vote, (marker, colour) in LOOK.items():
        rows = [row for row in voted if row["vote"] == vote]
        passed, accuracy = [layers * row["segments"] for row in rows], [row["accuracy"] for row in rows]
        look = {"markersize": 9, "fillstyle": "none"} if vote == CEILING else {"markersize": 4}
        ax.plot(passed, accuracy, marker, color=colour, label=f"guesses, {vote}", **look)


def _draw_movement(
    ax: "Axes", passed: np.ndarray, quartiles: list[list[float]] | None, colour: str, dash: str, label: str
) -> None:
    if quartiles is None:
        return
    low, middle, high = np.array(quartiles).T
    ax.plot(passed, middle, dash, color=colour, label=label)
    ax.fill_between(passed, low, high, color=colour, alpha=0.12, linewidth=0)


if __name__ == "__main__":
    raise SystemExit(main())
