"""Traps: one puzzle, many starts; where runs end, and one puzzle's state space in a plane."""

import pandas as pd

from hrm_probe.demo.evidence import Evidence
from hrm_probe.demo.exploring import Exploration, fixed_point_marks, plane_view
from hrm_probe.demo.finding import Finding, as_reports_do
from hrm_probe.plots import style
from hrm_probe.plots.page import Statement
from hrm_probe.plots.plane import plane_figure, trajectory_plane
from hrm_probe.reasoning.trapping.traps import Traps
from hrm_probe.report.in_words import rounded
from hrm_probe.report.topics.attractors import FEWEST, RARE
from hrm_probe.report.verdicts import decide, enough
from hrm_probe.wording import counted

CLAIM = "A puzzle has several attractors, right and wrong, and the start decides."


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
        ax = trajectory_plane(figure.subplots(), view, legend=False)
        figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    runs = chosen.wrong.shape[1]
    return Finding(
        name="plane",
        title="One puzzle's state space",
        caption=f"{name}, puzzle {row} of the sample: the one, of {len(found)} explored, on which {runs} runs divide "
        f"most evenly; {chosen.right_ends} end right. Shade: wrong cells of the grid decoded at that place. Arrows: "
        "where the next segment leads, projected; they have one length, faint where the step is short. Round marks: "
        f"fixed points of the segment map, larger where more runs end{_radii(marks)}. Runs start "
        f"from the model's own state (blue) and from noise on it (grey); seed {settings.seed}. A slice of two "
        "directions: what lies off it looks nearer than it is.",
        figure=figure,
        numbers={
            "model": name,
            "traps": evidence.traps.summary(),
            "puzzle": row,
            "explored": [int(r) for r in found],
            "right_ends": {str(r): e.right_ends for r, e in found.items()},
            "runs_each": runs,
            "fixed_points": marks.drop(columns="state").to_dict("records"),
            "variance_shown": list(view.explained),
            "path": view.path,
            "wrong_cells": chosen.wrong,
        },
        statements=[_rivals(name, evidence.traps)],
        interactive=plane_figure(view),
    )


def _radii(marks: pd.DataFrame) -> str:
    """How much a small disturbance of each fixed point grows in a segment."""
    if not len(marks):
        return " (none was found: the marks are the middles of groups of ends)"
    told = [f"{'right' if row.right else 'wrong'} {row.radius:.3f}" for row in marks.itertuples()]
    return f" (largest modulus of the Jacobian's eigenvalues: {', '.join(told)})"


def most_divided(found: dict[int, Exploration]) -> int:
    """The puzzle whose runs divide most evenly into right and wrong; the first of equals."""
    return max(found, key=lambda row: (found[row].balance, -row))


def _rivals(name: str, result: Traps) -> Statement:
    """Does a puzzle have a right and a wrong attractor, so that the start decides?"""
    restarted = result.table[result.table["rescued"].notna()]
    failures = int((~restarted["solved"].astype(bool)).sum())
    sentence = (
        f"Started from noise as well, runs of {name} come to rest at a right and at a wrong answer for "
        f"{rounded(result.rivals)} of {result.restarted} puzzles"
    )
    if failures:
        among = counted(failures, "failure")
        sentence += f". Of {among} among them, {rounded(result.rescued)} are solved from another start"
    controls = [enough(result.restarted, FEWEST, "puzzles")]
    return as_reports_do(CLAIM, decide(result.rivals, RARE, "", controls), sentence + ".", "plane")
