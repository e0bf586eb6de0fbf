"""The four modes of reasoning."""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import norm

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.plots import style
from hrm_probe.plots.modes import mode_curves, mode_shares
from hrm_probe.plots.plain_page import Picture, Table
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.resting.rest_rule import RULES
from hrm_probe.reasoning.result import Groups
from hrm_probe.reasoning.trapping.modes import MODES, Modes
from hrm_probe.reasoning.trapping.modes import modes as find
from hrm_probe.report.claim import Claim, Results, Topic
from hrm_probe.report.in_words import rounded
from hrm_probe.report.subject import Subject
from hrm_probe.report.verdicts import Control, Judgement, decide, enough

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RARE = 0.05
FEWEST = 100
CHOSEN = float(norm.ppf(1 - 0.025 / len(MODES)) / norm.ppf(0.975))
"""How much further up the interval of the rarest must reach, as chance alone makes one of four the rarest."""
NEAR = (
    3.5  # how far the threshold of settling is varied, up and down; the early segment is halved and doubled
)


def gather(subject: Subject) -> dict[str, Any]:
    """Which mode each puzzle's run is in."""
    asked = again({"curves": subject.curves}, subject.puzzles, subject.groups, subject.seed)
    return {"curves": subject.kept_curves, **asked}


def again(results: Results, puzzles: Asked, groups: Groups, seed: int) -> dict[str, Any]:
    """The same of curves that are there."""
    return {"modes": find(None, puzzles, curves=results["curves"], groups=groups, seed=seed)}


def judge_all_four(results: Results) -> Judgement:
    found: Modes = results["modes"]
    rarest = found.shares.sort_values("share").to_dict("records")[0]
    effect = Interval(
        rarest["share"],
        rarest["low"],
        rarest["share"] + CHOSEN * (rarest["high"] - rarest["share"]),
        0.95,
        found.puzzles,
        "rarest mode, the upper end as of one of four",
    )
    told = ", ".join(f"{row.mode} {row.share:.0%}" for row in found.shares.itertuples())
    sentence = f"Of {found.puzzles} puzzles: {told}. The rarest is {rarest['mode']}: {rounded(effect)}."
    near = (found.sweep["early"] * 2 >= found.early) & (found.sweep["early"] <= found.early * 2)
    near &= found.sweep["threshold"].between(found.threshold / NEAR, found.threshold * NEAR)
    swept = found.sweep.loc[near, list(MODES)].min(axis=1)
    controls = [
        enough(found.puzzles, FEWEST, "puzzles"),
        Control(
            "sweep",
            bool((swept > RARE).all()),
            f"As both thresholds are varied the rarest mode has {swept.min():.1%} to {swept.max():.1%}.",
            needed_for="holds",
        ),
        Control(
            "sweep of absence",
            bool((swept <= RARE).all()),
            f"At every pair of thresholds some mode has at most {RARE:.0%}.",
            needed_for="does not hold",
        ),
    ]
    return decide(effect, RARE, sentence, controls)


def modes_picture(errors: np.ndarray, found: Modes) -> "Figure":
    """Shares of the modes, and wrong cells by segment of runs in each; ``errors`` is [puzzle, segment]."""
    mode, top = found.table["mode"].to_numpy(), float(np.max(errors)) + 1
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN, 3.3)
        parts = figure.subfigures(1, 2, width_ratios=[1, 1.35], squeeze=False)
        left, right = parts[0]
        mode_shares(left.subplots(), found.shares)
        axes = right.subplots(2, 2, sharex=True, sharey=True)
        for i, (ax, kind) in enumerate(zip(axes.flat, MODES, strict=True)):
            mode_curves(ax, errors[mode == kind], kind, label=i % 2 == 0, top=top)
            ax.set_xlabel("segment" if i >= 2 else "")
    return figure


def draw(results: Results, model: str, seed: int) -> list[Picture]:
    found: Modes = results["modes"]
    figure = modes_picture(results["curves"].errors, found)
    return [
        Picture(
            "modes",
            "Four modes of reasoning",
            f"{model} on {found.puzzles} puzzles, seed {seed}. Trivial: the final grid is held from segment "
            f"{found.early} or before and, if it is wrong, z_H has settled: it moves less than {found.threshold:.2g} a "
            f"segment ({RULES[found.rule]}). Left: shares with 95% intervals. Right: wrong "
            "cells by segment; single puzzles in grey, their average in colour.",
            figure,
        )
    ]


def tables(results: Results) -> list[Table]:
    return [
        Table(
            "The modes at other thresholds",
            results["modes"].sweep,
            "Shares of the modes, and of failures that end settled, as the last segment that counts as early and the "
            "threshold of settling are varied.",
        )
    ]


TOPIC = Topic(
    name="modes",
    title="Modes of reasoning",
    gather=gather,
    again=again,
    parts=("puzzles",),
    claims=(
        Claim(
            name="four_modes",
            title="Runs fall into four modes: success or failure, at once or after wandering.",
            source="Ren & Liu, arXiv 2601.10679, claim 5",
            published="four modes, told apart by eye; no shares",
            criterion=f"Holds if each of the four modes has more than {RARE:.0%} of the puzzles, at the thresholds "
            "found and at all others that are tried.",
            sceptic="Any run can be put into one of four boxes. That the boxes are filled says nothing of whether they "
            "are natural: see whether late movement has two modes, which the settling of the next topic shows.",
            judge=judge_all_four,
            threshold=RARE,
            alternative=0.12,
            cases=lambda results: int(results["modes"].puzzles),
        ),
    ),
    draw=draw,
    tables=tables,
)
