"""Attention to cells that no rule joins: how much there is with few blanks and many, and what it does to answers."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from hrm_probe.errors import InputError
from hrm_probe.given_numbers import finite_number, several
from hrm_probe.models import RecursiveReasoner
from hrm_probe.near_names import name_among
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import check_asked, check_sudoku, run_length
from hrm_probe.reasoning.easy.blanks import Count, with_each_count
from hrm_probe.reasoning.heads.attention_edges import BLOCKS, edge_kinds
from hrm_probe.reasoning.heads.attention_heads import Along, Head, heads_of, leaned
from hrm_probe.reasoning.result import Groups, Result, ends, group_labels, labels_of, share_of
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.reasoning.statistics.means import mean_over_puzzles
from hrm_probe.sudoku import Board, Puzzles
from hrm_probe.wording import blanks_in_words, counted

Looking = Literal["all", "blanks", "clues"]
BIASES = (-4.0, -2.0, -1.0, 0.0, 1.0, 2.0)


@dataclass(frozen=True)
class Leaks(Result):
    """What is solved while attention leans to some edges, or away from them.

    Attributes:
        table: one row per number of blanks and bias: ``blanks`` (1, "all" for the puzzles as given), ``puzzles``,
            ``bias``; ``accuracy`` and ``change``, the same minus that of the untouched runs; ``from_blanks`` and
            ``from_clues``, the share of their attention that blank cells and clues give along the edges, mean over
            the heads of the level and all updates; all with ends.
        edge, level, looking: which edges, in whose heads, of which cells.
        puzzles, segments: of the runs; ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    edge: str
    level: str
    looking: str
    puzzles: int
    segments: int
    resampled: str

    _long = ()

    def __str__(self) -> str:
        whose = "" if self.looking == "all" else f" of {self.looking}"
        lines = [
            f"{self.edge}, {counted(self.puzzles, 'grid')}; scores of {self.level}'s attention{whose} along such edges "
            "raised or lowered:"
        ]
        return "\n".join([*lines, *map(_told, self.table.to_dict("records"))])


def leaks(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    *,
    counts: Sequence[Count] = (1, "all"),
    edge: str = "unrelated",
    level: str | None = None,
    looking: Looking = "all",
    biases: Sequence[float] = BIASES,
    segments: int | None = None,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Leaks:
    """Does attention leak to cells that no rule joins, and does that decide what is solved?

    (Whether a test set leaks into a training set is another matter: :func:`hrm_probe.sudoku.leaks`.)

    In a nearly solved grid all other cells are clues, many more than in the puzzles of a training without hints. Here
    the same grids are run with few blanks and as they are given; how much of the attention goes to unrelated cells is
    counted, and then their scores are lowered (``bias`` below 0) or raised. If it is the leak that makes puzzles with
    few blanks fail, they are solved as it is stopped, and the others fail as it is opened.

    >>> print(leaks(load("hrm-6x6"), load_puzzles("6x6-test", 100)))                   # doctest: +SKIP

    Args:
        model: one that attends, with a position for each cell.
        puzzles: their answers are the grids.
        counts: numbers of blanks, "all" for the puzzles as given; blanks as in
            :func:`hrm_probe.reasoning.blanks`, drawn from all cells.
        edge: "unrelated"; "as many unrelated", drawn at random, as there are peers; "peers", "row", "column", "box",
            "box and line", "itself", "prefix", "peers that are clues" or "peers that are blank".
        level: "H" or "L", whose heads; H where there is one, if None.
        looking: "all" positions lean; or only those of "blanks" or "clues".
        biases: what is added to these scores; 0, the untouched runs, is always among them.
        segments: length of the runs; ``max_segments`` if None.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: puzzles at once.
        seed: for the blanks, the random edges and the intervals.
        progress: show a bar.

    Returns:
        Leaks; intervals at 95%.

    Raises:
        InputError: a model without heads or without that level, puzzles that are not Sudokus, an unknown edge, other
            positions that lean, a count that no puzzle can have, or a bias that is not finite.

    Formula: softmax(scores + bias * [edge]): an edge weighs exp(bias) as much as before, against the others. Source:
    that single blanks fail is claim 1 of Ren & Liu, arXiv 2601.10679; blocked edges, the limit of low biases, Geva et
    al., arXiv 2304.14767, section 5.

    Known inaccuracy: a bias acts at every update of a run, so it says what attention does to answers, not when. What
    is solved with it may be solved otherwise than the untouched model would: it puts the model where training never
    was. Shares of attention are means over heads, of which a few may do all.
    """
    check_asked(model, puzzles, batch_size, seed)
    check_sudoku(puzzles, "leaks() sorts edges")
    heads, segments = _of_level(heads_of(model), level), run_length(model, segments)
    name_among(edge, BLOCKS, "edge")
    if looking not in get_args(Looking):
        raise InputError(f'looking is {looking!r}; it is "all", "blanks" or "clues".')
    leanings = sorted({0.0, *(finite_number(bias, "a bias") for bias in several(biases))})
    kinds = edge_kinds(Board.of(model.config.cells), model.config.prefix)
    labels, resampled = group_labels(puzzles, groups)
    sets = with_each_count(puzzles, several(counts), seed)
    work = [(label, bias) for label in sets for bias in leanings]
    runs = {}
    for label, bias in track(work, "leaning", unit="runs", show=progress):
        some = sets[label][1]
        edges = BLOCKS[edge](kinds, some, np.random.default_rng(seed))
        edges = np.broadcast_to(edges, (len(some), *edges.shape[1:]))
        leaning = edges & _leaning(some, looking, model.config.prefix)[:, :, None]
        runs[label, bias] = _run(model, some, heads, edges, leaning, bias, segments, batch_size)
    rows = []
    for (label, bias), (solved, along) in runs.items():
        rows_of, some = sets[label]
        own = labels_of(labels, rows_of)
        rows.append(
            {"blanks": label, "puzzles": len(some), "bias": bias}
            | ends("accuracy", share_of(solved, own, seed=seed))
            | ends("change", mean_change(runs[label, 0.0][0], solved, own, seed=seed))
            | _given("from_blanks", along, some.blanks, own, seed)
            | _given("from_clues", along, ~some.blanks, own, seed)
        )
    return Leaks(
        table=pd.DataFrame(rows),
        edge=edge,
        level=heads[0].level,
        looking=looking,
        puzzles=len(puzzles),
        segments=segments,
        resampled=resampled,
    )


def _run(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    heads: Sequence[Head],
    edges: np.ndarray,
    leaning: np.ndarray,
    bias: float,
    segments: int,
    batch_size: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Which are solved, bool [puzzle]; and the share of its attention that each cell gives along the edges."""
    solved, shares = [], []
    for rows in in_batches(len(puzzles), batch_size):
        along = Along(heads, edges[rows])
        with model.hooks([*(leaned(heads, leaning[rows], bias) if bias else []), *along.hooks()]):
            shown = model.run(puzzles.tokens[rows], segments).predictions[-1].cpu().numpy()
        solved.append((shown == puzzles.answers[rows]).all(1))
        shares.append(along.mean()[:, model.config.prefix :])
    return np.concatenate(solved), np.concatenate(shares)


def _given(
    name: str, along: np.ndarray, cells: np.ndarray, labels: np.ndarray | None, seed: int
) -> dict[str, float]:
    """Mean over such cells of each puzzle, with its interval; NaN where no puzzle has any."""
    means = (along * cells).sum(1) / np.where(cells.any(1), cells.sum(1), np.nan)
    return ends(name, mean_over_puzzles(means.clip(0, 1), labels, seed))  # rounding may leave it


def _of_level(heads: Sequence[Head], level: str | None) -> list[Head]:
    levels = sorted({head.level for head in heads})
    if level is not None and level not in levels:
        raise InputError(f"This model has no level {level!r}; its heads are in {' and '.join(levels)}.")
    return [head for head in heads if head.level == (level or levels[0])]


def _leaning(puzzles: Puzzles, looking: Looking, prefix: int) -> np.ndarray:
    """Which positions lean: bool [puzzle, pos]."""
    among = {"blanks": puzzles.blanks, "clues": ~puzzles.blanks}.get(looking, np.ones_like(puzzles.blanks))
    return np.pad(among, ((0, 0), (prefix, 0)), constant_values=looking == "all")


def _told(row: dict[Hashable, Any]) -> str:
    blanks = blanks_in_words(row["blanks"])
    leaning = f"{row['bias']:+g}" if row["bias"] else "untouched"
    accuracy, low, high = (row[f"accuracy{end}"] for end in ("", "_low", "_high"))
    shares = [f"{row[f'from_{who}']:.0%} of the attention of {who}" for who in ("blanks", "clues")]
    return f"  {blanks}, {leaning}: {accuracy:.1%} [{low:.1%}, {high:.1%}] solved; they get {' and '.join(shares)}"
