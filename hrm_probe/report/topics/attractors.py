"""Several fixed points, and the trap that the first one is."""

from contextlib import suppress
from typing import Any

import numpy as np

from hrm_probe.errors import InputError
from hrm_probe.plots import style
from hrm_probe.plots.attractors import basin_bars, landscape_pair
from hrm_probe.plots.plain_page import Picture, Table
from hrm_probe.reasoning.resting.rest_rule import RULES
from hrm_probe.reasoning.resting.wandering_result import Wandering
from hrm_probe.reasoning.state_space.attractors import AttractorSearch
from hrm_probe.reasoning.state_space.attractors import attractors as search
from hrm_probe.reasoning.state_space.state_landscape import StateLandscape, state_landscape
from hrm_probe.reasoning.trapping.traps import Traps, traps
from hrm_probe.report.claim import Claim, Results, Topic
from hrm_probe.report.in_words import rounded
from hrm_probe.report.plan import LANDSCAPE_STARTS
from hrm_probe.report.subject import Subject
from hrm_probe.report.verdicts import Control, Judgement, decide, enough, same_side, untestable
from hrm_probe.sudoku import Puzzles
from hrm_probe.wording import counted

RARE = 0.2  # a share of puzzles above which rivals are not rare; some twenty puzzles can refute it
MOST = 0.5
FEWEST = 8
FEWEST_FAILURES = 6
FEWEST_TRAPPED = 20
FEWEST_FOLLOWED = 5
DWELLS = (3, 2, 5)


def gather(subject: Subject) -> dict[str, Any]:
    """Attractors from other starts, one puzzle's landscape, and stays at wrong grids."""
    plan = subject.plan
    usual: dict[str, Any] = {"batch_size": subject.batch_size, "seed": subject.seed}
    found = search(
        subject.model,
        subject.puzzles,
        n=plan.divided,
        starts=plan.starts,
        plane_resolution=plan.plane,
        segments=subject.segments,
        groups=subject.groups,
        curves=subject.curves,
        progress=subject.progress,
        **usual,
    )
    stays = {
        f"traps_{dwell}": traps(
            subject.model,
            subject.puzzles,
            dwell=dwell,
            long_segments=None,
            restarted=0,
            curves=subject.curves,
            groups=subject.groups,
            **usual,
        )
        for dwell in DWELLS
    }
    row = most_divided(found)
    landscape = None
    if isinstance(subject.puzzles, Puzzles):  # conflicts are told by rules
        with suppress(InputError):  # a trajectory on a straight line spans no plane
            landscape = state_landscape(
                subject.model,
                subject.puzzles[row],
                resolution=plan.landscape,
                starts=LANDSCAPE_STARTS,
                segments=subject.segments,
                threshold=found.threshold,
                **usual,
            )
    return {"attractors": found, "landscape": landscape, "landscape_of": row, **stays}


def most_divided(found: AttractorSearch) -> int:
    """The puzzle whose starts in the plane and in the full space divide most evenly into right and wrong."""
    shares = found.table[["right_starts", "right_plane"]].astype(float).mean(axis=1)
    return int(found.table["puzzle"].to_numpy()[int(np.argmin(np.abs(shares.to_numpy() - 0.5)))])


def judge_rivals(results: Results) -> Judgement:
    found: AttractorSearch = results["attractors"]
    wrong = found.points[~found.points["right"].astype(bool)]
    apart = wrong["distance_right"].dropna()
    sentence = (
        f"Of {found.puzzles} puzzles (half of them failures where there are enough), from {found.starts} disturbed "
        f"starts and {found.plane_resolution**2} in a plane each, {rounded(found.rivals)} have a right and a wrong "
        f"attractor, {rounded(found.several)} several of any kind; {rounded(found.wandering)} of the starts never "
        f"settle. Of right attractors {rounded(found.right_stable)} are stable by their eigenvalues, of wrong ones "
        f"{rounded(found.wrong_stable)}; at wrong ones the model would halt in {rounded(found.wrong_believed)}."
    )
    if len(apart):
        sentence += f" A wrong one lies {apart.median():.2f} from its puzzle's right one (median; states have size 1)."
    controls = [
        enough(found.puzzles, FEWEST, "puzzles"),
        same_side(
            found.by_tolerance["rivals"].to_list(), RARE, "Share with rivals over thresholds and tolerances"
        ),
        Control(
            "real fixed points",
            not found.confirmed.estimate < MOST,
            f"A fixed point of the segment was found at {rounded(found.confirmed)} of the attractors looked at; "
            f"{rounded(found.several_stable)} of the puzzles have several stable ones.",
            needed_for="holds",
        ),
    ]
    return decide(found.rivals, RARE, sentence, controls)


def judge_rescue(results: Results) -> Judgement:
    found: AttractorSearch = results["attractors"]
    failures = int((~found.table["solved"].astype(bool)).sum())
    if not failures:
        return untestable("None of the puzzles searched fails.", MOST)
    sentence = (
        f"Of {counted(failures, 'failure')} {rounded(found.rescued)} are solved from some of {found.starts} disturbed "
        f"starts; of the solved ones {rounded(found.lost)} are failed from some. "
        f"{rounded(found.right_basin)} of all starts end right."
    )
    return decide(found.rescued, MOST, sentence, [enough(failures, FEWEST_FAILURES, "failures")])


def judge_trapped(results: Results) -> Judgement:
    found: Traps = results[f"traps_{DWELLS[0]}"]
    trapped = int((found.table["trap_segment"] > 0).sum())
    if not trapped:
        return untestable(f"No run holds a wrong grid for {found.dwell} segments.", MOST)
    sentence = (
        f"{rounded(found.trapped)} of {found.puzzles} runs hold some wrong grid for {found.dwell} segments or more; of "
        f"these {rounded(found.first_is_last)} never leave the first."
    )
    if found.escape_rate is not None and found.escape_right is not None:
        sentence += (
            f" The chance a segment of leaving a grid held so long is {rounded(found.escape_rate)}, of leaving it "
            f"for the right one {rounded(found.escape_right)}."
        )
    controls = [
        enough(trapped, FEWEST_TRAPPED, "such runs"),
        same_side(
            [results[f"traps_{dwell}"].first_is_last.estimate for dwell in DWELLS],
            MOST,
            f"Share for stays of {', '.join(map(str, sorted(DWELLS)))} segments",
        ),
        stays_on(found, results.get("wandering")),
    ]
    return decide(found.first_is_last, MOST, sentence, controls)


def stays_on(found: Traps, longer: Wandering | None) -> Control:
    """The control that what is held at the end of a run is not merely left slowly.

    By runs that went on, where the report has as many as ``FEWEST_FOLLOWED`` of them; else by how soon grids are left
    that are held as long, as if that chance stayed what it is.
    """
    name = "still there later"
    stay = ((found.table["trap_segment"] > 0) & ~found.table["escaped"].astype(bool)).to_numpy()
    if longer is not None and "grid_changed" in longer.table and len(longer.table) == len(stay):
        changed = longer.table.loc[stay, "grid_changed"].dropna().astype(bool)
        if len(changed) >= FEWEST_FOLLOWED:
            return Control(
                name,
                bool(changed.mean() < MOST),
                f"Of {len(changed)} runs that held such a grid at segment {found.segments} {int(changed.sum())} had "
                f"another by segment {longer.horizons[-1]} (fewer than half wanted).",
                needed_for="holds",
            )
    leaving = found.escape_rate.high if found.escape_rate is not None else 0.0
    held = (1 - leaving) ** found.segments
    return Control(
        name,
        held > MOST,
        f"If the chance of leaving stays what it is, {held:.0%} or more of such grids would be held for another "
        f"{found.segments} segments (more than half wanted).",
        needed_for="holds",
    )


def draw(results: Results, model: str, seed: int) -> list[Picture]:
    found: AttractorSearch = results["attractors"]
    with style.style():
        bars = style.new_figure(style.DOUBLE_COLUMN * 0.8, 2.8)
        basin_bars(bars.subplots(), found.table, found.points)
    basins = Picture(
        "basins",
        "Where other starts end",
        f"{found.puzzles} puzzles, {found.starts} disturbed starts each (noise of {found.scale:g}, the size of a "
        f"state); settled: z_H and z_L move less than {found.threshold:.2g} a segment ({RULES[found.rule]}); ends "
        f"closer than {found.tolerance:g} are one attractor. Seed {seed}.",
        bars,
    )
    return [basins] if results["landscape"] is None else [_plane(results, model, seed), basins]


def _plane(results: Results, model: str, seed: int) -> Picture:
    landscape: StateLandscape = results["landscape"]
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN, 2.9)
        landscape_pair(figure.subplots(1, 3), landscape)
    return Picture(
        "landscape",
        "The plane of one puzzle's trajectory",
        f"{model}, puzzle {results['landscape_of']} of the sample, the one whose starts divide most evenly. Left: "
        "conflicts in rows, columns and boxes of the grid decoded at each place, which need no answer; middle: wrong "
        "cells; right: where runs from there end. A slice of two directions: what lies off it looks nearer than it "
        f"is. Seed {seed}.",
        figure,
    )


def tables(results: Results) -> list[Table]:
    found: AttractorSearch = results["attractors"]
    return [
        Table(
            "Attractors by threshold and tolerance",
            found.by_tolerance,
            "Mean numbers of right and wrong attractors, shares of puzzles with several and with a right and a wrong "
            "one, and of starts that never settle.",
        ),
        Table("Failures and successes apart", found.by_outcome, "As decided by the plain run."),
    ]


TOPIC = Topic(
    name="attractors",
    title="Fixed points and traps",
    gather=gather,
    parts=("puzzles", "divided", "landscape"),
    claims=(
        Claim(
            name="rival_attractors",
            title="A puzzle has several fixed points, right and wrong.",
            source="Ren & Liu, arXiv 2601.10679, claim 4",
            published="several in the plane of a trajectory, by eye",
            criterion=f"Holds if more than {RARE:.0%} of the puzzles searched have a right and a wrong attractor, at "
            "the thresholds in force and at all others tried, and at most of them the segment has a true fixed point.",
            sceptic="Counts are lower bounds: other starts may find more. Half of the puzzles are failures where "
            "there are enough, so that the share is not that of all puzzles. An attractor of the map need not be met "
            "in use.",
            judge=judge_rivals,
            threshold=RARE,
            alternative=0.5,
            cases=lambda results: int(results["attractors"].puzzles),
        ),
        Claim(
            name="another_start_rescues",
            title="The model is trapped by its start: failures are solved from another.",
            source="Ren & Liu, arXiv 2601.10679, claim 4 and scaling of guesses",
            published="repeated guesses lift Sudoku-Extreme from 54.5% to 96.9%",
            criterion=f"Holds if more than {MOST:.0%} of failures are solved from some disturbed start.",
            sceptic="Some of many tries may be right by luck; how many of the solved are lost from other starts is the "
            "price. Noise of a state's size is not a start that the model was trained on.",
            judge=judge_rescue,
            threshold=MOST,
            alternative=0.9,
            cases=lambda results: int((~results["attractors"].table["solved"].astype(bool)).sum()),
        ),
        Claim(
            name="trapped_at_the_first",
            title="A run stays at the first fixed point it meets.",
            source="Ren & Liu, arXiv 2601.10679, claim 4",
            published="kept for a while or for ever; no share",
            criterion=f"Holds if more than {MOST:.0%} of the runs that hold a wrong grid for {DWELLS[0]} segments or "
            "more never leave the first such grid, also for shorter and longer stays, and most hold it in longer runs.",
            sceptic="A held grid is not a held state: z_H may move while the answer stands. And few runs are followed "
            "for longer; the others might still leave.",
            judge=judge_trapped,
            threshold=MOST,
            alternative=0.75,
            cases=lambda results: int((results[f"traps_{DWELLS[0]}"].table["trap_segment"] > 0).sum()),
        ),
    ),
    draw=draw,
    tables=tables,
)
