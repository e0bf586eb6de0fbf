"""Linear probes: what can be read from the states, and when?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from hrm_probe.dynamics.intervals import Interval, share
from hrm_probe.errors import InputError
from hrm_probe.given_numbers import finite_number, whole_number
from hrm_probe.models import RecursiveReasoner, State
from hrm_probe.near_names import names_among
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import (
    Asked,
    check_asked,
    is_trace,
    segments_to_look_at,
)
from hrm_probe.reasoning.inside.probe_targets import Targets, check_targets, held_out_flags, read_target
from hrm_probe.reasoning.inside.probed_states import probed_states
from hrm_probe.reasoning.result import Groups, Result, group_labels, percent, plain_labels, share_of
from hrm_probe.reasoning.runs.traced import check_traced, length_asked, puzzles_asked_about
from hrm_probe.reasoning.statistics.ranking import area_under_roc, auc
from hrm_probe.reasoning.statistics.ridge import held_out_scores
from hrm_probe.sudoku import Puzzles
from hrm_probe.wording import counted

if TYPE_CHECKING:
    from hrm_probe.trace import Trace

_UNITS = {"digit": "share of blank cells", "token": "share of cells asked for", "solved": "AUC"}


@dataclass(frozen=True)
class Probes(Result):
    """What linear probes read, held-out puzzles only.

    Attributes:
        table: one row per (question, site, segment). ``question`` "digit": which digit belongs in a blank cell, read
            at that cell (score: share of right cells; chance is what shuffled labels give); of ``Tasks`` "token": which
            token belongs in a cell that is asked for. ``question``
            "solved": will the last segment's grid be right, read from the mean over positions (score: AUC). Targets of
            one's own go by their names. Columns score, low, high, shuffled (the same probe trained on shuffled labels),
            model (digit or token: share of these cells that the segment's own answer has right; solved: AUC of the
            halting value; else NaN).
        cells: one row per (site, segment, cell): score of the digit or token probe in that cell, n such cells.
        readable: by site, the first segment whose digit or token probe scores no more than one percentage point below
            the model's own answer at the last segment; 0 if none does.
        folds, ridge, puzzles, solved: how it was done, and the share solved.
        resampled: what folds and intervals keep whole.
    """

    table: pd.DataFrame
    cells: pd.DataFrame
    readable: dict[str, int]
    folds: int
    ridge: float
    puzzles: int
    solved: Interval
    resampled: str

    _long = ("cells",)

    def __str__(self) -> str:
        lines = [
            f"Linear probes on {counted(self.puzzles, 'puzzle')} ({percent(self.solved)} solved), {self.folds} folds:"
        ]
        for (question, site), rows in self.table.groupby(["question", "site"], sort=False):
            if rows["score"].isna().all():
                lines.append(f"  {question} from {site}: not told, too few puzzles differ in it")
                continue
            scores = ", ".join(f"{row.segment}: {row.score:.2f}" for row in rows.itertuples())
            shuffled = rows["shuffled"].mean()
            control = "" if np.isnan(shuffled) else f" (shuffled labels {shuffled:.2f})"
            unit = _UNITS.get(str(question), "score")
            lines.append(f"  {question} from {site} ({unit}) by segment {scores}{control}")
        return "\n".join(lines)


def probes(
    model: "RecursiveReasoner | Trace",
    puzzles: Asked | None = None,
    *,
    sites: str | Sequence[str] = ("z_H", "z_L"),
    at: int | Sequence[int] | None = None,
    targets: Targets | None = None,
    segments: int | None = None,
    folds: int = 5,
    ridge: float = 1e-3,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Probes:
    """Which digits, and whether the puzzle will be solved, can be read linearly from z_H and z_L at each segment.

    >>> print(probes(load("hrm-6x6"), load_puzzles("6x6-test", 300)))                # doctest: +SKIP
    >>> mine = {"clues": (~puzzles.blanks).sum(1), "is hard": puzzles.source == "hard"}     # doctest: +SKIP
    >>> print(probes(model, puzzles, targets=mine))                                         # doctest: +SKIP

    Both are ridge regressions on standardised features, w = (X'X + ridge n I)^-1 X'y: the digit probe of one-hot
    digits, one map for all cells, whose largest output is the answer; the other of solved against not. Scores come
    from folds that share no puzzle (no group, where groups are given); for flags of puzzles each fold has its share of
    both kinds. A probe that reads more than its shuffled control shows that the information is there, not that the
    model uses it: see ``interventions`` for that.

    Args:
        model: any recursive reasoner for the board, or a trace of these puzzles.
        puzzles: with answers, or ``Tasks``; those of the trace if None.
        sites: among "z_H" and "z_L", taken at the end of a segment.
        at: segment or segments to probe (1-based), in any order; powers of two and the last if None.
        targets: more to read, by name: flags [puzzle] (score: AUC) and numbers [puzzle] (share of their variance that
            is foretold, below 0 if worse than their mean) from the mean over positions; classes or flags [puzzle, cell]
            (share of cells right) from each cell's position.
        segments: length of the run; the model's ``max_segments``, or that of the trace, if None.
        folds: how many in the cross-validation.
        ridge: strength, relative to unit-variance features.
        groups: what folds and intervals keep whole: None (puzzles), "class" (solution classes) or labels [puzzle].
        batch_size: puzzles at once.
        seed: for the folds, the shuffling and the resampling.
        progress: show a bar.

    Returns:
        ``question`` "solved" has NaN scores where fewer than ``folds`` puzzles were solved, or failed.

    Raises:
        InputError: an unknown site, or one that the trace lacks, a segment that the run does not have, fewer groups
            than folds, or a target without a row for every puzzle.

    Memory grows as puzzles x probed segments x positions x d_model (both sites).
    """
    puzzles = puzzles_asked_about(model, puzzles)
    if is_trace(model):
        check_traced(model, puzzles, segments, batch_size, seed)
    else:
        check_asked(model, puzzles, batch_size, seed)
    finite_number(ridge, "ridge", above=0)
    segments = length_asked(model, segments, None)
    assert segments is not None
    sites, at = _what_is_read(sites, at, segments)
    given, resampled = group_labels(puzzles, groups)
    rng = np.random.default_rng(seed)
    judged = _judged(given, len(puzzles), folds, ridge, rng, seed)
    which = "digit" if isinstance(puzzles, Puzzles) else "token"
    wanted = check_targets(targets or {}, puzzles, taken=(which, "solved"))
    config, features, predictions, q_halt = probed_states(
        model, puzzles, sites, at, segments, batch_size, progress
    )
    solved = (predictions[-1] == puzzles.answers).all(-1)
    shuffled = _shuffled(puzzles.answers, rng)
    rows, cells = [], []
    pairs = [(site, s) for site in sites for s in at]
    for site, s in track(pairs, "reading", unit="states", show=progress):
        z, prefix = features[site, s], config.prefix  # z: [puzzle, pos, d_model]
        right = _digit_probe(z[:, prefix:], puzzles, puzzles.answers, judged)
        control = _digit_probe(z[:, prefix:], puzzles, shuffled, judged)
        shown = predictions[s - 1] == puzzles.answers
        rows.append((which, site, s, *_digit_score(right, control, shown, puzzles.blanks, judged)))
        cells += [(site, s, c, *_mean(right[puzzles.blanks[:, c], c])) for c in range(config.cells)]
        rows.append(("solved", site, s, *_solved_probe(z, solved, judged, given, q_halt[s - 1], rng)))
        for name, target in wanted.items():
            read = read_target(z, prefix, target, judged.fold, ridge, judged.labels, seed)
            rows.append((name, site, s, *read, float("nan")))
    names = ["question", "site", "segment", "score", "low", "high", "shuffled", "model"]
    table = pd.DataFrame(rows, columns=names)
    final, _ = _mean((predictions[-1] == puzzles.answers)[puzzles.blanks])
    return Probes(
        table=table,
        cells=pd.DataFrame(cells, columns=["site", "segment", "cell", "score", "n"]),
        readable=_readable(table[table["question"] == which], sites, final - 0.01),
        folds=folds,
        ridge=ridge,
        puzzles=len(puzzles),
        solved=share_of(solved, given, seed=seed),
        resampled=resampled,
    )


@dataclass(frozen=True)
class _Judged:
    """How every probe is judged: on folds of whole groups, with intervals over groups.

    ``fold`` and ``labels`` are int [puzzle].
    """

    fold: np.ndarray
    labels: np.ndarray
    ridge: float
    seed: int


def _judged(
    given: np.ndarray | None, n: int, folds: int, ridge: float, rng: np.random.Generator, seed: int
) -> _Judged:
    """Groups dealt out to folds at random, as evenly as they go."""
    labels = np.unique(plain_labels(given, n), return_inverse=True)[1]
    n_groups = int(labels.max()) + 1 if len(labels) else 0
    if not whole_number(folds, "folds", least=2) <= n_groups:
        raise InputError(
            f"{n_groups} groups of puzzles cannot make {folds} folds; give more puzzles or fewer folds."
        )
    return _Judged(rng.permutation(np.arange(n_groups) % folds)[labels], labels, ridge, seed)


def _what_is_read(
    sites: str | Sequence[str], at: int | Sequence[int] | None, segments: int
) -> tuple[Sequence[str], Sequence[int]]:
    """Sites and segments to probe, checked."""
    sites = names_among(sites, State._fields, "site to probe")
    if at is None:
        at = [2**i for i in range(segments.bit_length())] + [segments]
    at = segments_to_look_at(at, segments)
    if not at:
        raise InputError("Name at least one segment to probe.")
    return sites, at


def _readable(scores: pd.DataFrame, sites: Sequence[str], least: float) -> dict[str, int]:
    """The first segment probed at which each site's digits are read as well as that; 0 for none."""
    enough = scores[scores["score"] >= least].groupby("site")["segment"].first()
    return {site: int(enough.get(site, 0)) for site in sites}


def _shuffled(answers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Answers among the puzzles that have one in a cell: it keeps those it has, not with the states they belong to."""
    order, shuffled = rng.permutation(len(answers)), np.zeros_like(answers)
    for cell in range(answers.shape[1]):
        asked = answers[:, cell] > 0  # everywhere in a Sudoku
        shuffled[asked, cell] = answers[order[asked[order]], cell]
    return shuffled


def _digit_probe(z: Tensor, puzzles: Asked, answers: np.ndarray, judged: _Judged) -> np.ndarray:
    """Which blank cells a held-out probe of ``answers`` reads as these answers: bool [puzzle, cell]."""
    blanks = puzzles.blanks
    if isinstance(puzzles, Puzzles):
        digits, kinds = torch.from_numpy(answers[blanks] - 2), puzzles.board.side
    else:
        digits, kinds = torch.from_numpy(answers[blanks]), int(answers.max()) + 1
    one_hot = torch.nn.functional.one_hot(digits, kinds)
    of_cell = np.repeat(judged.fold, blanks.sum(1))
    read = held_out_scores(z[torch.from_numpy(blanks)], one_hot, of_cell, judged.ridge).argmax(-1)
    right = np.zeros(blanks.shape, bool)
    right[blanks] = (read == digits).numpy()
    return right


def _digit_score(
    right: np.ndarray, control: np.ndarray, shown: np.ndarray, blanks: np.ndarray, judged: _Judged
) -> tuple[float, float, float, float, float]:
    """Share of blank cells read rightly, its interval, that of shuffled answers, and that of the model itself."""
    score = share(right[blanks], groups=np.repeat(judged.labels, blanks.sum(1)), seed=judged.seed)
    return score.estimate, score.low, score.high, _mean(control[blanks])[0], _mean(shown[blanks])[0]


def _solved_probe(
    z: Tensor,
    solved: np.ndarray,
    judged: _Judged,
    groups: np.ndarray | None,
    q_halt: np.ndarray,
    rng: np.random.Generator,
) -> tuple[float, float, float, float, float]:
    """AUC, its interval, the AUC of a probe of shuffled labels, and that of the halting value."""
    if min(solved.sum(), (~solved).sum()) < len(np.unique(judged.fold)):
        return (float("nan"),) * 5
    mean_state = z.float().mean(1)
    shuffled = rng.permutation(solved)
    real, control = (
        held_out_flags(mean_state, flags, judged.fold, judged.labels, judged.ridge, judged.seed)
        for flags in (solved, shuffled)
    )
    score = auc(real, solved, groups=groups, seed=judged.seed)
    chance, halting = area_under_roc(control, shuffled), area_under_roc(q_halt, solved)
    return score.estimate, score.low, score.high, chance, halting


def _mean(flags: np.ndarray) -> tuple[float, int]:
    """NaN where there are none."""
    return (float(flags.mean()) if len(flags) else float("nan")), len(flags)
