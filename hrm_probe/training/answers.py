"""The answers of a training's last checkpoints: guesses to vote with, a thousandth of the size of the weights.

Ren & Liu (arXiv 2601.10679, section 5) let ten checkpoints of one training guess together, each asked in nine ways. The
answers and halting values say all that a vote asks, so these are kept and the weights are not.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from hrm_probe.errors import InputError
from hrm_probe.files import path_of, writing
from hrm_probe.models import RecursiveReasoner
from hrm_probe.models.answering import last_answers
from hrm_probe.models.batching import puzzles_at_once
from hrm_probe.sudoku import Puzzles, symmetric_copies
from hrm_probe.training.distributed import Group

ANSWERS = "answers.npz"


class Answers(NamedTuple):
    """What some checkpoints of one training answered, oldest first.

    Attributes:
        puzzles: what they were asked.
        steps: of each checkpoint, int64 [checkpoint].
        predictions: tokens after the last segment, uint8 [checkpoint, way, puzzle, cell]. The first way is the puzzle
            as it stands; others are symmetric copies, the same for all checkpoints, their answers mapped back.
        q_halt: halting values beside them, before any sigmoid, float32 [checkpoint, way, puzzle].
        segments: how many each answer took.
    """

    puzzles: Puzzles
    steps: NDArray[np.int64]
    predictions: NDArray[np.uint8]
    q_halt: NDArray[np.float32]
    segments: int


def load_answers(path: str | Path) -> Answers:
    """Read what a training with ``keep_answers`` kept.

    >>> answers = load_answers("runs/hrm-9x9-mixed")                # doctest: +SKIP
    >>> answers.predictions.shape                                   # doctest: +SKIP
    (10, 9, 2000, 81)

    Args:
        path: the folder of the run, or the file in it.

    Raises:
        InputError: there is no such file, or it holds something else.
    """
    file = path_of(path)
    if file.is_dir():
        file /= ANSWERS
    try:
        with np.load(file, allow_pickle=False) as arrays:
            puzzles = Puzzles(*(arrays[name] for name in ("tokens", "answers", "source", "rating")))
            steps, predictions, q_halt = (arrays[name] for name in ("steps", "predictions", "q_halt"))
            return Answers(puzzles, steps, predictions, q_halt, int(arrays["segments"]))
    except FileNotFoundError:
        raise InputError(
            f"There are no kept answers at {file}; train with keep_answers=10, say, to keep some."
        ) from None
    except (KeyError, ValueError, OSError, EOFError, BadZipFile) as error:
        raise InputError(f"{file} does not hold kept answers: {error}.") from None


class AnswerKeeper:
    """Keeps the answers of the last few checkpoints in one file, which is whole at every moment.

    Args:
        folder: the run's. Answers found there that are not beyond ``step`` are kept on.
        puzzles: what every checkpoint is asked.
        keep: of how many checkpoints.
        step: where the training stands, 0 for a new one.
        group: the processes that train together; the first one writes.
        copies: symmetric copies of each puzzle that are asked too.
        seed: for the copies.
    """

    def __init__(
        self,
        folder: Path,
        puzzles: Puzzles,
        keep: int,
        step: int,
        group: Group,
        copies: int = 0,
        seed: int = 0,
    ) -> None:
        self.path = folder / ANSWERS
        self.puzzles = puzzles
        self.keep = keep
        self.group = group
        rng = np.random.default_rng(seed)
        self._copies = [symmetric_copies(puzzles, rng) for _ in range(copies)]
        self._kept: dict[int, tuple[NDArray[np.uint8], NDArray[np.float32]]] = {}
        if step and self.path.is_file():
            found = load_answers(self.path)
            rows = zip(found.steps.tolist(), found.predictions, found.q_halt, strict=True)
            self._kept = {then: (grids, halting) for then, grids, halting in rows if then <= step}

    @property
    def answers(self) -> int:
        """How many answers a checkpoint gives."""
        return len(self.puzzles) * (1 + len(self._copies))

    def has(self, step: int) -> bool:
        """Are the answers of the checkpoint of this step among those kept?"""
        return step in self._kept

    def ask(
        self, model: RecursiveReasoner, step: int, asked_to_stop: Callable[[], bool] | None = None
    ) -> None:
        """Let the model as it is answer all puzzles in all ways, and keep that as the checkpoint of this step.

        Raises:
            StoppedError: as :meth:`hrm_probe.training.distributed.Group.batches`; nothing of it is kept then.
        """
        asked = [self._answer(model, self.puzzles, asked_to_stop)]
        for copy in self._copies:
            grids, halting = self._answer(model, copy.puzzles, asked_to_stop)
            asked.append((copy.map_back(grids), halting))
        self._kept[step] = (
            np.stack([grids for grids, _ in asked]).astype(np.uint8),
            np.stack([halting for _, halting in asked]),
        )
        for old in sorted(self._kept)[: -self.keep]:
            del self._kept[old]
        if self.group.leads:
            self._write(model.config.max_segments)

    def _answer(
        self, model: RecursiveReasoner, puzzles: Puzzles, asked_to_stop: Callable[[], bool] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        at_once = puzzles_at_once(model.device)
        batches = self.group.batches(len(puzzles), at_once, asked_to_stop)
        own = [last_answers(model, puzzles.tokens[batch], batch_size=at_once) for batch in batches]
        grids, halting = zip(*(part for parts in self.group.gather(own) for part in parts), strict=True)
        return np.concatenate(grids), np.concatenate(halting)

    def _write(self, segments: int) -> None:
        steps = sorted(self._kept)
        asked = {name: getattr(self.puzzles, name) for name in ("tokens", "answers", "source", "rating")}
        with writing(self.path) as beside, beside.open("wb") as file:
            np.savez_compressed(
                file,
                steps=np.array(steps, np.int64),
                predictions=np.stack([self._kept[step][0] for step in steps]),
                q_halt=np.stack([self._kept[step][1] for step in steps]),
                segments=np.int64(segments),
                **asked,
            )
