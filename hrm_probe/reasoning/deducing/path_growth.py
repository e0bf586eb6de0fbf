"""How does the way through a maze come about: from its ends, as dead ends are filled, or out of several at once?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.mazes import Anatomy, anatomy, is_way, ways
from hrm_probe.mazes.tokens import PATH
from hrm_probe.models import RecursiveReasoner, Tasks
from hrm_probe.reasoning.asking import check_asked, run_length
from hrm_probe.reasoning.deducing.deduction_tables import Counts, arrivals_for_good, order_table
from hrm_probe.reasoning.result import Groups, Result, ends, group_labels, percent, share_of
from hrm_probe.reasoning.runs.decoding import decode_updates, one_site_to_read
from hrm_probe.reasoning.statistics.means import mean_over_puzzles
from hrm_probe.reasoning.statistics.ordered_pairs import Pairs, ordered_pairs
from hrm_probe.wording import counted

FROM_START, FROM_ENDS, BY_FILLING, BY_FILLING_ALONE = (
    "nearer the start",
    "nearer an end",
    "earlier filled",
    "earlier filled, farther from both ends",
)
ORDERS = (FROM_START, FROM_ENDS, BY_FILLING, BY_FILLING_ALONE)
PARTS = ("way", "dead_ends", "detours")
FAILURES = ("another way", "the way, other cells wrong", "through a wall", "in pieces", "more than a way")


@dataclass(frozen=True)
class PathGrowth(Result):
    """How the way to the goal appears, read by the model's own head at every update.

    A cell of the way "arrives" at the read from which on it is shown as path to the end. A cell beside the way is a
    "dead end" if filling dead ends rules it out (:func:`hrm_probe.mazes.filling_rounds`), else a "detour": it lies on
    another way to the goal, or between two.

    Attributes:
        table: one row per maze: ``solved`` (at the last segment), ``steps`` to the goal, cells of ``dead_ends`` and
            ``detours``, ``failure`` (of ``FAILURES``, "" if solved); of solved mazes, NaN of others, for each of
            ``ORDERS`` the share of pairs of cells of the way in order, and ``together``, the share of pairs that arrive
            at one read; ``strays`` and ``strays_last``: of the cells beside the way the largest share that is shown as
            path at any read, and the share at the last.
        orders: one row an order: ``order``; ``share``, ``low``, ``high``: of two cells of the way that arrive at
            different reads, the chance that the one nearer the start (nearer an end) is first, a mean over ``puzzles``;
            0.5 if the order tells nothing. "Earlier filled" looks at forks alone, cells where a branch leaves the way:
            the chance that the one whose branches are filled in an earlier round is first; the last row only at pairs
            of forks of which the other is nearer an end. ``shuffled``: after the arrivals of each maze were dealt
            to the cells of its way at random. ``pairs`` that arrive apart; ``together``, the share that does not.
        by_read: one row per read: ``read``, ``segment``, and mean shares, with ``_low``, ``_high``, that are shown as
            path: of the ``way``, of the ``dead_ends``, of the ``detours`` (of mazes that have such cells); ``joined``:
            of the cells of the way that are shown, those that lie in one piece with start or goal.
        failures: one row per kind of failure: ``failure``, ``count``, ``share``, ``low``, ``high`` among failures:
            "another way" from start to goal, no shorter; "the way, other cells wrong", walls or ends, say; "through a
            wall"; "in pieces", start and goal not joined;
            "more than a way", branches or loops beside a way.
        solved: share of mazes solved at the last segment.
        control: largest difference between the logits read from z_H at the last H-update of a segment and the model's
            own; it must be 0.
        puzzles, segments, site: of the runs; ``reads`` in a segment; ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    orders: pd.DataFrame
    by_read: pd.DataFrame
    failures: pd.DataFrame
    solved: Interval
    control: float
    puzzles: int
    segments: int
    site: str
    reads: int
    resampled: str

    def __str__(self) -> str:
        lines = [
            f"{percent(self.solved)} of {counted(self.puzzles, 'maze')} solved at segment {self.segments}."
        ]
        if self.orders["puzzles"].iloc[0]:
            start, end, filled, alone = (
                f"{row.share:.0%} [{row.low:.0%}, {row.high:.0%}]" if row.puzzles else "an unknown share"
                for row in self.orders.itertuples()
            )
            first = next(self.orders.itertuples())
            lines.append(
                f"Of pairs of cells of a way, read from {self.site}, {first.together:.0%} arrive together; of the "
                f"others the cell nearer the start is first in {start} ({first.shuffled:.0%} when shuffled), nearer an "
                f"end in {end}. "
                + (
                    f"Of forks the one whose branches are filled earlier is first in {filled}, in {alone} where the "
                    "other is nearer an end."
                    if self.orders["puzzles"].iloc[2]
                    else "No two forks arrive apart."
                )
            )
        else:
            lines.append("No maze is solved whose way arrives bit by bit.")
        for read in (self.by_read.iloc[0], self.by_read.iloc[self.reads - 1], self.by_read.iloc[-1]):
            lines.append(
                f"  Read {read['read']:.0f} (segment {read['segment']:.0f}) shows as path {read['way']:.0%} of the "
                f"way, {read['dead_ends']:.1%} of dead ends, {read['detours']:.1%} of detours."
            )
        among = self.failures[self.failures["count"] > 0]
        told = [f"{row.failure} {row.share:.0%}" for row in among.itertuples()]
        return "\n".join([*lines, *([f"Failures: {', '.join(told)}."] if told else [])])


def path_growth(
    model: RecursiveReasoner,
    mazes: Tasks,
    *,
    site: str = "z_H",
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> PathGrowth:
    """How does the way through a maze come about, and what is shown beside it on the way?

    From the intermediate answers to a few mazes HRM's authors conclude that it follows several ways at once and then
    gives up those that are blocked or longer (arXiv 2506.21734, section 3, on intermediate timesteps). If so, cells of
    detours are shown as path at first, more than those of dead ends, and no longer at the end. A search from the start
    has the cells nearer the start first; one from both ends those nearer an end; filling dead ends settles those
    forks first whose side branches are short.

    >>> from hrm_probe import load, mazes
    >>> found = path_growth(load("runs/trm-maze/model"), mazes.generate(200, seed=1))        # doctest: +SKIP
    >>> found.orders[["order", "share", "low", "high", "shuffled"]]                          # doctest: +SKIP

    Args:
        model: any that knows the tokens of the published mazes.
        mazes: with their answers.
        site: what is read: "z_H" after each H-update, or "z_L" after each L-update, or a stream inside a block by its
            full name.
        segments: length of the run; the model's ``max_segments`` if None.
        groups: mazes that belong together in the intervals: None or labels [maze].
        batch_size: mazes at once.
        seed: for the resampling, and the shuffling.
        progress: show a bar.

    Returns:
        PathGrowth, intervals at 95%.

    Raises:
        HookError: an unknown hook point.
        InputError: tasks that are no mazes, several sites, and what :func:`hrm_probe.reasoning.lens` refuses.

    Known inaccuracy: orders are those of solved mazes alone, of cells that arrive at different reads. An order like
    that of filling shows that forks wait for their branches, not that the model fills dead ends; forks with long
    branches are the more ambiguous ones to anything that looks around. Forks are compared with forks alone, for where
    rooms and doors alternate all doors have none, and a model may show rooms before doors.
    """
    if not isinstance(mazes, Tasks):
        raise InputError(
            f"path_growth() follows ways through mazes, and these are {type(mazes).__name__}; give Tasks, such as "
            "hrm_probe.mazes.generate(100)."
        )
    check_asked(model, mazes, batch_size, seed)
    parts = anatomy(mazes)
    segments = run_length(model, segments)
    names, read = one_site_to_read(model, site, "path_growth()")
    labels, resampled = group_labels(mazes, groups)
    decoded = decode_updates(model, mazes, names, segments, batch_size=batch_size, progress=progress)
    shown = decoded.reads[read].in_time().reshape(len(mazes), -1, *parts.free.shape[1:]) == PATH
    solved = (decoded.ends[:, -1] == mazes.answers).all(1)
    last = decoded.ends[:, -1].reshape(parts.free.shape) == PATH
    counts, shuffled = orders_of(shown, solved, parts, seed)
    beside = parts.dead_ends | parts.detours
    strays = _shares(shown, beside)
    table = pd.DataFrame(
        {
            "solved": solved,
            "steps": parts.way.sum((1, 2)) + 1,
            "dead_ends": parts.dead_ends.sum((1, 2)),
            "detours": parts.detours.sum((1, 2)),
            "failure": np.where(solved, "", kinds_of_failure(last, parts)),
            **{order: [pairs.share for pairs in counts[order]] for order in ORDERS},
            "together": [pairs.share_together for pairs in counts[FROM_START]],
            "strays": strays.max(1),
            "strays_last": strays[:, -1],
        }
    )
    reads = len(decoded.reads[read].updates)
    return PathGrowth(
        table=table,
        orders=order_table(counts, shuffled, labels, seed),
        by_read=_read_table(shown, parts, reads, labels, seed),
        failures=_failure_table(table, labels, seed),
        solved=share_of(solved, labels, seed=seed),
        control=decoded.control,
        puzzles=len(mazes),
        segments=segments,
        site=read,
        reads=reads,
        resampled=resampled,
    )


def orders_of(shown: np.ndarray, solved: np.ndarray, parts: Anatomy, seed: int) -> tuple[Counts, Counts]:
    """Pairs of cells of each way by order, none of mazes that are not solved; and the same with arrivals shuffled.

    Args:
        shown: bool [maze, read, row, column], cells shown as path.
        solved: bool [maze].
        parts: of the mazes.
        seed: for the shuffling.
    """
    rng, nothing = np.random.default_rng(seed), Pairs(0, 0, 0)
    counts, shuffled = ({order: [nothing] * len(shown) for order in ORDERS} for _ in range(2))
    for i in np.flatnonzero(solved):
        way = parts.way[i]
        arrival = arrivals_for_good(shown[i : i + 1][:, :, way])[0]
        if not (arrival > 0).all():
            continue  # read from another site, the way may not be there at the end
        steps, opened = parts.steps[i][way], parts.opened[i][way]
        near = np.minimum(steps, len(steps) + 1 - steps)
        forks = opened != 0
        filled = np.where(opened < 0, opened.max(initial=0) + 1, opened)
        for into, when in ((counts, arrival), (shuffled, rng.permutation(arrival))):
            into[FROM_START][i] = ordered_pairs(steps, when)
            into[FROM_ENDS][i] = ordered_pairs(near, when)
            into[BY_FILLING][i] = ordered_pairs(filled[forks], when[forks])
            into[BY_FILLING_ALONE][i] = ordered_pairs(filled[forks], when[forks], against=near[forks])
    return counts, shuffled


def kinds_of_failure(shown: np.ndarray, parts: Anatomy) -> np.ndarray:
    """What is wrong with each answer, one of ``FAILURES``; str [maze].

    Args:
        shown: bool [maze, row, column], cells shown as path at the end.
        parts: of the mazes.
    """
    between = shown & ~parts.ends
    right = (between == parts.way).all((1, 2))
    joined = (ways(shown | parts.ends, parts.start).steps >= 0) & parts.goal
    conditions = [
        right,
        (shown & ~parts.free).any((1, 2)),
        ~joined.any((1, 2)),
        ~is_way(between, parts.ends),
    ]
    return np.select(conditions, FAILURES[1:], FAILURES[0])


def _shares(shown: np.ndarray, of: np.ndarray) -> np.ndarray:
    """The share of some cells that is shown as path: [maze, read], NaN where a maze has no such cells."""
    number = of.sum((1, 2)).astype(float)
    number[number == 0] = np.nan
    return (shown & of[:, None]).sum((2, 3)) / number[:, None]


def _read_table(
    shown: np.ndarray, parts: Anatomy, reads: int, labels: np.ndarray | None, seed: int
) -> pd.DataFrame:
    shares = {name: _shares(shown, getattr(parts, name)) for name in PARTS}
    shares["joined"] = _joined_shares(shown, parts)
    rows = []
    for number in range(shown.shape[1]):
        row: dict[str, float] = {"read": number + 1, "segment": number // reads + 1}
        for name, values in shares.items():
            row |= ends(name, mean_over_puzzles(values[:, number], labels, seed))
        rows.append(row)
    return pd.DataFrame(rows)


def _joined_shares(shown: np.ndarray, parts: Anatomy) -> np.ndarray:
    """Of the cells of the way that are shown, those in one piece with an end: [maze, read], NaN where none is shown."""
    n, reads = shown.shape[:2]
    flat = (shown & parts.way[:, None]).reshape(n * reads, *shown.shape[2:])
    near = np.zeros_like(flat)
    for end in (parts.start, parts.goal):
        one = np.repeat(end, reads, axis=0)
        near |= ways(flat | one, one).steps > 0
    number = flat.sum((1, 2)).astype(float)
    number[number == 0] = np.nan
    found: np.ndarray = ((near & flat).sum((1, 2)) / number).reshape(n, reads)
    return found


def _failure_table(table: pd.DataFrame, labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    failed = ~table["solved"].to_numpy()
    rows = []
    for failure in FAILURES:
        found = share_of(table["failure"] == failure, labels, failed, seed)
        rows.append(
            {
                "failure": failure,
                "count": int((table["failure"] == failure).sum()),
                "share": found.estimate,
                "low": found.low,
                "high": found.high,
            }
        )
    return pd.DataFrame(rows)
