"""The training from its first step to its last: logging, evaluating, saving, and stopping when asked to."""

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from hrm_probe.errors import InputError
from hrm_probe.models.batching import puzzles_at_once
from hrm_probe.sudoku import Puzzles
from hrm_probe.training.answers import AnswerKeeper
from hrm_probe.training.budget import Budget
from hrm_probe.training.display import Display
from hrm_probe.training.distributed import StoppedError
from hrm_probe.training.evaluate import accuracy, solved_by_group
from hrm_probe.training.metrics import FIELDS, MetricsFile, averages
from hrm_probe.training.optim import learning_rate_factor
from hrm_probe.training.trainer import Trainer
from hrm_probe.wording import counted

SECONDS_TO_SAVE = 2.0  # until a checkpoint was saved, and at least
COMPILING_AHEAD = 0.15  # of a budget in minutes: when no further stage is compiled before the first step
FEW = 4  # puzzles that tell how long one takes
FIRST_LOOK = 0.03  # of a budget in minutes: for the evaluation that tells how long the last one will take
CAUTION = 1.5  # how much longer than before an evaluation or a checkpoint may take


class Save(Protocol):
    def __call__(self, finished: bool) -> None: ...


class Loop:
    """Runs a trainer until its budget is used or somebody interrupts it.

    Args:
        trainer: fresh, or taken up from a checkpoint.
        budget: in steps or minutes.
        held_out: the test puzzles; a sample of them is evaluated while training, with the averaged weights.
        metrics: the metrics file.
        display: what the person sees.
        save: writes the checkpoint.
        watch: called after every evaluation while training, with the trainer and the progress.
        keeper: keeps the answers of the last evaluations, if that is wanted.
        owes_evaluation: the evaluation at the trainer's step was given up when the run was interrupted.
    """

    def __init__(
        self,
        trainer: Trainer,
        budget: Budget,
        held_out: Puzzles,
        metrics: MetricsFile,
        display: Display,
        save: Save,
        watch: Callable[[Trainer, float], None] | None = None,
        keeper: AnswerKeeper | None = None,
        owes_evaluation: bool = False,
    ) -> None:
        self.trainer = trainer
        self.budget = budget
        self.held_out = held_out
        self.metrics = metrics
        self.display = display
        self._save = save
        self._watch = watch
        self._keeper = keeper
        self.owes_evaluation = owes_evaluation
        self._interrupted = False
        self._news: dict[str, float] = {}
        self._seconds_a_puzzle = 0.0  # of the last evaluation, foreseen
        self._seconds_as_kept = 0.0
        self._seconds_to_save = SECONDS_TO_SAVE
        self._loaded: set[bool] = set()
        self._seconds_to_ask = 0.0  # for the answers to keep, foreseen
        self._times_to_ask = 0 if keeper is None else keeper.keep
        self._evaluated_at = 0.0
        self._logged_at, self._logged_step = time.monotonic(), trainer.step

    def run(self) -> bool:
        """Train. True when the budget is used up, False when interrupted; either way the last state is saved.

        Interrupted while that is saved, a training whose budget is used up has only its last evaluation before it.
        """
        trainer, recipe, group = self.trainer, self.trainer.recipe, self.trainer.group
        if self.budget.minutes is not None:
            # Tells how much of the budget the last evaluation will need, which is of the model as it is kept.
            row = self._evaluate(as_kept=True)
            if trainer.step == 0:
                self.metrics.write(row)
            self._seconds_as_kept = self._seconds_a_puzzle
            if self._keeper is not None and self._times_to_ask < self._keeper.keep:
                self.display.say(
                    f"Of {self.budget.minutes:g} minutes there is time to keep the answers of "
                    f"{counted(self._times_to_ask, 'checkpoint')}, not of {self._keeper.keep}: asking for those of one "
                    f"takes some {self._seconds_to_ask:.0f} s."
                )
        if recipe.warm_graphs and trainer.run_segment.is_compiled:
            trainer.warm_graphs(self._time_to_compile)
        self.budget.begin()
        self._refuse_a_budget_gone_before_the_first_step()
        self._logged_at = time.monotonic()
        self._evaluated_at = self._trained
        with self._interruptions():
            if self.owes_evaluation:
                with self.budget.aside(), self._left_out_of_the_speed():
                    self._look()
            while True:
                progress, interrupted = group.agree(self.budget.progress(trainer.step), self._interrupted)
                if progress >= 1.0 or interrupted:
                    break
                trainer.advance(progress)
                if trainer.step % recipe.log_every == 0:
                    self._log(progress)
                with self.budget.aside(), self._left_out_of_the_speed():
                    if trainer.step % recipe.evaluate_every == 0:
                        self._look()
                    if trainer.step % recipe.checkpoint_every == 0:
                        self.save(finished=False)
            self.save(finished=not interrupted)
            _, interrupted = group.agree(1.0, interrupted or self._interrupted)  # in the meantime
        return not interrupted

    def save(self, finished: bool) -> None:
        """Write a checkpoint, unless there is nothing sound to keep."""
        self._refuse_nonsense(self.trainer.whole_sums())
        sound = torch.stack(
            [weights.isfinite().all() for weights in self.trainer.model.state_dict().values()]
        )
        if not sound.all():  # the loss is of the weights before the step, and does not show it yet
            raise self._nonsense("Some weights are no longer numbers")
        began = time.monotonic()
        self._save(finished)
        self._seconds_to_save = max(self._seconds_to_save, time.monotonic() - began)

    def final_puzzles(self) -> Puzzles:
        """The held-out puzzles for the last evaluation: all, or as many as a budget in minutes has time for."""
        seconds, every = self.budget.left_in_all, len(self.held_out)
        if math.isinf(seconds) or not self._seconds_a_puzzle:
            return self.held_out
        affordable = min(max(int(seconds / self._seconds_a_puzzle), 1), every)
        return self.held_out.sample(
            self.trainer.group.by_leader(lambda: affordable), self.trainer.recipe.data_seed
        )

    def has_time_to_ask(self) -> bool:
        """Is there time to ask the finished model for the answers that are kept?"""
        return self.trainer.group.by_leader(lambda: self._seconds_to_ask <= max(self.budget.left_in_all, 0.0))

    def _log(self, progress: float) -> None:
        trainer, recipe = self.trainer, self.trainer.recipe
        sums = trainer.take_sums()
        self._refuse_nonsense(sums)
        now = time.monotonic()
        seconds = max(now - self._logged_at, 1e-9)
        steps = trainer.step - self._logged_step
        self._logged_at, self._logged_step = now, trainer.step
        means = averages(sums)
        L_cycles, H_cycles = trainer.depth.depth(progress)
        trainer.observe(progress, means["loss"])
        row = {
            "step": trainer.step,
            "progress": progress,
            "seconds": self.budget.elapsed(),
            "lr": recipe.lr * learning_rate_factor(progress, recipe.warmup, recipe.lr_min_ratio),
            **means,
            "L_cycles": L_cycles,
            "H_cycles": H_cycles,
            "blocks": trainer.blocks,
            "flops": trainer.flops,
            "steps_per_second": steps / seconds,
            # Of all steps counted: those before a checkpoint that the run was taken up from took other seconds.
            "puzzles_per_second": means["finished"] / float(sums[FIELDS.index("steps")]) * steps / seconds,
        }
        self.metrics.write(row)
        self._news |= {"loss": means["loss"]}
        if means["finished"]:
            self._news |= {"solved in training": means["finished_exact"]}
        self.display.update(
            self.budget.progress(trainer.step),
            row["steps_per_second"],
            self.budget.seconds_left(trainer.step, row["steps_per_second"]),
            ", ".join(f"{name} {value:.3f}" for name, value in self._news.items()),
        )

    def _look(self) -> None:
        """Evaluate, keep the answers, let the watcher watch; asked to stop meanwhile, leave all that for later."""
        self.owes_evaluation = True
        try:
            row = self._evaluate()
            if self._keeper is not None and self._among_the_last(self._times_to_ask):
                with self.budget.as_planned():
                    self._keep_answers(self._keeper)
        except StoppedError:
            return
        self.metrics.write(row)
        self.owes_evaluation = False
        if self._watch is not None:
            self._watch(self.trainer, self.budget.progress(self.trainer.step))

    def _evaluate(self, as_kept: bool = False) -> dict[str, Any]:
        """A row for the metrics file; what the last evaluation will take is foreseen by what this one took."""
        recipe = self.trainer.recipe
        sample = self.held_out.sample(min(recipe.evaluate_puzzles, len(self.held_out)), recipe.data_seed)
        reached = {"progress": self.budget.progress(self.trainer.step), "seconds": self.budget.elapsed()}
        self._load_kernels(sample, as_kept)
        if as_kept:
            sample = self._soon_asked(sample)
        began = time.monotonic()
        solved = self.evaluate(sample, as_kept)
        spent = time.monotonic() - began
        self._seconds_a_puzzle = max(spent / len(sample), self._seconds_as_kept)
        self._keep_time_back(spent / len(sample))
        at_end = accuracy(solved[-1])
        low, high = at_end["interval"]
        self._news["solved held-out"] = at_end["accuracy"]
        return {
            "step": self.trainer.step,
            **reached,
            "blocks": self.trainer.blocks,
            "flops": self.trainer.flops,
            "test_accuracy": at_end["accuracy"],
            "test_low": low,
            "test_high": high,
            "test_accuracy_by_segment": solved.mean(axis=1).round(6).tolist(),
        }

    def _keep_time_back(self, seconds_a_puzzle: float) -> None:
        """For the last evaluation and checkpoint, and for as many askings of answers as there can be time for."""
        at_the_end = self._seconds_a_puzzle * len(self.held_out) + self._seconds_to_save
        asking = 0.0
        if self._keeper is not None:
            self._seconds_to_ask = seconds_a_puzzle * self._keeper.answers
            affordable = (self.budget.most_kept_back / CAUTION - at_the_end) / max(self._seconds_to_ask, 1e-9)
            times = int(min(max(affordable, 0), self._keeper.keep))
            self._times_to_ask = self.trainer.group.by_leader(lambda: times)
            asking = self._times_to_ask * self._seconds_to_ask
        self.budget.keep_back(CAUTION * (at_the_end + asking))

    def _soon_asked(self, sample: Puzzles) -> Puzzles:
        """As many of the sample as take a small part of the minutes: only how long they take matters yet."""
        assert self.budget.minutes is not None
        began = time.monotonic()
        self.evaluate(sample[:FEW], True)
        seconds = (time.monotonic() - began) / min(FEW, len(sample))
        affordable = int(FIRST_LOOK * 60 * self.budget.minutes / max(seconds, 1e-9))
        return sample[: self.trainer.group.by_leader(lambda: max(affordable, FEW))]

    @property
    def _trained(self) -> float:
        """Seconds used, without the askings that were planned."""
        return self.budget.elapsed() - self.budget.planned

    def _load_kernels(self, sample: Puzzles, as_kept: bool) -> None:
        """A GPU loads kernels in its first evaluation: seconds that the last one, foreseen from it, will not take."""
        on_gpu = self.trainer.device.type == "cuda"
        if on_gpu and self.budget.minutes is not None and as_kept not in self._loaded:
            self.evaluate(sample[: puzzles_at_once(self.trainer.device)], as_kept)
            self._loaded.add(as_kept)

    def _among_the_last(self, kept: int) -> bool:
        """May this evaluation be among the ``kept`` last ones? In minutes that is foreseen, with caution.

        Foreseen from the time since the evaluation before, for a step's cost grows with the curriculum's depth. The
        finished model is one of them, and asked when the time is over.
        """
        step, every = self.trainer.step, self.trainer.recipe.evaluate_every
        if self.budget.minutes is None:
            return (self.budget.steps - step) // every < kept
        now, before = self._trained, self._evaluated_at
        self._evaluated_at = now
        left = self.budget.seconds_left(step, rate=1.0) / max(now - before, 1e-9)
        return self.trainer.group.by_leader(lambda: left < CAUTION * (kept - 1))

    def _keep_answers(self, keeper: AnswerKeeper) -> None:
        with self.trainer.averaged(self.trainer.recipe.dtype) as model:
            keeper.ask(model, self.trainer.step, lambda: self._interrupted)

    def evaluate(self, puzzles: Puzzles, as_kept: bool = False) -> np.ndarray:
        """Which puzzles the averaged weights solve, after each segment, at full depth; bool [segment, puzzle].

        Activations are those of training, or, ``as_kept``, of the model that will be kept: on a GPU that is slower.

        Raises:
            StoppedError: any process was interrupted.
        """
        trainer = self.trainer
        with trainer.averaged(trainer.recipe.kept_dtype if as_kept else trainer.recipe.dtype) as model:
            return solved_by_group(trainer.group, model, puzzles, lambda: self._interrupted)

    def _time_to_compile(self) -> bool:
        """Is there time to compile ahead? A short budget compiles a later stage when it comes."""
        minutes = self.budget.minutes
        if minutes is None:
            return True
        _, too_late = self.trainer.group.agree(0.0, self.budget.elapsed() >= COMPILING_AHEAD * 60 * minutes)
        return not too_late

    def _refuse_a_budget_gone_before_the_first_step(self) -> None:
        progress, _ = self.trainer.group.agree(self.budget.progress(self.trainer.step), False)
        if self.trainer.step == 0 and progress >= 1.0:
            raise InputError(
                f"The {self.budget.minutes:g} minutes were over before the first step: loading, compiling and timing "
                f"an evaluation took {self.budget.setup:.0f} s. Give more minutes"
                + (", or train with compile=off." if self.trainer.run_segment.is_compiled else ".")
            )

    def _refuse_nonsense(self, sums: Tensor) -> None:
        if not math.isfinite(float(sums[FIELDS.index("loss")])):
            raise self._nonsense("The loss is no longer a number")

    def _nonsense(self, what: str) -> InputError:
        return InputError(
            f"{what} at step {self.trainer.step:,}; an earlier checkpoint stays as it is. "
            "Start again with a smaller lr or a longer warmup."
        )

    @contextmanager
    def _left_out_of_the_speed(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._logged_at += time.monotonic() - began

    @contextmanager
    def _interruptions(self) -> Iterator[None]:
        """The first Ctrl-C or SIGTERM ends the training after the running step; a second one ends it at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.getsignal(number) for number in signals}

        def interrupt(number: int, frame: FrameType | None) -> None:
            if self._interrupted:
                raise KeyboardInterrupt
            self._interrupted = True
            self.display.say("Interrupted: saving after this step (once more to stop at once).")

        try:
            for number in signals:
                signal.signal(number, interrupt)
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
