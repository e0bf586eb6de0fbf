"""Deduction: do cells come in the order of logic, and is a guess followed through?"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.plots import style
from hrm_probe.plots.deduction import arrival_by_round
from hrm_probe.plots.forks import conclusions_in_time, followed_curves
from hrm_probe.plots.plain_page import Picture, Table
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.deducing.deduction_order import DeductionOrder, deduction_order
from hrm_probe.reasoning.deducing.deduction_tables import ORDERS, with_ends_anew
from hrm_probe.reasoning.deducing.forks import forks, most_telling
from hrm_probe.reasoning.deducing.suppose import Supposed, suppose
from hrm_probe.reasoning.result import Groups, group_labels
from hrm_probe.report.claim import Claim, Results, Topic
from hrm_probe.report.in_words import rounded
from hrm_probe.report.sample import belonging_together
from hrm_probe.report.subject import Subject
from hrm_probe.report.verdicts import NO_RULES, Control, Judgement, decide, enough, same_side, untestable
from hrm_probe.sudoku import Puzzles, deduction_rounds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BETTER_THAN_CHANCE = 0.6  # half of the pairs would be in order by chance
FOLLOWED = 0.1
FEWEST = 20
LEAST_ASKED = 2  # for the states that stand for a guess come from another one
SHUFFLED = 0.05
EARLY_ROUNDS = 2  # of conclusions, by which the effect is varied


def gather(subject: Subject) -> dict[str, Any]:
    """When cells come, and what comes of a guess that is put in; nothing of tasks that have no rules."""
    if not isinstance(subject.puzzles, Puzzles):
        return {"deduction": None, "supposed": None}
    some = subject.some(subject.plan.deduced)
    assert isinstance(some, Puzzles)
    asked: dict[str, Any] = {"segments": subject.segments, **subject.usual}
    order = deduction_order(subject.model, some, groups=subject.groups_of(some), **asked)
    stuck = _to_guess(subject.puzzles)
    supposed = None
    if len(stuck) >= LEAST_ASKED:
        stuck = stuck.sample(min(subject.plan.supposed, len(stuck)), subject.seed)
        supposed = suppose(subject.model, stuck, groups=subject.groups_of(stuck), **asked)
    return {"deduction": order, "supposed": supposed}


def again(results: Results, puzzles: Asked, groups: Groups, seed: int) -> dict[str, Any]:
    """How sure the order is, from the shares of each puzzle."""
    found: DeductionOrder | None = results["deduction"]
    if found is None:
        return {}
    some = puzzles.sample(len(found.table), seed)
    labels = None if groups is None else group_labels(some, belonging_together(some))[0]
    return {"deduction": replace(found, orders=with_ends_anew(found.orders, found.table, labels, seed))}


def _to_guess(puzzles: Puzzles) -> Puzzles:
    """Those with a cell at which a guess has consequences."""
    beyond = puzzles[np.flatnonzero((deduction_rounds(puzzles.grids) < 0).any(1))]
    return beyond[most_telling(forks(beyond)).puzzle]


def judge_order(results: Results) -> Judgement:
    found: DeductionOrder | None = results["deduction"]
    if found is None:
        return untestable(NO_RULES, BETTER_THAN_CHANCE)
    orders = {row["order"]: row for row in found.orders.to_dict("records")}
    plain, equal = (orders[name] for name in ORDERS[:2])
    if not equal["puzzles"]:
        return untestable("No puzzle is solved whose cells arrive one after another.", BETTER_THAN_CHANCE)
    puzzles = int(equal["puzzles"])
    effect = Interval(equal["share"], equal["low"], equal["high"], 0.95, puzzles, "bootstrap")
    sentence = (
        f"Of two cells with equally many candidates that arrive at different updates, that of the earlier round of "
        f"singles is first in {rounded(effect)} of the pairs, a mean over {puzzles:,} solved puzzles; of cells in "
        f"general in {plain['share']:.0%}. {plain['together']:.0%} of all pairs arrive together."
    )
    if found.pace is not None:
        sentence += f" A round takes {found.pace.estimate:.2f} updates."
    controls = [
        enough(puzzles, FEWEST, "solved puzzles whose cells arrive apart"),
        Control(
            "reading",
            found.control == 0,
            "Where a segment ends, what is read from z_H is the model's own answer.",
        ),
        Control(
            "shuffled",
            abs(equal["shuffled"] - 0.5) < SHUFFLED,
            f"With arrivals dealt to the cells at random it is {equal['shuffled']:.0%}.",
        ),
        same_side(
            [plain["share"], equal["share"]], BETTER_THAN_CHANCE, "Share without and with equal candidates"
        ),
    ]
    return decide(effect, BETTER_THAN_CHANCE, sentence, controls)


def judge_following(results: Results) -> Judgement:
    found: Supposed | None = results["supposed"]
    if found is None:
        reason = NO_RULES if results["deduction"] is None else "Singles leave too little to be guessed."
        return untestable(reason, FOLLOWED, "points")
    row = found.effects.to_dict("records")[0]  # of all puzzles
    sentence = (
        f"Of the wrong digits that follow from a wrong guess {row['following_wrong']:.0%} are shown where it is put "
        f"in, and {row['following_right']:.0%} where the right one is; of others like them that do not follow "
        f"{row['others_wrong']:.0%} and {row['others_right']:.0%} ({found.compared:,} puzzles)."
    )
    if found.rescued.n:
        sentence += f" The right one solves {rounded(found.rescued)} of the puzzles not solved without it."
    early = found.by_round[found.by_round["round"] <= EARLY_ROUNDS]["difference"].to_list()
    controls = [
        enough(found.compared, FEWEST, "puzzles with a cell to guess"),
        Control(
            "taken over",
            found.taken.low > 0.5,
            f"The guess itself is shown in {rounded(found.taken)} of the reads (more than half wanted).",
            needed_for="does not hold",
        ),
        same_side(early, FOLLOWED, "Difference of conclusions of the first round, and of the second"),
    ]
    return decide(found.difference, FOLLOWED, sentence, controls, unit="points")


def deduction_picture(order: DeductionOrder, supposed: Supposed | None) -> "Figure":
    """When the cells of each round arrive; and what is shown beside a guess, by round and in time."""
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN, 2.4)
        arrives, follows, in_time = figure.subplots(1, 3)
        arrival_by_round(arrives, order.by_round, title="in order")
        if supposed is None:
            for ax in (follows, in_time):
                ax.set_axis_off()
        else:
            followed_curves(follows, supposed.by_round, title="beside a guess")
            conclusions_in_time(in_time, supposed.in_time, title="after a guess")
    return figure


def draw(results: Results, model: str, seed: int) -> list[Picture]:
    order: DeductionOrder | None = results["deduction"]
    if order is None:
        return []
    supposed: Supposed | None = results["supposed"]
    guessed = "" if supposed is None else f", {supposed.compared} of them made to guess"
    return [
        Picture(
            "deduction",
            "Deduction",
            f"{model} on {order.puzzles} puzzles{guessed}, seed {seed}. Left: the read of z_H at which cells are right "
            "for good, by the round of singles that deduces them; ∞: beyond singles. Middle: wrong digits that follow "
            "from a guess at one cell, and others that do not, while the wrong digit is put in there and while the "
            "right one is. Right: those that follow, read by read (dashed: with the right digit put in).",
            deduction_picture(order, supposed),
        )
    ]


def tables(results: Results) -> list[Table]:
    order: DeductionOrder | None = results["deduction"]
    if order is None:
        return []
    told = [
        Table(
            "In which order cells come",
            order.orders,
            "Of two cells that arrive at different updates, the chance that the one which the order puts first is "
            "first; shuffled, with arrivals dealt to cells at random; together, the share of pairs that arrive at one "
            "update.",
        )
    ]
    supposed: Supposed | None = results["supposed"]
    if supposed is not None:
        shown = ["round", "puzzles", "conclusions", "following_wrong", "following_right", "others_wrong"]
        told.append(
            Table(
                "What follows from a guess, by round",
                supposed.by_round[
                    [*shown, "others_right", "difference", "difference_low", "difference_high"]
                ],
                "Shares of reads in which the conclusions of a wrong digit, and others like them, are shown, while the "
                "wrong digit is put in and while the right one is.",
            )
        )
    return told


TOPIC = Topic(
    name="deduction",
    title="Deduction",
    gather=gather,
    again=again,
    parts=("deduced", "supposed"),
    claims=(
        Claim(
            name="cells_follow_deduction",
            title="Cells come in the order in which logic deduces them.",
            source="the reading of such models as reasoners (arXiv 2506.21734), which Ren & Liu, arXiv 2601.10679, "
            "question",
            published="no number",
            criterion=f"Holds if, of two cells of a solved puzzle that have equally many candidates and arrive at "
            f"different updates, that which singles reach in an earlier round is first in more than "
            f"{BETTER_THAN_CHANCE:.0%} of the pairs (chance: 50%).",
            sceptic="Waves from the clues outward are what any passing of constraints makes, not rules of singles "
            "alone. Only solved puzzles are ordered, and of a fast model only the late cells arrive apart.",
            judge=judge_order,
            threshold=BETTER_THAN_CHANCE,
            alternative=0.75,
            cases=lambda results: int(
                results["deduction"].orders.set_index("order").loc[ORDERS[1], "puzzles"]
            ),
        ),
        Claim(
            name="guesses_are_followed",
            title="What follows from a wrong guess comes with it.",
            source="asked here: Ren & Liu, arXiv 2601.10679, say that such models guess, not what they do with a guess",
            published="no number",
            criterion="Holds if the wrong digits that singles conclude from a wrong digit at one cell are shown by "
            f"more than {FOLLOWED * 100:.0f} points more while it is put in there than while the right one is, beyond "
            "what others like them are. What is put in, at a cell with two candidates, are states of another puzzle's "
            "run.",
            sceptic="That a model can follow a guess which is put in, and kept in, does not show that it follows its "
            "own. States from another run are a disturbance; those of the wrong and the right digit are made alike.",
            judge=judge_following,
        ),
    ),
    draw=draw,
    tables=tables,
)
