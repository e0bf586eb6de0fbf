"""Does a curriculum make answers jump, or only come sooner? Jumps compared among answers that come equally late.

An answer that is there at segment 2 looks like a jump however it came, so arms whose answers come sooner have more of
them. Here each arm's share of jumps is standardised: taken range by range of arrival (segments 2, 3, 4, 5 to 8, 9 to
16), and weighted by how often answers of both arms, of the same seed, come there. A difference that is left is not one
of speed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import curricula.comparing as compare
from curricula.drawing import LOOK
from curricula.probing import follow_puzzles
from curricula.reading import arms_of, by_seed
from curricula.saved_models import Answer, ask_saved_models
from hrm_probe.dynamics.intervals import Interval
from hrm_probe.models import RecursiveReasoner
from hrm_probe.plots.saving import save_figure
from hrm_probe.plots.style import DOUBLE_COLUMN, new_figure, share_axis, style
from hrm_probe.reasoning import jumps
from hrm_probe.sudoku import Puzzles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ASKED = "curriculum_arrivals.json"
RANGES = ((2, 2), (3, 3), (4, 4), (5, 8), (9, 16))  # of segments at which late answers come
SLOW = 4  # the segment from which on an answer has had time to come step by step
FEWEST = 5  # answers, below which no mark is drawn


def ask_arrivals(runs: Path, out: Path, puzzles: int) -> list[Path]:
    """Ask the model of every finished run under ``runs`` that was not asked before, and draw all answers.

    Arguments and errors as of :func:`curricula.saved_models.ask_saved_models`; ``out`` is the folder of the answers.
    """
    answers = ask_saved_models(runs, out / ASKED, puzzles, ask)
    for name, arm, against in compared(answers):
        print(f"{name}: {arm} minus {against}, {differences(answers, arm, against)[name]}")
    with style():
        figure = draw(answers)
    return [out / ASKED, *save_figure(figure, out, Path(ASKED).stem)]


def ask(model: RecursiveReasoner, puzzles: Puzzles) -> list[dict[str, Any]]:
    """Of every late answer the segment at which it comes, and whether it comes in one jump, 1 or 0."""
    curves = follow_puzzles(model, puzzles)
    table = jumps(None, puzzles, curves=curves).table
    late = table[table["late"]]
    return [
        {
            "solved": float(curves.solved[:, -1].mean()),
            "arrives": late["first_solved"].astype(int).tolist(),
            "jumps": (late["kind"] == "jump").astype(int).tolist(),
        }
    ]


def by_arrival(answer: Answer) -> pd.DataFrame:
    """A row a range of arrival: ``late``, how many answers, and ``jumps``, how many of them in one jump."""
    arrives, jumped = np.array(answer["arrives"], int), np.array(answer["jumps"], int)
    within = [(arrives >= first) & (arrives <= last) for first, last in RANGES]
    labels = [str(first) if first == last else f"{first}-{last}" for first, last in RANGES]
    return pd.DataFrame(
        {"late": [int(rows.sum()) for rows in within], "jumps": [int(jumped[rows].sum()) for rows in within]},
        index=pd.Index(labels, name="arrives"),
    )


def share_of_jumps(answer: Answer, since: int = 2) -> float | None:
    """Of the answers that come at segment ``since`` or later; None where there are none."""
    jumped = np.array(answer["jumps"], int)[np.array(answer["arrives"], int) >= since]
    return float(jumped.mean()) if len(jumped) else None


def standardised(one: Answer, other: Answer) -> tuple[float, float] | None:
    """Shares of jumps of two models, as if their answers came equally late.

    Direct standardisation: shares by range of arrival, weighted by the mean of both models' distributions over ranges.
    Ranges in which either has no answers are left out of both; None if no range is left.
    """
    tables = by_arrival(one), by_arrival(other)
    there = (tables[0]["late"] > 0) & (tables[1]["late"] > 0)
    if not there.any():
        return None
    a, b = (table[there] for table in tables)
    weights = (a["late"] / a["late"].sum() + b["late"] / b["late"].sum()) / 2
    first, second = (float((weights * table["jumps"] / table["late"]).sum()) for table in (a, b))
    return first, second


def differences(answers: list[Answer], arm: str, against: str) -> dict[str, Interval]:
    """How much more often answers of an arm jump than those of another, mean over the seeds that both have.

    Of all late answers; of those at segment 4 or later; and standardised to equal arrivals.
    """
    ours, theirs = by_seed(answers, arm), by_seed(answers, against)
    found: dict[str, list[float]] = {"all late": [], f"at segment {SLOW} or later": [], "equally late": []}
    for seed in sorted(ours.keys() & theirs.keys()):
        own, other = ours[seed], theirs[seed]
        pairs = (
            (share_of_jumps(own), share_of_jumps(other)),
            (share_of_jumps(own, SLOW), share_of_jumps(other, SLOW)),
            standardised(own, other) or (None, None),
        )
        for values, (first, second) in zip(found.values(), pairs, strict=True):
            if first is not None and second is not None:
                values.append(first - second)
    return {name: compare.t_interval(np.array(values, float)) for name, values in found.items()}


def compared(answers: list[Answer]) -> list[tuple[str, str, str]]:
    """Every difference of every arm from the first, in the order of the experiment."""
    first, *others = arms_of(answers)
    return [(name, arm, first) for arm in others for name in differences(answers, arm, first)]


def draw(answers: list[Answer]) -> "Figure":
    """Left: the share of jumps by arrival, a line per model. Right: differences of arms, means over seeds."""
    figure = new_figure(DOUBLE_COLUMN, 2.7)
    left, right = figure.subplots(1, 2, width_ratios=(1.4, 1))
    _draw_shares(left, answers)
    _draw_differences(right, answers)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4, handlelength=3)
    return figure


def _draw_shares(ax: "Axes", answers: list[Answer]) -> None:
    arms = arms_of(answers)
    for place, arm in enumerate(arms):
        colour, marker, dash = LOOK[arm]
        beside = 0.12 * (place - (len(arms) - 1) / 2)
        for number, answer in enumerate(by_seed(answers, arm).values()):
            table = by_arrival(answer).reset_index(drop=True)
            table = table[table["late"] >= FEWEST]
            ax.plot(
                table.index + beside, table["jumps"] / table["late"], color=colour, linestyle=dash,
                marker=marker, markersize=3, linewidth=0.8, label=arm if not number else None,
            )  # fmt: skip
    ax.set_xticks(range(len(RANGES)), by_arrival(answers[0]).index)
    ax.set_xlabel("segment at which the answer comes")
    share_axis(ax, "share that come in one jump")


def _draw_differences(ax: "Axes", answers: list[Answer]) -> None:
    first, *others = arms_of(answers)
    names: Sequence[str] = ()
    for arm in others:
        colour, marker, _ = LOOK[arm]
        found = differences(answers, arm, first)
        names = list(found)
        middle = np.array([one.estimate for one in found.values()])
        reach = np.array([[one.estimate - one.low, one.high - one.estimate] for one in found.values()]).T
        at = np.arange(len(names)) + 0.15 * (others.index(arm) - (len(others) - 1) / 2)
        ax.errorbar(100 * middle, at, xerr=100 * reach, color=colour, marker=marker, linestyle="none")
    ax.axvline(0.0, color="0.6", linewidth=0.8)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set_xlabel(f"more jumps than {first}, points")
