"""One cell of each puzzle is made to hold a digit, by the states that it has in another run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hrm_probe.models import HookPoint, RecursiveReasoner, State, Tick
from hrm_probe.models.losses import log_stablemax
from hrm_probe.reasoning.runs.decoding import decode_updates
from hrm_probe.sudoku import Puzzles

STATES = ("z_H", "z_L")


def with_clue(tokens: np.ndarray, cells: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """The tokens [puzzle, cell] with a digit as a clue in one cell of each puzzle, in place of what stands there."""
    told = tokens.copy()
    told[np.arange(len(cells)), cells] = digits + 1
    return told


@dataclass(frozen=True)
class Holder:
    """A hook function for ``STATES`` that gives one cell of each puzzle what it has in another run, at the same tick.

    >>> holder = Holder.lent_by(model, with_clue(tokens, cells, digits), cells, range(1, 5))    # doctest: +SKIP
    >>> held = read_while_held(model, puzzles, 16, holder)                                      # doctest: +SKIP

    Attributes:
        positions: int [puzzle], of the cells among the model's positions.
        states: [puzzle, d_model] by hook point and tick; at any other tick the cell is left alone.
        probability: [puzzle, read], that the head gives to the digit there in the other run, under stablemax, at each
            H-update; no reads where digits were not given.
    """

    positions: Tensor
    states: dict[tuple[str, Tick], Tensor]
    probability: np.ndarray

    @classmethod
    def lent_by(
        cls,
        model: RecursiveReasoner,
        tokens: np.ndarray,
        cells: np.ndarray,
        during: range,
        digits: np.ndarray | None = None,
    ) -> "Holder":
        """Run the model on other puzzles, and keep the states that their cells have.

        Args:
            model: any with a position for each cell.
            tokens: [puzzle, cell], of the other run.
            cells: [puzzle].
            during: segments in which the cells are to be held.
            digits: [puzzle], that the cells stand for; for ``probability`` only.
        """
        rows, positions = torch.arange(len(cells)), torch.tensor(cells) + model.config.prefix
        states: dict[tuple[str, Tick], Tensor] = {}
        said: list[Tensor] = []

        def keep(z: Tensor, hook: HookPoint) -> None:
            if hook.tick.segment not in during:
                return
            states[hook.name, hook.tick] = z[rows, positions].clone()
            if digits is not None and hook.name == "hook_z_H":
                logits = model.read_out(State(z, z)).logits[rows, torch.tensor(cells)]
                said.append(log_stablemax(logits.double())[rows, torch.tensor(digits) + 1].exp().cpu())

        with model.hooks([(list(STATES), keep)]):
            for _ in model.unroll(model.check_tokens(tokens), during[-1]):
                pass
        return cls(positions, states, torch.stack(said, 1).numpy() if said else np.zeros((len(cells), 0)))

    def __call__(self, z: Tensor, hook: HookPoint) -> Tensor | None:
        lent = self.states.get((hook.name, hook.tick))
        if lent is None:
            return None
        holding = z.clone()
        holding[torch.arange(len(z)), self.positions] = lent
        return holding


@dataclass(frozen=True)
class HeldRun:
    """What a run shows, read at every H-update.

    Attributes:
        digits: int16 [puzzle, read, cell].
        solved: bool [puzzle], the grid is right where the run ends.
        reads: how many a segment has.
    """

    digits: np.ndarray
    solved: np.ndarray
    reads: int

    @classmethod
    def joined(cls, parts: Sequence["HeldRun"]) -> "HeldRun":
        """The runs of some puzzles after those of others."""
        digits, solved = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("digits", "solved")
        )
        return cls(digits, solved, parts[0].reads)


def read_while_held(
    model: RecursiveReasoner,
    puzzles: Puzzles,
    segments: int,
    holder: Callable[[Tensor, HookPoint], Tensor | None] | None = None,
) -> HeldRun:
    """Run a model on a batch of puzzles while a hook function holds some of its states, and read what it shows.

    Args:
        model: any for the puzzles' board.
        puzzles: with answers, which judge only; all at once.
        segments: of the run.
        holder: acts on ``STATES``, such as a :class:`Holder`; None: the plain run.
    """
    with model.hooks([] if holder is None else [(list(STATES), holder)]):
        decoded = decode_updates(model, puzzles, ["hook_z_H"], segments, batch_size=len(puzzles))
    read = decoded.reads["z_H"]
    return HeldRun(read.in_time() - 1, (decoded.ends[:, -1] == puzzles.answers).all(1), len(read.updates))


class Donors:
    """The puzzles of a set whose runs can lend the states of a digit at a cell: those where it stands there.

    >>> puzzles = load_puzzles("6x6-test", 100)                                        # doctest: +SKIP
    >>> donors = Donors(puzzles.board.side, puzzles.answers - 1)                       # doctest: +SKIP
    >>> donors.draw(puzzle=3, cell=14, digit=6, rng=np.random.default_rng(0))          # doctest: +SKIP
    71

    Args:
        side: the largest digit.
        digits: [puzzle, cell], right ones or such as a model shows; 0 where there is nothing to lend.
    """

    def __init__(self, side: int, digits: np.ndarray) -> None:
        self.side, self.standing = side, digits

    def digits(self, puzzle: int, cell: int) -> np.ndarray:
        """Digits that stand at the cell in some other puzzle of the set: bool [digit], from 1 on."""
        found = np.bincount(self.standing[:, cell], minlength=self.side + 1)
        found[self.standing[puzzle, cell]] -= 1
        return found[1:] > 0

    def draw(self, puzzle: int, cell: int, digit: int, rng: np.random.Generator) -> int:
        """One of the other puzzles in which the digit stands there."""
        holding = np.flatnonzero(self.standing[:, cell] == digit)
        return int(rng.choice(holding[holding != puzzle]))
