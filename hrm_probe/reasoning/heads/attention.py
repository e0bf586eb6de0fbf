"""Attention and the rules: where each head looks, what each is worth, and which edges the answer comes by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.clock import TicksFilter
from hrm_probe.near_names import name_among, names_among
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import check_asked, check_sudoku, run_length
from hrm_probe.reasoning.heads.attention_edges import BLOCKS, EDGES, edge_kinds
from hrm_probe.reasoning.heads.attention_heads import (
    ALL,
    Block,
    Head,
    Hook,
    Looks,
    Means,
    blocked,
    heads_of,
    without,
)
from hrm_probe.reasoning.heads.broken_units import UNITS, broken_shares
from hrm_probe.reasoning.result import Groups, Result, ends, group_labels, percent, share_of
from hrm_probe.reasoning.runs.batches import even_batches
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.reasoning.statistics.means import mean_over_puzzles
from hrm_probe.sudoku import Board, Puzzles
from hrm_probe.wording import counted

PARTS = ("looks", "heads", "edges")
UNTOUCHED = "untouched"
LEVEL_BY_LEVEL = ("peers", "unrelated", "as many unrelated", "prefix")
"""Edges that are also blocked in one level alone, where there are two."""
Condition = str | Head | Block
MeansOf = Literal["itself", "untouched"]
Hooks = Callable[[Puzzles, Means | None], list[Hook]]
"""Those of a kind of run, made for a batch of puzzles and, where it has been averaged, its untouched run."""


@dataclass(frozen=True)
class Attention(Result):
    """Where heads look, and what becomes of answers without a head, or without some of the edges.

    Attributes:
        looks: one row per head and kind of edge: ``level``, ``block``, ``head``, ``edge``; ``mass``, the share of the
            attention of blank cells that goes by such edges, mean over updates and puzzles, with ends; ``even``, what
            it would be if they looked at all positions alike.
        heads: one row per head left out: the same three; ``accuracy`` and ``change`` from the untouched run;
            ``changed``, the share of blank cells that end otherwise; ``rows``, ``columns`` and ``boxes``, the shares
            of them that end with a digit twice; all with ends.
        edges: one row per kind of edge blocked: ``edge``; ``level``, whose heads, "all" of them or those of "H" or "L"
            alone; and the same.
        plain: share of puzzles solved untouched.
        broken: one row a ``unit`` ("rows", "columns", "boxes"): ``broken``, the share that shows a digit twice in the
            end of the untouched run, with ends.
        puzzles, segments: of the runs; ``resampled`` what the intervals resample.
    """

    looks: pd.DataFrame
    heads: pd.DataFrame
    edges: pd.DataFrame
    plain: Interval
    broken: pd.DataFrame
    puzzles: int
    segments: int
    resampled: str

    _long = ()

    @property
    def most(self) -> pd.DataFrame:
        """Of each head the kind of edge whose mass is furthest above what even attention gives it."""
        above = self.looks["mass"] - self.looks["even"]
        return self.looks.loc[above.groupby([self.looks[name] for name in Head._fields], sort=False).idxmax()]

    def __str__(self) -> str:
        lines = [f"{percent(self.plain)} of {counted(self.puzzles, 'puzzle')} solved untouched."]
        if len(self.looks):
            lines += [
                f"  {_head(row)} gives {row.mass:.0%} to {row.edge} (even: {row.even:.0%})"
                for row in self.most.itertuples()
            ]
        lines += [f"  without {_head(row)} {_outcome(row)}" for row in self.heads.itertuples()]
        lines += [
            f"  with {row.edge} blocked{'' if row.level == ALL else f' in {row.level}'} {_outcome(row)}"
            for row in self.edges.itertuples()
        ]
        return "\n".join(lines)


def attention(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    *,
    parts: str | Sequence[str] = PARTS,
    means_of: MeansOf = "itself",
    ticks: TicksFilter = None,
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Attention:
    """Are the rules of Sudoku in the heads, and does the answer come by them?

    - looks: attention is added up by what an edge joins: cells of one row, column or box, of a box and a line at once,
      cells that no rule joins ("unrelated"), a cell and itself, or a cell and the prefix.
    - heads: one head at a time is left out; what it gives to each position is replaced by its mean over puzzles, at the
      same update.
    - edges: one kind of edge at a time is blocked in every head, by scores of minus infinity, and some also in those of
      H or of L alone. As a control as many edges to unrelated cells are blocked as there are to "peers", those of a
      row, column or box. A model that works by the rules needs no unrelated ones.

    >>> print(attention(load("hrm-6x6"), load_puzzles("6x6-test", 100)))               # doctest: +SKIP

    Args:
        model: one that attends, with a position for each cell; TRMs that mix by an MLP have no heads.
        puzzles: at least two.
        parts: which of "looks", "heads" and "edges".
        means_of: from which run a head's mean is: "itself", the very run that is without the head, whose states drift
            away from the others; or "untouched", as is usual where there is no recursion.
        ticks: at which updates heads are looked at, left out or blocked, as in ``model.hooks``; all if None.
        segments: length of the runs; ``max_segments`` if None.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once; means come from the batch.
        seed: for the control and the resampling.
        progress: show a bar.

    Returns:
        Attention; tables of parts that were not asked for have no rows.

    Raises:
        InputError: a model without heads, puzzles that are not Sudokus, fewer than two, or an unknown part.
        HookError: ticks that no update has.

    Sources: mean ablation, Wang et al., arXiv 2211.00593, section 3; blocked edges ("attention knockout"), Geva et al.,
    arXiv 2304.14767, section 5.

    Known inaccuracy: to look is not to use, which the other two parts show; and these put the model where it never
    was. Heads may stand in for one another, so one that is not missed may still do something. Changes of many heads
    are read together, so expect one in twenty intervals to miss by chance.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "attention() sorts edges")
    name_among(means_of, get_args(MeansOf), "run to take means of")
    asked, heads, segments = names_among(parts, PARTS, "part"), heads_of(model), run_length(model, segments)
    if len(puzzles) < 2:
        raise InputError("attention() needs at least two puzzles: a head's mean is taken over them.")
    labels, resampled = group_labels(puzzles, groups)
    kinds = edge_kinds(Board.of(model.config.cells), model.config.prefix)
    conditions = _conditions(heads, kinds, asked, seed)
    finals = {condition: np.zeros_like(puzzles.answers) for condition in conditions}
    masses = np.full((len(heads), len(puzzles), len(EDGES)), np.nan)
    batches = even_batches(len(puzzles), batch_size, least=2)  # for a mean
    work = [(rows, condition) for rows in batches for condition in conditions]
    looking, averaging = "looks" in asked, "heads" in asked and means_of == "untouched"
    for rows, condition in track(work, "attending", unit="runs", show=progress):
        some = puzzles[rows]
        if condition == UNTOUCHED:  # the first of each batch
            looks, means = Looks(heads, kinds, some), Means(heads) if averaging else None
            hooks = (looks.hooks() if looking else []) + (means.hooks() if means else [])
        else:
            hooks = conditions[condition](some, means)
        with model.hooks(hooks, ticks=ticks):
            finals[condition][rows] = model.run(some.tokens, segments).predictions[-1].cpu().numpy()
        if condition == UNTOUCHED and looking:
            masses[:, rows] = looks.mean()
    judge = _Judge(puzzles, finals[UNTOUCHED], labels, seed)
    return Attention(
        looks=judge.looks(heads, kinds, masses) if "looks" in asked else pd.DataFrame(),
        heads=judge.table({head: finals[head] for head in heads if head in finals}, Head._asdict),
        edges=judge.table(
            {block: finals[block] for block in _blocks(heads) if block in finals}, Block._asdict
        ),
        plain=share_of(judge.solved, labels, seed=seed),
        broken=judge.untouched(),
        puzzles=len(puzzles),
        segments=segments,
        resampled=resampled,
    )


class _Judge:
    """What a change does to answers, beside those of untouched runs."""

    def __init__(self, puzzles: Puzzles, plain: np.ndarray, labels: np.ndarray | None, seed: int) -> None:
        self._puzzles, self._plain, self._labels, self._seed = puzzles, plain, labels, seed
        self.solved = self._right(plain)

    def table(self, finals: dict[Any, np.ndarray], name: Callable[..., dict[str, object]]) -> pd.DataFrame:
        return pd.DataFrame([name(condition) | self._row(final) for condition, final in finals.items()])

    def looks(self, heads: Sequence[Head], kinds: np.ndarray, masses: np.ndarray) -> pd.DataFrame:
        cells = kinds[-self._plain.shape[1] :]
        return pd.DataFrame(
            [
                head._asdict()
                | {"edge": edge, "even": float((cells == i).mean())}
                | ends("mass", self._mean(mass[:, i]))
                for head, mass in zip(heads, masses, strict=True)
                for i, edge in enumerate(EDGES)
            ]
        )

    def untouched(self) -> pd.DataFrame:
        broken = self._broken(self._plain)
        return pd.DataFrame([{"unit": unit} | ends("broken", found) for unit, found in broken.items()])

    def _broken(self, final: np.ndarray) -> dict[str, Interval]:
        """Of each kind of unit the share that shows a digit twice."""
        shares = broken_shares(self._puzzles.board, final - 1)
        return {unit: self._mean(shares[:, i]) for i, unit in enumerate(UNITS)}

    def _row(self, final: np.ndarray) -> dict[str, float]:
        blank = self._puzzles.blanks
        right = self._right(final)
        otherwise = ((final != self._plain) & blank).sum(1) / blank.sum(1).clip(1)
        judged = {
            "accuracy": share_of(right, self._labels, seed=self._seed),
            "change": mean_change(self.solved, right, self._labels, seed=self._seed),
            "changed": self._mean(otherwise),
            **self._broken(final),
        }
        columns = [ends(name, interval) for name, interval in judged.items()]
        return {name: value for column in columns for name, value in column.items()}

    def _mean(self, values: np.ndarray) -> Interval:
        return mean_over_puzzles(values.clip(0, 1), self._labels, self._seed)  # rounding may leave it

    def _right(self, grids: np.ndarray) -> np.ndarray:
        return np.asarray((grids == self._puzzles.answers).all(1))


def _conditions(
    heads: Sequence[Head], kinds: np.ndarray, asked: Sequence[str], seed: int
) -> dict[Condition, Hooks]:
    """The hooks of every kind of run; the untouched one comes first."""
    conditions: dict[Condition, Hooks] = {UNTOUCHED: lambda puzzles, means: []}
    if "heads" in asked:
        conditions |= {head: partial(_left_out, head) for head in heads}
    if "edges" in asked:
        conditions |= {block: partial(_closed, block, heads, kinds, seed) for block in _blocks(heads)}
    return conditions


def _blocks(heads: Sequence[Head]) -> list[Block]:
    levels = list(dict.fromkeys(head.level for head in heads))
    alone = [Block(edge, level) for level in levels for edge in LEVEL_BY_LEVEL] if len(levels) > 1 else []
    return [*map(Block, BLOCKS), *alone]


def _left_out(head: Head, puzzles: Puzzles, means: Means | None) -> list[Hook]:
    return without(head, means)


def _closed(
    block: Block, heads: Sequence[Head], kinds: np.ndarray, seed: int, puzzles: Puzzles, means: Means | None
) -> list[Hook]:
    among = [head for head in heads if block.level in (ALL, head.level)]
    return blocked(among, BLOCKS[block.edge](kinds, puzzles, np.random.default_rng(seed)))


def _head(row: object) -> str:
    return str(Head(*(getattr(row, name) for name in Head._fields)))


def _outcome(row: object) -> str:
    accuracy, low, high, changed = (
        getattr(row, name) for name in ("accuracy", "change_low", "change_high", "changed")
    )
    broken = ", ".join(f"{getattr(row, unit):.0%} of the {unit}" for unit in UNITS)
    return (
        f"{accuracy:.1%} solved (a change of {100 * low:+.1f} to {100 * high:+.1f} points), {changed:.0%} of the blank "
        f"cells end differently; a digit stands twice in {broken}"
    )
