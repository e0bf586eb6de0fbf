"""What can be done to runs whose answers break the rules: each kind of nudge makes the round that comes next."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from hrm_probe.models import RecursiveReasoner, State
from hrm_probe.reasoning.runs.held_cells import with_clue
from hrm_probe.reasoning.runs.perturbing import disturbed_start, noise_like
from hrm_probe.reasoning.runs.relations import standoff_pairs
from hrm_probe.sudoku import Puzzles, candidates, symmetric_copies

Grids = np.ndarray


class Stuck(NamedTuple):
    """Runs that have no lawful grid yet: their puzzles, states and what they show, digits [puzzle, cell]."""

    model: RecursiveReasoner
    puzzles: Puzzles
    state: State
    shown: Grids


class Chance(NamedTuple):
    """What nudges are drawn from, and how strong their noise is."""

    rng: np.random.Generator
    noise: torch.Generator
    scale: float

    @classmethod
    def seeded(cls, seed: int, number: int, scale: float) -> "Chance":
        """Draws of their own for each number."""
        rng = np.random.default_rng([seed, number])
        return cls(rng, torch.Generator().manual_seed(int(rng.integers(2**62))), scale)


class Round(NamedTuple):
    """How runs go on: from a state, with ``told`` as input at first and ``tokens`` then, [puzzle, cell]."""

    state: State
    told: Grids
    tokens: Grids
    map_back: Callable[[Grids], Grids]


def first_round(model: RecursiveReasoner, puzzles: Puzzles) -> Round:
    """How every run begins."""
    return _as_asked(puzzles, model.initial_state(len(puzzles)))


def _nothing(stuck: Stuck, chance: Chance) -> Round:
    return _as_asked(stuck.puzzles, stuck.state)


def _noise(stuck: Stuck, chance: Chance) -> Round:
    noisy = (z + chance.scale * noise_like(z, chance.noise) for z in stuck.state)
    return _as_asked(stuck.puzzles, State(*noisy))


def _start(stuck: Stuck, chance: Chance) -> Round:
    return _as_asked(
        stuck.puzzles, disturbed_start(stuck.model, len(stuck.puzzles), chance.scale, chance.noise)
    )


def _copy(stuck: Stuck, chance: Chance) -> Round:
    copies = symmetric_copies(stuck.puzzles, chance.rng)
    tokens = copies.puzzles.tokens
    return Round(stuck.model.initial_state(len(tokens)), tokens, tokens, copies.map_back)


def _clue(stuck: Stuck, chance: Chance, *, at_standoff: bool, another: bool) -> Round:
    """A blank cell's digit is told as a clue: any cell's, or one's that clashes with another; its own or another digit.

    Where no cell clashes any will do, and where none is blank nothing is told.
    """
    among = blank = stuck.puzzles.blanks
    if at_standoff:
        standing: Grids = np.any(standoff_pairs(stuck.puzzles, stuck.shown), axis=2)
        among = np.where(np.any(standing, axis=1)[:, None], standing, blank)
    cells = np.array([chance.rng.choice(np.flatnonzero(row)) if row.any() else 0 for row in among])
    every = np.arange(len(cells))
    digits = stuck.shown[every, cells].clip(0)  # a cell that shows no digit tells none
    if another:
        open_ = candidates(stuck.puzzles.grids)[every, cells]
        for i, digit in enumerate(digits):
            others = np.flatnonzero(open_[i]) + 1
            others = others[others != digit]
            digits[i] = chance.rng.choice(others) if len(others) else digit
    tokens = stuck.puzzles.tokens
    told = np.where(np.any(blank, axis=1)[:, None], with_clue(tokens, cells, digits), tokens)
    return _as_asked(stuck.puzzles, stuck.state)._replace(told=told)


def _as_asked(puzzles: Puzzles, state: State) -> Round:
    return Round(state, puzzles.tokens, puzzles.tokens, lambda grids: grids)


NUDGES: dict[str, Callable[[Stuck, Chance], Round]] = {
    "nothing": _nothing,
    "noise": _noise,
    "start": _start,
    "copy": _copy,
    "clue": partial(_clue, at_standoff=False, another=False),
    "other_clue": partial(_clue, at_standoff=False, another=True),
    "standoff": partial(_clue, at_standoff=True, another=False),
    "other_standoff": partial(_clue, at_standoff=True, another=True),
}
"""By name; :func:`hrm_probe.reasoning.nudges` says what each does."""
