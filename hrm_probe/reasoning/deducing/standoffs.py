"""Two cells of a failing answer show one digit where the rules allow it once: does either hear the other?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.losses import cell_losses
from hrm_probe.reasoning.asking import check_asked, check_sudoku, run_length
from hrm_probe.reasoning.result import (
    Groups,
    Result,
    columns,
    ends,
    group_labels,
    labels_of,
    percent,
    share_of,
)
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.held_cells import Donors, HeldRun, Holder, read_while_held, with_clue
from hrm_probe.reasoning.runs.relations import standoff_pairs
from hrm_probe.reasoning.statistics.means import mean_if_any
from hrm_probe.sudoku import Puzzles, candidates
from hrm_probe.wording import counted, verb

RUNS = ("plain", "told", "other")
"""The run as it is; one cell made to hold the digit that it shows; the same cell made to hold another digit."""

KINDS = ("in a standoff", "wrong elsewhere", "right elsewhere")


@dataclass(frozen=True)
class Standoffs(Result):
    """What becomes of two cells that break a rule together, and what it takes to end that.

    A standoff is a pair of blank cells in one row, column or box that show the same digit. Of each puzzle that is not
    solved where a segment ends, one is drawn, and one of its cells to be the speaker. The run then goes on as it is;
    with the speaker made to hold the digit that it shows already, by states of a run on another puzzle where that digit
    is right there and a clue ("told"); or made to hold another digit ("other"). What the second cell, the listener,
    shows is read from z_H after every H-update.

    Attributes:
        table: one row per standoff: ``puzzle`` (its number), ``speaker``, ``listener`` (cells), ``digit``, ``right``
            (whether it is the speaker's right digit), ``probability``, that the head gives to the digit at the speaker
            and ``probability_listener``; for each run ``kept_RUN``, whether the listener shows the digit at the last
            read with the speaker held, and ``solved_RUN`` at the end of the run, after the speaker was let go.
        runs: one row per run: ``kept``, the share of standoffs whose listener still shows the digit then, and
            ``solved``, the share of their puzzles that it solves at the end, each with ends.
        in_time: one row a ``read`` since the segment: the shares whose listener shows the digit, a column a run.
        conviction: one row per kind of blank cell in the puzzles not solved: "in a standoff" (with any other blank
            cell), and of those that are in none "wrong elsewhere" and "right elsewhere"; ``share`` of the blank cells,
            and ``probability`` that the head gives to what they show, means over puzzles, the latter with ends.
        broken: share of the puzzles not solved whose answer has a standoff.
        plain, told, other: ``kept`` of each run.
        rescued: of the standoffs whose speaker is right and whose plain run fails at the end, the share of runs
            that are solved there once it was told.
        puzzles, unsolved: how many were given, and how many are not solved at segment ``at``; ``compared`` how many
            have a standoff to tell; ``held``, segments in which the speaker was held; ``segments`` of the runs;
            ``reads`` in a segment; ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    runs: pd.DataFrame
    in_time: pd.DataFrame
    conviction: pd.DataFrame
    broken: Interval
    plain: Interval
    told: Interval
    other: Interval
    rescued: Interval
    puzzles: int
    unsolved: int
    compared: int
    at: int
    held: int
    segments: int
    reads: int
    resampled: str

    def __str__(self) -> str:
        probable = ", ".join(
            f"{row.kind} {row.probability:.2f} ({row.share:.0%} of the blank cells)"
            for row in self.conviction.itertuples()
        )
        lines = [
            f"{self.unsolved} of {counted(self.puzzles, 'puzzle')} {verb(self.unsolved)} not solved at segment "
            f"{self.at}; in {percent(self.broken)} of them two blank cells of a row, column or box show one digit.",
            f"What the head gives to the digit that is shown: {probable}.",
            f"{counted(self.held, 'segment')} later the second cell of such a pair still shows it in "
            f"{percent(self.plain)} of {self.compared}; where the first is made to hold the very digit that it shows, "
            f"in {percent(self.told)}; where it is made to hold another, in {percent(self.other)}.",
        ]
        solved = self.runs.set_index("run")["solved"]
        lines.append(
            f"Then let go, these runs solve {solved['told']:.0%} by segment {self.segments}, the plain ones "
            f"{solved['plain']:.0%}, those told another {solved['other']:.0%}."
        )
        if self.rescued.n:
            lines.append(
                f"Where the first was right and the plain run fails, telling its digit solves {percent(self.rescued)}."
            )
        return "\n".join(lines)


def standoffs(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    *,
    at: int | None = None,
    held: int = 2,
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Standoffs:
    """Ask why an answer breaks a rule: does the model not have it, or is the digit not told?

    Failing answers have digits twice in a row, column or box, though models keep that rule where a cell holds a digit
    plainly (:func:`exclusion`). Here the speaker's digit stays what it is; only the states that show it are exchanged
    for such as stand for it where it is sure. If the listener gives way then, the rule was there, and what the speaker
    showed was not what it told the others.

    >>> print(standoffs(load("hrm-6x6"), load_puzzles("6x6-test")))                    # doctest: +SKIP

    Args:
        model: any with a position for each cell.
        puzzles: with answers; each lends its states to the others.
        at: the segment whose end is looked at; half of the run if None.
        held: for how many segments the speaker is held; then the run goes on by itself.
        segments: of the runs; the model's ``max_segments`` if None.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once.
        seed: for the draw of standoffs and donors, and of the resampling.
        progress: show a bar.

    Returns:
        Standoffs; six runs a puzzle that is not solved, intervals at 95%.

    Raises:
        InputError: puzzles that are not Sudokus, ``at`` and ``held`` beyond the run, or no standoff to tell.

    Formula: the head's probability is that of the digit shown under stablemax, as the models are trained; the
    probability of a puzzle's cells of a kind is their mean.

    Known inaccuracy: the lent states are those of another puzzle and may tell more than the digit; the run with another
    digit (one that no clue forbids there) is disturbed as much. One standoff is ended, others may remain. Pairs are
    drawn with equal chances, so a digit that stands three times makes more of them.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "standoffs() tells which digits break a rule")
    segments = run_length(model, segments, least=2)
    at = whole_number(segments // 2 if at is None else at, "at", 1, segments - 1)
    held = whole_number(held, "held", 1, segments - at)
    labels, resampled = group_labels(puzzles, groups)
    shown, probability = _at(model, puzzles, at, batch_size, progress)
    answers = puzzles.answers - 1
    unsolved = (shown != answers).any(1)
    pairs = standoff_pairs(puzzles, shown)
    drawn = _drawn(puzzles, shown, pairs, unsolved, np.random.default_rng(seed))
    if not len(drawn):
        raise InputError(
            f"At segment {at}, {len(puzzles) - unsolved.sum():,} of {counted(len(puzzles), 'puzzle')} are solved, and "
            "in no other do two blank cells break a rule with a digit that another puzzle could lend; give more or "
            "harder ones."
        )
    number = drawn["puzzle"].to_numpy()
    during = range(at + 1, at + held + 1)
    runs = _runs(model, puzzles, drawn, during, segments, batch_size, progress)
    solved, reads = {run: held_run.solved for run, held_run in runs.items()}, runs["plain"].reads
    while_held = slice(at * reads, (at + held) * reads)
    listener, digit = drawn["listener"].to_numpy(), drawn["digit"].to_numpy()
    listens = {
        run: held_run.digits[np.arange(len(drawn)), while_held, listener] == digit[:, None]
        for run, held_run in runs.items()
    }  # [standoff, read]
    own_labels = labels_of(labels, number)
    kept = {run: share_of(still[:, -1], own_labels, seed=seed) for run, still in listens.items()}
    right = drawn["digit"].to_numpy() == answers[number, drawn["speaker"]]
    return Standoffs(
        table=drawn[["puzzle", "speaker", "listener", "digit"]].assign(
            right=right,
            probability=probability[number, drawn["speaker"]],
            probability_listener=probability[number, drawn["listener"]],
            **{f"kept_{run}": still[:, -1] for run, still in listens.items()},
            **{f"solved_{run}": flags for run, flags in solved.items()},
        ),
        runs=pd.DataFrame(
            {
                "run": RUNS,
                **columns("kept", [kept[run] for run in RUNS]),
                **columns("solved", [share_of(solved[run], own_labels, seed=seed) for run in RUNS]),
            }
        ),
        in_time=pd.DataFrame(
            {
                "read": np.arange(1, held * reads + 1),
                **{run: still.mean(0) for run, still in listens.items()},
            }
        ),
        conviction=_conviction(puzzles, shown, probability, pairs, unsolved, labels, seed),
        broken=share_of(pairs.any((1, 2)), labels, unsolved, seed),
        plain=kept["plain"],
        told=kept["told"],
        other=kept["other"],
        rescued=share_of(solved["told"], own_labels, right & ~solved["plain"], seed),
        puzzles=len(puzzles),
        unsolved=int(unsolved.sum()),
        compared=len(drawn),
        at=at,
        held=held,
        segments=segments,
        reads=reads,
        resampled=resampled,
    )


def _at(
    model: RecursiveReasoner, puzzles: Puzzles, at: int, batch_size: int, progress: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The digits shown where a segment ends, and the head's probability of each: [puzzle, cell]."""
    digits, probabilities = [], []
    for rows in in_batches(len(puzzles), batch_size, "running", progress):
        logits = model.run(puzzles.tokens[rows], segments=at).logits[-1]
        shown = logits.argmax(-1)
        digits.append(shown.cpu().numpy() - 1)
        probabilities.append(torch.exp(-cell_losses(logits, shown)).cpu().numpy())
    return np.concatenate(digits), np.concatenate(probabilities)


def _drawn(
    puzzles: Puzzles, shown: np.ndarray, pairs: np.ndarray, unsolved: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """A standoff of each puzzle that is not solved, and whose states can stand for its speaker's digits."""
    open_, rows = candidates(puzzles.grids), []
    donors = Donors(puzzles.board.side, puzzles.answers - 1)
    for puzzle in np.flatnonzero(unsolved).tolist():
        for speaker, listener in rng.permutation(np.argwhere(pairs[puzzle])):
            digit, lent = shown[puzzle, speaker], donors.digits(puzzle, speaker)
            others = np.flatnonzero(open_[puzzle, speaker] & lent) + 1
            others = others[others != digit]
            if lent[digit - 1] and len(others):
                other = rng.choice(others)
                lenders = [donors.draw(puzzle, speaker, told, rng) for told in (digit, other)]
                rows.append((puzzle, speaker, listener, digit, other, *lenders))
                break
    return pd.DataFrame(
        rows, columns=["puzzle", "speaker", "listener", "digit", "other", "told_of", "other_of"]
    )


def _runs(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    drawn: pd.DataFrame,
    during: range,
    segments: int,
    batch_size: int,
    progress: bool,
) -> dict[str, HeldRun]:
    """Each of ``RUNS``, of every standoff drawn."""
    parts: dict[str, list[HeldRun]] = {run: [] for run in RUNS}
    for rows in in_batches(len(drawn), batch_size, "telling", progress):
        batch = drawn.iloc[rows]
        asked, speaker = puzzles[batch["puzzle"].to_numpy()], batch["speaker"].to_numpy()
        parts["plain"].append(read_while_held(model, asked, segments))
        for run, digit in (("told", "digit"), ("other", "other")):
            lent = with_clue(puzzles.tokens[batch[f"{run}_of"].to_numpy()], speaker, batch[digit].to_numpy())
            holder = Holder.lent_by(model, lent, speaker, during)
            parts[run].append(read_while_held(model, asked, segments, holder))
    return {run: HeldRun.joined(part) for run, part in parts.items()}


def _conviction(
    puzzles: Puzzles,
    shown: np.ndarray,
    probability: np.ndarray,
    pairs: np.ndarray,
    unsolved: np.ndarray,
    labels: np.ndarray | None,
    seed: int,
) -> pd.DataFrame:
    """How sure the head is of what blank cells show, by whether that breaks a rule and whether it is right."""
    blank, standing, right = puzzles.blanks, pairs.any(2), shown == puzzles.answers - 1
    masks = (standing, blank & ~standing & ~right, blank & ~standing & right)
    rows = []
    for kind, mask in zip(KINDS, masks, strict=True):
        here = mask[unsolved]
        means = (probability[unsolved] * here).sum(1) / np.where(here.any(1), here.sum(1), np.nan)
        found = mean_if_any(means, labels_of(labels, unsolved), seed)
        if found is not None:
            share = (here.sum(1) / blank[unsolved].sum(1)).mean()
            rows.append({"kind": kind, "share": share} | ends("probability", found))
    return pd.DataFrame(rows)
