"""A digit is put into one cell's states: do its row, column and box give that digit up, and nobody else?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import whole_number
from hrm_probe.models import RecursiveReasoner
from hrm_probe.reasoning.asking import check_asked, check_sudoku
from hrm_probe.reasoning.result import Groups, Result, group_labels, labels_of, percent
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.held_cells import Donors, HeldRun, Holder, read_while_held, with_clue
from hrm_probe.reasoning.runs.relations import (
    RELATIONS,
    relations,
    shares_by_probability,
    shares_by_relation,
    shares_in_time,
)
from hrm_probe.reasoning.statistics.means import mean_over_puzzles
from hrm_probe.sudoku import Puzzles, candidates
from hrm_probe.wording import counted

LENT = ("clue", "blank")
"""What the cell is in the run that lends its states."""


@dataclass(frozen=True)
class Exclusion(Result):
    """Who gives up a digit that one cell holds.

    Of each puzzle one blank cell and two of its candidates (digits that no clue forbids) are drawn; in one run the
    cell holds the first, in another the second. Compared are the other blank cells that have both as candidates: how
    often they show the digit that the cell holds (``held``), and how often that same digit while the cell holds the
    other one (``otherwise``). What the model shows is read from z_H after every H-update while the digit is put in.

    Attributes:
        table: one row per puzzle: ``puzzle`` (its number), ``solved`` (by the plain run), ``cell``, ``first``,
            ``second`` (the two digits), ``cells`` (of its peers that are compared), ``taken`` (share of reads in which
            the cell shows what it is made to hold), ``probability`` (that the head gives to it there), and ``held`` and
            ``otherwise`` of its peers.
        effects: one row per group of puzzles (``puzzles_of``: "all", "solved", "unsolved") and a relation to the cell:
            "row", "column" and "box" alone, "box and line" for both, "peers" for all four, and "unrelated"; ``puzzles``
            and ``cells`` counted; ``held``, ``otherwise``; and ``excluded``, 1 - held / otherwise, with ends: 1 where
            the rule is kept, 0 where the cell is not heard, less than 0 where the digit is shown more for it.
        by_probability: of the peers in all puzzles, one row per range of that ``probability`` (``above`` and
            ``up_to``), for either digit by itself; ``digits`` counted.
        in_time: as ``effects``, of all puzzles, for each ``relation`` and ``read`` since the digit is put in.
        excluded: that of the peers in all puzzles, ``excluded_unsolved`` in those that the model does not solve, None
            where there are none; ``unrelated``: of the cells that no rule concerns, None where there are none.
        taken: mean over puzzles; a control, for nobody can heed what the cell itself does not hold.
        lent: what the cell is in the run that lends its states, "clue" or "blank".
        puzzles: how many were given, ``compared`` those that have such cells; ``since``, the first segment in which the
            digit was put in, and ``segments`` in which it was; ``reads`` in a segment; ``resampled`` what the
            intervals resample.
    """

    table: pd.DataFrame
    effects: pd.DataFrame
    by_probability: pd.DataFrame
    in_time: pd.DataFrame
    excluded: Interval
    excluded_unsolved: Interval | None
    unrelated: Interval | None
    taken: Interval
    lent: str
    puzzles: int
    compared: int
    since: int
    segments: int
    reads: int
    resampled: str

    def __str__(self) -> str:
        lines = [
            f"In {self.compared} of {counted(self.puzzles, 'puzzle')} one cell is made to hold a digit from segment "
            f"{self.since} on; it shows that in {percent(self.taken)} of the reads."
        ]
        row: Any
        for row in self.effects[self.effects["puzzles_of"] == "all"].itertuples():
            lines.append(
                f"{row.relation}: {row.held:.1%} of {counted(row.cells, 'cell')} show it, {row.otherwise:.1%} while "
                f"the cell holds another; excluded {_change(row)}."
            )
        if len(self.by_probability) > 1:
            known = self.by_probability[np.isfinite(self.by_probability["excluded_low"].to_numpy(float))]
            told = ", ".join(f"{_change(row)} up to {row.up_to:g}" for row in known.itertuples())
            lines.append(
                f"Of peers, by the probability that the head gives to the digit in the cell: {told}."
            )
        first = self.in_time[(self.in_time["relation"] == "peers") & (self.in_time["read"] == 1)]
        for row in first[first["excluded"].notna()].itertuples():
            lines.append(f"At the first read {row.excluded:+.0%} of the peers' are excluded.")
        return "\n".join(lines)


def _change(row: Any) -> str:
    """The change of a share with its ends, for people."""
    if np.isnan(row.excluded):
        return "unknown (none to judge)"
    return f"{row.excluded:+.0%} [{row.excluded_low:+.0%}, {row.excluded_high:+.0%}]"


def exclusion(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    *,
    lent: str = "clue",
    since: int = 1,
    segments: int = 4,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Exclusion:
    """Tell a model, through one cell's states, that a digit is there, and see who gives it up.

    The rule of Sudoku is that a digit stands once in a row, a column and a box. A model that has it must tell a cell's
    digit to those three, whatever the puzzle is, and at any time of the run: a late ``since`` asks
    whether a run that has gone on for long still listens.

    >>> print(exclusion(load("hrm-6x6"), load_puzzles("6x6-test", 300)))               # doctest: +SKIP

    Args:
        model: any with a position for each cell.
        puzzles: with answers; each lends its states to the others.
        lent: "clue": the states are those of a run on another puzzle in which the digit is right there and a clue,
            which say it plainly; "blank": those of a run on another puzzle, as it is, in which the cell is blank and
            shows the digit where segment ``since`` ends, right or wrong. This tells how far a model's own
            digits are heard, and with what probability the head gives them.
        since: first segment in which the digit is put in.
        segments: for how many segments it is put in, and read.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once.
        seed: for the draw of cells, digits and donors, and of the resampling.
        progress: show a bar.

    Returns:
        Exclusion; five runs a puzzle, six with lent="blank"; intervals at 95%.

    Raises:
        InputError: puzzles that are not Sudokus, or too few, so that for no cell two others lend their states.

    Formula: excluded = 1 - (sum of held) / (sum of otherwise), sums over the cells compared, the two digits and the
    reads; a bootstrap over puzzles or groups. After every update z_H and z_L at the cell's position are replaced by
    the lending run's, at the same tick.

    Known inaccuracy: a clue's state may say its digit more plainly than any that the model reaches by itself. A blank
    cell's state may say another digit at other reads (see ``taken``). The lending cell stood among other digits, which
    its state may tell as well; both digits come in the same way. That states with a larger probability are heard more
    does not show that it is the probability that is heard: easier puzzles lend them.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "exclusion() tells who shares a row, column or box")
    since, segments = whole_number(since, "since", 1), whole_number(segments, "segments", 1)
    if lent not in LENT:
        raise InputError(f'lent is {lent!r}; give "clue" or "blank".')
    labels, resampled = group_labels(puzzles, groups)
    standing = puzzles.answers - 1 if lent == "clue" else _blanks_show(model, puzzles, since, batch_size)
    drawn = _drawn(puzzles, Donors(puzzles.board.side, standing), np.random.default_rng(seed))
    if not len(drawn):
        raise InputError(
            f"Of {counted(len(puzzles), 'puzzle')} none has a blank cell of whose candidates two stand there in "
            "others, with a peer that has both as candidates; give more."
        )
    number, cell = drawn["puzzle"].to_numpy(), drawn["cell"].to_numpy()
    digits = drawn[["first", "second"]].to_numpy()  # [puzzle, 2]
    during = range(since, since + segments)
    shown, probability, solved, reads = _runs(
        model, puzzles, drawn, during, lent == "clue", batch_size, progress
    )
    targets = _targets(puzzles, number, cell, digits)
    by_digit = _shown(shown, digits)
    held, otherwise = (values.mean(0) for values in by_digit)  # each [puzzle, read, cell]
    kind = relations(puzzles.board)[cell]
    own_labels = labels_of(labels, number)
    effects, found = shares_by_relation(held, otherwise, targets, kind, solved, own_labels, seed)
    row = np.arange(len(drawn))
    taken = np.mean([shown[i][row, :, cell] == digits[:, i, None] for i in range(2)], axis=(0, 2))
    peers = (targets & (kind != RELATIONS.index("unrelated")))[:, None]
    shares = [values.mean(2) for values in by_digit]  # each [2, puzzle, cell]
    by_probability = shares_by_probability(shares[0], shares[1], probability, peers[:, 0], own_labels, seed)
    share_taken = mean_over_puzzles(taken, own_labels, seed)
    means = {
        name: (values * peers).mean(1).sum(1) / peers[:, 0].sum(1)
        for name, values in (("held", held), ("otherwise", otherwise))
    }
    return Exclusion(
        table=drawn[["puzzle", "cell", "first", "second"]].assign(
            solved=solved, cells=peers[:, 0].sum(1), taken=taken, probability=probability.mean(0), **means
        ),
        effects=effects,
        by_probability=by_probability,
        in_time=shares_in_time(held, otherwise, targets, kind),
        excluded=found["all", "peers"],
        excluded_unsolved=found.get(("unsolved", "peers")),
        unrelated=found.get(("all", "unrelated")),
        taken=share_taken,
        lent=lent,
        puzzles=len(puzzles),
        compared=len(drawn),
        since=since,
        segments=segments,
        reads=reads,
        resampled=resampled,
    )


def _blanks_show(model: RecursiveReasoner, puzzles: Puzzles, segment: int, batch_size: int) -> np.ndarray:
    """The digits that blank cells show where a segment ends, 0 elsewhere: [puzzle, cell]."""
    batches = in_batches(len(puzzles), batch_size)
    runs = (model.run(puzzles.tokens[rows], segments=segment) for rows in batches)
    shown = np.concatenate([run.predictions[-1].cpu().numpy() for run in runs]) - 1
    return shown.clip(0) * puzzles.blanks


def _drawn(puzzles: Puzzles, donors: Donors, rng: np.random.Generator) -> pd.DataFrame:
    """A cell of each puzzle, two digits, and for each a puzzle that lends its states; puzzles without are left out."""
    open_, peers, rows = _open(puzzles), puzzles.board.peers, []
    for puzzle in range(len(puzzles)):
        for cell in rng.permutation(np.flatnonzero(open_[puzzle].sum(-1) > 1)):
            lent = np.flatnonzero(open_[puzzle, cell] & donors.digits(puzzle, cell))
            if len(lent) < 2:
                continue
            first, second = rng.choice(lent, 2, replace=False)
            if (open_[puzzle, :, first] & open_[puzzle, :, second] & peers[cell]).any():
                lenders = [donors.draw(puzzle, cell, digit + 1, rng) for digit in (first, second)]
                rows.append((puzzle, cell, first + 1, second + 1, *lenders))
                break
    return pd.DataFrame(rows, columns=["puzzle", "cell", "first", "second", "first_of", "second_of"])


def _open(puzzles: Puzzles) -> np.ndarray:
    """The digits that no clue forbids in blank cells: bool [puzzle, cell, digit]."""
    return candidates(puzzles.grids) & puzzles.blanks[..., None]


def _targets(puzzles: Puzzles, number: np.ndarray, cell: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """Which cells have both digits as candidates, the cell itself left out: bool [puzzle, cell]."""
    open_, row = _open(puzzles[number]), np.arange(len(number))
    both = open_[row, :, digits[:, 0] - 1] & open_[row, :, digits[:, 1] - 1]
    both[row, cell] = False
    return both


def _runs(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    drawn: pd.DataFrame,
    during: range,
    as_clue: bool,
    batch_size: int,
    progress: bool,
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray, int]:
    """Both digits' runs, and the plain one.

    Returns:
        What is shown while either digit is held, [puzzle, read, cell] each; how probable the head finds it in the
        states lent, [2, puzzle]; which puzzles the plain run solves; reads in a segment.
    """
    parts: tuple[list[HeldRun], list[HeldRun]] = [], []
    probable: tuple[list[np.ndarray], list[np.ndarray]] = [], []
    solved: list[np.ndarray] = []
    cell = drawn["cell"].to_numpy()
    for rows in in_batches(len(drawn), batch_size, "excluding", progress):
        asked = puzzles[drawn["puzzle"].to_numpy()[rows]]
        for i, name in enumerate(("first", "second")):
            digits = drawn[name].to_numpy()[rows]
            lent = puzzles.tokens[drawn[f"{name}_of"].to_numpy()[rows]]
            lent = with_clue(lent, cell[rows], digits) if as_clue else lent
            holder = Holder.lent_by(model, lent, cell[rows], during, digits)
            parts[i].append(read_while_held(model, asked, during[-1], holder))
            probable[i].append(holder.probability.mean(1))
        ends = model.run(asked.tokens).predictions[-1]
        solved.append((ends.cpu().numpy() == asked.answers).all(1))
    probability = np.stack([np.concatenate(part) for part in probable])
    runs = [HeldRun.joined(part) for part in parts]
    reads = runs[0].reads
    shown = [run.digits[:, (during[0] - 1) * reads :] for run in runs]
    return shown, probability, np.concatenate(solved), reads


def _shown(shown: list[np.ndarray], digits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which cells show each digit while it is held, and while the other is: [2, puzzle, read, cell]."""
    digit = digits.T[:, :, None, None]  # [2, puzzle, 1, 1]
    return np.stack(shown) == digit, np.stack(shown[::-1]) == digit
