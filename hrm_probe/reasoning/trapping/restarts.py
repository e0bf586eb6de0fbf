"""Other starts of the same puzzles: how many answers and attractors do they reach, and do they rescue failures?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd
import torch

from hrm_probe.dynamics.attractors import cluster_attractors
from hrm_probe.models import RecursiveReasoner, State
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.resting.rest_rule import LATE
from hrm_probe.reasoning.result import plain_labels, share_of
from hrm_probe.reasoning.runs.batches import in_batches
from hrm_probe.reasoning.runs.curves import root_mean_square, segment_by_segment, where_asked
from hrm_probe.reasoning.runs.perturbing import disturbed_start
from hrm_probe.sudoku import Puzzles, symmetric_copies


@dataclass(frozen=True)
class Restarts:
    """Where runs of each puzzle ended.

    Attributes:
        source: str [run], "plain", "copy" or "start".
        scale: [run], of the noise; 0 but for "start".
        predictions: tokens [run, puzzle, cell], of the last segment, mapped back to the puzzle.
        solved, settled: bool [run, puzzle].
        states: [run, puzzle, pos * d_model], z_H at the end; of copies it is in the copy's own order of positions,
            so it is left out: NaN.
    """

    source: np.ndarray
    scale: np.ndarray
    predictions: np.ndarray
    solved: np.ndarray
    settled: np.ndarray
    states: np.ndarray

    def answers(self, runs: np.ndarray) -> np.ndarray:
        """Number of different final grids among some runs, int [puzzle]."""
        chosen = self.predictions[runs]
        return np.array([len(np.unique(chosen[:, p], axis=0)) for p in range(chosen.shape[1])])

    def attractors(self, tolerance: float) -> np.ndarray:
        """Attractors that settled runs of each puzzle end in: int [puzzle, 2], decoded right and decoded wrong.

        Two ends are in one attractor if a chain of ends no further apart than ``tolerance`` (root mean square)
        joins them. One run is enough to make one; an attractor is right if most of its runs decode right.
        """
        known = (
            np.isfinite(self.states[:, 0, 0]) if self.states.shape[1] else np.zeros(len(self.source), bool)
        )
        counts = np.zeros((self.states.shape[1], 2), int)
        for p in range(len(counts)):
            ends = self.states[known, p].astype(float)
            link = tolerance * np.sqrt(ends.shape[1])
            found = cluster_attractors(ends, settled=self.settled[known, p], tolerance=link, min_size=1)
            for label in range(len(found)):
                right = self.solved[known, p][found.labels == label].mean() > 0.5
                counts[p, 0 if right else 1] += 1
        return counts


def restart(
    model: RecursiveReasoner,
    puzzles: Asked,
    *,
    scales: Sequence[float],
    starts: int,
    copies: int,
    segments: int,
    threshold: float,
    batch_size: int = 128,
    seed: int = 0,
    progress: bool = False,
) -> Restarts:
    """Run puzzles plainly, from disturbed starts, and as symmetric copies.

    Args:
        model, puzzles, segments: as usual; at least 1 segment.
        scales: sizes of the noise on the initial state (states have root mean square 1).
        starts: disturbed starts a scale.
        copies: symmetric copies; 0 for ``Tasks``, which have none.
        threshold: a run has settled if z_H moved no more in each of the last three segments.
        batch_size: puzzles at once.
        seed: for noise and copies.
        progress: show a bar.
    """
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(int(seed))
    plan = (
        [("plain", 0.0)]
        + [("copy", 0.0)] * copies
        + [("start", float(s)) for s in scales for _ in range(starts)]
    )
    runs = []
    for source, scale in track(plan, "restarting", unit="runs", show=progress):
        asked, back = puzzles, None
        if source == "copy" and isinstance(puzzles, Puzzles):
            back = symmetric_copies(puzzles, rng)
            asked = back.puzzles
        start = disturbed_start(model, len(puzzles), scale, generator) if source == "start" else None
        grids, settled, states = _ends(model, asked, segments, threshold, start, batch_size)
        if back is not None:
            grids, states = back.map_back(grids), np.full_like(states, np.nan)
        runs.append((grids, settled, states))
    predictions = where_asked(np.stack([grids for grids, _, _ in runs]), puzzles.answers)
    return Restarts(
        source=np.array([source for source, _ in plan]),
        scale=np.array([scale for _, scale in plan]),
        predictions=predictions,
        solved=(predictions == puzzles.answers).all(-1),
        settled=np.stack([settled for _, settled, _ in runs]),
        states=np.stack([states for _, _, states in runs]),
    )


def restart_table(
    again: Restarts | None, solved: np.ndarray, labels: np.ndarray | None, seed: int = 0
) -> pd.DataFrame:
    """One row per (source, scale) of restarts; the columns are described in ``Traps.restarts``.

    Args:
        again: None gives an empty table.
        solved: bool [puzzle], what became of the plain run.
        labels: [puzzle], puzzles resampled together.
        seed: for the resampling.
    """
    rows = []
    owners = plain_labels(labels, len(solved))
    pairs = (
        [] if again is None else sorted(set(zip(again.source, again.scale, strict=True)) - {("plain", 0.0)})
    )
    for source, scale in pairs:
        assert again is not None
        runs = np.flatnonzero((again.source == source) & (again.scale == scale))
        right = again.solved[runs]
        each = share_of(right.ravel(), np.tile(owners, len(runs)), np.tile(~solved, len(runs)), seed)
        some = share_of(np.asarray(right.any(0)), labels, ~solved, seed)
        rows.append(
            {
                "source": source,
                "scale": scale,
                "runs": len(runs),
                "solved": each.estimate,
                "low": each.low,
                "high": each.high,
                "rescued": some.estimate,
                "rescued_low": some.low,
                "rescued_high": some.high,
                "lost": float(1 - right[:, solved].mean()) if solved.any() else float("nan"),
                "settled": float(again.settled[runs].mean()),
                "answers": float(again.answers(np.append(0, runs)).mean()),
            }
        )
    return pd.DataFrame(rows)


def attractor_table(again: Restarts | None, tolerances: Sequence[float]) -> pd.DataFrame:
    """One row per tolerance: mean numbers of right and wrong attractors, and the share of puzzles with several."""
    rows = []
    for tolerance in tolerances if again is not None else ():
        assert again is not None
        right, wrong = again.attractors(tolerance).T
        several = float((right + wrong > 1).mean())
        rows.append((tolerance, float(right.mean()), float(wrong.mean()), several))
    return pd.DataFrame(rows, columns=["tolerance", "right", "wrong", "several"])


def _ends(
    model: RecursiveReasoner,
    puzzles: Asked,
    segments: int,
    threshold: float,
    start: State | None,
    batch_size: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Last grids [puzzle, cell], whether settled [puzzle], last z_H [puzzle, pos * d_model]."""
    late = min(LATE, segments)
    parts = list(_batch_ends(model, puzzles, segments - late, late, threshold, start, batch_size))
    grids, settled, states = (np.concatenate(part) for part in zip(*parts, strict=True))
    return grids, settled, states


def _batch_ends(
    model: RecursiveReasoner,
    puzzles: Asked,
    first_part: int,
    late: int,
    threshold: float,
    start: State | None,
    batch_size: int,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    for rows in in_batches(len(puzzles), batch_size):
        tokens = model.check_tokens(puzzles.tokens[rows])
        begin = None if start is None else State(start.z_H[rows], start.z_L[rows])
        settled = torch.ones(len(tokens), dtype=torch.bool, device=tokens.device)
        every = segment_by_segment(model, tokens, first_part + late, begin, puzzle_ids_of(puzzles[rows]))
        for before, state, output in islice(every, first_part, None):
            settled &= root_mean_square(state.z_H - before.z_H) <= threshold
            grids = output.logits.argmax(-1)
        yield grids.cpu().numpy(), settled.cpu().numpy(), state.z_H.float().flatten(1).cpu().numpy()
