"""Traps: one puzzle, many starts; where runs end, and one puzzle's state space in a plane."""

import numpy as np

from hrm_probe.demo.evidence import Evidence
from hrm_probe.demo.exploring import Exploration, fixed_point_marks, plane_view
from hrm_probe.demo.finding import Finding, judge, percent
from hrm_probe.dynamics.intervals import wilson
from hrm_probe.plots import style
from hrm_probe.plots.page import Statement
from hrm_probe.plots.plane import plane_figure, trajectory_plane

CHANCE_MATTERS = 0.05  # a share of puzzles whose answer hangs on the start, above which guessing is no rarity


def trapping(evidence: Evidence) -> Finding:
    """The state space of the puzzle on which runs disagree most, and how often they disagree."""
    settings = evidence.settings
    name, model = settings.model, evidence.model(settings.model)
    found = evidence.explorations
    row = most_divided(found)
    chosen = found[row]
    marks = fixed_point_marks(model, chosen, seed=settings.seed)
    view = plane_view(model, chosen, settings.resolution, marks if len(marks) else None)
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN * 0.75, 4.3)
        trajectory_plane(figure.subplots(), view)
    runs = chosen.wrong.shape[1]
    return Finding(
        name="plane",
        title="One puzzle's state space",
        caption=f"{name}, puzzle {row} of the sample: the one, of {len(found)} explored, on which {runs} runs divide "
        f"most evenly; {chosen.right_ends} end right. Shade: wrong cells of the grid decoded at that place. Arrows: "
        "where the next segment leads, projected; they have one length, faint where the step is short. Runs start "
        f"from the model's own state (blue) and from noise on it (grey); seed {settings.seed}. A slice of two "
        "directions: what lies off it looks nearer than it is.",
        figure=figure,
        numbers={
            "model": name,
            "puzzle": row,
            "explored": [int(r) for r in found],
            "right_ends": {str(r): e.right_ends for r, e in found.items()},
            "runs_each": runs,
            "fixed_points": marks.drop(columns="state").to_dict("records"),
            "variance_shown": list(view.explained),
            "path": view.path,
            "wrong_cells": chosen.wrong,
        },
        statements=[_chance(name, evidence, found)],
        interactive=plane_figure(view),
    )


def most_divided(found: dict[int, Exploration]) -> int:
    """The puzzle whose runs divide most evenly into right and wrong; the first of equals."""
    return max(found, key=lambda row: (found[row].balance, -row))


def _chance(name: str, evidence: Evidence, found: dict[int, Exploration]) -> Statement:
    """Among puzzles drawn at random: does the answer depend on where the run starts?"""
    drawn = [found[row] for row in evidence.random_rows]
    divided = wilson(sum(e.balance > 0 for e in drawn), len(drawn))
    verdict = judge(divided, CHANCE_MATTERS)
    runs = evidence.settings.starts + 1
    failed = [e for e in drawn if e.wrong[-1, 0] > 0]
    rescued = wilson(sum(e.right_ends > 0 for e in failed), len(failed))
    share = np.mean([e.right_ends / runs for e in drawn])
    return Statement(
        verdict,
        f"Which answer {name} ends with depends on where it starts for {percent(divided)} of {len(drawn)} random "
        f"puzzles ({runs} starts each, {share:.0%} of runs right). Of {len(failed)} that it fails from its own start, "
        f"{percent(rescued)} are solved from some other.",
        "plane",
    )
