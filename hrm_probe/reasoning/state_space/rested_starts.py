"""Many starts of one puzzle, each followed until it rests, and the groups their ends fall into."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hrm_probe.dynamics import cluster_attractors
from hrm_probe.errors import InputError
from hrm_probe.models import RecursiveReasoner, State
from hrm_probe.models.checking import check_rows
from hrm_probe.models.halting import wants_to_halt
from hrm_probe.models.tasks import puzzle_ids_of
from hrm_probe.progress import track
from hrm_probe.reasoning.asking import Asked
from hrm_probe.reasoning.resting.rest_rule import LATE
from hrm_probe.reasoning.runs.curves import root_mean_square, where_asked
from hrm_probe.reasoning.runs.flattening import map_of
from hrm_probe.wording import counted


@dataclass(frozen=True)
class Ends:
    """Where the runs of one puzzle were when they were let go.

    Attributes:
        states: [run, d], joint states (z_H, z_L).
        drift: [run], the largest move of z_H or z_L (root mean square of each) in the last three segments: a fixed
            point is one of both, though the answer is read from z_H alone.
        grids: tokens [run, cell], decoded at the end; 0 where nothing is asked.
        q_halt: [run], and ``halts`` bool [run]: whether the model would stop there.
        segments: int [run], how many were run.
    """

    states: Tensor
    drift: np.ndarray
    grids: np.ndarray
    q_halt: np.ndarray
    halts: np.ndarray
    segments: np.ndarray

    def __len__(self) -> int:
        return len(self.drift)


def run_to_rest(
    model: RecursiveReasoner,
    puzzle: Asked,
    starts: Tensor,
    segments: int,
    rest: float,
    batch_size: int,
    progress: bool = False,
) -> Ends:
    """Follow runs of one puzzle, each until neither z_H nor z_L has moved more than ``rest`` in three segments.

    Args:
        model: computes in the dtype of the starts.
        puzzle: a set of one.
        starts: [run, d], joint states.
        segments: after which a run is let go in any case; at least 3.
        rest: root mean square.
        batch_size: runs at once.
        progress: show a bar.

    Raises:
        InputError: fewer than 3 segments.
    """
    if segments < LATE:
        raise InputError(
            f"Rest is judged by the last {LATE} segments; {counted(segments, 'segment')} will not do."
        )
    batches = starts.split(batch_size)
    shown = track(batches, "runs to rest", len(starts), "runs", each=batch_size, show=progress)
    parts = [_followed(model, puzzle, part, segments, rest) for part in shown]
    joined = [np.concatenate(values) for values in zip(*(part[1:] for part in parts), strict=True)]
    return Ends(torch.cat([part[0] for part in parts]), *joined)


def _followed(
    model: RecursiveReasoner, puzzle: Asked, starts: Tensor, segments: int, rest: float
) -> tuple[Tensor, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The fields of :class:`Ends` for one batch. Runs that rest leave it, so that wanderers alone cost more."""
    chart, n = map_of(model, puzzle), len(starts)
    state = State(*(z.clone() for z in chart.unflatten(starts)))
    asked = model.check_tokens(puzzle.tokens)
    ids = check_rows(1, model.config, puzzle_ids_of(puzzle), None)
    ids = None if ids is None else ids.to(asked.device)
    moves = torch.full((LATE, n), float("inf"), device=starts.device)
    grids = asked.repeat(n, 1)
    q_halt, taken = (torch.zeros(n, device=starts.device) for _ in range(2))
    halts = torch.zeros(n, dtype=torch.bool, device=starts.device)
    going = torch.arange(n, device=starts.device)
    with torch.no_grad():
        for segment in range(1, segments + 1):
            before = State(state.z_H[going], state.z_L[going])
            own = None if ids is None else ids.expand(len(going))
            after, output = model.advance(before, asked.expand(len(going), -1), segment, own)
            state.z_H[going], state.z_L[going] = after
            moved = [root_mean_square(z - was) for z, was in zip(after, before, strict=True)]
            moves[(segment - 1) % LATE, going] = torch.maximum(*moved)
            grids[going], q_halt[going] = output.logits.argmax(-1), output.q_halt.float()
            halts[going] = wants_to_halt(model.config, output.q_halt, output.q_continue)
            taken[going] = segment
            going = going[~(moves[:, going] <= rest).all(0)]
            if not len(going):
                break
    # A run that has left the finite numbers drifts without end.
    drift = torch.nan_to_num(moves, nan=float("inf")).amax(0)
    grids = where_asked(grids, torch.as_tensor(puzzle.answers).to(grids))
    arrays = (t.cpu().numpy() for t in (drift, grids, q_halt, halts, taken.long()))
    return chart.flatten(state), *arrays  # type: ignore[return-value]


class EndGroups:
    """The ends of one puzzle's runs, to be grouped under several thresholds and tolerances.

    A run has settled if its drift is at most the threshold. Two settled ends are in one attractor if a chain of
    settled ends no further apart than the tolerance (root mean square of the joint state) joins them. One end is
    enough to make one.
    """

    def __init__(self, ends: Ends):
        self.drift, self.d = ends.drift, ends.states.shape[1]
        states = torch.nan_to_num(ends.states, posinf=0, neginf=0).double().cpu().numpy()
        # A turned copy with no more coordinates than runs keeps every distance, and is quick to group.
        self.points = np.asarray(np.linalg.qr(states.T, mode="r")).T

    def labels(self, threshold: float, tolerance: float) -> np.ndarray:
        """int [run], the attractor each run ends in, from the largest; -1 for those that wander."""
        settled = self.drift <= threshold
        labels = np.full(len(settled), -1)
        link = tolerance * np.sqrt(self.d)
        labels[settled] = cluster_attractors(self.points[settled], tolerance=link, min_size=1).labels
        return labels

    def middles(self, labels: np.ndarray) -> np.ndarray:
        """int [attractor], of each the run that ends nearest to the mean of its ends."""
        found = []
        for label in range(labels.max(initial=-1) + 1):
            runs = np.flatnonzero(labels == label)
            offsets = self.points[runs] - self.points[runs].mean(0)
            found.append(runs[np.linalg.norm(offsets, axis=1).argmin()])
        return np.array(found, int)

    def distance(self, run: int, others: np.ndarray) -> float:
        """From one end to the nearest of others, root mean square; NaN if there are none."""
        if not len(others):
            return float("nan")
        return float(np.linalg.norm(self.points[others] - self.points[run], axis=1).min() / np.sqrt(self.d))
