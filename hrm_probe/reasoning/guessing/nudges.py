"""A run that has no lawful grid is nudged and goes on: which nudge leads to the answer, and how soon?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import torch

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.given_numbers import finite_number, whole_number
from hrm_probe.models import RecursiveReasoner, State
from hrm_probe.near_names import names_among
from hrm_probe.reasoning.asking import check_asked, check_sudoku
from hrm_probe.reasoning.guessing.nudge_kinds import NUDGES, Chance, Round, Stuck, first_round
from hrm_probe.reasoning.result import Groups, Result, ends, group_labels, percent, share_of
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.lawful import keeps_the_rules
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.sudoku import Puzzles
from hrm_probe.wording import counted, verb


@dataclass(frozen=True)
class Nudges(Result):
    """What runs solve in equally many segments, by what is done to those that have no lawful grid.

    Attributes:
        table: one row per kind and round's last ``segment``: ``solved``, the share of puzzles solved by then, with
            ends.
        kinds: one row per kind: ``solved`` at the end and ``rescued``, the share of those that the first round does not
            solve, each with ends; ``spent``, segments a puzzle in the mean, up to its first lawful grid.
        gains: one row two kinds: ``kind``, ``over``, and ``gain``, how many more puzzles the first solves at the end,
            a share of all, with ends from pairs of runs.
        solved_at: by kind int [puzzle], the segment that first shows the answer; 0 if none does.
        grids: by kind tokens [puzzle, cell], the first lawful grid of each run, or what it shows in the end.
        first: share solved in the first round, which all kinds have in common.
        puzzles: how many; ``segments`` of each run; ``every`` how many a round has; ``held`` for how many a clue is
            told; ``scale`` of the noise; ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    kinds: pd.DataFrame
    gains: pd.DataFrame
    solved_at: dict[str, np.ndarray]
    grids: dict[str, np.ndarray]
    first: Interval
    puzzles: int
    segments: int
    every: int
    held: int
    scale: float
    resampled: str

    _long = ("solved_at", "grids")

    def __str__(self) -> str:
        lines = [
            f"After {counted(self.every, 'segment')} {percent(self.first)} of {counted(self.puzzles, 'puzzle')} "
            f"{verb(self.puzzles)} solved. After {self.segments}, where runs without a lawful grid are nudged every "
            f"{self.every} by:"
        ]
        lines += [
            f"  {row.kind:<15} {row.solved:.1%} [{row.solved_low:.1%}, {row.solved_high:.1%}], "
            f"{row.spent:.1f} segments a puzzle"
            for row in self.kinds.itertuples()
        ]
        return "\n".join(lines)


def nudges(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    *,
    kinds: str | Sequence[str] | None = None,
    segments: int = 64,
    every: int = 8,
    held: int = 2,
    scale: float = 1.0,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Nudges:
    """Is a run that is stuck worth going on with, or is it better to ask anew?

    A grid that is complete and keeps rules and clues is the answer of a puzzle that has one, so whether a run may stop
    is known without the answer. Runs that may not are nudged at regular intervals of segments, by kind:

    - "nothing": they go on;
    - "noise": normal noise of standard deviation ``scale`` on z_H and z_L (states have root mean square 1);
    - "start": they begin again, from an initial state with such noise;
    - "copy": they begin again with a symmetric copy of the puzzle, a new one in each round;
    - "clue": for ``held`` segments the input has one more clue: what a blank cell shows, whichever cell it is;
    - "other_clue": the same with another digit that no clue forbids there, in place of what it shows;
    - "standoff": "clue" at a cell that shows the same digit as another blank one in its row, column or box;
    - "other_standoff": "other_clue" at such a cell.

    >>> print(nudges(load("trm-9x9-shallow"), load_puzzles("9x9-test", 100)))          # doctest: +SKIP

    Args:
        model: any with a position for each cell.
        puzzles: with one answer each, which judges only.
        kinds: which of "nothing", "noise", "start", "copy", "clue", "other_clue", "standoff" and "other_standoff"; all
            if None.
        segments: length of each run, those before the first nudge among them.
        every: segments of a round; a nudge stands between two rounds.
        held: segments at a round's beginning for which a clue is told; it is taken back then.
        scale: size of the noise.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once; noise is drawn batch by batch, so another number of them draws other noise.
        seed: for everything drawn, each kind apart, and for the resampling.
        progress: show a bar.

    Returns:
        Nudges; intervals at 95%, those of ``gains`` without regard to how many pairs there are.

    Raises:
        InputError: puzzles that are not Sudokus, an unknown kind, no second round, or more segments held than a round
            has.

    Source: asking anew, as copies or from elsewhere, is the guess scaling of Ren & Liu, arXiv 2601.10679, section 5
    (see :func:`guesses`); telling runs what they show follows from :func:`standoffs`.

    Known inaccuracy: grids are read where segments end. The clue is told through the input, so a model that was trained
    without hints sees puzzles with a clue too many; if the digit is wrong, the puzzle has no answer while it is told.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "nudges() stops where a grid keeps the rules")
    chosen = list(NUDGES) if kinds is None else names_among(kinds, NUDGES, "nudge")
    segments = whole_number(segments, "segments", 2)
    every = whole_number(every, "every", 1, segments - 1)
    held = whole_number(held, "held", 1, every)
    scale = finite_number(scale, "scale")
    labels, resampled = group_labels(puzzles, groups)
    chances = {kind: Chance.seeded(seed, list(NUDGES).index(kind), scale) for kind in chosen}
    lawful_at = {kind: np.zeros(len(puzzles), int) for kind in chosen}
    solved = {kind: np.zeros(len(puzzles), bool) for kind in chosen}
    grids = {kind: np.zeros_like(puzzles.tokens) for kind in chosen}
    for rows in in_batches(len(puzzles), batch_size, "nudging", progress):
        begun = _Runs(model, puzzles[rows])
        begun.go(first_round(model, begun.puzzles), every, held)
        for kind in chosen:
            runs = begun.branch()
            while runs.open.any() and runs.segment < segments:
                following = NUDGES[kind](runs.stuck(), chances[kind])
                runs.go(following, min(every, segments - runs.segment), held)
            lawful_at[kind][rows], solved[kind][rows], grids[kind][rows] = (
                runs.lawful_at,
                runs.solved,
                runs.grids,
            )
    return Nudges(
        table=_in_time(lawful_at, solved, [*range(every, segments, every), segments], labels, seed),
        kinds=_by_kind(lawful_at, solved, every, segments, labels, seed),
        gains=_gains(solved, labels, seed),
        solved_at={kind: np.where(solved[kind], lawful_at[kind], 0) for kind in chosen},
        grids=grids,
        first=share_of(_by(every, lawful_at[chosen[0]], solved[chosen[0]]), labels, seed=seed),
        puzzles=len(puzzles),
        segments=segments,
        every=every,
        held=held,
        scale=scale,
        resampled=resampled,
    )


class _Runs:
    """Runs of a batch: those that are open have no lawful grid yet, and only they go on."""

    def __init__(self, model: RecursiveReasoner, puzzles: Puzzles) -> None:
        self.model, self.puzzles = model, puzzles
        self.segment = 0
        self.lawful_at, self.solved = np.zeros(len(puzzles), int), np.zeros(len(puzzles), bool)
        self.grids = puzzles.tokens.copy()

    @property
    def open(self) -> np.ndarray:
        return self.lawful_at == 0

    def branch(self) -> "_Runs":
        """The same runs, to go on with in another way."""
        other = _Runs(self.model, self.puzzles)
        other.segment, other.state, other.shown = self.segment, self.state, self.shown
        other.lawful_at, other.solved, other.grids = (
            each.copy() for each in (self.lawful_at, self.solved, self.grids)
        )
        return other

    def stuck(self) -> Stuck:
        return Stuck(self.model, self.puzzles[self.open], self.state, self.shown)

    def go(self, turn: Round, segments: int, held: int) -> None:
        """A round of the open ones; ``state`` and ``shown`` are then of those that are open still."""
        rows = np.flatnonzero(self.open)
        told, tokens = (self.model.check_tokens(given) for given in (turn.told, turn.tokens))
        asked, state = self.puzzles[rows], turn.state
        for number in range(segments):
            self.segment += 1
            with torch.no_grad():
                state, output = self.model.segment(state, told if number < held else tokens)
            shown = turn.map_back(output.logits.argmax(-1).cpu().numpy())
            still = self.open[rows]
            self.grids[rows[still]] = shown[still]
            new = still & keeps_the_rules(asked, shown)
            self.lawful_at[rows[new]] = self.segment
            self.solved[rows[new]] = (shown == asked.answers).all(1)[new]
        still = self.open[rows]
        self.state = State(*(z[torch.as_tensor(still).to(z.device)] for z in state))
        self.shown = shown[still] - 1


def _by(segment: int, lawful_at: np.ndarray, solved: np.ndarray) -> np.ndarray:
    return solved & (lawful_at <= segment)


def _in_time(
    lawful_at: dict[str, np.ndarray],
    solved: dict[str, np.ndarray],
    at: list[int],
    labels: np.ndarray | None,
    seed: int,
) -> pd.DataFrame:
    rows = [
        {"kind": kind, "segment": segment}
        | ends("solved", share_of(_by(segment, lawful_at[kind], solved[kind]), labels, seed=seed))
        for kind in solved
        for segment in at
    ]
    return pd.DataFrame(rows)


def _by_kind(
    lawful_at: dict[str, np.ndarray],
    solved: dict[str, np.ndarray],
    every: int,
    segments: int,
    labels: np.ndarray | None,
    seed: int,
) -> pd.DataFrame:
    rows = []
    for kind, right in solved.items():
        at = lawful_at[kind]
        left = (at == 0) | (at > every)
        row = {"kind": kind, "spent": np.where(at > 0, at, segments).mean()}
        row |= ends("solved", share_of(right, labels, seed=seed))
        rows.append(row | ends("rescued", share_of(right, labels, left, seed)))
    return pd.DataFrame(rows)


def _gains(solved: dict[str, np.ndarray], labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    rows = [
        {"kind": kind, "over": over}
        | ends("gain", mean_change(solved[over], solved[kind], labels, seed=seed))
        for over, kind in combinations(solved, 2)
    ]
    return pd.DataFrame(rows, columns=["kind", "over", "gain", "gain_low", "gain_high"])
