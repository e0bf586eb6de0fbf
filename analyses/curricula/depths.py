"""Finished models asked at each depth of progressive depth, whatever depth they were trained at.

Every arm's model is tested and kept at full depth. One trained shallow may solve more as shallow as it was trained, and
one whose depth grew may still solve puzzles at the depths it has left behind.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from asked_depths import asked_at, depths_up_to

import curricula.comparing as compare
from curricula.drawing import LOOK
from curricula.reading import arms_of
from curricula.saved_models import Answer, ask_saved_models
from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots.saving import save_figure
from hrm_probe.plots.style import DOUBLE_COLUMN, new_figure, share_axis, style
from hrm_probe.reasoning import follow
from hrm_probe.sudoku import Puzzles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ASKED = "curriculum_depths.json"
BATCH = 64


def ask_depths(runs: Path, out: Path, puzzles: int) -> list[Path]:
    """Ask the model of every finished run under ``runs`` that was not asked before, and draw all answers.

    Arguments and errors as of :func:`curricula.saved_models.ask_saved_models`; ``out`` is the folder of the answers.
    """
    answers = ask_saved_models(runs, out / ASKED, puzzles, ask)
    with style():
        figure = draw(answers)
    return [out / ASKED, *save_figure(figure, out, Path(ASKED).stem)]


def ask(model: RecursiveReasoner, puzzles: Puzzles) -> list[dict[str, Any]]:
    """At each depth of the published schedule, the layers of a segment, and the share solved after each segment.

    The model stays as it is.
    """
    answers = []
    for depth in depths_up_to(model.config):
        with asked_at(model, depth):
            solved = follow(model, puzzles, batch_size=BATCH).solved.mean(0)
        answers.append({**depth.cycles, "layers": depth.layers, "by_segment": solved.tolist()})
    return answers


def by_depth(answers: list[Answer]) -> pd.DataFrame:
    """Solved at the last segment, mean over seeds with its interval; arms in the order of the experiment."""
    rows = []
    for arm in arms_of(answers):
        own = pd.DataFrame([answer for answer in answers if answer["arm"] == arm])
        for (L, H), of_depth in own.groupby(["L_cycles", "H_cycles"], sort=True):
            found = compare.t_interval(np.stack(of_depth["by_segment"].to_list())[:, -1])
            low, high = max(found.low, 0.0), min(found.high, 1.0)
            rows.append((arm, int(L), int(H), found.estimate, low, high, found.n))
    return pd.DataFrame(rows, columns=["arm", "L_cycles", "H_cycles", "estimate", "low", "high", "seeds"])


def draw(answers: list[Answer]) -> "Figure":
    """Left: solved at the last segment against the depth asked, a mark a seed. Right: what asking costs."""
    figure = new_figure(DOUBLE_COLUMN, 2.9)
    ends, costs = figure.subplots(1, 2, sharey=True)
    _draw_ends(ends, answers)
    _draw_costs(costs, answers)
    figure.legend(*ends.get_legend_handles_labels(), loc="outside lower center", ncols=4, handlelength=3)
    return figure


def _draw_ends(ax: "Axes", answers: list[Answer]) -> None:
    means = by_depth(answers)
    depths = list(means[["L_cycles", "H_cycles"]].drop_duplicates().itertuples(index=False, name=None))
    for arm, table in means.groupby("arm", sort=False):
        colour, marker, dash = LOOK[str(arm)]
        ax.plot(range(len(table)), table["estimate"], color=colour, linestyle=dash, label=arm)
        own = [answer for answer in answers if answer["arm"] == arm]
        at = [depths.index((answer["L_cycles"], answer["H_cycles"])) for answer in own]
        last = [answer["by_segment"][-1] for answer in own]
        ax.plot(at, last, color=colour, marker=marker, linestyle="none", markersize=3)
    share_axis(ax, "held-out puzzles solved")
    ax.set_xticks(range(len(depths)), [f"({L}, {H})" for L, H in depths])
    ax.set_xlabel("asked at depth (L, H)")
    ax.set_title("After the last segment")


def _draw_costs(ax: "Axes", answers: list[Answer]) -> None:
    for arm in arms_of(answers):
        colour, marker, dash = LOOK[arm]
        own = [answer for answer in answers if answer["arm"] == arm]
        for layers, fill in (
            (min(a["layers"] for a in own), "white"),
            (max(a["layers"] for a in own), colour),
        ):
            shares = np.mean([a["by_segment"] for a in own if a["layers"] == layers], axis=0)
            passed = layers * np.arange(1, len(shares) + 1)
            ax.plot(
                passed, shares, color=colour, linestyle=dash, linewidth=0.8, marker=marker, markersize=3,
                markerfacecolor=fill,
            )  # fmt: skip
    ax.set_xscale("log")
    ax.set_xlabel("layers passed by a puzzle")
    ax.set_title("After each segment: shallowest (white), full")
