"""How long evaluating, saving and asking will take, by how long they took: what a budget in minutes keeps back."""

import math

from hrm_probe.training.budget import Budget
from hrm_probe.training.distributed import Group

SECONDS_TO_SAVE = 2.0  # until a checkpoint was saved, and at least
COMPILING_AHEAD = 0.15  # of a budget in minutes: when no further stage is compiled before the first step
FIRST_LOOK = 0.03  # of a budget in minutes: for the evaluation that tells how long the last one will take
AT_THE_END = (
    1.15  # the same of the last evaluation, when a little more of the minutes is all that is at stake
)
CAUTION = 1.5  # how much longer than before an evaluation or a checkpoint may take


class Forecast:
    """What is to come beside training steps, and the time that the budget keeps back for it.

    >>> budget = Budget(steps=1, minutes=10)
    >>> Forecast(budget, held_out=100).evaluated(puzzles=10, seconds=2.0)
    >>> budget.kept_back       # 20 s for the last evaluation, 2 s for the last checkpoint, and half as much again
    33.0

    Args:
        budget: of the training; in steps, nothing is kept back.
        held_out: puzzles of the last evaluation.
        every: steps from one evaluation to the next.
        keep: checkpoints whose answers are kept.
        answers: that each of them is asked for.
        group: the processes that train together, and must do the same.
    """

    def __init__(
        self,
        budget: Budget,
        held_out: int,
        every: int = 1,
        keep: int = 0,
        answers: int = 0,
        group: Group | None = None,
    ) -> None:
        self.budget = budget
        self.held_out = held_out
        self.every = every
        self.keep = keep
        self.answers = answers
        self.group = group or Group()
        self.seconds_to_ask = 0.0
        self.askings = keep
        self._seconds_a_puzzle = 0.0
        self._seconds_a_puzzle_as_kept = 0.0
        self._seconds_a_puzzle_as_trained = 0.0  # answers that are kept are asked of the model in training
        self._seconds_to_save = SECONDS_TO_SAVE
        self._evaluated_at = 0.0

    def evaluated(self, puzzles: int, seconds: float, as_kept: bool = False) -> None:
        """An evaluation is over: keep time back for the last one, the last checkpoint, and what askings it allows.

        Args:
            puzzles, seconds: how many were asked, and how long it took.
            as_kept: the model was the one that will be kept, as the last evaluation's will be; others are quicker.
        """
        a_puzzle = seconds / puzzles
        if as_kept:
            self._seconds_a_puzzle_as_kept = a_puzzle
        else:
            self._seconds_a_puzzle_as_trained = a_puzzle
        self._seconds_a_puzzle = max(a_puzzle, self._seconds_a_puzzle_as_kept)
        at_the_end = self._seconds_a_puzzle * self.held_out + self._seconds_to_save
        if self.keep:
            self.seconds_to_ask = (self._seconds_a_puzzle_as_trained or a_puzzle) * self.answers
            affordable = (self.budget.most_kept_back / CAUTION - at_the_end) / max(self.seconds_to_ask, 1e-9)
            askings = int(min(max(affordable, 0), self.keep))
            self.askings = self.group.by_leader(lambda: askings)
        self.budget.keep_back(CAUTION * (at_the_end + self.askings * self.seconds_to_ask))

    def saved(self, seconds: float) -> None:
        """A checkpoint was written, and took so long."""
        self._seconds_to_save = max(self._seconds_to_save, seconds)

    def begins(self) -> None:
        """The first step of this process comes now."""
        self._evaluated_at = self.budget.trained

    def is_among_the_last(self, step: int) -> bool:
        """May this evaluation be among the last ones, whose answers are kept? In minutes with caution.

        Foreseen from the time since the evaluation before, for a step's cost grows with the curriculum's depth. The
        finished model is one of them, and asked when the time is over.
        """
        if self.budget.minutes is None:
            return (self.budget.steps - step) // self.every < self.askings
        now, before = self.budget.trained, self._evaluated_at
        self._evaluated_at = now
        left = self.budget.seconds_left(step, rate=1.0) / max(now - before, 1e-9)
        return self.group.by_leader(lambda: left < CAUTION * (self.askings - 1))

    def can_ask_at_the_end(self) -> bool:
        """Is there time to ask the finished model for the answers that are kept?"""
        return self.group.by_leader(lambda: self.seconds_to_ask <= max(self.budget.left_in_all, 0.0))

    def can_compile_ahead(self) -> bool:
        """Is there time to compile before the first step? A short budget compiles a later stage when it comes."""
        minutes = self.budget.minutes
        if minutes is None:
            return True
        _, too_late = self.group.agree(0.0, self.budget.elapsed_here >= COMPILING_AHEAD * 60 * minutes)
        return not too_late

    def puzzles_of_the_first_look(self, seconds_a_puzzle: float) -> int:
        """As many as take a small part of the minutes: only how long they take matters yet."""
        seconds = FIRST_LOOK * 60 * (self.budget.minutes or 0.0)
        affordable = int(seconds / max(seconds_a_puzzle, 1e-9))
        return self.group.by_leader(lambda: max(affordable, 1))

    def puzzles_of_the_last_evaluation(self) -> int:
        """All that are held out, or as many as the minutes leave time for."""
        seconds = self.budget.left_in_all
        if math.isinf(seconds) or not self._seconds_a_puzzle:
            return self.held_out
        affordable = min(max(int(seconds / (AT_THE_END * self._seconds_a_puzzle)), 1), self.held_out)
        return self.group.by_leader(lambda: affordable)
