"""Steering: of several noisy runs of a puzzle, does the model know early which of them to go on with?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from hrm_probe.dynamics.intervals import Interval
from hrm_probe.given_numbers import finite_number, whole_number
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.answering import last_answers
from hrm_probe.models.tasks import Asked, puzzle_ids_of
from hrm_probe.near_names import names_among
from hrm_probe.reasoning.asking import check_asked, check_sudoku, run_length
from hrm_probe.reasoning.guessing.steering import GUIDES, NOTHING, Chance, Cloud, broken_rules, guided_cloud
from hrm_probe.reasoning.result import Groups, Result, ends, group_labels, percent, plain_labels, share_of
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.curves import where_asked
from hrm_probe.reasoning.statistics.changes import mean_change
from hrm_probe.reasoning.statistics.ranking import auc
from hrm_probe.sudoku import Puzzles
from hrm_probe.wording import counted

RULES = "rules"


@dataclass(frozen=True)
class Particles(Result):
    """What several noisy runs of each puzzle solve, by what steers them.

    Attributes:
        table: one row per guide and ``segment``, before any run gives way: ``solved``, the share of puzzles whose
            surest run shows the answer; ``any``, of which some run does; ``right``, the share of runs that do;
            ``lineages``, of how many of the first runs some successor is left; ``entropy`` of the digits that a cell
            shows across the runs, in nats, mean over the cells asked; ``spread``, root mean square distance of z_H from
            the runs' mean (states have size 1).
        guides: one row per guide: ``solved`` and ``any`` at the last segment, each with ends.
        gains: one row two guides: ``guide``, ``over``, and ``gain``, how many more puzzles the first solves, a share of
            all, with ends from pairs of runs.
        foresight: one row per ``sign`` and ``segment``: ``auc``, the chance that of two runs of one puzzle left to
            themselves, neither of which has been right so far, one that will be stands higher by that sign than one
            that never is, with ends; ``runs`` that were compared, and the ``puzzles`` they are of. Signs are "halting",
            the halting value; "rules", the fewest broken rules; and "answer", the most right cells. No rows without
            runs left to themselves.
        doubt: the chance that a puzzle whose surest run is wrong has more entropy in its cloud than one whose surest
            run is right, both left to themselves, at the last segment; None without such runs.
        grids: by guide tokens [particle, puzzle, cell] at the last segment, 0 where nothing is asked.
        q_halt: by guide [particle, puzzle], halting values beside them.
        single: share solved by one run without noise.
        puzzles, particles, segments, every, noise, sharpness: as asked; ``resampled`` what the intervals resample.
    """

    table: pd.DataFrame
    guides: pd.DataFrame
    gains: pd.DataFrame
    foresight: pd.DataFrame
    doubt: Interval | None
    grids: dict[str, np.ndarray]
    q_halt: dict[str, np.ndarray]
    single: Interval
    puzzles: int
    particles: int
    segments: int
    every: int
    noise: float
    sharpness: float
    resampled: str

    _long = ("grids", "q_halt")

    def __str__(self) -> str:
        lines = [
            f"One run without noise solves {percent(self.single)} of {counted(self.puzzles, 'puzzle')}. After "
            f"{counted(self.segments, 'segment')} the surest of {self.particles} runs with noise of {self.noise:g} "
            "solves, steered by:"
        ]
        lines += [
            f"  {row.guide:<8} {row.solved:.1%} [{row.solved_low:.1%}, {row.solved_high:.1%}], any {row.any:.1%}"
            for row in self.guides.itertuples()
        ]
        if self.foresight["runs"].any():
            early = self.foresight[self.foresight["segment"] == _richest(self.foresight)]
            told = ", ".join(f"by {row.sign} in {row.auc:.0%}" for row in early.itertuples())
            lines.append(
                f"Of two runs left to themselves, neither right by segment {early['segment'].iloc[0]}, the one that "
                f"will be stands higher {told} of the pairs (50%: no foresight)."
            )
        return "\n".join(lines)


def particles(
    model: RecursiveReasoner,
    puzzles: Asked,
    *,
    guides: str | Sequence[str] | None = None,
    particles: int = 8,
    noise: float = 1.0,
    sharpness: float = 1.0,
    segments: int | None = None,
    every: int = 1,
    groups: Groups = None,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Particles:
    """Several noisy runs side by side, those that look worse giving way: does steering find more, and who foresees?

    >>> print(particles(load("trm-9x9-shallow"), load_puzzles("9x9-test", 100)))       # doctest: +SKIP

    Before every segment normal noise is added to z_H and z_L of each run of a puzzle. After it a guide weighs the runs,
    and each is followed by as many as its share of the weights makes, to one more or less, so that their number stays;
    equal weights change nothing. In the end the run whose halting value is largest is taken. The weights, by guide:

    - "nothing": all alike, so that each run is left to itself;
    - "halting": sigmoid(q_halt), what the model gives for being right;
    - "rules": exp(-broken), of digits too many in rows, columns and boxes and clues that are not kept;
    - "chance": those of "halting", dealt anew among the runs of a puzzle: as much selection, without knowledge;
    - "answer": exp(-wrong cells), which needs the answer: not a method, but what steering could do at best.

    All guides begin with the same noise, so that they are compared run by run.

    Args:
        model: any with halting values.
        puzzles: what to solve, or ``Tasks``, without "rules"; answers judge, and steer where it says so.
        guides: which of "nothing", "halting", "rules", "chance" and "answer"; all that the puzzles allow if None.
        particles: runs of each puzzle, 2 or more.
        noise: its standard deviation, where states have root mean square 1.
        sharpness: power to which the weights are raised.
        segments: of each run; the model's ``max_segments`` if None.
        every: segments after which runs give way; after the last none does.
        groups: puzzles that belong together in the intervals: None, "class" or labels [puzzle].
        batch_size: runs at once, those of one puzzle together; another number of them draws other noise.
        seed: for noise, weights dealt anew, who gives way, and the intervals.
        progress: show a bar.

    Returns:
        Particles; intervals at 95%, without regard to how many there are.

    Raises:
        InputError: an unknown guide, "rules" for tasks, one run only, or noise or sharpness that is no finite number.

    Source: Corbett, Sood, Tzatzopoulou, Ramesh and Dodwell, arXiv 2605.25230 (noise proposes, the halting value weighs
    while runs go on); noise before every segment and the surest run, without steering, is arXiv 2605.19943. Formula:
    a bootstrap filter with systematic resampling. The other guides and ``foresight`` are ours.

    Known inaccuracy: the published weights, noise and times of resampling are not known to us in detail. Runs are read
    where segments end; with noise before each, a run that has found the answer may show it at some reads only.
    """
    check_asked(model, puzzles, batch_size, seed)
    chosen = _chosen(puzzles, guides)
    particles = whole_number(particles, "particles", 2)
    noise, sharpness = finite_number(noise, "noise", least=0), finite_number(sharpness, "sharpness", least=0)
    segments = run_length(model, segments)
    every = whole_number(every, "every")
    labels, resampled = group_labels(puzzles, groups)
    chances = {guide: Chance.seeded(int(seed)) for guide in chosen}
    parts: dict[str, list[Cloud]] = {guide: [] for guide in chosen}
    for rows in in_batches(len(puzzles), max(1, batch_size // particles), "steering", progress):
        for guide in chosen:
            cloud = guided_cloud(
                model, puzzles[rows], guide, chances[guide], particles=particles, noise=noise, sharpness=sharpness,
                segments=segments, every=every,
            )  # fmt: skip
            parts[guide].append(cloud)
    clouds = {
        guide: Cloud(*(np.concatenate(each, axis=1) for each in zip(*found, strict=True)))
        for guide, found in parts.items()
    }
    right = {guide: (cloud.shown == puzzles.answers[:, None]).all(-1) for guide, cloud in clouds.items()}
    solved = {guide: _of_surest(right[guide], cloud.q_halt) for guide, cloud in clouds.items()}
    alone, _ = last_answers(model, puzzles.tokens, segments, batch_size, puzzle_ids=puzzle_ids_of(puzzles))
    free = clouds.get(NOTHING)
    return Particles(
        table=pd.concat(
            [_by_segment(guide, clouds[guide], right[guide], solved[guide], puzzles) for guide in chosen],
            ignore_index=True,
        ),
        guides=_by_guide(right, solved, labels, seed),
        gains=_gains(solved, labels, seed),
        foresight=_foresight(free, right.get(NOTHING), puzzles, labels, seed),
        doubt=None if free is None else _doubt(free, solved[NOTHING], puzzles, labels, seed),
        grids={guide: cloud.shown[-1].swapaxes(0, 1) for guide, cloud in clouds.items()},
        q_halt={guide: cloud.q_halt[-1].T for guide, cloud in clouds.items()},
        single=share_of((where_asked(alone, puzzles.answers) == puzzles.answers).all(-1), labels, seed=seed),
        puzzles=len(puzzles),
        particles=particles,
        segments=segments,
        every=every,
        noise=noise,
        sharpness=sharpness,
        resampled=resampled,
    )


def _chosen(puzzles: Asked, guides: str | Sequence[str] | None) -> list[str]:
    if guides is None:
        return [guide for guide in GUIDES if guide != RULES or isinstance(puzzles, Puzzles)]
    chosen = names_among(guides, GUIDES, "guide")
    if RULES in chosen:
        check_sudoku(puzzles, 'The guide "rules" counts broken ones', 'ask others, such as "halting"')
    return chosen


def _of_surest(right: np.ndarray, q_halt: np.ndarray) -> np.ndarray:
    """Is the run with the largest halting value right: bool [segment, puzzle]."""
    surest = q_halt.argmax(-1)[..., None]
    of_surest: np.ndarray = np.take_along_axis(right, surest, axis=-1)[..., 0]
    return of_surest


def _by_segment(
    guide: str, cloud: Cloud, right: np.ndarray, solved: np.ndarray, puzzles: Asked
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "guide": guide,
            "segment": np.arange(1, len(right) + 1),
            "solved": solved.mean(1),
            "any": right.any(-1).mean(1),
            "right": right.mean((1, 2)),
            "lineages": [np.mean([len(set(row)) for row in lineage]) for lineage in cloud.lineage],
            "entropy": [_entropy(shown, puzzles).mean() for shown in cloud.shown],
            "spread": cloud.spread.mean(1),
        }
    )


def _entropy(shown: np.ndarray, puzzles: Asked) -> np.ndarray:
    """Of what cells show across the runs, in nats, mean over the cells asked: [puzzle] from [puzzle, particle, cell].

    A digit that k of n runs show contributes k/n log(n/k), so each run adds log(n/k)/n for its own.
    """
    alike = (shown[:, :, None] == shown[:, None]).sum(2)
    of_cell = np.log(shown.shape[1] / alike).mean(1)
    entropy: np.ndarray = (of_cell * puzzles.blanks).sum(1) / np.maximum(puzzles.blanks.sum(1), 1)
    return entropy


def _by_guide(
    right: dict[str, np.ndarray], solved: dict[str, np.ndarray], labels: np.ndarray | None, seed: int
) -> pd.DataFrame:
    rows = [
        {
            "guide": guide,
            **ends("solved", share_of(solved[guide][-1], labels, seed=seed)),
            **ends("any", share_of(flags[-1].any(-1), labels, seed=seed)),
        }
        for guide, flags in right.items()
    ]
    return pd.DataFrame(rows)


def _gains(solved: dict[str, np.ndarray], labels: np.ndarray | None, seed: int) -> pd.DataFrame:
    rows = [
        {"guide": guide, "over": over}
        | ends("gain", mean_change(solved[over][-1], solved[guide][-1], labels, seed=seed))
        for over, guide in combinations(solved, 2)
    ]
    return pd.DataFrame(rows, columns=["guide", "over", "gain", "gain_low", "gain_high"])


def _foresight(
    cloud: Cloud | None, right: np.ndarray | None, puzzles: Asked, labels: np.ndarray | None, seed: int
) -> pd.DataFrame:
    """Runs of one puzzle are compared with each other only; those that have been right are left out."""
    rows = []
    if cloud is not None and right is not None:
        own, ever = plain_labels(labels, len(puzzles)), np.any(right, axis=0)
        for number, (shown, q_halt) in enumerate(zip(cloud.shown[:-1], cloud.q_halt[:-1], strict=True)):
            waiting: np.ndarray = ~np.any(right[: number + 1], axis=0)
            both = (waiting & ever).any(1) & (waiting & ~ever).any(1)
            of, run = np.nonzero(waiting & both[:, None])
            for sign, height in _signs(puzzles, shown, q_halt):
                found = auc(height[of, run], ever[of, run], strata=of, groups=own[of], seed=seed)
                row = {"sign": sign, "segment": number + 1, "runs": len(of), "puzzles": int(both.sum())}
                rows.append(row | ends("auc", found))
    return pd.DataFrame(rows, columns=["sign", "segment", "runs", "puzzles", "auc", "auc_low", "auc_high"])


def _signs(puzzles: Asked, shown: np.ndarray, q_halt: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    yield "halting", q_halt
    if isinstance(puzzles, Puzzles):
        yield RULES, -broken_rules(puzzles, shown)
    yield "answer", (shown == puzzles.answers[:, None]).sum(-1)


def _doubt(
    cloud: Cloud, solved: np.ndarray, puzzles: Asked, labels: np.ndarray | None, seed: int
) -> Interval:
    return auc(_entropy(cloud.shown[-1], puzzles), ~solved[-1], groups=labels, seed=seed)


def _richest(foresight: pd.DataFrame) -> int:
    """The segment at which most runs are compared, the first of several."""
    return int(foresight["segment"].to_numpy()[foresight["runs"].to_numpy().argmax()])
