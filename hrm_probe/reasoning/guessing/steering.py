"""Noisy runs of one puzzle side by side: between segments a guide says which of them go on, and which give way."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from hrm_probe.models import RecursiveReasoner, State
from hrm_probe.models.tasks import Asked, puzzle_ids_of
from hrm_probe.reasoning.runs.curves import where_asked
from hrm_probe.reasoning.runs.perturbing import noise_like
from hrm_probe.sudoku import Puzzles, conflicts, overwritten


class Cloud(NamedTuple):
    """What the runs of each puzzle show after every segment, before any of them gives way.

    Attributes:
        shown: tokens [segment, puzzle, particle, cell], 0 where nothing is asked.
        q_halt: [segment, puzzle, particle], before any sigmoid.
        lineage: int [segment, puzzle, particle], which of the first runs each comes from.
        spread: [segment, puzzle], root mean square distance of the runs' z_H from their mean.
    """

    shown: np.ndarray
    q_halt: np.ndarray
    lineage: np.ndarray
    spread: np.ndarray


class Read(NamedTuple):
    """What a guide may look at: shown [puzzle, particle, cell] and q_halt [puzzle, particle], after one segment."""

    puzzles: Asked
    shown: np.ndarray
    q_halt: np.ndarray


class Chance(NamedTuple):
    """What a cloud is drawn from: its noise, and who gives way."""

    noise: torch.Generator
    rng: np.random.Generator

    @classmethod
    def seeded(cls, seed: int) -> "Chance":
        """Equal seeds give equal noise, whatever the guide."""
        return cls(torch.Generator().manual_seed(seed), np.random.default_rng(seed))


def _halting(read: Read, rng: np.random.Generator) -> np.ndarray:
    return -np.logaddexp(0, -read.q_halt.astype(float))


def _chance(read: Read, rng: np.random.Generator) -> np.ndarray:
    return rng.permuted(_halting(read, rng), axis=1)


def _rules(read: Read, rng: np.random.Generator) -> np.ndarray:
    return -broken_rules(read.puzzles, read.shown).astype(float)


def _answer(read: Read, rng: np.random.Generator) -> np.ndarray:
    return -(read.shown != read.puzzles.answers[:, None]).sum(-1).astype(float)


NOTHING = "nothing"
GUIDES: dict[str, Callable[[Read, np.random.Generator], np.ndarray] | None] = {
    NOTHING: None,
    "halting": _halting,
    "rules": _rules,
    "chance": _chance,
    "answer": _answer,
}
"""By name the logarithm of each run's weight, [puzzle, particle]; ``particles()`` says what each means."""


def broken_rules(puzzles: Asked, shown: np.ndarray) -> np.ndarray:
    """Surplus digits in rows, columns and boxes, and clues that are not kept, by grid: int [puzzle, particle].

    Args:
        puzzles: Sudokus of one board.
        shown: tokens [puzzle, particle, cell].
    """
    assert isinstance(puzzles, Puzzles)
    grids = shown - 1
    return conflicts(puzzles.board, grids) + overwritten(puzzles.grids[:, None], grids)


def guided_cloud(
    model: RecursiveReasoner,
    puzzles: Asked,
    guide: str,
    chance: Chance,
    *,
    particles: int,
    noise: float,
    sharpness: float,
    segments: int,
    every: int,
) -> Cloud:
    """Run every puzzle several times at once, with noise before each segment; arguments as in ``particles()``."""
    n = len(puzzles)
    weigh = GUIDES[guide]
    tokens = model.check_tokens(np.repeat(puzzles.tokens, particles, axis=0))
    ids = puzzle_ids_of(puzzles)
    of_each = None if ids is None else torch.as_tensor(np.repeat(ids, particles)).to(tokens.device)
    state = model.initial_state(len(tokens))
    lineage = np.tile(np.arange(particles), (n, 1))
    reads = []
    for number in range(1, segments + 1):
        state = State(*(z + noise * noise_like(z, chance.noise) for z in state))
        state, output = model.advance(state, tokens, number, of_each)
        grids = output.logits.argmax(-1).cpu().numpy().reshape(n, particles, -1)
        shown = where_asked(grids, puzzles.answers[:, None])
        q_halt = output.q_halt.float().cpu().numpy().reshape(n, particles)
        reads.append(Cloud(shown, q_halt, lineage, _spread(state, n)))
        if weigh is not None and number % every == 0 and number < segments:
            weights = sharpness * weigh(Read(puzzles, shown, q_halt), chance.rng)
            parents = systematic(weights, chance.rng.random(n))
            lineage = np.take_along_axis(lineage, parents, axis=1)
            rows = torch.as_tensor((np.arange(n)[:, None] * particles + parents).ravel())
            state = State(*(z[rows.to(z.device)] for z in state))
    return Cloud(*(np.stack(each) for each in zip(*reads, strict=True)))


def systematic(log_weights: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Who takes whose place: each run has as many successors as its share of the weight, to one more or less.

    >>> systematic(np.log([[0.5, 0.5], [0.9, 0.1]]), np.array([0.5, 0.5]))
    array([[0, 1],
           [0, 0]])

    Equal weights change nothing.

    Args:
        log_weights: [puzzle, particle], to a constant of each puzzle's own.
        offsets: [puzzle], each from 0 to 1, where its comb begins.

    Returns:
        int [puzzle, particle], ascending.

    Source: systematic resampling; Douc, Cappe and Moulines (2005), Proc. ISPA, 64-69, compare it with others.
    """
    n = log_weights.shape[1]
    weights = np.exp(log_weights - log_weights.max(1, keepdims=True))
    reached = np.cumsum(weights / weights.sum(1, keepdims=True), axis=1)
    comb = (offsets[:, None] + np.arange(n)) / n
    parents: np.ndarray = (comb[:, :, None] >= reached[:, None, :]).sum(-1)
    return parents.clip(max=n - 1)  # sums of shares may end below 1 by rounding


def _spread(state: State, n: int) -> np.ndarray:
    z = state.z_H.float().reshape(n, -1, *state.z_H.shape[1:])
    return (z - z.mean(1, keepdim=True)).square().mean((1, 2, 3)).sqrt().cpu().numpy()
