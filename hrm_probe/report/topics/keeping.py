"""The fixed-point property: what is solved should stay solved."""

from typing import Any

import numpy as np

from hrm_probe.plots import style
from hrm_probe.plots.keeping import survival_curves
from hrm_probe.plots.plain_page import Picture, Table
from hrm_probe.reasoning.easy.keeping import Keeping
from hrm_probe.reasoning.easy.stability import row_masking, stability
from hrm_probe.reasoning.result import group_labels, share_of
from hrm_probe.report.claim import Claim, Results, Topic
from hrm_probe.report.effects import complement, labels_as_resampled
from hrm_probe.report.in_words import points, rounded
from hrm_probe.report.repairing import NO_TWIN, judge_repair
from hrm_probe.report.subject import Subject
from hrm_probe.report.verdicts import NO_RULES, Control, Judgement, decide, enough, untestable
from hrm_probe.sudoku import Puzzles

UNSTABLE = 0.1  # a share of solved puzzles lost again above which it is not a rare accident
FEWEST = 20
HORIZONS = (16, 32, 64, 128)


def gather(subject: Subject) -> dict[str, Any]:
    """Long runs of grids with one masked row and of puzzles as given; the former also of the twin."""
    plan = subject.plan
    some = subject.some(plan.masked)
    groups = subject.groups_of(some)
    usual: dict[str, Any] = {
        "segments": plan.masked_segments,
        "horizons": HORIZONS,
        "groups": groups,
        **subject.usual,
    }
    twin_name, twin = subject.twin or (None, None)
    sudokus = some if isinstance(some, Puzzles) else None
    return {
        "masked": None if sudokus is None else row_masking(subject.model, sudokus, **usual),
        "given": stability(subject.model, some, **usual),
        "keeping_groups": group_labels(some, groups)[0],
        "twin": twin_name,
        "twin_masked": None if sudokus is None or twin is None else row_masking(twin, sudokus, **usual),
    }


def judge_masked(results: Results) -> Judgement:
    if results["masked"] is None:
        return untestable(NO_RULES, UNSTABLE)
    return _judge_lost(results["masked"], results["keeping_groups"])


def judge_given(results: Results) -> Judgement:
    return _judge_lost(results["given"], results["keeping_groups"])


def judge_hints(results: Results) -> Judgement:
    plain: Keeping | None = results["masked"]
    mixed: Keeping | None = results["twin_masked"]
    if plain is None or mixed is None:
        return untestable(NO_RULES if plain is None else NO_TWIN, unit="points")
    return judge_repair(
        plain.table["kept"].to_numpy(),
        mixed.table["kept"].to_numpy(),
        results["keeping_groups"],
        plain.resampled,
        plain.seed,
        tolerated=UNSTABLE,
        told=lambda before, after, gain: (
            f"Of the same {plain.puzzles} grids with one masked row {results['twin']}, trained with hints, solves and "
            f"keeps {after:.0%} to segment {plain.segments}, this model {before:.0%}: {points(gain)}."
        ),
        room="There is something to restore: {:.1%}.",
        nothing="There is next to nothing to restore.",
    )


def _judge_lost(kept: Keeping, groups: np.ndarray | None) -> Judgement:
    """Of the puzzles solved at some segment of the trained length, which are not kept ever after?"""
    lost, groups = complement(kept.kept_since_first), labels_as_resampled(groups, kept.resampled)
    solved = _found(kept)
    # Gone for good, or for a moment: of the same puzzles, the share that is wrong at the very last segment.
    gone = share_of(~kept.table["solved_last"].to_numpy(bool), groups, solved, kept.seed)
    sentence = (
        f"Of {int(solved.sum())} {kept.condition} solved at some segment up to {kept.at_segment}, {rounded(lost)} are "
        f"lost again by segment {kept.segments}; {rounded(gone)} are wrong at segment {kept.segments} itself."
    )
    controls = [
        enough(int(solved.sum()), FEWEST, "solved puzzles"),
        Control(
            "longer than trained",
            kept.segments >= 2 * kept.at_segment,
            f"Followed to segment {kept.segments}, {kept.segments / kept.at_segment:.0f} times the trained length.",
        ),
        Control(
            "no flicker",
            gone.estimate >= 0.25 * lost.estimate,
            f"Losses last: {rounded(gone)} are still wrong at the end.",
            needed_for="holds",
        ),
    ]
    return decide(lost, UNSTABLE, sentence, controls)


def _found(kept: Keeping) -> np.ndarray:
    """Which puzzles are solved at some segment of the trained length: bool [puzzle]."""
    return kept.table["first_solved"].between(1, kept.at_segment).to_numpy()


def draw(results: Results, model: str, seed: int) -> list[Picture]:
    asked = {
        f"{model}, one masked row": results["masked"],
        f"{model}, as given": results["given"],
        f"{results['twin']}, one masked row": results["twin_masked"],
    }
    shown: dict[str, Keeping] = {name: kept for name, kept in asked.items() if kept is not None}
    with style.style():
        figure = style.new_figure(style.DOUBLE_COLUMN * 0.72, 2.8)
        survival_curves(figure.subplots(), {name: kept.survival for name, kept in shown.items()})
    kept: Keeping = results["given"]
    each = "puzzles of each kind" if len(shown) > 1 else "of them"
    return [
        Picture(
            "keeping",
            "How long a solution is kept",
            f"Share kept without a break by segments since it was first found, to segment {kept.segments} "
            f"(Kaplan and Meier's estimate, pointwise 95% intervals); {kept.puzzles} {each}, seed {seed}.",
            figure,
        )
    ]


def tables(results: Results) -> list[Table]:
    masked: Keeping | None = results["masked"]
    given: Keeping = results["given"]
    kept = (given if masked is None else masked).retention
    return [
        Table(
            f"{'As given' if masked is None else 'Grids with one masked row'}: kept to later segments",
            kept[["since", "to", "puzzles", "kept", "kept_low", "kept_high", "solved"]],
            'Of those solved "first" (by the trained length) or at the segment named: the share solved at every '
            "segment to the horizon, and the share solved at the horizon itself.",
        )
    ]


_SCEPTIC = (
    "A loss may be a single undecided cell that flickers; the share that is wrong at the end itself guards against "
    "that. No model was trained for that many segments, so that losing solutions there need not matter for its use."
)

TOPIC = Topic(
    name="keeping",
    title="The fixed-point property",
    gather=gather,
    parts=("masked",),
    claims=(
        Claim(
            name="masked_rows_are_lost",
            title="A solved state is not a fixed point: grids with one masked row are solved and lost again.",
            source="Ren & Liu, arXiv 2601.10679, claim 2",
            published="about 75% of such puzzles stay stable",
            criterion=f"Holds if more than {UNSTABLE:.0%} of those solved at some segment of the trained length are "
            "not kept at every later one.",
            sceptic=_SCEPTIC,
            judge=judge_masked,
            threshold=UNSTABLE,
            alternative=0.25,
            cases=lambda results: int(_found(results["masked"]).sum()),
        ),
        Claim(
            name="solutions_are_lost",
            title="Real puzzles, too, are solved and lost again.",
            source="Ren & Liu, arXiv 2601.10679, claim 2",
            published="no number",
            criterion=f"Holds if more than {UNSTABLE:.0%} of the puzzles as given that are solved at some segment "
            "of the trained length are not kept at every later one.",
            sceptic=_SCEPTIC,
            judge=judge_given,
            threshold=UNSTABLE,
            alternative=0.25,
            cases=lambda results: int(_found(results["given"]).sum()),
        ),
        Claim(
            name="hints_keep",
            title="Hints mixed into training restore the fixed point.",
            source="Ren & Liu, arXiv 2601.10679, data mixing",
            published="stable with hints",
            criterion="Holds if the same recipe trained with hints solves and keeps more of the same grids.",
            sceptic="Two trainings are compared, one of each kind: the difference may be one of seeds.",
            judge=judge_hints,
        ),
    ),
    draw=draw,
    tables=tables,
)
